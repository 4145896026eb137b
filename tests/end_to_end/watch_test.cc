// Waiting and watching over the wire: real connections, a real disk, a daemon that stops and comes
// back.
#include <atomic>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include "tests/end_to_end/daemon_fixture.h"
#include "tests/fixtures/eventually.h"
#include "tests/http/event_client.h"

namespace purser {
namespace {

const std::string kWatch = kBooks + "/watch";

class Watch : public DaemonTest {
 protected:
  std::string Metric(const std::string& name) {
    const std::string text = Get("/metrics").body;
    const size_t at = text.find(Concat("\n", name, " ")) + name.size() + 2;
    return text.substr(at, text.find('\n', at) - at);
  }
};

TEST_F(Watch, StreamsEntriesAsTheyBecomeDurable) {
  EventClient watch(port(), kWatch + "?after=0", "Accept: text/event-stream\r\n");
  ASSERT_EQ(watch.status(), 200);
  EXPECT_TRUE(watch.answer().Has("Content-Type: text/event-stream"));
  EXPECT_EQ(watch.Next()->id, 1u);
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  const auto event = watch.Next();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->id, 2u);
  EXPECT_EQ(event->data + "\n", Get(kBooks + "/journal/2").body);
  EXPECT_EQ(Metric("purser_watchers"), "1");
  watch.Abort();
  // The daemon sees it when it writes the next time or two.
  int n = 0;
  EXPECT_TRUE(Eventually([&] {
    Post(kReservations, Ask(Concat("x", ++n), "0.001"));
    return Metric("purser_watchers") == "0";
  }));
  EXPECT_EQ(Metric("purser_slow_watchers_total"), "0");
}

TEST_F(Watch, RefusesAsEverythingElseDoes) {
  const RestAnswer json = Get(kWatch, {{"Accept", "application/json"}});
  EXPECT_EQ(json.status, 406) << json;
  EXPECT_EQ(Get(kWatch + "?after=99").status, 400);
  EXPECT_EQ(Get(kWatch + "?before=1").code(), "unknown_field");
  EXPECT_EQ(client_->Send("HEAD", kWatch).status, 200);
  EXPECT_EQ(Post(kWatch, "").status, 405);
  EXPECT_EQ(Metric("purser_watchers"), "0");
}

TEST_F(Watch, StoppingEndsStreamsAndWaitsAtOnce) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  EventClient watch(port(), kWatch + "?after=0");
  ASSERT_EQ(watch.Next()->id, 1u);
  ASSERT_EQ(watch.Next()->id, 2u);
  RestAnswer waited;
  std::thread waiter(
      [&] { waited = RestClient(port()).Get(kReservations + "/e?wait=60s&generation=1"); });
  ASSERT_TRUE(Eventually([&] { return Metric("purser_waiters") == "1"; }));
  daemon_->Terminate();
  EXPECT_FALSE(watch.Next().has_value());
  EXPECT_TRUE(watch.ended_whole());
  waiter.join();
  EXPECT_EQ(waited.status, 200) << waited;
  EXPECT_EQ(waited.Header("Connection"), "close");
  EXPECT_EQ(daemon_->Wait(), 0);
}

TEST_F(Watch, WaitsForAChangeOverTheWire) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40", "TRAINING", R"(,"lease":"60s")")).status, 201);
  RestAnswer waited;
  std::thread waiter(
      [&] { waited = RestClient(port()).Get(kReservations + "/e?wait=60s&generation=1"); });
  ASSERT_TRUE(Eventually([&] { return Metric("purser_waiters") == "1"; }));
  ASSERT_EQ(Advance(R"({"by":"60s"})").status, 200);
  waiter.join();
  EXPECT_EQ(waited.Field("state"), "EXPIRED") << waited;
}

TEST_F(Watch, AnOperatorsListenerHasSeatsOfItsOwn) {
  WriteConfig("[server]\nthreads = 3\nadmin_listen = \"127.0.0.1:0\"\n");
  Restart();
  EventClient first(port(), kWatch + "?after=0");
  ASSERT_EQ(first.status(), 200);
  const RestAnswer second = Get(kWatch);
  EXPECT_EQ(second.status, 503) << second;
  EXPECT_EQ(second.Header("Retry-After"), "1");
}

// Clients write, watchers come and go at random, and the daemon is stopped and killed in between:
// what each watcher saw is every entry once, in order, and what the journal says in the end.
TEST_F(Watch, SeesEveryEntryOnceInOrderAcrossRestarts) {
  const uint64_t seed = std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  constexpr int kWatchers = 2;
  constexpr int kWriters = 3;
  constexpr int kWritesARound = 30;
  std::atomic<int> daemon_port{port()};
  std::atomic<uint64_t> last{0};  // the newest sequence of all; 0: not known yet
  std::vector<std::vector<uint64_t>> seen(kWatchers);
  std::vector<std::thread> watchers;
  watchers.reserve(kWatchers);
  for (int i = 0; i < kWatchers; ++i) {
    watchers.emplace_back(
        [&, i, random = std::mt19937_64(seed + static_cast<uint64_t>(i))]() mutable {
          const auto position = [&] { return seen[i].empty() ? 0 : seen[i].back(); };
          while (last == 0 || position() < last) {
            EventClient watch(daemon_port, kWatch + "?after=0",
                              seen[i].empty() ? "" : Concat("Last-Event-ID: ", position(), "\r\n"));
            if (watch.status() != 200) continue;
            for (uint64_t events = random() % 40; events > 0; --events) {
              if (last != 0 && position() >= last) return;
              const auto event = watch.Next();
              if (!event.has_value()) break;
              seen[i].push_back(event->id);
            }
          }
        });
  }
  for (int round = 0; round < 3; ++round) {
    std::vector<std::thread> writers;
    writers.reserve(kWriters);
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        RestClient client(daemon_port);
        for (int n = 0; n < kWritesARound; ++n) {
          client.Post(kReservations, Ask(Concat("r", round, "-", i, "-", n), "0.01"));
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    if (round == 0) Restart();
    if (round == 1) KillAndRestart();
    daemon_port = port();
  }
  // One more, so that nobody waits for what does not come.
  ASSERT_EQ(Post(kReservations, Ask("end", "0.01")).status, 201);
  last = std::stoull(Sequence());
  ASSERT_EQ(Post(kReservations, Ask("beyond", "0.01")).status, 201);
  for (std::thread& watcher : watchers) watcher.join();
  std::vector<uint64_t> all;
  for (uint64_t sequence = 1; sequence <= last; ++sequence) all.push_back(sequence);
  for (auto& each : seen) {
    while (!each.empty() && each.back() > last) each.pop_back();
    EXPECT_EQ(each, all);
  }
}

}  // namespace
}  // namespace purser
