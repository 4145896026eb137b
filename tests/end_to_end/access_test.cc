// Tokens, scopes and populations, from a configuration.
#include "daemon/sha256.h"
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

// Each with the SHA-256 of its name as the secret's.
constexpr char kConfig[] = R"([[tokens]]
name = "admin"
sha256 = "8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918"
scopes = ["admin", "ledger:read", "reservations:write"]

[[tokens]]
name = "orchestrator"
sha256 = "@orchestrator"
scopes = ["reservations:write", "ledger:read"]

[[tokens]]
name = "other"
sha256 = "@other"
scopes = ["reservations:write", "ledger:read"]

[[tokens]]
name = "operator"
sha256 = "@operator"
scopes = ["reservations:write", "reserve:spend", "debt:incur", "charges:write"]

[[tokens]]
name = "reader"
sha256 = "@reader"
scopes = ["ledger:read"]

[[tokens]]
name = "elsewhere"
sha256 = "@elsewhere"
scopes = ["ledger:read", "reservations:write"]
populations = ["p1"]

[[tokens]]
name = "landlord"
sha256 = "@landlord"
scopes = ["admin", "ledger:read"]
populations = ["p0"]
)";

class Access : public DaemonTest {
 protected:
  void SetUp() override {
    std::string config = kConfig;
    for (size_t at = 0; (at = config.find('@')) != std::string::npos;) {
      const size_t end = config.find('"', at);
      config.replace(at, end - at, Hex(Sha256(config.substr(at + 1, end - at - 1))));
    }
    WriteConfig(config);
    Start();
    for (const std::string name :
         {"admin", "orchestrator", "other", "operator", "reader", "elsewhere", "landlord"}) {
      clients_.emplace(name, RestClient(port(), name));
    }
  }
  RestClient& As(const std::string& name) { return clients_.at(name); }

  std::map<std::string, RestClient> clients_;
};

TEST_F(Access, NeedsAKnownToken) {
  RestClient wrong(port(), "guess");
  for (RestClient* const client : {client_.get(), &wrong}) {
    const RestAnswer answer = client->Get(kBooks);
    EXPECT_EQ(answer.status, 401) << answer;
    EXPECT_EQ(answer.code(), "unauthenticated");
    EXPECT_EQ(answer.Field("detail"),
              client == &wrong ? "the token is not known here" : "a token is required");
    EXPECT_EQ(answer.Header("WWW-Authenticate"), "Bearer");
    // Nothing is told of what there is.
    EXPECT_EQ(client->Get("/v1/populations/nobody").status, 401);
    EXPECT_EQ(client->Get("/v1/nothing").status, 404);
    EXPECT_EQ(client->Get("/v1/me").Field("detail"), answer.Field("detail"));
    EXPECT_EQ(client->Get("/livez").status, 200);
  }
}

TEST_F(Access, GoesByTheScopesOfTheRoute) {
  EXPECT_EQ(As("reader").Get(kBooks).status, 200);
  const RestAnswer refused = As("reader").Post(kReservations, Ask("e", "1"));
  EXPECT_EQ(refused.status, 403) << refused;
  EXPECT_EQ(refused.code(), "forbidden");
  EXPECT_EQ(As("orchestrator").Post(kReservations, Ask("e", "1")).status, 201);
  EXPECT_EQ(As("orchestrator").Post(kGpuHours + ":grant", R"({"amount":"1","reason":"x"})").status,
            403);
  EXPECT_EQ(As("operator").Get(kBooks).status, 403);
  // The scope comes before the body is looked at.
  EXPECT_EQ(As("reader").Post(kReservations, "nonsense").status, 403);
  EXPECT_EQ(As("orchestrator").Post(kBooks + "/charges", "{}").status, 403);
}

TEST_F(Access, KeepsAPrincipalToItsPopulations) {
  EXPECT_EQ(As("elsewhere").Get(kBooks).status, 403);
  ASSERT_EQ(As("admin").Post("/v1/populations", R"({"name":"p1"})").status, 201);
  EXPECT_EQ(As("elsewhere").Get("/v1/populations/p1").status, 200);
  const RestAnswer list = As("elsewhere").Get("/v1/populations");
  EXPECT_THAT(list.body, HasSubstr("\"name\":\"p1\""));
  EXPECT_THAT(list.body, Not(HasSubstr("\"name\":\"default\"")));
}

