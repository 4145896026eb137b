// Requests that wait: what they are told, when they are granted, and how they end. Of gpu_hours
// 300 are free to begin with.
#include "tests/end_to_end/daemon_fixture.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

constexpr char kWaits[] = R"(,"on_shortage":"QUEUE")";

class Queues : public DaemonTest {
 protected:
  RestAnswer Wait(const std::string& id, const std::string& gpu_hours,
                  const std::string& more = "") {
    return Post(kReservations, Ask(id, gpu_hours, "TRAINING", kWaits + more));
  }
  std::string State(const std::string& id) { return Get(kReservations + "/" + id).Field("state"); }
};

TEST_F(Queues, SayWhereAndUntilWhenAndSayItAgain) {
  ASSERT_EQ(Post(kReservations, Ask("a", "290")).status, 201);
  const RestAnswer first = Wait("b", "20");
  ASSERT_EQ(first.status, 202) << first;
  EXPECT_EQ(first.Field("state"), "QUEUED");
  EXPECT_EQ(first.Field("estimated_start"), "2026-01-01T01:00:00Z");
  EXPECT_EQ(first.Field("queue_timeout"), "2026-01-02T00:00:00Z");
  EXPECT_THAT(first.body, HasSubstr(R"("queue_position":1,)"));
  EXPECT_THAT(first.body, HasSubstr(R"("queue_reasons":["gpu_hours: 20 asked, short by 10"])"));
  EXPECT_THAT(first.body,
              HasSubstr(R"("assumptions":["lease of a ends at 2026-01-01T01:00:00Z"])"));
  EXPECT_EQ(first.Header("Location"), kReservations + "/b");
  EXPECT_THAT(Get(kReservations + "/b").body, HasSubstr(R"("queue_position":1,)"));
  const RestAnswer other = Wait("b", "21");
  EXPECT_EQ(other.code(), "id_conflict");
  // What happens afterwards does not change what was said.
  ASSERT_EQ(Post(kReservations + "/a:release", "{}").status, 200);
  EXPECT_EQ(State("b"), "GRANTED");
  EXPECT_EQ(Wait("b", "20").body, first.body);
  EXPECT_EQ(Wait("b", "20").status, 202);
  KillAndRestart();
  EXPECT_EQ(Wait("b", "20").body, first.body);
  EXPECT_THAT(Get(kReservations + "/b?as_of=4").body, HasSubstr(R"("queue_position":1,)"));
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Queues, SayWhyAnEstimateMoved) {
  ASSERT_EQ(Post(kReservations, Ask("a", "290")).status, 201);
  ASSERT_EQ(Wait("b", "20").status, 202);
  EXPECT_THAT(Get(kReservations + "/b").body, Not(HasSubstr("estimate_moved")));
  ASSERT_EQ(Post(kReservations + "/a:renew", R"({"lease":"7200s"})").status, 200);
  const RestAnswer later = Get(kReservations + "/b");
  EXPECT_EQ(later.Field("estimated_start"), "2026-01-01T02:00:00Z");
  EXPECT_EQ(later.Field("first_estimate"), "2026-01-01T01:00:00Z");
  EXPECT_THAT(later.body,
              HasSubstr(R"("estimate_moved":["no more: lease of a ends at 2026-01-01T01:00:00Z",)"
                        R"("but: lease of a ends at 2026-01-01T02:00:00Z"])"));
}

TEST_F(Queues, GrantInTheirOrderWhenItIsTime) {
  ASSERT_EQ(Post(kReservations, Ask("a", "300")).status, 201);
  ASSERT_EQ(Wait("low", "300").status, 202);
  ASSERT_EQ(Wait("high", "300", R"(,"priority":1)").status, 202);
  EXPECT_EQ(Get(kReservations + "/low").Field("estimated_start"), "2026-01-01T02:00:00Z");
  const RestAnswer queue = Get(kBooks + "/queue");
  EXPECT_THAT(queue.body, HasSubstr(R"("length":"2")"));
  EXPECT_LT(queue.body.find(R"("id":"high")"), queue.body.find(R"("id":"low")"));
  EXPECT_THAT(queue.body, HasSubstr("lease of high ends at 2026-01-01T02:00:00Z"));
  const RestAnswer page = Get(kBooks + "/queue?page_size=1");
  EXPECT_THAT(page.body, Not(HasSubstr(R"("id":"low")")));
  const RestAnswer next = Get(kBooks + "/queue?page_token=" + page.Field("next_page_token"));
  EXPECT_THAT(next.body, HasSubstr(R"("id":"low")"));
  EXPECT_THAT(next.body, HasSubstr(R"("queue_position":2,)"));
  EXPECT_EQ(next.Field("next_page_token"), "");
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T01:00:00Z"})").status, 200);
  EXPECT_EQ(State("high"), "GRANTED");
  EXPECT_EQ(State("low"), "QUEUED");
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T02:00:00Z"})").status, 200);
  EXPECT_EQ(State("low"), "GRANTED");
  EXPECT_EQ(Get(kReservations + "/low").Field("grant_time"), "2026-01-01T02:00:00Z");
}

