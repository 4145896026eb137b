// Replays and conflicts of ids and keys, also behind a kill -9.
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class Idempotency : public DaemonTest {
 protected:
  void ExpectReplay(const RestAnswer& first, const RestAnswer& again) {
    EXPECT_EQ(again.status, first.status) << again;
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.Header("Location"), first.Header("Location"));
    EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
    EXPECT_EQ(first.Header("Idempotency-Replayed"), "");
  }
};

TEST_F(Idempotency, ReplaysARequestByItsIdWhateverHappenedSince) {
  const RestAnswer first = Post(kReservations, Ask("e", "40"));
  ASSERT_EQ(Post(kReservations + "/e:settle", R"({"charge_all":true})").status, 200);
  ExpectReplay(first, Post(kReservations, Ask("e", "40.000")));
  KillAndRestart();
  ExpectReplay(first, Post(kReservations, Ask("e", "40")));
  EXPECT_EQ(GpuHours(), "granted 400 = available 260 + reserve 100 + spent 40");
}

TEST_F(Idempotency, ReplaysADenialByItsIdAlthoughItWouldFitNow) {
  ASSERT_EQ(Post(kReservations, Ask("big", "300")).status, 201);
  const RestAnswer first = Post(kReservations, Ask("e", "40"));
  ASSERT_EQ(first.status, 409);
  ASSERT_EQ(Post(kReservations + "/big:release", "{}").status, 200);
  ExpectReplay(first, Post(kReservations, Ask("e", "40")));
  KillAndRestart();
  ExpectReplay(first, Post(kReservations, Ask("e", "40")));
}

TEST_F(Idempotency, ReplaysAChargeByItsId) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  const std::string body = R"({"id":"c1","amounts":{"gpu_hours":"3.5"}})";
  const RestAnswer first = Post(kReservations + "/e:charge", body);
  ExpectReplay(first, Post(kReservations + "/e:charge", body));
  KillAndRestart();
  ExpectReplay(first, Post(kReservations + "/e:charge", body));
  EXPECT_EQ(GpuHours(), "granted 400 = available 260 + reserve 100 + held 36.5 + spent 3.5");
}

TEST_F(Idempotency, ReplaysEveryKindOfPostByItsKey) {
  const std::vector<std::pair<std::string, std::string>> posts = {
      {"/v1/populations", R"({"name":"p1"})"},
      {kBooks + "/resources", R"({"name":"disks","unit":"d","kind":"CAPACITY","amount":"4"})"},
      {kGpuHours + ":grant", R"({"amount":"10","reason":"more"})"},
      {kGpuHours + ":withdraw", R"({"amount":"5","reason":"less"})"},
      {kBooks + "/freezes", R"({"resource":"disks","reason":"audit"})"},
      {kReservations,
       Concat(R"({"purpose":"TRAINING","amounts":{"gpu_hours":"7"},)", kLabels, "}")},
      {kReservations, Ask("e", "10")},
      {kReservations + "/e:start", "{}"},
      {kReservations + "/e:renew", R"({"lease":"90s"})"},
      {kReservations + "/e:charge", R"({"amounts":{"gpu_hours":"1"}})"},
      {kReservations + "/e:settle", R"({"amounts":{"gpu_hours":"1"}})"},
      {kReservations, Ask("f", "10")},
      {kReservations + "/f:release", ""},
      {kBooks + "/charges", Concat(R"({"id":"c9","amounts":{"gpu_hours":"2"},)", kLabels, "}")},
      {kBooks + "/charges/c9:refund", R"({"amounts":{"gpu_hours":"1"},"reason":"wrong"})"},
      {kReservations, Ask("never", "100000")},
  };
  std::vector<RestAnswer> first;
  for (size_t i = 0; i < posts.size(); ++i) {
    first.push_back(Post(posts[i].first, posts[i].second, {{"Idempotency-Key", Concat("k", i)}}));
    EXPECT_THAT(first.back().status, testing::AnyOf(200, 201, 409)) << posts[i].first << first[i];
  }
  const std::string sequence = Sequence();
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < posts.size(); ++i) {
      SCOPED_TRACE(posts[i].first);
      ExpectReplay(first[i],
                   Post(posts[i].first, posts[i].second, {{"Idempotency-Key", Concat("k", i)}}));
    }
    KillAndRestart();
  }
  EXPECT_EQ(Sequence(), sequence);
}

