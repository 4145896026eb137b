// `purser demand`: how the answer is shown.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;

class PurserDemand : public testing::Test {
 protected:
  PurserRun Show(const std::string& resources) {
    daemon_.Answer("GET /v1/populations/default/demand", 200,
                   Concat(R"({"from":"2026-10-25T12:00:00Z","time":"2026-11-22T12:00:00Z",)",
                          R"("resources":{)", resources, R"(},"ledger_sequence":"7"})"));
    return RunPurser(Concat("--url ", daemon_.url(), " demand"), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserDemand, ShowsWhatIsWaitedForAndWhatItIsWorth) {
  const PurserRun run = Show(R"("memory":{"unserved":"70","base":"80","rate":"0.1","per":"HOUR",)"
                             R"("shadow_price":"0.0875"},"gpus":{"unserved":"4","base":"8"})");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("since 2026-10-25T12:00:00Z, to 2026-11-22T12:00:00Z"));
  for (const char* const text : {"as of entry 7", "memory", "70", "0.0875", "unit and hour"}) {
    EXPECT_THAT(run.out, HasSubstr(text));
  }
  EXPECT_LT(run.out.find("gpus"), run.out.find("memory"));
}

TEST_F(PurserDemand, SaysThatThereAreNone) {
  EXPECT_THAT(Show("").out, HasSubstr("no resources\n"));
}

}  // namespace
}  // namespace purser
