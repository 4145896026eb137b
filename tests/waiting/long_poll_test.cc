// GET …/reservations/{id}?wait=…&generation=…
#include <future>
#include <thread>
#include <vector>

#include "tests/waiting/waiting_fixture.h"

namespace purser {
namespace {

class LongPoll : public WaitingTest {
 protected:
  void SetUp() override {
    WaitingTest::SetUp();
    ASSERT_EQ(Reserve("e").status, 201);
  }
  std::future<api::HttpResponse> Start(const std::string& target) {
    return std::async(std::launch::async, [this, target] { return Get(target); });
  }
};

const std::string kWaitFor1 = kReservations + "/e?wait=60s&generation=1";

TEST_F(LongPoll, AnswersAtOnceWhatDiffersAlready) {
  for (const std::string query : {"?wait=60s&generation=0", "?wait=3600s&generation=2",
                                  "?wait=60s&generation=18446744073709551615"}) {
    const auto answer = Get(Concat(kReservations, "/e", query));
    EXPECT_EQ(answer.status, 200) << query;
    EXPECT_EQ(Header(answer, "ETag"), "\"1\"");
    EXPECT_EQ(Header(answer, "Ledger-Sequence"), "2");
  }
  EXPECT_EQ(Get(kReservations + "/nobody?wait=60s&generation=1").status, 404);
}

TEST_F(LongPoll, WakesWhenTheReservationChanges) {
  auto answer = Start(kWaitFor1);
  ASSERT_TRUE(WaitForWaiters(1));
  EXPECT_EQ(Reserve("other").status, 201);
  EXPECT_EQ(Post(kReservations + "/e:start", "{}").status, 200);
  const auto woken = answer.get();
  EXPECT_THAT(woken.body, HasSubstr("\"state\":\"ACTIVE\""));
  EXPECT_EQ(Header(woken, "ETag"), "\"2\"");
  EXPECT_EQ(Header(woken, "Ledger-Sequence"), "4");
  EXPECT_FALSE(woken.close_connection);
  EXPECT_EQ(Metric("purser_waiters"), 0);
}

TEST_F(LongPoll, WakesWhenTheLeaseRunsOutOnTheTestClock) {
  auto answer = Start(kWaitFor1);
  ASSERT_TRUE(WaitForWaiters(1));
  EXPECT_TRUE(pipeline_->AdvanceClock(kDayUs, std::nullopt).ok());
  EXPECT_THAT(answer.get().body, HasSubstr("\"state\":\"EXPIRED\""));
}

// The limit is real time: the clock of the ledger stands still here.
TEST_F(LongPoll, AnswersAsItIsWhenTheTimeIsUp) {
  const auto answer = Get(kReservations + "/e?wait=0.02s&generation=1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Header(answer, "ETag"), "\"1\"");
  EXPECT_EQ(Get(kReservations + "/e?wait=0s&generation=1").status, 200);
}

TEST_F(LongPoll, CostsNothingWhileOthersChange) {
  auto answer = Start(kWaitFor1);
  ASSERT_TRUE(WaitForWaiters(1));
  // Whatever is due is written first, and the first look of the feed lets everybody look.
  ASSERT_EQ(Reserve("first").status, 201);
  ASSERT_TRUE(Eventually([&] {
    const int before = store_.snapshots;
    std::this_thread::yield();
    return Metric("purser_waiters") == 1 && store_.snapshots == before;
  }));
  const int before = store_.snapshots;
  constexpr int kOthers = 50;
  for (int i = 1; i <= kOthers; ++i) {
    ASSERT_EQ(Reserve(Concat("o", i)).status, 201);
    ASSERT_TRUE(Eventually([&] { return store_.snapshots - before >= 2 * i; }));
  }
  // Each was looked up by its id, and the feed looked once at each group.
  EXPECT_LE(store_.snapshots - before, 2 * kOthers + 1);
  EXPECT_EQ(Post(kReservations + "/e:release", "").status, 200);
  EXPECT_THAT(answer.get().body, HasSubstr("\"state\":\"RELEASED\""));
}

TEST_F(LongPoll, NamesEveryFaultOfTheQuery) {
  struct Row {
    std::string query;
    std::vector<std::string> paths;
  };
  const std::vector<Row> rows = {
      {"?wait=30s", {"?generation"}},
      {"?generation=1", {"?wait"}},
      {"?wait=30&generation=x", {"?wait", "?generation"}},
      {"?wait=-1s&generation=-1", {"?wait", "?generation"}},
      {"?wait=1s&generation=1&as_of=1", {"?as_of"}},
      {"?wait=&generation=", {"?wait", "?generation"}},
  };
  for (const Row& row : rows) {
    const auto answer = Get(Concat(kReservations, "/e", row.query));
    EXPECT_EQ(answer.status, 400) << row.query;
    for (const std::string& path : row.paths) {
      EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << row.query;
    }
  }
}

TEST_F(LongPoll, EndsAtOnceWhenTheDaemonStops) {
  auto answer = Start(kWaitFor1);
  ASSERT_TRUE(WaitForWaiters(1));
  pipeline_->bulletin().Close();
  const auto ended = answer.get();
  EXPECT_EQ(ended.status, 200);
  EXPECT_TRUE(ended.close_connection);
  EXPECT_EQ(Header(ended, "ETag"), "\"1\"");
  EXPECT_EQ(Get(kWaitFor1).status, 200) << "who comes later does not wait at all";
}

TEST_F(LongPoll, IsToldOfAWriteThatFailedOnlyWhenItIsThere) {
  auto answer = Start(kWaitFor1);
  ASSERT_TRUE(WaitForWaiters(1));
  store_.full = true;
  EXPECT_EQ(Post(kReservations + "/e:start", "{}").status, 503);
  store_.full = false;
  ASSERT_TRUE(Eventually([&] { return pipeline_->Ready(); }));
  EXPECT_EQ(Metric("purser_waiters"), 1);
  EXPECT_EQ(Post(kReservations + "/e:start", "{}").status, 200);
  EXPECT_EQ(Header(answer.get(), "ETag"), "\"2\"");
}

class SmallRoom : public LongPoll {
 protected:
  SmallRoom() { service_options_.threads = 5; }  // two may wait
};

TEST_F(SmallRoom, HoldsHalfOfTheThreadsAtMost) {
  auto first = Start(kWaitFor1);
  ASSERT_TRUE(WaitForWaiters(1));
  auto watch = Get(kWatch);
  ASSERT_EQ(watch.status, 200);
  EXPECT_EQ(Metric("purser_watchers"), 1);
  EXPECT_EQ(Metric("purser_waiting_limit"), 6);  // two here, four of the operators' eight
  for (const std::string& target : {kWaitFor1, kWatch}) {
    const auto refused = Get(target);
    EXPECT_EQ(refused.status, 503) << target;
    EXPECT_THAT(refused.body, HasSubstr("\"code\":\"overloaded\""));
    EXPECT_EQ(Header(refused, "Retry-After"), "1");
  }
  // What need not wait needs no seat.
  EXPECT_EQ(Get(kReservations + "/e?wait=60s&generation=9").status, 200);
  EXPECT_EQ(Send("HEAD", kWatch).status, 200);
  watch.stream.reset();  // as when the connection ends
  EXPECT_EQ(Metric("purser_watchers"), 0);
  EXPECT_EQ(Get(kReservations + "/e?wait=0.01s&generation=1").status, 200);
  EXPECT_EQ(Post(kReservations + "/e:start", "{}").status, 200);
  EXPECT_EQ(first.get().status, 200);
}

// Many wait while many write: each sees every generation of its own reservation that it asks for,
// and nobody sleeps through the last.
TEST_F(LongPoll, LosesNoWakeUp) {
  constexpr int kReservationsCount = 6;
  constexpr uint64_t kRenewals = 40;
  for (int i = 0; i < kReservationsCount; ++i) ASSERT_EQ(Reserve(Concat("r", i)).status, 201);
  std::vector<std::thread> threads;
  std::atomic<int> arrived{0};
  for (int i = 0; i < kReservationsCount; ++i) {
    const std::string path = Concat(kReservations, "/r", i);
    threads.emplace_back([this, path, &arrived] {
      std::string generation = "1";
      while (generation != Concat(kRenewals + 1)) {
        const auto answer = Get(Concat(path, "?wait=60s&generation=", generation));
        if (answer.status != 200) return;
        const std::string tag = Header(answer, "ETag");
        generation = tag.substr(1, tag.size() - 2);
      }
      ++arrived;
    });
    threads.emplace_back([this, path] {
      for (uint64_t n = 0; n < kRenewals; ++n) {
        Post(path + ":renew", Concat(R"({"lease":")", 3600 + n, R"(s"})"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(arrived, kReservationsCount);
}

}  // namespace
}  // namespace purser