TEST_F(Idempotency, TakesAnAbsentFieldForItsDefaultUnderAKey) {
  ASSERT_EQ(Post(kReservations, Ask("e", "10")).status, 201);
  const std::vector<std::array<std::string, 3>> pairs = {
      {kReservations + "/e:renew", "{}", R"({"lease":"3600s"})"},
      {kBooks + "/resources", R"({"name":"d","unit":"d","kind":"CONSUMABLE","amount":"4"})",
       R"({"name":"d","unit":"d","kind":"CONSUMABLE","amount":"4.0","reserve_percent":"25",)"
       R"("period":"NONE","priced":true,"carry_over":{"available":"NONE"}})"},
      {"/v1/populations", R"({"name":"p1"})",
       R"({"name":"p1","time_zone":"UTC","required_labels":["capability","operator_family"]})"},
      {kBatch, R"({"operations":[{"renew":{"id":"e"}}]})",
       R"({"atomic":false,"operations":[{"renew":{"id":"e","lease":"3600s"}}]})"}};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Headers key = {{"Idempotency-Key", Concat("same", i)}};
    const RestAnswer first = Post(pairs[i][0], pairs[i][1], key);
    ExpectReplay(first, Post(pairs[i][0], pairs[i][2], key));
  }
}

TEST_F(Idempotency, TellsARefundOfAllThatIsLeftFromOneOfAnAmount) {
  ASSERT_EQ(
      Post(kBooks + "/charges", Concat(R"({"id":"c","amounts":{"gpu_hours":"4"},)", kLabels, "}"))
          .status,
      201);
  const std::string refund = kBooks + "/charges/c:refund";
  const RestAnswer first = Post(refund, R"({"id":"r","amounts":{"gpu_hours":"3"}})");
  ASSERT_EQ(first.status, 201);
  EXPECT_EQ(Post(refund, R"({"id":"r"})").code(), "id_conflict");
  ExpectReplay(first, Post(refund, R"({"id":"r","amounts":{"gpu_hours":"3.0"}})"));
  const RestAnswer rest = Post(refund, R"({"id":"s"})");
  ASSERT_EQ(rest.status, 201);
  ExpectReplay(rest, Post(refund, R"({"id":"s"})"));
  EXPECT_EQ(Post(refund, R"({"id":"s","amounts":{"gpu_hours":"1"}})").code(), "id_conflict");
}

TEST_F(Idempotency, NamesWhatDiffersWhenAnIdIsUsedForOtherContent) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  for (int round = 0; round < 2; ++round) {
    const RestAnswer conflict = Post(kReservations, Ask("e", "41"));
    EXPECT_EQ(conflict.status, 409) << conflict;
    EXPECT_EQ(conflict.code(), "id_conflict");
    EXPECT_EQ(conflict.FieldAfter("fields", "path"), "amounts.gpu_hours");
    EXPECT_THAT(conflict.body, HasSubstr(R"("was":"\"40\"","now":"\"41\"")"));
    KillAndRestart();
  }
}

TEST_F(Idempotency, NamesForWhatElseAnIdWasUsed) {
  const std::string charge = Concat(R"("amounts":{"gpu_hours":"1"},)", kLabels, "}");
  ASSERT_EQ(Post(kReservations, Ask("e", "4")).status, 201);
  ASSERT_EQ(Post(kReservations + "/e:charge", R"({"id":"x","amounts":{"gpu_hours":"1"}})").status,
            201);
  ASSERT_EQ(Post(kBooks + "/charges", R"({"id":"y",)" + charge).status, 201);
  ASSERT_EQ(Post(kBooks + "/charges/y:refund", R"({"id":"r"})").status, 201);
  const RestAnswer verb = Post(kBooks + "/charges", R"({"id":"x",)" + charge);
  EXPECT_EQ(verb.code(), "id_conflict");
  EXPECT_EQ(verb.FieldAfter("fields", "was"), "charge") << verb;
  EXPECT_EQ(verb.FieldAfter("fields", "now"), "post_charge") << verb;
  const RestAnswer other = Post(kBooks + "/charges/x:refund", R"({"id":"r"})");
  EXPECT_EQ(other.code(), "id_conflict");
  EXPECT_EQ(other.FieldAfter("fields", "was"), "y") << other;
  const RestAnswer amount =
      Post(kReservations + "/e:charge", R"({"id":"x","amounts":{"gpu_hours":"2"}})");
  EXPECT_EQ(amount.FieldAfter("fields", "path"), "amounts.gpu_hours") << amount;
}