TEST_F(Queues, HoldUpWhoDoesNotWaitAndSayHow) {
  ASSERT_EQ(Post(kReservations, Ask("a", "290")).status, 201);
  ASSERT_EQ(Wait("b", "300").status, 202);
  // What it would use of the budget is gone for good.
  const RestAnswer behind = Post(kReservations, Ask("c", "5"));
  EXPECT_EQ(behind.code(), "behind_queue");
  EXPECT_EQ(behind.Field("earliest_start"), "2026-01-01T02:00:00Z");
  EXPECT_THAT(behind.body, HasSubstr(R"({"kind":"QUEUE","until":"2026-01-01T02:00:00Z"})"));
  // Another resource is another matter, and so is a rollback.
  const std::string memory = Concat(
      R"({"id":"m","purpose":"TRAINING","amounts":{"active_model_memory":"1"},)", kLabels, "}");
  EXPECT_EQ(Post(kReservations, memory).status, 201);
  EXPECT_EQ(Post(kReservations, Ask("r", "5", "ROLLBACK")).status, 201);
}

TEST_F(Queues, EndInVainOrByTheirHolder) {
  ASSERT_EQ(Post(kReservations, Ask("a", "300")).status, 201);
  ASSERT_EQ(Wait("b", "20", R"(,"max_queue_wait":"60s")").status, 202);
  ASSERT_EQ(Wait("c", "20").status, 202);
  for (const char* verb : {":start", ":renew", ":settle"}) {
    EXPECT_EQ(Post(kReservations + "/c" + verb, "{}").code(), "not_granted") << verb;
  }
  EXPECT_EQ(Post(kReservations + "/c:release", "{}").Field("state"), "RELEASED");
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(Post(kReservations + "/c:release", "{}").code(), "already_released");
  }
  ASSERT_EQ(Advance(R"({"by":"60s"})").status, 200);
  const RestAnswer vain = Get(kReservations + "/b");
  EXPECT_EQ(vain.Field("state"), "DENIED");
  EXPECT_THAT(vain.body, HasSubstr(R"("code":"queue_timeout")"));
  EXPECT_THAT(vain.body, HasSubstr(R"("short_by":"20")"));
  EXPECT_EQ(Post(kReservations + "/b:release", "{}").code(), "denied");
  EXPECT_EQ(Wait("b", "20", R"(,"max_queue_wait":"60s")").status, 202);  // what was said first
  const RestAnswer never = Wait("d", "301");
  EXPECT_EQ(never.status, 409);
  EXPECT_EQ(never.code(), "never_fits");
  EXPECT_THAT(never.body, Not(HasSubstr("queue_position")));
  // Who asks before is told the same.
  const RestAnswer why = Post(kReservations + ":explain", Ask("d", "301", "TRAINING", kWaits));
  EXPECT_EQ(why.Field("code"), "never_fits") << why;
  EXPECT_EQ(why.Field("detail"), never.Field("detail"));
  EXPECT_THAT(why.body, Not(HasSubstr("queue_position")));
}

// The month ends long after a wait of a day; who waits longer is there then.
TEST_F(Queues, TellNoStartBehindTheEndOfTheWait) {
  ASSERT_EQ(Post(kReservations, Ask("a", "290")).status, 201);
  ASSERT_EQ(Post(kReservations + "/a:settle", R"({"charge_all":true})").status, 200);
  const auto why = [&](const std::string& more) {
    return Post(kReservations + ":explain", Ask("d", "20", "TRAINING", kWaits + more));
  };
  // Each shortage has a time of its own; the request's stands behind the list of them.
  const RestAnswer short_wait = why("");
  EXPECT_EQ(short_wait.Field("queue_position"), "1") << short_wait;
  EXPECT_THAT(short_wait.body, Not(HasSubstr(R"(],"earliest_start")")));
  const RestAnswer long_wait = why(R"(,"max_queue_wait":"7776000s")");
  EXPECT_THAT(long_wait.body, HasSubstr(R"(],"earliest_start":"2026-02-01T00:00:00Z")"));
}

