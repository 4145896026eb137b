// Ten thousand connections that say nothing, against a daemon with enough threads for them, and
// against one with as many as it has by default.
#include "tests/hostile/flood.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/end_to_end/daemon_fixture.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

using Clock = std::chrono::steady_clock;

#if defined(PURSER_SANITIZED)
constexpr bool kSanitized = true;  // a thread, and a time, are another matter there
#else
constexpr bool kSanitized = false;
#endif

constexpr int kIdle = 10'000;
constexpr int kThreads = 10'200;
constexpr int kHonest = 8;
constexpr int kAnswers = 3;  // more than one: a connection may have been made before the flood
constexpr int64_t kResidentKibMax = 300 * 1024;
constexpr std::chrono::milliseconds kFreshMax(50);
constexpr std::chrono::seconds kDuringMax(20);  // without giving way it would be the time-out, 30 s
constexpr std::chrono::seconds kAgainMax(10);
// The flood's thousands of SYNs overflow the kernel's queue of the loopback device, and with them a
// SYN to the admin listener may be lost: it is sent again after 1 s, and after 3 s (RFC 6298).
constexpr std::chrono::seconds kAdminMax(10);

int64_t ResidentKib(pid_t pid) {
  std::ifstream status(Concat("/proc/", pid, "/status"));
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == "VmRSS:" && status >> kib) return kib;
  }
  return 0;
}

class Flood : public DaemonTest {
 protected:
  void SetUp() override {
    // This process has a file for each connection, the daemon as well, and its store's.
    const uint64_t limit = RaiseOwnFilesLimit();
    constexpr uint64_t kNeeded = kThreads + 1'000;
    if (limit < kNeeded) {
      GTEST_SKIP() << "this machine allows " << limit << " open files, the test needs " << kNeeded;
    }
    if (kSanitized)
      GTEST_SKIP() << "with sanitizers neither the memory nor the time is the daemon's";
  }
  void StartWith(const std::string& server_keys) {
    WriteConfig(Concat("[server]\nadmin_listen = \"127.0.0.1:0\"\n", server_keys));
    Start();
    admin_port_ = daemon_->ReadAdminPort();
    ASSERT_NE(admin_port_, 0);
  }
  Clock::duration TimeOf(int port) const {
    const auto begin = Clock::now();
    EXPECT_EQ(RestClient(port).Get("/livez").status, 200);
    return Clock::now() - begin;
  }

  int admin_port_ = 0;
};

int64_t Ms(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

TEST_F(Flood, WithEnoughThreadsIsNotFelt) {
  StartWith(Concat("threads = ", kThreads, "\nrequest_timeout = \"600s\"\n"));
  IdleFlood flood(port());
  flood.Begin(kIdle);
  ASSERT_TRUE(Eventually([&] { return flood.CountOpen() == kIdle; })) << flood.CountOpen();
  std::vector<Clock::duration> times;
  times.reserve(21);
  for (int i = 0; i < 21; ++i) times.push_back(TimeOf(port()));
  std::sort(times.begin(), times.end());
  const int64_t resident_kib = ResidentKib(daemon_->pid());
  std::printf("%d idle, %d threads: %lld MiB, fresh request: median %lld ms, longest %lld ms\n",
              kIdle, kThreads, static_cast<long long>(resident_kib / 1024),
              static_cast<long long>(Ms(times[10])), static_cast<long long>(Ms(times[20])));
  EXPECT_LE(resident_kib, kResidentKibMax);
  EXPECT_LE(times[10], kFreshMax);
  EXPECT_EQ(flood.CountOpen(), kIdle) << "nobody waited, so nobody gave way";
}

// One of the honest: asks for reservations until it is told to stop, each until it is answered.
class HonestClient {
 public:
  HonestClient(int port, int number) : port_(port), number_(number), thread_([this] { Run(); }) {}
  void Stop() {
    stopping_ = true;
    thread_.join();
  }
  int acknowledged() const { return acknowledged_; }
  int number() const { return number_; }

 private:
  void Run() {
    while (!stopping_) {
      const std::string id = Concat("h", number_, "-", acknowledged_.load());
      RestClient client(port_);  // a new connection each time: it has to queue with the others
      if (client.Post(kReservations, Ask(id, "0.001")).status == 201) ++acknowledged_;
    }
  }

  const int port_;
  const int number_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> acknowledged_{0};
  std::thread thread_;
};

TEST_F(Flood, WithTheDefaultThreadsIsOverWhenItEnds) {
  StartWith("");
  std::vector<std::unique_ptr<HonestClient>> honest;
  honest.reserve(kHonest);
  for (int i = 0; i < kHonest; ++i) honest.push_back(std::make_unique<HonestClient>(port(), i));
  const auto all_beyond = [&](const std::vector<int>& before) {
    for (int i = 0; i < kHonest; ++i) {
      if (honest[i]->acknowledged() < before[i] + kAnswers) return false;
    }
    return true;
  };
  const auto acknowledged = [&] {
    std::vector<int> counts;
    counts.reserve(kHonest);
    for (const auto& client : honest) counts.push_back(client->acknowledged());
    return counts;
  };
  ASSERT_TRUE(Eventually([&] { return all_beyond(std::vector<int>(kHonest, 0)); }));

  IdleFlood flood(port());
  Clock::duration admin_longest{};
  int64_t resident_kib = 0;
  for (int thousand = 0; thousand < kIdle / 1'000; ++thousand) {
    flood.Begin(1'000);
    admin_longest = std::max(admin_longest, TimeOf(admin_port_));
    resident_kib = std::max(resident_kib, ResidentKib(daemon_->pid()));
  }
  const auto begin = Clock::now();
  const std::vector<int> at_begin = acknowledged();
  // While the flood stands, the silent give way: the honest are answered before it ends.
  EXPECT_TRUE(Eventually([&] {
    admin_longest = std::max(admin_longest, TimeOf(admin_port_));
    return all_beyond(at_begin);
  }));
  const auto during = Clock::now() - begin;
  flood.End();
  const auto end = Clock::now();
  const std::vector<int> at_end = acknowledged();
  EXPECT_TRUE(Eventually([&] { return all_beyond(at_end); }));
  const auto again = Clock::now() - end;
  for (const auto& client : honest) client->Stop();

  std::printf(
      "%d idle, 512 threads: %lld MiB; all honest clients answered after %lld ms while it "
      "stands, after %lld ms when it ends; admin listener: longest %lld ms\n",
      kIdle, static_cast<long long>(resident_kib / 1024), static_cast<long long>(Ms(during)),
      static_cast<long long>(Ms(again)), static_cast<long long>(Ms(admin_longest)));
  EXPECT_LE(during, kDuringMax);
  EXPECT_LE(again, kAgainMax);
  EXPECT_LE(admin_longest, kAdminMax);
  EXPECT_LE(resident_kib, kResidentKibMax);
  for (const auto& client : honest) {
    for (int i = 0; i < client->acknowledged(); ++i) {
      ASSERT_EQ(Get(Concat(kReservations, "/h", client->number(), "-", i)).status, 200) << i;
    }
  }
}

}  // namespace
}  // namespace purser
