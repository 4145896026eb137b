// Limits of principals and labels, over REST with tokens.
#include "daemon/sha256.h"
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kLimits = kBooks + "/limits";

class Limits : public DaemonTest {
 protected:
  void SetUp() override {
    std::string config;
    for (const std::string name : {"root", "alice", "bob"}) {
      config += Concat("[[tokens]]\nname = \"", name, "\"\nsha256 = \"", Hex(Sha256(name)),
                       "\"\nscopes = [\"reservations:write\", \"ledger:read\"",
                       name == "root" ? ", \"admin\"" : "", "]\n");
    }
    WriteConfig(config);
    Start();
    Connect();
  }
  void Connect() {
    clients_.clear();
    for (const std::string name : {"root", "alice", "bob"}) {
      clients_.emplace(name, RestClient(port(), name));
    }
  }
  RestAnswer As(const std::string& name, const std::string& method, const std::string& path,
                const std::string& body = "", const Headers& headers = {}) {
    return clients_.at(name).Send(method, path, body, headers);
  }
  RestAnswer Reserve(const std::string& name, const std::string& id, const std::string& amount) {
    return As(name, "POST", kReservations, Ask(id, amount));
  }

  std::map<std::string, RestClient> clients_;
};

TEST_F(Limits, HaveADefaultOfHalfTheGpuHoursForEachPrincipal) {
  const RestAnswer standing = As("root", "GET", kLimits + "/default");
  EXPECT_EQ(standing.FieldAfter("share_percent", "gpu_hours"), "50") << standing;
  EXPECT_EQ(Reserve("alice", "a", "200").status, 201);
  const RestAnswer denied = Reserve("alice", "b", "1");
  EXPECT_EQ(denied.status, 409) << denied;
  EXPECT_EQ(denied.code(), "limit_exceeded");
  EXPECT_EQ(denied.FieldAfter("blocking", "kind"), "LIMIT");
  EXPECT_EQ(denied.FieldAfter("blocking", "name"), "default");
  EXPECT_EQ(denied.FieldAfter("blocking", "limit"), "200");
  EXPECT_EQ(denied.FieldAfter("blocking", "used"), "200");
  EXPECT_EQ(denied.Field("complete"), "false");
  EXPECT_EQ(Reserve("bob", "c", "100").status, 201);
  EXPECT_EQ(As("root", "GET", kLimits + "/default").FieldAfter("used", "gpu_hours"), "200");
  // The same after a restart, and in the explanation of one who only asks.
  Restart();
  Connect();
  EXPECT_EQ(Reserve("alice", "b", "1").body, denied.body);
  EXPECT_EQ(Reserve("alice", "d", "1").code(), "limit_exceeded");
  const RestAnswer why = As("alice", "POST", kReservations + ":explain", Ask("x", "1"));
  EXPECT_EQ(why.FieldAfter("blocking", "name"), "default") << why;
  EXPECT_EQ(As("root", "DELETE", kLimits + "/default", "", {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(Reserve("alice", "e", "1").code(), "reserve_protected");
}

TEST_F(Limits, ChangeByGenerationAndAreTheAdmins) {
  const std::string own = R"({"id":"own","principal":"alice","open_reservations":1})";
  EXPECT_EQ(As("alice", "POST", kLimits, own).status, 403);
  const RestAnswer made = As("root", "POST", kLimits, own);
  EXPECT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Header("Location"), kLimits + "/own");
  EXPECT_EQ(made.Header("ETag"), "\"1\"");
  EXPECT_EQ(As("root", "POST", kLimits, own).status, 200);
  EXPECT_EQ(As("root", "POST", kLimits, R"({"id":"own","principal":"alice","burst":1})").code(),
            "invalid_argument");
  EXPECT_EQ(As("root", "POST", kLimits, R"({"principal":"alice","open_reservations":2})").code(),
            "id_conflict");
  const std::string path = kLimits + "/own";
  const std::string more = R"({"open_reservations":2})";
  EXPECT_EQ(As("root", "PATCH", path, more).status, 428);
  EXPECT_EQ(As("root", "PATCH", path, more, {{"If-Match", "\"2\""}}).status, 412);
  EXPECT_EQ(As("root", "PATCH", path, more, {{"If-Match", "\"1\""}}).Header("ETag"), "\"2\"");
  EXPECT_EQ(As("root", "DELETE", path, "", {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(As("root", "DELETE", path).status, 428);
  EXPECT_EQ(As("root", "DELETE", path, "", {{"If-Match", "\"2\""}}).status, 200);
  EXPECT_EQ(As("root", "GET", path).status, 404);
}

TEST_F(Limits, NameEachFaultByItsPath) {
  const RestAnswer bad = As("root", "POST", kLimits,
                            R"({"id":"!","label":{"key":"A","value":""},"open_reservations":0,)"
                            R"("share_percent":{"gpu_hours":"101"},"burst":0,"generation":"1"})");
  EXPECT_EQ(bad.status, 400);
  for (const std::string path : {"id", "label.key", "label.value", "open_reservations",
                                 "share_percent.gpu_hours", "burst", "generation"}) {
    EXPECT_THAT(bad.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << bad;
  }
  const RestAnswer unknown =
      As("root", "POST", kLimits, R"({"principal":"alice","day_amounts":{"nothing":"1"}})");
  EXPECT_EQ(unknown.code(), "unknown_resource") << unknown;
  EXPECT_EQ(unknown.FieldAfter("fields", "path"), "day_amounts.nothing");
  EXPECT_EQ(As("root", "POST", kLimits, R"({"principal":"alice"})").code(), "invalid_argument");
  EXPECT_EQ(As("root", "POST", kLimits, R"({"open_reservations":1})").code(), "invalid_argument");
  EXPECT_EQ(As("root", "PATCH", kLimits + "/default", R"({"principal":"bob"})", {{"If-Match", "*"}})
                .code(),
            "immutable");
}

TEST_F(Limits, CountRequestsASecondInTheWritersTime) {
  ASSERT_EQ(As("root", "POST", kLimits,
               R"({"id":"slow","principal":"alice","requests_per_second":"0.5","burst":2})")
                .status,
            201);
  const RestAnswer first = Reserve("alice", "a", "1");
  EXPECT_EQ(first.status, 201) << first;
  EXPECT_EQ(first.Header("RateLimit-Policy"), "\"slow\";q=2;w=4");
  EXPECT_EQ(first.Header("RateLimit"), "\"slow\";r=1;t=2");
  EXPECT_EQ(As("alice", "POST", kReservations + "/a:start", "{}").status, 200);
  const RestAnswer limited = Reserve("alice", "b", "1");
  EXPECT_EQ(limited.status, 429) << limited;
  EXPECT_EQ(limited.code(), "rate_limited");
  EXPECT_EQ(limited.Header("Retry-After"), "2");
  // Replays take none, others have buckets of their own, and nothing was burnt.
  EXPECT_EQ(Reserve("alice", "a", "1").Header("Idempotency-Replayed"), "true");
  const RestAnswer other = Reserve("bob", "c", "1");
  EXPECT_EQ(other.status, 201);
  EXPECT_EQ(other.Header("RateLimit"), "");
  EXPECT_EQ(As("root", "POST", "/v1/test/clock:advance", R"({"by":"2s"})").status, 200);
  EXPECT_EQ(Reserve("alice", "b", "1").status, 201);
  // A batch larger than the burst needs a full bucket.
  const std::string batch = Concat(R"({"operations":[{"create":)", Ask("d", "1"), R"(},{"create":)",
                                   Ask("e", "1"), R"(},{"create":)", Ask("f", "1"), "}]}");
  EXPECT_EQ(As("alice", "POST", kBatch, batch).Header("Retry-After"), "4");
  EXPECT_EQ(As("root", "POST", "/v1/test/clock:advance", R"({"by":"4s"})").status, 200);
  EXPECT_EQ(As("alice", "POST", kBatch, batch).status, 200);
  EXPECT_EQ(Reserve("alice", "g", "1").Header("Retry-After"), "4");
}

TEST_F(Limits, OfLabelsBindWhoeverBringsThem) {
  ASSERT_EQ(As("root", "POST", kLimits,
               R"({"id":"team","label":{"key":"capability","value":"ocr"},)"
               R"("highest_priority":1,"highest_tier":"STANDARD"})")
                .status,
            201);
  const RestAnswer above = As("bob", "POST", kReservations,
                              Ask("p", "1", "TRAINING", R"(,"priority":2,"tier":"REALTIME")"));
  EXPECT_EQ(above.code(), "limit_exceeded") << above;
  EXPECT_THAT(above.body, HasSubstr("highest_priority: 2 is above 1"));
  EXPECT_THAT(above.body, HasSubstr("highest_tier: REALTIME is above STANDARD"));
}

}  // namespace
}  // namespace purser
