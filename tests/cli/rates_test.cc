// `purser rates`: what it asks of the daemon, and how it shows the answer.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kCard[] =
    R"({"id":"cloud","valid_from":"2026-11-22T12:00:00Z","rates":{"gpu_hours":{"rate":"2.5"},)"
    R"("active_model_memory":{"rate":"0.000001","per":"HOUR"}},"generation":"7",)"
    R"("create_time":"2026-11-22T12:00:00Z"})";
constexpr char kCards[] = "/v1/populations/default/rate-cards";

class PurserRates : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " rates ", arguments), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserRates, ShowsEachRate) {
  daemon_.Answer(Concat("GET ", kCards, "?page_size=1000"), 200,
                 Concat(R"({"rate_cards":[)", kCard, R"(],"next_page_token":""})"));
  const PurserRun run = Run("list");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "RATE CARD  FROM                  UNTIL  RESOURCE                  USD  A\n"
            "cloud      2026-11-22T12:00:00Z  -      active_model_memory  0.000001  unit and hour\n"
            "                                        gpu_hours                 2.5  unit\n");
}

TEST_F(PurserRates, MakesOne) {
  daemon_.Answer(Concat("POST ", kCards), 201, kCard);
  const PurserRun run =
      Run("make cloud --rate gpu_hours=2.5 --rate active_model_memory=0.000001/hour "
          "--until 2027-01-01T00:00:00Z");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const std::string body = daemon_.received().back().body;
  EXPECT_THAT(body, HasSubstr(R"("gpu_hours":{"rate":"2.5"})"));
  EXPECT_THAT(body, HasSubstr(R"("active_model_memory":{"rate":"0.000001","per":"HOUR"})"));
  EXPECT_THAT(body, HasSubstr(R"("valid_until":"2027-01-01T00:00:00Z")"));
  EXPECT_THAT(body, Not(HasSubstr("valid_from")));
}

TEST_F(PurserRates, ChangesAndDeletesWhatItRead) {
  const std::string path = Concat(kCards, "/cloud");
  daemon_.Answer(Concat("GET ", path), 200, kCard);
  daemon_.Answer(Concat("PATCH ", path), 200, kCard);
  daemon_.Answer(Concat("DELETE ", path), 200, kCard);
  EXPECT_EQ(Run("change cloud --until 2027-01-01T00:00:00Z").exit_code, 0);
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"7\"");
  const PurserRun run = Run("delete cloud");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "rate card cloud deleted\n");
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"7\"");
}

TEST_F(PurserRates, SaysThatADryRunRecordedNothing) {
  const std::string path = Concat(kCards, "/cloud");
  daemon_.Answer(Concat("GET ", path), 200, kCard);
  daemon_.Answer(Concat("POST ", kCards, "?dry_run=true"), 201, AsDryRun(kCard));
  daemon_.Answer(Concat("PATCH ", path, "?dry_run=true"), 200, AsDryRun(kCard));
  daemon_.Answer(Concat("DELETE ", path, "?dry_run=true"), 200, AsDryRun(kCard));
  for (const std::string verb :
       {"make cloud --rate gpu_hours=2.5", "change cloud --until 2027-01-01T00:00:00Z"}) {
    EXPECT_THAT(Run(verb + " --dry-run").out, StartsWith(Concat(kNothingRecorded, "RATE CARD")));
  }
  EXPECT_EQ(Run("delete cloud --dry-run").out,
            Concat(kNothingRecorded, "rate card cloud would be deleted\n"));
}

TEST_F(PurserRates, SaysThatOneWasMadeBefore) {
  daemon_.Answer(Concat("POST ", kCards), 201, kCard, kReplayedHeader);
  EXPECT_THAT(Run("make cloud --rate gpu_hours=2.5").out,
              StartsWith(Concat(kSentBefore, "RATE CARD")));
}

TEST_F(PurserRates, RefusesWhatIsNoRate) {
  const char* const none[] = {"make cloud", "make cloud --rate gpu_hours",
                              "make cloud --rate gpu_hours=1/day",
                              "make cloud --rate gpu_hours=1.0000000000001",
                              "make cloud --rate gpu_hours=1 --rate gpu_hours=2"};
  for (const char* arguments : none) {
    EXPECT_EQ(Run(arguments).exit_code, 2) << arguments;
    EXPECT_TRUE(daemon_.received().empty());
  }
}

}  // namespace
}  // namespace purser