TEST_F(Access, KeepsAnAdminOfSomePopulationsToThem) {
  RestClient& client = As("landlord");
  EXPECT_EQ(client.Post("/v1/populations", R"({"name":"other"})").status, 403);
  EXPECT_EQ(client.Post("/v1/populations", R"({"name":"default"})").status, 403);
  EXPECT_EQ(client.Post("/v1/test/clock:advance", R"({"by":"1s"})").status, 403);
  EXPECT_EQ(client.Post("/v1/populations", R"({"name":"p0"})").status, 201);
}

TEST_F(Access, LetsNobodyRollBackWithoutReserveSpend) {
  const RestAnswer refused = As("orchestrator").Post(kReservations, Ask("b", "1", "ROLLBACK"));
  EXPECT_EQ(refused.status, 403) << refused;
  EXPECT_THAT(refused.body, HasSubstr("reserve:spend"));
  EXPECT_EQ(As("orchestrator").Post(kReservations, Ask("b", "1", "DISASTER_RECOVERY")).status, 403);
  const std::string operations =
      Concat("\"operations\":[{\"create\":", Ask("b", "1", "ROLLBACK"), "}]}");
  EXPECT_THAT(As("orchestrator").Post(kBatch, "{" + operations).body,
              HasSubstr("\"code\":\"forbidden\""));
  EXPECT_EQ(As("orchestrator").Post(kBatch, "{\"atomic\":true," + operations).status, 403);
  EXPECT_EQ(As("operator").Post(kReservations, Ask("b", "400", "ROLLBACK")).status, 201);
}

TEST_F(Access, LetsNobodyIncurDebtsByPolicyWithoutDebtIncur) {
  const std::string body = Ask("d", "1", "TRAINING", R"(,"overrun_policy":"DEBT")");
  EXPECT_EQ(As("orchestrator").Post(kReservations, body).status, 403);
  EXPECT_EQ(As("operator").Post(kReservations, body).status, 201);
}

TEST_F(Access, LetsOnlyTheHolderAndAdminActOnAReservation) {
  ASSERT_EQ(As("orchestrator").Post(kReservations, Ask("e", "9")).status, 201);
  const std::string charge = R"({"id":"c","amounts":{"gpu_hours":"1"}})";
  for (const std::string verb : {":start", ":renew", ":settle", ":release"}) {
    EXPECT_EQ(As("other").Post(Concat(kReservations, "/e", verb), "{}").status, 403) << verb;
  }
  EXPECT_EQ(As("other").Post(kReservations + "/e:charge", charge).status, 403);
  EXPECT_THAT(As("other").Post(kBatch, R"({"operations":[{"release":{"id":"e"}}]})").body,
              HasSubstr("\"code\":\"forbidden\""));
  EXPECT_EQ(
      As("other").Post(kBatch, R"({"atomic":true,"operations":[{"release":{"id":"e"}}]})").status,
      403);
  EXPECT_EQ(As("orchestrator").Post(kReservations + "/e:start", "{}").status, 200);
  EXPECT_EQ(As("admin").Post(kReservations + "/e:release", "{}").status, 200);
}

TEST_F(Access, GivesAnIdOrKeyOfAnotherPrincipalAwayToNobody) {
  const Headers key = {{"Idempotency-Key", "k"}};
  ASSERT_EQ(As("orchestrator").Post(kReservations, Ask("e", "9"), key).status, 201);
  // A key belongs to its principal.
  EXPECT_EQ(As("other").Post(kReservations, Ask("f", "9"), key).status, 201);
  const RestAnswer same_id = As("other").Post(kReservations, Ask("e", "8"));
  EXPECT_EQ(same_id.status, 409) << same_id;
}

TEST_F(Access, ShowsWhoOneIsAndWhatOneMay) {
  const RestAnswer me = As("reader").Get("/v1/me");
  EXPECT_EQ(me.Field("principal"), "reader");
  EXPECT_THAT(me.body, HasSubstr(R"("scopes":["ledger:read"])"));
  EXPECT_EQ(As("reader").Post("/v1/access:check", R"({"scope":"admin"})").Field("allowed"),
            "false");
  EXPECT_EQ(As("reader").Post("/v1/access:check", R"({"scope":"ledger:read"})").Field("allowed"),
            "true");
}

TEST_F(Access, IsInTheJournal) {
  ASSERT_EQ(As("orchestrator").Post(kReservations, Ask("e", "9")).status, 201);
  EXPECT_EQ(As("reader").Get(kBooks + "/journal?page_size=1").Field("principal"), "orchestrator");
}

}  // namespace
}  // namespace purser
