// `purser cost-entries`, `outcomes`, `quote` and `accepted-result-costs`.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;

constexpr char kPopulation[] = "/v1/populations/default";

class PurserCostEntries : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserCostEntries, AreCreatedAndListed) {
  const std::string entry =
      R"({"id":"e1","amount":"-12.5","category":"incident","labels":{"capability":)"
      R"({"layout":"1","ocr":"2"},"operator_family":"docs"},"reason":"an outage","corrects":"c1",)"
      R"("principal":"local","create_time":"2026-11-22T12:00:00Z","ledger_sequence":"9"})";
  daemon_.Answer(Concat("POST ", kPopulation, "/cost-entries"), 201, entry);
  const PurserRun run =
      Run("cost-entries create --id e1 --amount -12.5 --category incident --reason 'an outage' "
          "--corrects c1 --label operator_family=docs "
          "--label 'capability={\"layout\":\"1\",\"ocr\":\"2\"}'");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("-12.5"));
  EXPECT_THAT(run.out, HasSubstr("incident"));
  const std::string sent = daemon_.received().back().body;
  EXPECT_THAT(sent, HasSubstr(R"("amount":"-12.5","category":"incident")"));
  EXPECT_THAT(sent, HasSubstr(R"("capability":{"layout":"1","ocr":"2"})"));
  daemon_.Answer(Concat("GET ", kPopulation, "/cost-entries?page_size=50"), 200,
                 Concat(R"({"cost_entries":[)", entry, R"(],"next_page_token":""})"));
  EXPECT_THAT(Run("cost-entries list").out, HasSubstr("e1"));
  EXPECT_EQ(Run("cost-entries create --amount 1").exit_code, 2);
  EXPECT_EQ(Run("cost-entries create --amount x --category incident").exit_code, 2);
}

TEST_F(PurserCostEntries, AreSharedByWhatWasUsed) {
  daemon_.Answer(
      Concat("POST ", kPopulation, "/cost-entries"), 201,
      R"({"id":"e1","amount":"300","category":"observability","labels":{"capability":"ocr",)"
      R"("operator_family":{"":"1","docs":"2"}},"reason":"","corrects":"","principal":"local",)"
      R"("create_time":"2026-11-22T12:00:00Z","ledger_sequence":"9","allocation":{)"
      R"("label":"operator_family","resource":"gpu_hours","period":"2026-10",)"
      R"("from":"2026-10-01T00:00:00Z","until":"2026-11-01T00:00:00Z",)"
      R"("labels":{"team":"a"},"as_of":"8","unattributed":"1"}})");
  const std::string create =
      "cost-entries create --id e1 --amount 300 --category observability --label capability=ocr ";
  const PurserRun run = Run(create +
                            "--allocate operator_family=gpu_hours --period 2026-10 "
                            "--used-with team=a --as-of 8");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("operator_family by gpu_hours used from 2026-10-01T00:00:00Z to "
                                 "2026-11-01T00:00:00Z with team=a, as of entry 8; 1 without it "
                                 "is unattributed\n"));
  EXPECT_THAT(daemon_.received().back().body,
              HasSubstr(R"("allocation":{"label":"operator_family","resource":"gpu_hours",)"
                        R"("period":"2026-10","labels":{"team":"a"},"as_of":"8"})"));
  EXPECT_EQ(Run(create + "--allocate operator_family=gpu_hours --from 2026-10-01T00:00:00Z "
                         "--until 2026-10-02T00:00:00Z")
                .exit_code,
            0);
  EXPECT_THAT(daemon_.received().back().body,
              HasSubstr(R"("from":"2026-10-01T00:00:00Z","until":"2026-10-02T00:00:00Z"})"));
  EXPECT_EQ(Run(create + "--period 2026-10").exit_code, 2);
  EXPECT_EQ(Run(create + "--allocate operator_family").exit_code, 2);
}

TEST_F(PurserCostEntries, QuotesSayHowToUseThem) {
  daemon_.Answer(Concat("POST ", kPopulation, "/quotes"), 200,
                 R"({"quoted_at":"2026-11-22T12:00:00Z","valid_until":"2026-11-23T12:00:00Z",)"
                 R"("amounts":{"gpu_hours":"2","visits":"1"},"rates":{"gpu_hours":"2.5"},)"
                 R"("costs":{"gpu_hours":"5"},"cost":"5","unpriced":{"visits":"1"},)"
                 R"("cost_categories":{"gpu_hours":"training","visits":"training"}})");
  const PurserRun run = Run("quote --purpose training --amount gpu_hours=2 --amount visits=1");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "RESOURCE   AMOUNT  USD A UNIT  USD  CATEGORY\n"
            "gpu_hours       2         2.5    5  training\n"
            "visits          1  not priced    -  training\n"
            "total 5 USD; reserve with --quoted-at 2026-11-22T12:00:00Z before "
            "2026-11-23T12:00:00Z\n");
}

TEST_F(PurserCostEntries, AcceptedResultsAreCompared) {
  daemon_.Answer(
      Concat("GET ", kPopulation, "/accepted-result-costs?group_by=model"), 200,
      R"({"period":"2026-11","from":"2026-11-01T00:00:00Z","until":"2026-12-01T00:00:00Z",)"
      R"("group_by":["model"],"groups":[{"by":{"model":"small"},"missing":[],"cost":"21",)"
      R"("parts":{"invocation":"2","fallback":"19"},"accepted":"400","rejected":"0",)"
      R"("escalated":"600","cost_per_accepted_result":"0.0525","unpriced":{}},)"
      R"({"by":{},"missing":["model"],"cost":"5","parts":{"other":"5"},"accepted":"0",)"
      R"("rejected":"0","escalated":"0","unpriced":{}}],"total":"26","accepted":"400",)"
      R"("ledger_sequence":"9"})");
  const PurserRun run = Run("accepted-result-costs --by model");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("small"));
  EXPECT_THAT(run.out, HasSubstr("fallback 19, invocation 2"));
  EXPECT_THAT(run.out, HasSubstr("(unattributed)  none accepted"));
  daemon_.Answer(Concat("POST ", kPopulation, "/outcomes"), 201,
                 R"({"id":"o1","labels":{"capability":"ocr"},"accepted":3,"rejected":1,)"
                 R"("escalated":0,"principal":"local","create_time":"2026-11-22T12:00:00Z",)"
                 R"("ledger_sequence":"9"})");
  EXPECT_EQ(Run("outcomes create --id o1 --label capability=ocr --accepted 3 --rejected 1").out,
            "outcomes o1: 3 accepted, 1 rejected, 0 escalated of capability=ocr\n");
  EXPECT_EQ(Run("outcomes create --accepted -3").exit_code, 2);
}

}  // namespace
}  // namespace purser
