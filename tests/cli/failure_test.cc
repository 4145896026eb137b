// What an operator reads, and a script gets, when it does not work.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kCreate[] =
    "reservations create --purpose TRAINING --amount gpu_hours=280 --label capability=ocr ";
constexpr char kPostReservations[] = "POST /v1/populations/default/reservations";

class PurserFailure : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments));
  }
  FakeDaemon daemon_;
};

// A port that is taken, so that nobody else gets it, and where nobody listens.
class DeadPort {
 public:
  DeadPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, generic, length), 0);
    EXPECT_EQ(getsockname(socket_, generic, &length), 0);
    url_ = Concat("http://127.0.0.1:", ntohs(address.sin_port));
  }
  ~DeadPort() { close(socket_); }
  const std::string& url() const { return url_; }

 private:
  int socket_;
  std::string url_;
};

TEST(PurserUnreachable, NamesTheUrlAndHowToStartADaemon) {
  const DeadPort port;
  for (const char* command :
       {"status", "resources", "reservations list", "reservations show exp-1", "journal tail", "me",
        "version", "status --json", "reservations release exp-1"}) {
    const PurserRun run = RunPurser(command, Concat("PURSER_URL=", port.url()));
    EXPECT_EQ(run.exit_code, 3) << command;
    EXPECT_EQ(run.out, "") << command;
    EXPECT_THAT(run.err, HasSubstr(Concat("no daemon answers at ", port.url()))) << command;
    EXPECT_THAT(run.err, HasSubstr("sh daemon/run.sh")) << command;
    EXPECT_THAT(run.err, Not(HasSubstr("It may or may not have taken effect"))) << command;
  }
}

TEST_F(PurserFailure, SaysWhyTheReserveSaysNo) {
  daemon_.Answer(kPostReservations, 409, kDenialJson);
  const PurserRun run = Run(Concat(kCreate, "--id exp-2"));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "purser: refused: The rollback reserve is protected (409 reserve_protected)\n"
            "  blocked: frozen: f-1: audit; until 2026-12-01T00:00:00Z\n"
            "  blocked: beyond the debt limit: gpu_hours; limit 10; used 12.5\n"
            "  gpu_hours: asked 280, available 260, short by 20; the rollback reserve of 100 "
            "protects 20 of it; enough from 2026-11-22T14:00:00Z\n"
            "  risk_capacity: asked 4, available 1, short by 3\n"
            "  earliest: 2026-11-22T15:00:00Z, if nobody arrives, renews or overruns\n"
            "    a lease ends\n"
            "  not certain: not all that may change it was looked at\n"
            "  what would help:\n"
            "    ask for gpu_hours=260, without a minimum of gpu_hours\n"
            "  request r-7\n");
}

TEST_F(PurserFailure, PrintsTheProblemItselfAsJson) {
  daemon_.Answer(kPostReservations, 409, kDenialJson);
  const PurserRun run = Run(Concat(kCreate, "--id exp-2 --json"));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out, Concat(kDenialJson, "\n"));
  EXPECT_EQ(run.err, "");
}

TEST_F(PurserFailure, PrintsEachFaultyField) {
  daemon_.Answer(
      kPostReservations, 400,
      R"({"title":"Not a valid request","status":400,"code":"invalid_argument",)"
      R"("detail":"see the fields",)"
      R"("fields":[{"path":"labels.operator_family","code":"invalid_argument",)"
      R"("message":"is required"},{"path":"amounts.gpu_hours","code":"invalid_argument",)"
      R"("message":"must be positive"},{"path":"id","code":"differs","message":"differs",)"
      R"("was":"\"a\"","now":"\"b\""}]})");
  const PurserRun run = Run(kCreate);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err,
            "purser: refused: Not a valid request (400 invalid_argument)\n"
            "  see the fields\n"
            "  labels.operator_family: is required\n"
            "  amounts.gpu_hours: must be positive\n"
            "  id: differs; was \"a\"; now \"b\"\n");
}

TEST_F(PurserFailure, SaysOneThingOnceAndWhatIsAbsentInAWord) {
  daemon_.Answer(kPostReservations, 409,
                 R"({"title":"Used","status":409,"code":"id_conflict","detail":)"
                 R"("lease: differs; was 1; now absent",)"
                 R"("fields":[{"path":"lease","code":"id_conflict","message":"differs",)"
                 R"("was":"1","now":""}]})");
  EXPECT_EQ(Run(kCreate).err,
            "purser: refused: Used (409 id_conflict)\n"
            "  lease: differs; was 1; now absent\n");
}

TEST_F(PurserFailure, IsRefusedByEveryProblemOfEveryCommand) {
  for (const char* command :
       {"status", "resources", "resources gpu_hours", "reservations list", "reservations show x",
        "reservations start x", "reservations renew x --lease 1h",
        "reservations charge x --amount a=1", "reservations settle x", "reservations release x",
        "journal tail", "me", "version"}) {
    const PurserRun run = Run(command);
    EXPECT_EQ(run.exit_code, 1) << command;
    EXPECT_EQ(run.err, "purser: refused: Not found (404 not_found)\n") << command;
  }
}

TEST_F(PurserFailure, DoesNotBelieveAnAnswerThatCannotBeRead) {
  for (const char* body : {"", "<html>hello</html>", R"({"principal":)", R"({"principal":7})", "[]",
                           "null", R"({"principal":"a","principal":"b"})"}) {
    FakeDaemon daemon;
    daemon.Answer("GET /v1/me", 200, body);
    const PurserRun run = RunPurser(Concat("me --url ", daemon.url()));
    EXPECT_EQ(run.exit_code, 3) << body;
    EXPECT_EQ(run.out, "") << body;
    EXPECT_THAT(run.err, HasSubstr(Concat(daemon.url(), " answered 200 with what cannot be read")));
  }
}

