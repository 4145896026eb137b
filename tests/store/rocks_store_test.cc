#include "daemon/rocks_store.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fixtures/faulty_file_system.h"
#include "tests/fixtures/read_files.h"
#include "tests/fixtures/simulated_disk.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

class RocksStoreTest : public testing::Test {
 protected:
  RocksStoreOptions Options() const {
    RocksStoreOptions options;
    options.path = directory_.path() + "/store";
    return options;
  }
  RocksStoreOptions FaultyOptions() {
    RocksStoreOptions options = Options();
    options.environment_for_test = disk_.environment();
    return options;
  }
  static std::unique_ptr<RocksStore> MustOpen(const RocksStoreOptions& options) {
    auto store = RocksStore::Open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  static Appended Put(RocksStore& store, const std::string& key, const std::string& value) {
    return store.Append(store.GroupCount(), {{Table::kKeys, key, value}});
  }
  static std::string Read(RocksStore& store, const std::string& key) {
    std::optional<std::string> value;
    const absl::Status status = store.TakeSnapshot()->Get(Table::kKeys, key, &value);
    EXPECT_TRUE(status.ok()) << status;
    return value.value_or("none");
  }

  TempDirectory directory_;
  FaultyFileSystem disk_;
};

TEST_F(RocksStoreTest, ASecondProcessStartsWhereTheFirstStopped) {
  {
    const auto store = MustOpen(Options());
    ASSERT_EQ(Put(*store, "a", "1"), Appended::kDurable);
    ASSERT_TRUE(store->Flush().ok());
    ASSERT_EQ(Put(*store, "b", "2"), Appended::kDurable);
  }
  const auto store = MustOpen(Options());
  EXPECT_EQ(store->GroupCount(), 2u);
  EXPECT_EQ(Read(*store, "a"), "1");
  EXPECT_EQ(Read(*store, "b"), "2");
}

TEST_F(RocksStoreTest, LetsKeysGoThatAreOverAndNothingElse) {
  RocksStoreOptions options = Options();
  options.is_key_over = [](std::string_view value) { return value == "over"; };
  const auto store = MustOpen(options);
  ASSERT_EQ(store->Append(0, {{Table::kKeys, "a", "over"},
                              {Table::kKeys, "b", "kept"},
                              {Table::kCharges, "c", "over"}}),
            Appended::kDurable);
  EXPECT_EQ(Read(*store, "a"), "over");
  ASSERT_TRUE(store->Flush().ok());
  EXPECT_EQ(Read(*store, "a"), "none");
  EXPECT_EQ(Read(*store, "b"), "kept");
  std::optional<std::string> charge;
  ASSERT_TRUE(store->TakeSnapshot()->Get(Table::kCharges, "c", &charge).ok());
  EXPECT_EQ(charge.value_or("none"), "over");
}

TEST_F(RocksStoreTest, RefusesADirectoryWithoutAStoreUnlessItMayCreateOne) {
  RocksStoreOptions options = Options();
  options.create_if_missing = false;
  EXPECT_EQ(RocksStore::Open(options).status().code(), absl::StatusCode::kNotFound);
  MustOpen(Options());
  EXPECT_TRUE(RocksStore::Open(options).ok());
}

TEST_F(RocksStoreTest, RefusesADirectoryThatThisProcessUses) {
  const auto store = MustOpen(Options());
  const absl::Status status = RocksStore::Open(Options()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find(Options().path + " is in use by another purserd"),
            absl::string_view::npos)
      << status;
  EXPECT_EQ(Put(*store, "a", "1"), Appended::kDurable);
}

TEST_F(RocksStoreTest, RefusesADirectoryThatAnotherProcessUses) {
  MustOpen(Options());
  int locked[2];
  int done[2];
  ASSERT_EQ(pipe(locked), 0);
  ASSERT_EQ(pipe(done), 0);
  const std::string path = Options().path + "/LOCK";
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // async-signal-safe calls only
    close(done[1]);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const int file = open(path.c_str(), O_RDWR);
    char byte = fcntl(file, F_SETLK, &lock) == 0 ? 'y' : 'n';
    if (write(locked[1], &byte, 1) == 1) byte = static_cast<char>(read(done[0], &byte, 1));
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(locked[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const absl::Status status = RocksStore::Open(Options()).status();
  close(done[1]);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("is in use by another purserd"), absl::string_view::npos)
      << status;
  EXPECT_NE(MustOpen(Options()), nullptr);
  for (const int end : {locked[0], locked[1], done[0]}) close(end);
}

TEST_F(RocksStoreTest, RefusesATableThatItDoesNotKnow) {
  MustOpen(Options());
  ASSERT_TRUE(FaultyFileSystem::AddUnknownTable(Options().path));
  RocksStoreOptions options = Options();
  for (const bool read_only : {false, true}) {
    options.read_only = read_only;
    const absl::Status status = RocksStore::Open(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  }
}

TEST_F(RocksStoreTest, ReadingAloneTakesTheLockAndWritesNothing) {
  {
    const auto store = MustOpen(Options());
    ASSERT_EQ(Put(*store, "a", "1"), Appended::kDurable);
    ASSERT_TRUE(store->Flush().ok());
    ASSERT_EQ(Put(*store, "b", "2"), Appended::kDurable);
  }
  const auto before = ReadFiles(Options().path);
  RocksStoreOptions options = Options();
  options.read_only = true;
  {
    const auto store = MustOpen(options);
    EXPECT_EQ(Read(*store, "a"), "1");
    EXPECT_EQ(Read(*store, "b"), "2");
    EXPECT_EQ(store->GroupCount(), 2u);
    ASSERT_TRUE(store->Reopen().ok());
    EXPECT_EQ(Read(*store, "b"), "2");
    for (const RocksStoreOptions& second : {options, Options()}) {
      EXPECT_EQ(RocksStore::Open(second).status().code(), absl::StatusCode::kFailedPrecondition);
    }
  }
  EXPECT_EQ(ReadFiles(Options().path), before);
  EXPECT_NE(MustOpen(Options()), nullptr) << "the lock is free again";
}

TEST_F(RocksStoreTest, ReadingAloneMakesNothingWhereThereIsNoStore) {
  RocksStoreOptions options = Options();
  options.read_only = true;
  EXPECT_EQ(RocksStore::Open(options).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(options.path));
  std::filesystem::create_directory(options.path);
  EXPECT_EQ(RocksStore::Open(options).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(std::filesystem::is_empty(options.path));
}

TEST_F(RocksStoreTest, ASnapshotTakenDuringTheSyncDoesNotShowTheGroup) {
  const auto store = MustOpen(FaultyOptions());
  ASSERT_EQ(Put(*store, "a", "1"), Appended::kDurable);
  std::string seen;
  uint64_t counted = 99;
  disk_.OnLogSync([&] {
    seen += Read(*store, "a");
    counted = store->GroupCount();
  });
  ASSERT_EQ(Put(*store, "a", "2"), Appended::kDurable);
  disk_.OnLogSync(nullptr);
  EXPECT_EQ(seen, "1");
  EXPECT_EQ(counted, 1u);
  EXPECT_EQ(Read(*store, "a"), "2");
}

TEST_F(RocksStoreTest, APowerFailureKeepsEveryAcknowledgedGroup) {
  const auto store = MustOpen(FaultyOptions());
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(Put(*store, "k" + std::to_string(i), std::string(5'000, 'v')), Appended::kDurable);
    if (i == 10) {
      ASSERT_TRUE(store->Flush().ok());
    }
    RocksStoreOptions after = Options();
    after.path = directory_.path() + "/after" + std::to_string(i);
    disk_.disk().CopyWhatIsSynced(Options().path, after.path);
    const auto survivor = MustOpen(after);
    ASSERT_EQ(survivor->GroupCount(), static_cast<uint64_t>(i) + 1);
    ASSERT_EQ(Read(*survivor, "k" + std::to_string(i)), std::string(5'000, 'v'));
  }
}

TEST_F(RocksStoreTest, ThePowerFailureOfTheTestsWouldCatchAStoreWithoutSync) {
  const auto store = MustOpen(FaultyOptions());
  ASSERT_EQ(Put(*store, "a", "1"), Appended::kDurable);
  disk_.Break(DiskFault::kSyncLies, FaultyFileSystem::Files::kLogs);
  ASSERT_EQ(Put(*store, "a", "2"), Appended::kDurable);
  RocksStoreOptions after = Options();
  after.path = directory_.path() + "/after";
  disk_.disk().CopyWhatIsSynced(Options().path, after.path);
  EXPECT_EQ(MustOpen(after)->GroupCount(), 1u);
}

TEST_F(RocksStoreTest, AFailedSyncIsUnknownUntilReopeningShowsWhatTheLogKept) {
  const auto store = MustOpen(FaultyOptions());
  ASSERT_EQ(Put(*store, "a", "1"), Appended::kDurable);
  disk_.Break(DiskFault::kSyncFails, FaultyFileSystem::Files::kLogs);
  EXPECT_EQ(Put(*store, "a", "2"), Appended::kUnknown);
  EXPECT_NE(store->LastError().find("the test's disk does not sync"), std::string::npos)
      << store->LastError();
  disk_.Mend();
  EXPECT_EQ(Put(*store, "a", "3"), Appended::kUnknown);
  EXPECT_EQ(Read(*store, "a"), "1");
  EXPECT_EQ(store->GroupCount(), 1u);
  const absl::Status reopened = store->Reopen();
  ASSERT_TRUE(reopened.ok()) << reopened;
  EXPECT_EQ(store->GroupCount(), 2u);
  EXPECT_EQ(Read(*store, "a"), "2");
  EXPECT_EQ(Put(*store, "a", "4"), Appended::kDurable);
}

TEST_F(RocksStoreTest, WhatReopeningShowsSurvivesAPowerFailure) {
  const auto store = MustOpen(FaultyOptions());
  disk_.Break(DiskFault::kSyncFails, FaultyFileSystem::Files::kLogs);
  ASSERT_EQ(Put(*store, "a", "1"), Appended::kUnknown);
  disk_.Mend();
  ASSERT_TRUE(store->Reopen().ok());
  ASSERT_EQ(store->GroupCount(), 1u);
  RocksStoreOptions after = Options();
  after.path = directory_.path() + "/after";
  disk_.disk().CopyWhatIsSynced(Options().path, after.path);
  const auto survivor = MustOpen(after);
  EXPECT_EQ(survivor->GroupCount(), 1u);
  EXPECT_EQ(Read(*survivor, "a"), "1");
}

// However much of the record the full disk still took.
TEST_F(RocksStoreTest, AFullDiskIsUnknownAndReopeningFindsEverythingBeforeIt) {
  for (const size_t taken : {0, 3, 7, 20, 60, 4'000, 33'000, 40'000}) {
    RocksStoreOptions options = FaultyOptions();
    options.path += std::to_string(taken);
    const auto store = MustOpen(options);
    ASSERT_EQ(Put(*store, "a", "1"), Appended::kDurable);
    disk_.RefuseSpace(taken);
    EXPECT_EQ(Put(*store, "a", std::string(70'000, 'x')), Appended::kUnknown);
    EXPECT_NE(store->LastError().find("the test's disk is full"), std::string::npos);
    auto reader = store->TakeSnapshot();
    const absl::Status probed = store->Probe();
    EXPECT_EQ(probed.code(), absl::StatusCode::kUnavailable);
    EXPECT_NE(probed.message().find("the test's disk is full"), absl::string_view::npos) << probed;
    EXPECT_EQ(Read(*store, "a"), "1") << "reading goes on while the disk is full";
    disk_.Mend();
    EXPECT_TRUE(store->Probe().ok()) << "also with readers";
    reader.reset();
    EXPECT_EQ(Put(*store, "a", "2"), Appended::kUnknown);
    const absl::Status reopened = store->Reopen();
    ASSERT_TRUE(reopened.ok()) << taken << ": " << reopened;
    EXPECT_EQ(store->GroupCount(), 1u);
    EXPECT_EQ(Read(*store, "a"), "1");
    EXPECT_EQ(Put(*store, "a", "3"), Appended::kDurable);
    EXPECT_EQ(Read(*store, "a"), "3");
  }
}

// A log file of the library's own on a full disk ends the process at the next line in it.
TEST_F(RocksStoreTest, WhatTheLibraryReportsIsHandedOverAndNotWrittenToTheDirectory) {
  std::mutex mutex;
  std::string said;
  RocksStoreOptions options = FaultyOptions();
  std::filesystem::create_directory(options.path);  // as `serve` does: that it is new is a warning
  options.log = [&](const std::string& text) {
    std::lock_guard<std::mutex> lock(mutex);
    said += text + "\n";
  };
  {
    const auto store = MustOpen(options);
    ASSERT_EQ(Put(*store, "a", "1"), Appended::kDurable);
    EXPECT_EQ(said, "") << "an opening is not worth a warning";
    disk_.RefuseSpace(0);
    ASSERT_FALSE(store->Flush().ok());
    std::lock_guard<std::mutex> lock(mutex);
    EXPECT_NE(said.find("the test's disk is full"), std::string::npos) << said;
  }
  for (const auto& entry : std::filesystem::directory_iterator(options.path)) {
    EXPECT_NE(entry.path().filename().string().substr(0, 3), "LOG") << entry.path();
  }
}

TEST_F(RocksStoreTest, ReadersSeeWholeGroupsWhileTheWriterWrites) {
  const auto store = MustOpen(Options());
  ASSERT_EQ(store->Append(0, {{Table::kKeys, "a", "0"}, {Table::kOpen, "b", "0"}}),
            Appended::kDurable);
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop.load()) {
        const auto snapshot = store->TakeSnapshot();
        std::optional<std::string> a;
        std::optional<std::string> b;
        ASSERT_TRUE(snapshot->Get(Table::kKeys, "a", &a).ok());
        ASSERT_TRUE(snapshot->Get(Table::kOpen, "b", &b).ok());
        ASSERT_EQ(a, b);
      }
    });
  }
  for (uint64_t group = 1; group < 300; ++group) {
    const std::string text = std::to_string(group);
    ASSERT_EQ(store->Append(group, {{Table::kKeys, "a", text}, {Table::kOpen, "b", text}}),
              Appended::kDurable);
  }
  stop.store(true);
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace purser