TEST_F(Queues, LetPassWhoDelaysNobody) {
  const auto ask = [&](const std::string& id, const std::string& memory, const std::string& lease) {
    return Post(kReservations, Concat(R"({"id":")", id, R"(","purpose":"TRAINING","amounts":{)",
                                      R"("active_model_memory":")", memory, R"("},"lease":")",
                                      lease, R"(","on_shortage":"QUEUE",)", kLabels, "}"));
  };
  ASSERT_EQ(ask("runs", "40", "3600s").status, 201);
  ASSERT_EQ(ask("big", "55", "3600s").status, 202);
  ASSERT_EQ(ask("long", "10", "3601s").status, 202);  // would be in its way
  ASSERT_EQ(ask("gone", "10", "3599s").status, 201);  // is gone by then
  ASSERT_EQ(ask("other", "10", "60s").status, 201);
  ASSERT_EQ(ask("short", "10", "3599s").status, 202);
  const auto deny = [&](const std::string& lease) {
    return Post(kReservations + "?dry_run=true",
                Concat(R"({"purpose":"TRAINING","amounts":{"active_model_memory":"6"},"lease":")",
                       lease, R"(",)", kLabels, "}"));
  };
  ASSERT_EQ(Post(kReservations + "/other:release", "{}").status, 200);
  EXPECT_TRUE(Eventually([&] { return State("short") == "GRANTED"; }));
  EXPECT_EQ(State("long"), "QUEUED");
  EXPECT_EQ(Get(kReservations + "/big").Field("estimated_start"), "2026-01-01T01:00:00Z");
  ASSERT_EQ(Post(kReservations + "/gone:release", "{}").status, 200);
  EXPECT_EQ(deny("3599s").status, 201);
  EXPECT_EQ(deny("3600s").code(), "behind_queue");
  const auto fits = [&](const std::string& lease) {
    return Post(kReservations + ":explain",
                Concat(R"({"purpose":"TRAINING","amounts":{"active_model_memory":"6"},"lease":")",
                       lease, R"(",)", kLabels, "}"))
        .Field("fits");
  };
  EXPECT_EQ(fits("3599s"), "true");
  EXPECT_EQ(fits("3600s"), "false");
  EXPECT_THAT(Get(kBooks + "/journal?page_size=2").body, HasSubstr(R"("command":"let_pass")"));
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T01:00:00Z"})").status, 200);
  EXPECT_EQ(State("big"), "GRANTED");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Queues, TakeNothingThatMakesNoSense) {
  for (const char* more : {R"(,"max_queue_wait":"0.5s")", R"(,"max_queue_wait":"7776001s")"}) {
    const RestAnswer answer = Wait("e", "1", more);
    EXPECT_EQ(answer.code(), "invalid_argument") << answer;
    EXPECT_THAT(answer.body, HasSubstr(R"("path":"max_queue_wait")"));
  }
  const RestAnswer alone =
      Post(kReservations, Ask("e", "1", "TRAINING", R"(,"max_queue_wait":"60s")"));
  EXPECT_THAT(alone.body, HasSubstr(R"("path":"max_queue_wait")"));
  EXPECT_EQ(Get(kBooks + "/queue?page_token=x").code(), "invalid_argument");
  EXPECT_EQ(Get(kBooks + "/queue").Field("length"), "0");
  EXPECT_EQ(Sequence(), "1");
}

TEST_F(Queues, AreToldOfInDryRunsAndBatches) {
  ASSERT_EQ(Post(kReservations, Ask("a", "300")).status, 201);
  const RestAnswer dry = Post(kReservations + "?dry_run=true", Ask("b", "20", "TRAINING", kWaits));
  EXPECT_EQ(dry.status, 202);
  EXPECT_THAT(dry.body, HasSubstr(R"("queue_position":1,)"));
  EXPECT_EQ(dry.Field("estimated_start"), "2026-01-01T01:00:00Z");
  EXPECT_EQ(Sequence(), "2");
  const std::string create = Concat("{\"create\":", Ask("b", "20", "TRAINING", kWaits), "}");
  const Headers key = {{"Idempotency-Key", "k"}};
  const RestAnswer batch = Post(kBatch, Batch({create, Create("d", "5")}), key);
  EXPECT_EQ(batch.status, 200);
  EXPECT_THAT(batch.body, HasSubstr(R"("estimated_start":"2026-01-01T01:00:00Z")"));
  EXPECT_EQ(Post(kBatch, Batch({create, Create("d", "5")}), key).body, batch.body);
  // A swap: what it gives back is granted to who waits, in the same entry.
  const std::string release = R"({"release":{"id":"a"}})";
  const std::string other = Concat("{\"create\":", Ask("e", "290", "TRAINING", kWaits), "}");
  const RestAnswer swap = Post(kBatch, Batch({release, other}, true));
  EXPECT_EQ(swap.status, 200);
  EXPECT_EQ(State("b"), "GRANTED");
  EXPECT_EQ(State("e"), "QUEUED");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Queues, OfAThousandEndWhenTheClockJumps) {
  ASSERT_EQ(Post(kReservations, Ask("a", "300", "TRAINING", R"(,"lease":"5184000s")")).status, 201);
  std::vector<std::string> creates;
  creates.reserve(1'001);
  for (int i = 0; i < 1'001; ++i) {
    creates.push_back(Concat("{\"create\":", Ask(Concat("q", i), "1", "TRAINING", kWaits), "}"));
  }
  const RestAnswer full = Post(kBatch, Batch(creates));
  EXPECT_EQ(full.status, 200);
  EXPECT_THAT(full.body, HasSubstr(R"("code":"limit_exceeded")"));
  EXPECT_EQ(Get(kBooks + "/queue?page_size=1").Field("length"), "1000");
  ASSERT_EQ(Advance(R"({"by":"2678400s"})").status, 200);
  EXPECT_EQ(Get(kBooks + "/queue").Field("length"), "0");
  EXPECT_EQ(State("q999"), "DENIED");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

}  // namespace
}  // namespace purser
