// GET …/watch as a stream of pieces.
#include <algorithm>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include "tests/waiting/waiting_fixture.h"

namespace purser {
namespace {

class Watching : public WaitingTest {
 protected:
  Watching() { service_options_.heartbeat_ms = 20; }

  // The next piece that is no heartbeat; "" when the stream ended.
  static std::string Next(const api::HttpResponse& watch) {
    std::string piece;
    do {
      piece.clear();
      if (!watch.stream->next(&piece)) return "";
    } while (piece == ": heartbeat\n\n");
    return piece;
  }
  // The sequences of the events in a piece, after a look at their form.
  static std::vector<uint64_t> Ids(std::string_view piece) {
    std::vector<uint64_t> ids;
    while (!piece.empty()) {
      const size_t end = piece.find("\n\n");
      const std::string event(piece.substr(0, end));
      piece.remove_prefix(end + 2);
      if (event.rfind("id: ", 0) != 0) continue;
      ids.push_back(std::strtoull(event.c_str() + 4, nullptr, 10));
      EXPECT_THAT(event, HasSubstr(Concat("id: ", ids.back(), "\ndata: {\"sequence\":\"",
                                          ids.back(), "\"")));
      EXPECT_EQ(std::count(event.begin(), event.end(), '\n'), 1);
    }
    return ids;
  }
};

TEST_F(Watching, BeginsBehindWhatItIsTold) {
  ASSERT_EQ(Reserve("e").status, 201);
  ASSERT_EQ(Reserve("f").status, 201);
  const auto watch = Get(kWatch + "?after=1");
  EXPECT_EQ(watch.status, 200);
  EXPECT_EQ(watch.content_type, "text/event-stream");
  EXPECT_EQ(Header(watch, "Cache-Control"), "no-store");
  EXPECT_THAT(Next(watch), HasSubstr("retry: "));
  const std::string piece = Next(watch);
  EXPECT_EQ(Ids(piece), (std::vector<uint64_t>{2, 3}));
  const std::string entry = Get("/v1/populations/default/journal/2").body;
  EXPECT_THAT(piece, HasSubstr(Concat("data: ", entry.substr(0, entry.size() - 1), "\n\n")));
  ASSERT_EQ(Reserve("g").status, 201);
  EXPECT_EQ(Ids(Next(watch)), (std::vector<uint64_t>{4}));
}

TEST_F(Watching, BeginsWithWhatComesNext) {
  ASSERT_EQ(Reserve("e").status, 201);
  const auto watch = Get(kWatch);
  Next(watch);
  ASSERT_EQ(Reserve("f").status, 201);
  EXPECT_EQ(Ids(Next(watch)), (std::vector<uint64_t>{3}));
}

TEST_F(Watching, GoesOnBehindTheLastEventWhateverTheUrlSays) {
  for (const char* id : {"a", "b", "c"}) ASSERT_EQ(Reserve(id).status, 201);
  const auto watch = Send("GET", kWatch + "?after=1", "", "3");
  Next(watch);
  EXPECT_EQ(Ids(Next(watch)), (std::vector<uint64_t>{4}));
}

TEST_F(Watching, SendsHeartbeats) {
  const auto watch = Get(kWatch);
  std::string piece;
  ASSERT_TRUE(watch.stream->next(&piece));
  for (int i = 0; i < 3; ++i) {
    piece.clear();
    ASSERT_TRUE(watch.stream->next(&piece));
    EXPECT_EQ(piece, ": heartbeat\n\n");
  }
}

TEST_F(Watching, RefusesWhatIsNoPlaceInTheJournal) {
  for (const std::string after : {"x", "-1", "2", "", "18446744073709551616", "1 "}) {
    const auto answer = Get(Concat(kWatch, "?after=", after == "1 " ? "1%20" : after));
    EXPECT_EQ(answer.status, 400) << after;
    EXPECT_THAT(answer.body, HasSubstr("\"path\":\"?after\"")) << after;
    EXPECT_EQ(answer.stream, nullptr);
  }
  const auto answer = Send("GET", kWatch + "?after=x", "", "7up");
  EXPECT_THAT(answer.body, HasSubstr("\"path\":\"?after\""));
  EXPECT_THAT(answer.body, HasSubstr("\"path\":\"Last-Event-ID\""));
  EXPECT_THAT(Send("GET", kWatch, "", "2").body, HasSubstr("the newest is 1"));
  EXPECT_EQ(Get("/v1/populations/nobody/watch").status, 404);
}

class ShortSight : public Watching {
 protected:
  ShortSight() { service_options_.watch_behind_max = 3; }
};

TEST_F(ShortSight, NamesTheOldestEntryWhenItWouldBeginTooFarBack) {
  for (int i = 0; i < 4; ++i) ASSERT_EQ(Reserve(Concat("e", i)).status, 201);
  const auto answer = Get(kWatch + "?after=1");
  EXPECT_EQ(answer.status, 410);
  EXPECT_THAT(answer.body, HasSubstr("\"code\":\"too_far_back\""));
  EXPECT_THAT(answer.body, HasSubstr("\"oldest_sequence\":\"3\""));
  EXPECT_EQ(Send("GET", kWatch + "?after=5", "", "0").status, 410);
  const auto watch = Get(kWatch + "?after=2");
  ASSERT_EQ(watch.status, 200);
  Next(watch);
  EXPECT_EQ(Ids(Next(watch)).front(), 3u);
}

TEST_F(ShortSight, EndsWhoFallsTooFarBehind) {
  const auto watch = Get(kWatch + "?after=1");
  Next(watch);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Reserve(Concat("e", i)).status, 201);
  EXPECT_EQ(Ids(Next(watch)).size(), 3u) << "as far as it may";
  for (int i = 3; i < 7; ++i) ASSERT_EQ(Reserve(Concat("e", i)).status, 201);
  EXPECT_EQ(Next(watch), "");
  watch.stream->ended(api::HttpStreamEnd::kWhole);
  EXPECT_EQ(Metric("purser_slow_watchers_total"), 1);
}

TEST_F(Watching, CountsWhoTookNothing) {
  const auto watch = Get(kWatch);
  watch.stream->ended(api::HttpStreamEnd::kTooSlow);
  const auto other = Get(kWatch);
  other.stream->ended(api::HttpStreamEnd::kGone);
  EXPECT_EQ(Metric("purser_slow_watchers_total"), 1);
}

TEST_F(Watching, EndsWhenTheDaemonStops) {
  const auto watch = Get(kWatch + "?after=0");
  Next(watch);
  pipeline_->bulletin().Close();
  EXPECT_EQ(Next(watch), "") << "also with entries that it has not sent";
}

TEST_F(Watching, GoesOnAfterTheDiskSaidNo) {
  const auto watch = Get(kWatch + "?after=1");
  Next(watch);
  store_.full = true;
  EXPECT_EQ(Reserve("lost").status, 503);
  store_.full = false;
  ASSERT_TRUE(Eventually([&] { return pipeline_->Ready(); }));
  ASSERT_EQ(Reserve("kept").status, 201);
  const std::string piece = Next(watch);
  EXPECT_EQ(Ids(piece), (std::vector<uint64_t>{2}));
  EXPECT_THAT(piece, HasSubstr("\"subject\":\"kept\""));
}

TEST_F(Watching, KeepsPiecesSmall) {
  std::string operations;
  for (int i = 0; i < 2'500; ++i) {
    operations += Concat(i == 0 ? "" : ",", R"({"post_charge":{"id":"c)", i,
                         R"(","amounts":{"gpu_hours":"0.001"},)",
                         R"("labels":{"operator_family":"lab","capability":"any"}}})");
  }
  ASSERT_EQ(Post(kReservations + ":batch", Concat(R"({"operations":[)", operations, "]}")).status,
            200);
  const auto watch = Get(kWatch + "?after=0");
  Next(watch);
  size_t pieces = 0;
  for (uint64_t seen = 0; seen < 2'501; ++pieces) {
    const auto ids = Ids(Next(watch));
    ASSERT_FALSE(ids.empty());
    ASSERT_EQ(ids.front(), seen + 1);
    ASSERT_LE(ids.size(), api::kEntriesReadMax);
    seen = ids.back();
  }
  EXPECT_GE(pieces, 3u);
}