// A batch that is sent again is made again from the journal at once, not member by member.
TEST_F(Idempotency, ReplaysALongBatchInAMoment) {
  std::string operations;
  for (int i = 0; i < 4'000; ++i) {
    operations += Concat(i == 0 ? "" : ",", "{\"create\":", Ask(Concat("b", i), "0.01"), "}");
  }
  const std::string body = Concat("{\"operations\":[", operations, "]}");
  const auto begin = std::chrono::steady_clock::now();
  const RestAnswer first = Post(kBatch, body, {{"Idempotency-Key", "long"}});
  const auto between = std::chrono::steady_clock::now();
  ExpectReplay(first, Post(kBatch, body, {{"Idempotency-Key", "long"}}));
  const auto end = std::chrono::steady_clock::now();
  // Twenty times as long before what was committed together was read together.
  EXPECT_LT(end - between, 4 * (between - begin) + std::chrono::seconds(1));
}

TEST_F(Idempotency, RefusesAKeyThatIsUsedForOtherContentOrPath) {
  const Headers key = {{"Idempotency-Key", "k"}};
  ASSERT_EQ(Post(kReservations, Ask("e", "40"), key).status, 201);
  for (int round = 0; round < 2; ++round) {
    const RestAnswer body = Post(kReservations, Ask("e", "41"), key);
    EXPECT_EQ(body.status, 422) << body;
    EXPECT_EQ(body.code(), "key_conflict");
    EXPECT_THAT(body.body, HasSubstr(R"("was":"\"40\"","now":"\"41\"")"));
    EXPECT_EQ(Post(kReservations + "/e:start", "{}", key).status, 422);
    KillAndRestart();
  }
}

TEST_F(Idempotency, BurnsNothingWithAMalformedRequest) {
  const Headers key = {{"Idempotency-Key", "k"}};
  EXPECT_EQ(Post(kReservations, Ask("e", "40.1234567"), key).status, 400);
  EXPECT_EQ(Post(kReservations, Ask("e", "40"), key).status, 201);
}

TEST_F(Idempotency, HoldsOneEffectForAKeyWithoutAnId) {
  const Headers key = {{"Idempotency-Key", "k"}};
  const std::string body =
      Concat(R"({"purpose":"TRAINING","amounts":{"gpu_hours":"7"},)", kLabels, "}");
  const RestAnswer first = Post(kReservations, body, key);
  ASSERT_EQ(first.status, 201);
  KillAndRestart();
  ExpectReplay(first, Post(kReservations, body, key));
  EXPECT_EQ(GpuHours(), "granted 400 = available 293 + reserve 100 + held 7");
}

TEST_F(Idempotency, GrantsOnceWhatManySendAtOnce) {
  constexpr int kSenders = 8;
  constexpr int kRequests = 20;
  std::atomic<int> first{0};
  std::atomic<int> replayed{0};
  std::vector<std::thread> senders;
  senders.reserve(kSenders);
  for (int i = 0; i < kSenders; ++i) {
    senders.emplace_back([&] {
      RestClient client(port());
      for (int n = 0; n < kRequests; ++n) {
        const RestAnswer answer = client.Post(kReservations, Ask(Concat("same-", n), "1"));
        if (answer.status != 201) continue;
        ++(answer.Header("Idempotency-Replayed") == "true" ? replayed : first);
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(first, kRequests);
  EXPECT_EQ(replayed, kRequests * (kSenders - 1));
  EXPECT_EQ(GpuHours(), "granted 400 = available 280 + reserve 100 + held 20");
}

}  // namespace
}  // namespace purser
