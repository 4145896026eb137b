// The real daemon on a disk that fills up, fails, writes half or in pieces, or does not sync:
// nothing that was acknowledged is lost, reads go on, and it opens for writing again by itself.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "tests/crash/agreement.h"
#include "tests/crash/client_book.h"
#include "tests/end_to_end/daemon_fixture.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

size_t Count(const std::string& text, const std::string& word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

// The parameter is what the disk does wrong, in the words of tests/fixtures/faulty_disk.cc.
class FaultyDisk : public DaemonTest, public testing::WithParamInterface<const char*> {
 protected:
  static constexpr int kBefore = 10;

  void SetUp() override {
    std::filesystem::create_directory(DataDir());
    // The library comes before a sanitizer's own, which would end the process otherwise.
    const char* const options = std::getenv("ASAN_OPTIONS");  // NOLINT(concurrency-mt-unsafe)
    environment_ = {
        Concat("LD_PRELOAD=", PURSER_FAULTY_DISK),
        Concat("PURSER_FAULTY_DIRECTORY=", std::filesystem::canonical(DataDir()).string()),
        Concat("PURSER_FAULTY_CONTROL=", ControlPath()),
        Concat("ASAN_OPTIONS=", options == nullptr ? "" : Concat(options, ":"),
               "verify_asan_link_order=0")};
    Start();
    for (int i = 0; i < kBefore; ++i) {
      ASSERT_EQ(Post(kReservations, Ask(Concat("e", i), "1")).status, 201);
    }
  }
  std::string ControlPath() const { return directory_.path() + "/control"; }
  void Break() { Break(GetParam()); }
  void Break(const std::string& what) {
    std::ofstream(ControlPath() + ".new") << what;
    std::filesystem::rename(ControlPath() + ".new", ControlPath());
  }
  void Mend() { std::filesystem::remove(ControlPath()); }

  void ExpectReads() {
    for (const std::string& path :
         {kReservations + "/e0", kReservations, kBooks, kGpuHours, kBooks + "/journal",
          kReservations + "/e0?as_of=3", kGpuHours + "?as_of=3", std::string("/livez")}) {
      const RestAnswer answer = Get(path);
      EXPECT_EQ(answer.status, 200) << path << "\n" << answer;
    }
  }
  // The first request that meets the fault, and what the daemon is then.
  void ExpectReadOnly() {
    const RestAnswer unknown = Post(kReservations, Ask("unknown", "1"));
    EXPECT_EQ(unknown.status, 503) << unknown;
    EXPECT_EQ(unknown.code(), "commit_unknown");
    const RestAnswer refused = Post(kReservations, Ask("refused", "1"));
    EXPECT_EQ(refused.status, 503) << refused;
    EXPECT_EQ(refused.code(), "read_only");
    EXPECT_NE(refused.Header("Retry-After"), "");
    const RestAnswer ready = Get("/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_NE(ready.Header("Retry-After"), "");
  }
  // All play until the disk, broken after some answers, stops them: at commit_unknown who waited
  // for the group, at read_only who came later.
  void PlayIntoTheFault(std::vector<ClientBook>* books) {
    constexpr uint64_t kAnswers = 300;
    std::atomic<uint64_t> answers{0};
    std::vector<std::thread> threads;
    threads.reserve(books->size());
    for (ClientBook& book : *books) {
      threads.emplace_back([&] { book.Play(port(), &answers); });
    }
    for (uint64_t count = 0; (count = answers.load()) < kAnswers;) answers.wait(count);
    Break();
    for (std::thread& thread : threads) thread.join();
    size_t unknown = 0;
    for (const ClientBook& book : *books) {
      EXPECT_THAT(book.ended_by(), testing::AnyOf("commit_unknown", "read_only"));
      unknown += book.ended_by() == "commit_unknown" ? 1 : 0;
    }
    EXPECT_GE(unknown, 1u);
  }
  // The daemon asks the disk, each time in vain, while reads go on; then all is well again.
  void MendAfterSomeTries() {
    EXPECT_EQ(Get("/readyz").status, 503);
    EXPECT_EQ(Post(kReservations, Ask("refused", "1")).code(), "read_only");
    const size_t failed = Count(daemon_->Err(), "event=reopen_failed");
    ASSERT_TRUE(Eventually([&] {
      ExpectReads();
      return HasFailure() || Count(daemon_->Err(), "event=reopen_failed") >= failed + 2;
    })) << daemon_->Err();
    Mend();
    ASSERT_TRUE(Eventually([&] { return Get("/readyz").status == 200; })) << daemon_->Err();
  }
  // Everything acknowledged is there, and of what was not, each at most once.
  void ExpectBooks() {
    for (int i = 0; i < kBefore; ++i) {
      EXPECT_EQ(Get(Concat(kReservations, "/e", i)).status, 200) << i;
    }
    const RestAnswer resent = Post(kReservations, Ask("unknown", "1"));
    EXPECT_TRUE(resent.status == 201 || resent.Header("Idempotency-Replayed") == "true") << resent;
    EXPECT_EQ(Post(kReservations, Ask("unknown", "1")).Header("Idempotency-Replayed"), "true");
    EXPECT_EQ(Get(kReservations + "/refused").status, 404);
    EXPECT_EQ(Post(kReservations, Ask("after", "1")).status, 201);
    EXPECT_EQ(Get(kGpuHours).Field("held"), Concat(kBefore + 2)) << Get(kGpuHours);
  }
};

INSTANTIATE_TEST_SUITE_P(Disks, FaultyDisk,
                         testing::Values("full", "unwritten", "short", "torn", "unsynced"),
                         [](const auto& disk) { return std::string(disk.param); });

TEST_P(FaultyDisk, IsSurvived) {
  ExpectReads();
  for (size_t round = 1; round <= 2; ++round) {
    Break();
    if (round == 1) {
      ExpectReadOnly();
    } else {
      EXPECT_EQ(Post(kReservations, Ask("again", "1")).code(), "commit_unknown");
    }
    const size_t failed = Count(daemon_->Err(), "event=reopen_failed");
    ASSERT_TRUE(Eventually([&] {
      ExpectReads();
      return HasFailure() || Count(daemon_->Err(), "event=reopen_failed") >= failed + 3;
    })) << daemon_->Err();
    Mend();
    ASSERT_TRUE(Eventually([&] {
      const int status = Get("/readyz").status;
      EXPECT_NE(status, 0) << "the daemon is gone";
      return HasFailure() || status == 200;
    })) << daemon_->Err();
    if (round == 1) ExpectBooks();
    ExpectReads();
  }
  EXPECT_EQ(Count(daemon_->Err(), "event=writable"), 2u) << daemon_->Err();
  daemon_->Terminate();
  ASSERT_EQ(daemon_->Wait(), 0) << daemon_->Err();
  const PurserdRun verify = RunPurserd(Concat("verify --data-dir '", DataDir(), "'"));
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

TEST_P(FaultyDisk, UnderLoadLeavesBooksThatAgreeWithTheClientsOwn) {
  constexpr int kClients = 8;
  constexpr int64_t kAmountMax = 50'000;
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(Concat("seed ", seed));
  std::vector<ClientBook> books;
  books.reserve(kClients);
  for (int i = 0; i < kClients; ++i) books.emplace_back(i, seed + i, kAmountMax);
  for (int round = 0; round < 3; ++round) {
    PlayIntoTheFault(&books);
    MendAfterSomeTries();
    if (HasFailure()) return;
    for (ClientBook& book : books) {
      EXPECT_TRUE(book.Resend(client_.get())) << "a resend did not replay";
      EXPECT_EQ(book.complaint(), "");
    }
    ExpectBalances(books, client_.get(), kBefore * 1'000'000);
  }
  EXPECT_EQ(Get(kReservations + "/refused").status, 404);
  ExpectReservations(books, client_.get());
  daemon_->Terminate();
  ASSERT_EQ(daemon_->Wait(), 0) << daemon_->Err();
  const PurserdRun verify = RunPurserd(Concat("verify --data-dir '", DataDir(), "'"));
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
}

TEST_P(FaultyDisk, IsLeftByAStopAndByAKill) {
  for (const bool kill : {false, true}) {
    Break();
    EXPECT_EQ(Post(kReservations, Ask(Concat("lost", kill), "1")).code(), "commit_unknown");
    ASSERT_TRUE(Eventually([&] { return Get("/readyz").status == 503; }));
    if (kill) {
      daemon_->Kill();
    } else {
      daemon_->Terminate();
      EXPECT_EQ(daemon_->Wait(), 0) << daemon_->Err();
    }
    Mend();
    const PurserdRun verify = RunPurserd(Concat("verify --data-dir '", DataDir(), "'"));
    EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
    Start();
    for (int i = 0; i < kBefore; ++i) {
      EXPECT_EQ(Get(Concat(kReservations, "/e", i)).status, 200) << i;
    }
  }
}

// What no parameter is needed for.
class UnreadDisk : public FaultyDisk {};
INSTANTIATE_TEST_SUITE_P(Disks, UnreadDisk, testing::Values("unread"),
                         [](const auto& disk) { return std::string(disk.param); });

TEST_P(UnreadDisk, IsAnErrorOfTheReadsThatMeetItAndOfNoOthers) {
  Restart();  // nothing but tables, and little of them in memory
  Break();
  const RestAnswer list = Get(kReservations);
  EXPECT_EQ(list.status, 500) << list;
  EXPECT_EQ(list.code(), "internal");
  EXPECT_EQ(Get(kGpuHours).status, 200) << "what is in memory";
  EXPECT_EQ(Get("/readyz").status, 200);
  Mend();
  ExpectReads();
  // If a compaction met it as well, the next group is unknown, and then all is well again.
  ASSERT_TRUE(Eventually([&] { return Post(kReservations, Ask("after", "1")).status == 201; }));
}

TEST_P(UnreadDisk, RefusesAStartAndIsTriedAgain) {
  daemon_->Terminate();
  ASSERT_EQ(daemon_->Wait(), 0) << daemon_->Err();
  Break();
  const PurserdProcess refused(ServeArguments(), directory_.path() + "/refused", environment_);
  EXPECT_EQ(refused.port(), 0);
  EXPECT_THAT(refused.Err(), HasSubstr("cannot be read"));
  Mend();
  Start();
  ExpectReads();
}

TEST_P(UnreadDisk, KeepsTheStoreClosedAfterAFailedWriteUntilItReads) {
  Break("unwritten");
  EXPECT_EQ(Post(kReservations, Ask("unknown", "1")).code(), "commit_unknown");
  const size_t failed = Count(daemon_->Err(), "event=reopen_failed");
  Break();  // it writes again: the store is closed, and does not open
  ASSERT_TRUE(Eventually([&] {
    return Count(daemon_->Err(), "cannot be read") + Count(daemon_->Err(), "cannot be opened") > 1;
  })) << daemon_->Err();
  EXPECT_GT(Count(daemon_->Err(), "event=reopen_failed"), failed);
  EXPECT_EQ(Get(kReservations).code(), "read_only");
  EXPECT_EQ(Get(kGpuHours).status, 200) << "the last view is in memory";
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/livez").status, 200);
  Mend();
  ASSERT_TRUE(Eventually([&] { return Get("/readyz").status == 200; })) << daemon_->Err();
  ExpectReads();
  EXPECT_EQ(Post(kReservations, Ask("after", "1")).status, 201);
}

}  // namespace
}  // namespace purser
