// `purser guardrails`: what it asks of the daemon, and how it shows the answer.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kGuardrail[] =
    R"({"id":"night","labels":{"operator_family":"docs"},"expected_hourly_cost":"2.5",)"
    R"("state":"TRIPPED","hour_start":"2026-11-22T12:00:00Z","hour_cost":"3.1","freeze":"_7.0",)"
    R"("trip_time":"2026-11-22T12:10:00Z","trip_reason":"the hour costs 3.1 USD","generation":"7",)"
    R"("create_time":"2026-11-22T12:00:00Z"})";
constexpr char kGuardrails[] = "/v1/populations/default/guardrails";

class PurserGuardrails : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " guardrails ", arguments), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserGuardrails, ShowsWhatTheHourCosts) {
  daemon_.Answer(Concat("GET ", kGuardrails, "?page_size=1000"), 200,
                 Concat(R"({"guardrails":[)", kGuardrail, R"(],"next_page_token":""})"));
  const PurserRun run = Run("list");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("night"));
  EXPECT_THAT(run.out, HasSubstr("operator_family=docs"));
  EXPECT_THAT(run.out, HasSubstr("TRIPPED"));
  EXPECT_THAT(run.out, HasSubstr("3.1"));
}

TEST_F(PurserGuardrails, SaysThatThereAreNone) {
  daemon_.Answer(Concat("GET ", kGuardrails, "?page_size=1000"), 200,
                 R"({"guardrails":[],"next_page_token":""})");
  EXPECT_EQ(Run("list").out, "no guardrails\n");
}

TEST_F(PurserGuardrails, MakesChangesResetsAndDeletes) {
  const std::string path = Concat(kGuardrails, "/night");
  daemon_.Answer(Concat("POST ", kGuardrails), 201, kGuardrail);
  daemon_.Answer(Concat("GET ", path), 200, kGuardrail);
  daemon_.Answer(Concat("PATCH ", path), 200, kGuardrail);
  daemon_.Answer(Concat("DELETE ", path), 200, kGuardrail);
  daemon_.Answer(Concat("POST ", path, ":reset"), 200, kGuardrail);
  const PurserRun made = Run("make night --expected 2.5 --label operator_family=docs");
  EXPECT_EQ(made.exit_code, 0) << made.err;
  const std::string body = daemon_.received().back().body;
  EXPECT_THAT(body, HasSubstr(R"("expected_hourly_cost":"2.5")"));
  EXPECT_THAT(body, HasSubstr(R"("operator_family":"docs")"));
  EXPECT_EQ(Run("change night --expected 3").exit_code, 0);
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"7\"");
  EXPECT_EQ(Run("reset night --reason seen").exit_code, 0);
  EXPECT_THAT(daemon_.received().back().body, HasSubstr(R"("reason":"seen")"));
  EXPECT_EQ(Run("delete night").out, "guardrail night deleted\n");
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"7\"");
  const size_t before = daemon_.received().size();
  EXPECT_EQ(Run("make night --expected x").exit_code, 2);
  EXPECT_EQ(Run("reset").exit_code, 2);
  EXPECT_EQ(daemon_.received().size(), before);
}

TEST_F(PurserGuardrails, SaysThatADryRunRecordedNothing) {
  const std::string path = Concat(kGuardrails, "/night");
  daemon_.Answer(Concat("GET ", path), 200, kGuardrail);
  for (const std::string& request : {Concat("POST ", kGuardrails), Concat("PATCH ", path),
                                     Concat("POST ", path, ":reset"), Concat("DELETE ", path)}) {
    daemon_.Answer(request + "?dry_run=true", 200, AsDryRun(kGuardrail));
  }
  for (const std::string verb : {"make night", "change night --expected 3", "reset night"}) {
    EXPECT_THAT(Run(verb + " --dry-run").out, StartsWith(Concat(kNothingRecorded, "GUARDRAIL")));
  }
  EXPECT_EQ(Run("delete night --dry-run").out,
            Concat(kNothingRecorded, "guardrail night would be deleted\n"));
}

TEST_F(PurserGuardrails, SaysThatOneWasMadeBefore) {
  daemon_.Answer(Concat("POST ", kGuardrails), 201, kGuardrail, kReplayedHeader);
  EXPECT_THAT(Run("make night").out, StartsWith(Concat(kSentBefore, "GUARDRAIL")));
}

}  // namespace
}  // namespace purser
