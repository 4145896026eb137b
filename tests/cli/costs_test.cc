// `purser costs`: what it asks of the daemon, and how it shows the answer.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

constexpr char kReport[] =
    R"({"period":"2026-11","from":"2026-11-01T00:00:00Z","until":"2026-12-01T00:00:00Z",)"
    R"("group_by":["operator_family","category"],"groups":[)"
    R"({"by":{"category":"training"},"missing":["operator_family"],"cost":"3","unpriced":{}},)"
    R"({"by":{"operator_family":"vision","category":"training"},"missing":[],"cost":"78.75",)"
    R"("unpriced":{"visits":"4","network":"12.5"},"occupied":{)"
    R"("risk_capacity":{"amount":"0.5","unit":"point·day","unpriced":"0.5"},)"
    R"("memory":{"amount":"480","unit":"GB·h","unpriced":"2"},)"
    R"("archive":{"amount":"3","unit":"TB·month","unpriced":"0"}}}],)"
    R"("total":"81.75","unattributed":"3","unpriced":{"network":"12.5","visits":"4"},)"
    R"("accrued_until":"2026-11-20T08:00:00Z",)"
    R"("ledger_sequence":"9"})";
constexpr char kCosts[] = "/v1/populations/default/costs";

class PurserCosts : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " costs ", arguments), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserCosts, ShowsTheGroupsAndTheTotal) {
  daemon_.Answer(Concat("GET ", kCosts, "?group_by=operator_family%2Ccategory&period=2026-11"), 200,
                 kReport);
  const PurserRun run = Run("--by operator_family,category --period 2026-11");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "costs of 2026-11, from 2026-11-01T00:00:00Z to before 2026-12-01T00:00:00Z, as of "
            "entry 9 at 2026-11-20T08:00:00Z\n"
            "OPERATOR_FAMILY  CATEGORY    USD  NOT PRICED              OCCUPIED\n"
            "(unattributed)   training      3  -                       -\n"
            "vision           training  78.75  12.5 network, 4 visits  3 TB·month archive, 480 "
            "GB·h memory (2 not priced), 0.5 point·day risk_capacity (not priced)\n"
            "total 81.75 USD, of which 3 are unattributed\n");
}

TEST_F(PurserCosts, ShowsAnEmptyMonth) {
  daemon_.Answer(Concat("GET ", kCosts, "?as_of=7"), 200,
                 R"({"period":"2026-11","from":"2026-11-01T00:00:00Z",)"
                 R"("until":"2026-12-01T00:00:00Z","group_by":[],"groups":[],"total":"0",)"
                 R"("unattributed":"0","unpriced":{},"accrued_until":"2026-11-03T00:00:00Z",)"
                 R"("ledger_sequence":"7"})");
  const PurserRun run = Run("--as-of 7");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("as of entry 7 at 2026-11-03T00:00:00Z\nnothing was charged\n"),
            std::string::npos)
      << run.out;
}

TEST_F(PurserCosts, SaysWhatTheDaemonRefuses) {
  daemon_.Answer(Concat("GET ", kCosts, "?period=soon"), 400,
                 R"({"type":"/problems/invalid_argument","title":"The request is not valid",)"
                 R"("status":400,"detail":"?period: a month such as 2026-11",)"
                 R"("code":"invalid_argument","request_id":"r"})");
  const PurserRun run = Run("--period soon");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("a month such as 2026-11"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace purser
