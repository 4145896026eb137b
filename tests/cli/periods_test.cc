// `purser statement`, `periods`, `digest` and `summary`: what they ask of the daemon, and how they
// show it.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;

constexpr char kBooks[] = "/v1/populations/default";
constexpr char kClosed[] =
    R"({"period":"2026-01","from":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z",)"
    R"("state":"CLOSED","held_by":[],"closed":{"principal":"alice","time":"2026-02-01T00:00:00Z",)"
    R"("reason":"booked","ledger_sequence":"7"}})";

class PurserPeriods : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserPeriods, ListsAndClosesMonths) {
  daemon_.Answer(Concat("GET ", kBooks, "/periods?page_size=1000"), 200,
                 Concat(R"({"periods":[)", kClosed, R"(],"next_page_token":""})"));
  PurserRun run = Run("periods list");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("2026-01  CLOSED"));
  daemon_.Answer(Concat("POST ", kBooks, "/periods/2026-01:close"), 200, kClosed);
  run = Run("periods close 2026-01 --reason booked");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "2026-01 closed by alice at 2026-02-01T00:00:00Z, entry 7: booked\n");
}

TEST_F(PurserPeriods, SaysThatOneWasClosedBefore) {
  daemon_.Answer(Concat("POST ", kBooks, "/periods/2026-01:close"), 200, kClosed, kReplayedHeader);
  EXPECT_EQ(
      Run("periods close 2026-01 --reason booked").out,
      "closed already, with its first reason: 2026-01 closed by alice at 2026-02-01T00:00:00Z, "
      "entry 7: booked\n");
  daemon_.Answer(Concat("POST ", kBooks, "/periods/2026-01:close?dry_run=true"), 200, kClosed,
                 kReplayedHeader);
  EXPECT_THAT(Run("periods close 2026-01 --reason more --dry-run").out,
              HasSubstr("first reason: 2026-01 closed by alice"));
}

TEST_F(PurserPeriods, ShowsAStatementAlsoAsItsTable) {
  daemon_.Answer(
      Concat("GET ", kBooks, "/statements/2026-01"), 200,
      R"({"period":"2026-01","from":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z",)"
      R"("state":"HELD","held_by":["exp"],"lines":[{"operator_family":"docs","capability":"",)"
      R"("category":"inference","resource":"inference_cost","cost":"4","unpriced":"0",)"
      R"("origin":"CHARGE"},{"operator_family":"docs","capability":"ocr","category":"residency",)"
      R"("resource":"active_models","cost":"0","unpriced":"0","origin":"RESERVE",)"
      R"("occupied":{"amount":"408","unit":"model·h","unpriced":"408"}}],)"
      R"("by_operator_family":[],"by_capability":[],"by_category":[],"total":"4",)"
      R"("unattributed":"4","unpriced":{},"ledger_sequence":"9"})");
  const PurserRun run = Run("statement 2026-01");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("HELD by exp\n"));
  EXPECT_THAT(run.out,
              HasSubstr("docs             (unattributed)  inference  inference_cost  CHARGE     4"
                        "           -  -\n"
                        "docs             ocr             residency  active_models   RESERVE    0"
                        "           -  408 model·h (not priced)\n"));
  EXPECT_THAT(run.out, HasSubstr("total 4 USD, of which 4 are unattributed\n"));
  daemon_.Answer(Concat("GET ", kBooks, "/statements/2025-12"), 200, "period,state\r\n");
  EXPECT_EQ(Run("statement 2025-12 --csv").out, "period,state\r\n");
}

TEST_F(PurserPeriods, ShowsADigest) {
  daemon_.Answer(
      Concat("GET ", kBooks, "/digest?week=2026-W06"), 200,
      R"({"week":"2026-W06","from":"2026-02-02T00:00:00Z","until":"2026-02-09T00:00:00Z",)"
      R"("total":{"cost":"6","week_before":"7","mean_of_four":"7","change":"-1"},)"
      R"("by_operator_family":[{"operator_family":"docs","cost":"6","week_before":"7",)"
      R"("mean_of_four":"7","change":"-1"}],"by_category":[],"by_model":[],"movers_up":[],)"
      R"("movers_down":[],"anomalies":[{"day":"2026-02-02","from":"2026-02-02T00:00:00Z",)"
      R"("until":"2026-02-03T00:00:00Z","cost":"3.000001","mean_day":"1"}],"weeks_before":4,)"
      R"("open_proposals":[],"ledger_sequence":"31","accrued_until":"2026-02-05T00:00:00Z"})");
  const PurserRun run = Run("digest --week 2026-W06");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("to before 2026-02-09T00:00:00Z, not over: up to 2026-02-05T00:00"
                                 ":00Z, as of entry 31\n"));
  EXPECT_THAT(run.out, HasSubstr("total 6 USD; the week before 7, the mean of four 7\n"));
  EXPECT_THAT(run.out, HasSubstr("2026-02-02 cost 3.000001 USD, where a day cost 1 before\n"));
}

TEST_F(PurserPeriods, ShowsASummaryOfAFamily) {
  daemon_.Answer(
      Concat("GET ", kBooks, "/summary?operator_family=docs"), 200,
      R"({"period":"2026-01","from":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z",)"
      R"("time":"2026-01-11T00:00:00Z","operator_family":"docs","month_to_date":"12",)"
      R"("burn_from":"2026-01-04T00:00:00Z","burn_per_day":"1.285714","forecast":"39",)"
      R"("by_category":[{"category":"inference","cost":"12","burnt":"9"}],)"
      R"("by_model":[{"model":"","cost":"12","burnt":"9"}],"top_drivers":[],)"
      R"("trend":[{"day":"2026-01-10","from":"2026-01-10T00:00:00Z",)"
      R"("until":"2026-01-11T00:00:00Z","cost":"1"}],)"
      R"("opportunities":[{"id":"p","kind":"RETIRE","frees":{},"expected_saving":"30"}],)"
      R"("ledger_sequence":"31"})");
  const PurserRun run = Run("summary --family docs");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("2026-01 of docs, to 2026-01-11T00:00:00Z, as of entry 31\n"
                                 "12 USD so far; 1.285714 a day since 2026-01-04T00:00:00Z, "
                                 "which makes 39 by 2026-02-01T00:00:00Z\n"));
  EXPECT_THAT(run.out, HasSubstr("(unattributed)"));
  EXPECT_THAT(run.out, HasSubstr("proposal p (RETIRE) is open: worth 30 USD a month\n"));
}

TEST_F(PurserPeriods, SaysWhereNothingIsKnownYet) {
  daemon_.Answer(
      Concat("GET ", kBooks, "/summary"), 200,
      R"({"period":"2026-01","from":"2026-01-01T00:00:00Z","until":"2026-02-01T00:00:00Z",)"
      R"("time":"2026-01-01T00:00:00Z","month_to_date":"0","burn_from":"2026-01-01T00:00:00Z",)"
      R"("by_category":[],"by_model":[],"top_drivers":[],"trend":[],)"
      R"("opportunities":[],"ledger_sequence":"1"})");
  const PurserRun run = Run("summary");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "2026-01 of all families, to 2026-01-01T00:00:00Z, as of entry 1\n"
            "0 USD so far\n");
}

}  // namespace
}  // namespace purser