// Writers write, watchers come and go at random: what each saw over all its connections is every
// entry once, in order.
TEST_F(Watching, SeesEveryEntryOnceInOrder) {
  constexpr int kWriters = 4;
  constexpr int kWritesEach = 60;
  constexpr int kWatchers = 3;
  constexpr uint64_t kLast = 1 + kWriters * kWritesEach;
  const uint64_t seed = std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::vector<std::vector<uint64_t>> seen(kWatchers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kWatchers; ++i) {
    threads.emplace_back(
        [&, i, random = std::mt19937_64(seed + static_cast<uint64_t>(i))]() mutable {
          while (seen[i].empty() || seen[i].back() < kLast) {
            const std::string last = seen[i].empty() ? "" : Concat(seen[i].back());
            const auto watch = Send("GET", kWatch + "?after=0", "", last);
            if (watch.stream == nullptr) return;
            Next(watch);
            for (uint64_t pieces = random() % 5; pieces > 0; --pieces) {
              const auto ids = Ids(Next(watch));
              seen[i].insert(seen[i].end(), ids.begin(), ids.end());
              if (seen[i].back() >= kLast) break;
            }
          }
        });
  }
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < kWritesEach; ++n) Reserve(Concat("w", i, "-", n));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<uint64_t> all;
  for (uint64_t sequence = 1; sequence <= kLast; ++sequence) all.push_back(sequence);
  for (const auto& each : seen) EXPECT_EQ(each, all);
}

}  // namespace
}  // namespace purser