TEST_F(PurserFailure, DoesNotTakeSomebodyElsesErrorForARefusal) {
  daemon_.Answer("GET /v1/me", 502, "<html>Bad Gateway</html>");
  daemon_.Answer("GET /version", 404, "{}");
  daemon_.Answer("GET /v1/populations/default/resources?page_size=1000", 302, "",
                 "Location: /elsewhere\r\n");
  const PurserRun gateway = Run("me");
  EXPECT_EQ(gateway.exit_code, 3);
  EXPECT_THAT(gateway.err, HasSubstr("answered 502"));
  EXPECT_THAT(gateway.err, HasSubstr("<html>Bad Gateway</html>"));
  const PurserRun elsewhere = Run("version");
  EXPECT_EQ(elsewhere.exit_code, 3);
  EXPECT_THAT(elsewhere.err, HasSubstr("not a problem document"));
  EXPECT_EQ(Run("resources").exit_code, 3);
  EXPECT_EQ(daemon_.received().size(), 3u);
}

TEST_F(PurserFailure, ReadsNoHttpAsNoAnswer) {
  daemon_.AnswerRaw("GET /v1/me", "SSH-2.0-OpenSSH_9.2\r\n");
  daemon_.AnswerRaw("GET /version", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"version\"");
  EXPECT_EQ(Run("me").exit_code, 3);
  const PurserRun cut = Run("version");
  EXPECT_EQ(cut.exit_code, 3);
  EXPECT_EQ(cut.out, "");
}

TEST_F(PurserFailure, PassesOverFieldsOfANewerDaemon) {
  daemon_.Answer("GET /v1/me", 200,
                 R"({"principal":"local","mood":{"x":[1,{"y":null}]},"scopes":["admin"],)"
                 R"("populations":[]})");
  const PurserRun run = Run("me");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("local"));
}

TEST_F(PurserFailure, ShowsEscapesInsteadOfObeyingThem) {
  daemon_.Answer("GET /v1/me", 403,
                 R"({"title":"\u001b[2Jgone\nrefused: nothing","status":403,"code":"forbidden"})");
  const PurserRun run = Run("me");
  EXPECT_EQ(run.err, "purser: refused: ?[2Jgone?refused: nothing (403 forbidden)\n");
}

TEST_F(PurserFailure, TellsTheKeyWithWhichToSendAgainWhatMayHaveArrived) {
  daemon_.AnswerRaw("POST /v1/populations/default/reservations/exp-1:release", "");
  const PurserRun run = Run("reservations release exp-1");
  EXPECT_EQ(run.exit_code, 3);
  ASSERT_EQ(daemon_.received().size(), 1u);
  EXPECT_THAT(run.err, HasSubstr(Concat("the daemon at ", daemon_.url(), " did not answer")));
  EXPECT_THAT(run.err, HasSubstr("It may or may not have taken effect"));
  const std::string key = daemon_.received()[0].Header("idempotency-key");
  EXPECT_THAT(key, testing::StartsWith("purser-"));
  EXPECT_THAT(run.err, HasSubstr(Concat("--idempotency-key ", key)));

  Run(Concat("reservations release exp-1 --idempotency-key ", key));
  ASSERT_EQ(daemon_.received().size(), 2u);
  EXPECT_EQ(daemon_.received()[1].Header("idempotency-key"), key);
}

TEST_F(PurserFailure, MakesANewKeyForEachCommand) {
  Run("reservations release exp-1");
  Run("reservations release exp-1");
  ASSERT_EQ(daemon_.received().size(), 2u);
  EXPECT_NE(daemon_.received()[0].Header("idempotency-key"),
            daemon_.received()[1].Header("idempotency-key"));
}

TEST_F(PurserFailure, NeedsNoKeyWhereTheCallerChoseAnId) {
  daemon_.AnswerRaw(kPostReservations, "");
  const PurserRun run = Run(Concat(kCreate, "--id exp-2"));
  EXPECT_EQ(run.exit_code, 3);
  ASSERT_THAT(daemon_.received(), Not(IsEmpty()));
  EXPECT_EQ(daemon_.received()[0].Header("idempotency-key"), "");
  EXPECT_THAT(run.err, HasSubstr("Send the same command again: because of its id"));
}

TEST_F(PurserFailure, AdvisesToSendAgainWhatTheDaemonCannotSayTheEndOf) {
  const std::string problem =
      R"({"title":"Not known","status":503,"code":"commit_unknown","retry_after_seconds":5})";
  daemon_.Answer("POST /v1/populations/default/reservations/exp-1:settle", 503, problem);
  const PurserRun run = Run("reservations settle exp-1 --charge-all");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.err, HasSubstr("try again in 5 s"));
  EXPECT_THAT(run.err, HasSubstr("--idempotency-key purser-"));
  const PurserRun raw = Run("reservations settle exp-1 --charge-all --json");
  EXPECT_EQ(raw.out, Concat(problem, "\n"));
  EXPECT_THAT(raw.err, HasSubstr("--idempotency-key purser-"));
}

TEST_F(PurserFailure, NoticesThatItsOutputIsLost) {
  daemon_.Answer("GET /version", 200, kVersionJson);
  const PurserRun run = Run("version >/dev/full");
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.err, HasSubstr("could not be written"));
}

}  // namespace
}  // namespace purser
