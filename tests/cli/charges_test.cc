// `purser charges`.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kCharges[] = "/v1/populations/default/charges";
constexpr char kCharge[] =
    R"({"id":"c1","reservation":"","amounts":{"gpu_hours":"4"},"within_hold":{"gpu_hours":"0"},)"
    R"("overrun":{"gpu_hours":"4"},"overdraft":{"gpu_hours":"0"},"refunded":{"gpu_hours":"0"},)"
    R"("labels":{"operator_family":"docs"},"costs":{"gpu_hours":"10"},"refunded_costs":{},)"
    R"("cost_categories":{"gpu_hours":"training"},"principal":"alice",)"
    R"("create_time":"2026-11-22T12:00:00Z","ledger_sequence":"7"})";
constexpr char kRefunded[] =
    R"({"id":"c1","reservation":"","amounts":{"gpu_hours":"4"},"within_hold":{"gpu_hours":"0"},)"
    R"("overrun":{"gpu_hours":"4"},"overdraft":{"gpu_hours":"0"},"refunded":{"gpu_hours":"1.5"},)"
    R"("labels":{"operator_family":"docs"},"costs":{"gpu_hours":"10"},)"
    R"("refunded_costs":{"gpu_hours":"3.75"},"cost_categories":{"gpu_hours":"training"},)"
    R"("principal":"alice","create_time":"2026-11-22T12:00:00Z",)"
    R"("ledger_sequence":"7"})";

class PurserCharges : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), "");
  }
  std::string LastBody() { return daemon_.received().back().body; }
  FakeDaemon daemon_;
};

TEST_F(PurserCharges, AreMadeWithoutAReservation) {
  daemon_.Answer(Concat("POST ", kCharges), 201, kCharge);
  const PurserRun run =
      Run("charges create --id c1 --amount gpu_hours=4 --label operator_family=docs "
          "--category training");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "charge c1\n"
            "RESOURCE   AMOUNT  WITHIN HOLD  OVERRUN  OVERDRAFT  USD  CATEGORY\n"
            "gpu_hours       4            0        4          0   10  training\n");
  EXPECT_THAT(LastBody(), HasSubstr(R"("id":"c1","amounts":{"gpu_hours":"4"},)"));
  EXPECT_THAT(LastBody(), HasSubstr(R"("labels":{"operator_family":"docs"})"));
  EXPECT_THAT(LastBody(), HasSubstr(R"("category":"training")"));
  EXPECT_EQ(daemon_.received().back().Header("idempotency-key"), "") << "the id protects it";
  Run("charges create --amount gpu_hours=4");
  EXPECT_NE(daemon_.received().back().Header("idempotency-key"), "");
}

TEST_F(PurserCharges, AreRefunded) {
  daemon_.Answer(Concat("POST ", kCharges, "/c1:refund"), 201, kRefunded);
  const PurserRun run =
      Run("charges refund c1 --amount gpu_hours=1.5 --reason 'a node failed' --id r1");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "charge c1\n"
            "RESOURCE   AMOUNT  WITHIN HOLD  OVERRUN  OVERDRAFT  USD  CATEGORY  REFUNDED  "
            "USD REFUNDED\n"
            "gpu_hours       4            0        4          0   10  training       1.5  "
            "        3.75\n");
  EXPECT_EQ(LastBody(), R"({"id":"r1","amounts":{"gpu_hours":"1.5"},"reason":"a node failed"})");
  // All that is left of it.
  EXPECT_EQ(Run("charges refund c1").exit_code, 0);
  EXPECT_THAT(LastBody(), Not(HasSubstr("gpu_hours")));
  EXPECT_NE(daemon_.received().back().Header("idempotency-key"), "");
  daemon_.Answer(Concat("POST ", kCharges, "/c1:refund?dry_run=true"), 201, kRefunded);
  EXPECT_EQ(Run("charges refund c1 --dry-run").exit_code, 0);
}

TEST_F(PurserCharges, AreListedAndShown) {
  daemon_.Answer(Concat("GET ", kCharges, "?page_size=50"), 200,
                 Concat(R"({"charges":[)", kCharge, R"(],"next_page_token":""})"));
  EXPECT_EQ(Run("charges list").out,
            "CHARGE  WHEN                  RESERVATION  AMOUNTS      REFUNDED  USD BY RESOURCE  "
            "LABELS\n"
            "c1      2026-11-22T12:00:00Z  -            gpu_hours=4  -         gpu_hours=10     "
            "operator_family=docs\n");
  daemon_.Answer(Concat("GET ", kCharges, "?page_size=1&reservation=exp%2F1"), 200,
                 Concat(R"({"charges":[)", kRefunded, R"(],"next_page_token":"x"})"));
  const PurserRun part = Run("charges list --reservation exp/1 --limit 1");
  EXPECT_THAT(part.out, HasSubstr("gpu_hours=1.5"));
  EXPECT_THAT(part.out, HasSubstr("gpu_hours=6.25")) << "less what was refunded";
  EXPECT_THAT(part.out, HasSubstr("There are more: --limit N shows N of them.\n"));
  daemon_.Answer(Concat("GET ", kCharges, "?page_size=1000"), 200,
                 Concat(R"({"charges":[)", kCharge, R"(],"next_page_token":"x"})"));
  daemon_.Answer(Concat("GET ", kCharges, "?page_size=1000&page_token=x"), 200,
                 Concat(R"({"charges":[)", kRefunded, R"(],"next_page_token":""})"));
  const PurserRun all = Run("charges list --limit 1500");
  EXPECT_THAT(all.out, HasSubstr("gpu_hours=1.5"));
  EXPECT_THAT(all.out, Not(HasSubstr("There are more")));
  daemon_.Answer(Concat("GET ", kCharges, "/c1"), 200, kRefunded);
  const std::string shown = Run("charges show c1").out;
  EXPECT_THAT(shown, HasSubstr("3.75"));
  EXPECT_THAT(shown, HasSubstr("2026-11-22T12:00:00Z by alice, entry 7\noperator_family=docs\n"));
}

TEST_F(PurserCharges, RefuseWhatMakesNoSense) {
  EXPECT_EQ(Run("charges create").exit_code, 2);
  EXPECT_EQ(Run("charges create --amount gpu_hours=x").exit_code, 2);
  EXPECT_EQ(Run("charges refund").exit_code, 2);
  EXPECT_EQ(Run("charges create --amount gpu_hours=1 --id ''").exit_code, 2);
  EXPECT_EQ(Run("charges refund c1 --id ''").exit_code, 2);
  EXPECT_EQ(Run("charges list --reservation ''").exit_code, 2);
  EXPECT_EQ(Run("charges").exit_code, 2);
  daemon_.Answer(Concat("POST ", kCharges, "/c1:refund"), 409,
                 R"({"type":"/problems/refund_exceeds_charge","title":"Refund exceeds charge",)"
                 R"("status":409,"detail":"2.5 gpu_hours are left","code":"refund_exceeds_charge",)"
                 R"("request_id":"r-1"})");
  const PurserRun run = Run("charges refund c1 --amount gpu_hours=3");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("2.5 gpu_hours are left"));
}

}  // namespace
}  // namespace purser
