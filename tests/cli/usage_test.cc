// The command line itself: what is refused before any daemon is asked.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;

TEST(PurserUsage, HelpIsNoFault) {
  for (const char* arguments : {"--help", "reservations --help", "reservations create --help"}) {
    const PurserRun run = RunPurser(arguments);
    EXPECT_EQ(run.exit_code, 0) << arguments;
    EXPECT_THAT(run.out, HasSubstr("--json")) << arguments;
  }
}

TEST(PurserUsage, RefusesWhatMakesNoSenseWithTwo) {
  const std::string create = "reservations create --purpose TRAINING ";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "subcommand"},
      {"reservations", "subcommand"},
      {"nonsense", "nonsense"},
      {"status --nonsense", "--nonsense"},
      {"status extra", "extra"},
      {"--url '' status", "--url"},
      {"status --population ''", "--population"},
      {"status --token \"$(printf 'a\\nb')\"", "printable ASCII"},
      {"reservations show", "ID"},
      {"reservations show ''", "must not be empty"},
      {"reservations list --limit 0", "--limit"},
      {"reservations list --limit many", "--limit"},
      {create, "--amount"},
      {create + "--amount gpu_hours", "'gpu_hours' is not NAME=VALUE"},
      {create + "--amount =1", "'=1' is not NAME=VALUE"},
      {create + "--amount gpu_hours=forty", "gpu_hours=forty"},
      {create + "--amount gpu_hours=1e3", "gpu_hours=1e3"},
      {create + "--amount gpu_hours=NaN", "gpu_hours=NaN"},
      {create + "--amount gpu_hours=0.1234567", "gpu_hours=0.1234567"},
      {create + "--amount gpu_hours=99999999999999999999", "gpu_hours=99999999999999999999"},
      {create + "--amount gpu_hours=1 --amount gpu_hours=2", "'gpu_hours' is given more than once"},
      {create + "--amount gpu_hours=1 risk_capacity=2", "risk_capacity=2"},
      {create + "--amount gpu_hours=1 --label ocr", "'ocr' is not NAME=VALUE"},
      {create + "--amount gpu_hours=1 --lease 3600", "'3600' is not a duration"},
      {create + "--amount gpu_hours=1 --lease -1h", "'-1h' is not a duration"},
      {create + "--amount gpu_hours=1 --lease 99999999999d", "10,000 years"},
      {create + "--amount gpu_hours=1 --overrun-policy LATER", "none of STOP, EXTEND, DEBT"},
      {"reservations create --amount gpu_hours=1", "--purpose"},
      {"reservations create --amount gpu_hours=1 --purpose FUN", "'FUN' is none of TRAINING"},
      {"reservations renew exp-1", "--lease"},
      {"reservations charge exp-1", "--amount"},
      {"reservations settle exp-1 --charge-all --amount gpu_hours=1", "--amount"},
      {"journal tail -n 0", "--entries"},
      {"journal tail --follow --interval 0s", "--interval"},
  };
  for (const auto& [arguments, said] : rows) {
    const PurserRun run = RunPurser(arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments;
    EXPECT_THAT(run.err, HasSubstr(said)) << arguments;
    EXPECT_EQ(run.out, "") << arguments;
  }
}

TEST(PurserUsage, RefusesAUrlThatIsNone) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "http://127.0.0.1:port"}) {
    const PurserRun run = RunPurser(Concat("status --url ", url));
    EXPECT_EQ(run.exit_code, 2) << url;
    EXPECT_THAT(run.err, HasSubstr(Concat("cannot be used as the daemon's URL"))) << url;
  }
}

TEST(PurserUsage, TakesGlobalOptionsOnBothSidesOfTheCommand) {
  FakeDaemon daemon;
  daemon.Answer("GET /v1/me", 200, R"({"principal":"local","scopes":["admin"],"populations":[]})");
  for (const std::string& arguments :
       {Concat("--url ", daemon.url(), " me"), Concat("me --url ", daemon.url(), "/")}) {
    const PurserRun run = RunPurser(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.out, "principal    local\nscopes       admin\npopulations  -\n");
  }
}

TEST(PurserUsage, TakesVersionAsAnOptionToo) {
  FakeDaemon daemon;
  daemon.Answer("GET /version", 200, kVersionJson);
  const PurserRun command = RunPurser(Concat("version --url ", daemon.url()));
  EXPECT_THAT(command.out, HasSubstr("0.1.0"));
  for (const std::string& arguments :
       {Concat("--version --url ", daemon.url()), Concat("--url ", daemon.url(), " --version"),
        Concat("status --version --url ", daemon.url())}) {
    const PurserRun run = RunPurser(arguments);
    EXPECT_EQ(run.exit_code, 0) << arguments << ": " << run.err;
    EXPECT_EQ(run.out, command.out) << arguments;
  }
  EXPECT_EQ(RunPurser("--version nonsense").exit_code, 2);
}

TEST(PurserUsage, TakesUrlAndTokenFromTheEnvironmentAndTheCommandLineFirst) {
  FakeDaemon daemon;
  daemon.Answer("GET /version", 200, kVersionJson);
  const std::string environment = Concat("PURSER_TOKEN=secret PURSER_URL=", daemon.url());
  ASSERT_EQ(RunPurser("version", environment).exit_code, 0);
  ASSERT_EQ(RunPurser("version --token other", environment).exit_code, 0);
  ASSERT_EQ(daemon.received().size(), 2u);
  EXPECT_EQ(daemon.received()[0].Header("authorization"), "Bearer secret");
  EXPECT_EQ(daemon.received()[1].Header("authorization"), "Bearer other");
}

}  // namespace
}  // namespace purser
