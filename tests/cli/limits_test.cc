// `purser limits`: what it asks of the daemon, and how it shows the answer.
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

constexpr char kLimit[] =
    R"({"id":"docs","label":{"key":"team","value":"docs"},"open_reservations":3,)"
    R"("share_percent":{"gpu_hours":"20"},"highest_tier":"BATCH","generation":"7",)"
    R"("create_time":"2026-11-22T12:00:00Z",)"
    R"("used":{"open_reservations":1,"share":{"gpu_hours":"12.5"}}})";
constexpr char kLimits[] = "/v1/populations/default/limits";

class PurserLimits : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " limits ", arguments), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserLimits, ShowsEachPartWithItsUse) {
  daemon_.Answer(Concat("GET ", kLimits, "?page_size=1000"), 200,
                 Concat(R"({"limits":[)", kLimit, R"(],"next_page_token":""})"));
  const PurserRun run = Run("list");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "LIMIT  OF         PART                AT MOST  USED\n"
            "docs   team=docs  open reservations         3     1\n"
            "                  share of gpu_hours     20 %  12.5\n"
            "                  highest tier          BATCH     -\n");
}

TEST_F(PurserLimits, MakesOneWithASubject) {
  daemon_.Answer(Concat("POST ", kLimits), 201, kLimit);
  const PurserRun run = Run("set docs --label team=docs --share gpu_hours=20 --open 3");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(daemon_.received().back().body, HasSubstr(R"("share_percent":{"gpu_hours":"20"})"));
}

TEST_F(PurserLimits, ChangesAndDeletesWhatItRead) {
  const std::string path = Concat(kLimits, "/docs");
  daemon_.Answer(Concat("GET ", path), 200, kLimit);
  daemon_.Answer(Concat("PATCH ", path), 200, kLimit);
  daemon_.Answer(Concat("DELETE ", path), 200, kLimit);
  EXPECT_EQ(Run("set docs --open 0").exit_code, 0);
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"7\"");
  EXPECT_THAT(daemon_.received().back().body, HasSubstr(R"("open_reservations":0)"));
  const PurserRun run = Run("delete docs");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "limit docs deleted\n");
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"7\"");
}

TEST_F(PurserLimits, RefusesWhatMakesNoSense) {
  for (const std::string arguments :
       {"set", "set x --principal a --each-principal", "set x --share gpu_hours",
        "set x --highest-tier low", "set x --open many", "show"}) {
    EXPECT_EQ(Run(arguments).exit_code, 2) << arguments;
  }
  EXPECT_TRUE(daemon_.received().empty());
}

TEST_F(PurserLimits, SaysThatADryRunRecordedNothing) {
  const std::string path = Concat(kLimits, "/docs");
  daemon_.Answer(Concat("GET ", path), 200, kLimit);
  daemon_.Answer(Concat("POST ", kLimits, "?dry_run=true"), 201, AsDryRun(kLimit));
  daemon_.Answer(Concat("PATCH ", path, "?dry_run=true"), 200, AsDryRun(kLimit));
  daemon_.Answer(Concat("DELETE ", path, "?dry_run=true"), 200, AsDryRun(kLimit));
  for (const std::string verb : {"set docs --label team=docs --open 3", "set docs --open 3"}) {
    EXPECT_THAT(Run(verb + " --dry-run").out, StartsWith(Concat(kNothingRecorded, "LIMIT")));
  }
  EXPECT_EQ(Run("delete docs --dry-run").out,
            Concat(kNothingRecorded, "limit docs would be deleted\n"));
}

TEST_F(PurserLimits, SaysThatOneWasMadeBefore) {
  daemon_.Answer(Concat("POST ", kLimits), 201, kLimit, kReplayedHeader);
  EXPECT_THAT(Run("set docs --label team=docs --open 3").out,
              StartsWith(Concat(kSentBefore, "LIMIT")));
}

}  // namespace
}  // namespace purser
