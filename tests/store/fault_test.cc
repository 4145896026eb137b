// What a disk can do to the store: whatever it is, what was acknowledged is there, and a group that
// was not is there wholly or not at all.
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/rocks_store.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/fixtures/faulty_file_system.h"
#include "tests/fixtures/read_files.h"
#include "tests/fixtures/simulated_disk.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

using Files = FaultyFileSystem::Files;

// Within a sector, over several, over several of the log's blocks.
constexpr size_t kSizes[] = {30, 3'000, 90'000};

// A store of its own on a disk of its own. Group n has a row "n" of `size` bytes, and the row
// "newest".
class Ground {
 public:
  explicit Ground(uint64_t seed) : disk_(seed) {}

  RocksStoreOptions Options() {
    RocksStoreOptions options;
    options.path = directory_.path() + "/store";
    options.environment_for_test = disk_.environment();
    return options;
  }
  absl::Status Open() {
    auto opened = RocksStore::Open(Options());
    if (!opened.ok()) return opened.status();
    store_ = *std::move(opened);
    return absl::OkStatus();
  }
  static std::string Value(uint64_t group, size_t size) {
    return Concat(group, std::string(size, static_cast<char>('a' + group % 26)));
  }
  Appended Put(size_t size) {
    const uint64_t group = store_->GroupCount() + 1;
    return store_->Append(group - 1, {{Table::kKeys, Concat(group), Value(group, size)},
                                      {Table::kMeta, "newest", Concat(group)}});
  }
  std::string Read(Table table, const std::string& key) {
    std::optional<std::string> value;
    const absl::Status status = store_->TakeSnapshot()->Get(table, key, &value);
    return status.ok() ? value.value_or("none") : status.ToString();
  }
  // The groups up to `count` are there, the next one is not.
  void ExpectGroups(uint64_t count, size_t size) {
    EXPECT_EQ(store_->GroupCount(), count);
    EXPECT_EQ(Read(Table::kMeta, "newest"), count == 0 ? "none" : Concat(count));
    for (uint64_t group = 1; group <= count; ++group) {
      EXPECT_EQ(Read(Table::kKeys, Concat(group)), Value(group, size)) << group;
    }
    EXPECT_EQ(Read(Table::kKeys, Concat(count + 1)), "none");
  }
  // The process and the power go, and come again.
  absl::Status CutPowerAndOpen() {
    disk_.disk().CutPower();
    store_.reset();
    disk_.Mend();
    disk_.disk().RestorePower();
    return Open();
  }
  std::string Log() const {
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() + "/store")) {
      const std::string path = entry.path().string();
      if (entry.path().extension() == ".log" && path > newest) newest = path;
    }
    return newest;
  }

  FaultyFileSystem& disk() { return disk_; }
  std::unique_ptr<RocksStore>& store() { return store_; }

 private:
  TempDirectory directory_{MemoryPlace()};
  FaultyFileSystem disk_;
  std::unique_ptr<RocksStore> store_;
};

void WriteZeros(const std::string& path, std::streamoff at, size_t count) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(at);
  file << std::string(count, '\0');
}

TEST(Fault, OfALogLeavesAGroupWhollyThereOrNotAndIsOverWithAReopening) {
  for (const DiskFault fault : kDiskErrors) {
    for (const size_t size : kSizes) {
      for (uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE(Concat(ToString(fault), ", ", size, " bytes, seed ", seed));
        Ground ground(seed);
        ASSERT_TRUE(ground.Open().ok());
        ASSERT_EQ(ground.Put(size), Appended::kDurable);
        ASSERT_EQ(ground.Put(size), Appended::kDurable);
        ground.disk().Break(fault, Files::kLogs, 0, seed % 2 == 0 ? 1 : FaultyFileSystem::kAlways);
        EXPECT_EQ(ground.Put(size), Appended::kUnknown);
        ground.ExpectGroups(2, size);
        ground.disk().Mend();
        EXPECT_EQ(ground.Put(size), Appended::kUnknown) << "only a reopening ends it";
        const absl::Status reopened = ground.store()->Reopen();
        ASSERT_TRUE(reopened.ok()) << reopened;
        const uint64_t count = ground.store()->GroupCount();
        EXPECT_TRUE(count == 2 || count == 3) << count;
        ground.ExpectGroups(count, size);
        ASSERT_EQ(ground.Put(size), Appended::kDurable);
        const absl::Status opened = ground.CutPowerAndOpen();
        ASSERT_TRUE(opened.ok()) << opened;
        ground.ExpectGroups(count + 1, size);
      }
    }
  }
}

TEST(Fault, APowerCutInAWriteLeavesTheGroupWhollyThereOrNot) {
  uint64_t kept = 0;
  uint64_t lost = 0;
  for (const size_t size : kSizes) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      SCOPED_TRACE(Concat(size, " bytes, seed ", seed));
      Ground ground(seed);
      ASSERT_TRUE(ground.Open().ok());
      ASSERT_EQ(ground.Put(size), Appended::kDurable);
      ground.disk().CutPowerAfter(seed % 2);
      ASSERT_EQ(ground.Put(size), Appended::kUnknown);
      const absl::Status opened = ground.CutPowerAndOpen();
      ASSERT_TRUE(opened.ok()) << opened;
      const uint64_t count = ground.store()->GroupCount();
      ASSERT_TRUE(count == 1 || count == 2) << count;
      ++(count == 2 ? kept : lost);
      ground.ExpectGroups(count, size);
      ASSERT_EQ(ground.Put(size), Appended::kDurable);
    }
  }
  EXPECT_GT(kept, 5u);
  EXPECT_GT(lost, 5u);
}

TEST(Fault, APowerCutAtAnyOperationOfAnOpeningLosesNothing) {
  uint64_t cuts = 0;
  for (uint64_t operation = 0;; ++operation) {
    SCOPED_TRACE(Concat("operation ", operation));
    Ground ground(operation);
    ASSERT_TRUE(ground.Open().ok());
    for (int i = 0; i < 3; ++i) ASSERT_EQ(ground.Put(3'000), Appended::kDurable);
    ground.store().reset();
    ground.disk().CutPowerAfter(operation);
    ground.Open().IgnoreError();
    if (ground.disk().disk().has_power()) break;
    ++cuts;
    const absl::Status opened = ground.CutPowerAndOpen();
    ASSERT_TRUE(opened.ok()) << opened;
    ground.ExpectGroups(3, 3'000);
  }
  EXPECT_GT(cuts, 10u);
}

TEST(Fault, OfAnyFileWhileOpeningIsOverWithTheNextOpening) {
  for (const DiskFault fault : kDiskErrors) {
    for (uint64_t after = 0; after < 30; after += 5) {
      SCOPED_TRACE(Concat(ToString(fault), " after ", after));
      Ground ground(after);
      ASSERT_TRUE(ground.Open().ok());
      for (int i = 0; i < 3; ++i) ASSERT_EQ(ground.Put(3'000), Appended::kDurable);
      ground.store().reset();
      ground.disk().Break(fault, Files::kAll, after);
      ground.Open().IgnoreError();
      ground.store().reset();
      ground.disk().Mend();
      const absl::Status opened = ground.Open();
      ASSERT_TRUE(opened.ok()) << opened;
      ground.ExpectGroups(3, 3'000);
      ASSERT_EQ(ground.Put(3'000), Appended::kDurable);
      ASSERT_TRUE(ground.CutPowerAndOpen().ok());
      ground.ExpectGroups(4, 3'000);
    }
  }
}

// Whether the power was still there when the flush had ended, which was cut at the operation.
bool CutPowerInAFlush(uint64_t operation, uint64_t seed) {
  constexpr uint64_t kFlushes = 2;  // so that there is something to compact
  Ground ground(seed);
  EXPECT_TRUE(ground.Open().ok());
  for (uint64_t i = 0; i < kFlushes; ++i) {
    EXPECT_EQ(ground.Put(3'000), Appended::kDurable);
    if (i + 1 == kFlushes) break;
    EXPECT_TRUE(ground.store()->Flush().ok());
  }
  ground.disk().CutPowerAfter(operation);
  const bool is_whole = ground.store()->Flush().ok() && ground.disk().disk().has_power();
  const absl::Status opened = ground.CutPowerAndOpen();
  EXPECT_TRUE(opened.ok()) << opened;
  if (!opened.ok()) return is_whole;
  ground.ExpectGroups(kFlushes, 3'000);
  EXPECT_EQ(ground.Put(3'000), Appended::kDurable);
  return is_whole;
}

// Also at its end, where no table needs any more what the logs hold: then the MANIFEST is torn
// with nothing behind it but what the store has kept for that.
TEST(Fault, APowerCutAtAnyOperationOfAFlushLosesNothing) {
  uint64_t operations = 0;
  while (!CutPowerInAFlush(operations, operations)) ASSERT_LT(++operations, 500u);
  EXPECT_GT(operations, 20u);
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(Concat("the last operation, seed ", seed));
    CutPowerInAFlush(operations - 1, seed);
  }
}

TEST(Fault, OfAFlushMakesTheNextGroupUnknownAndLosesNothing) {
  for (const DiskFault fault : kDiskErrors) {
    SCOPED_TRACE(ToString(fault));
    Ground ground(1);
    ASSERT_TRUE(ground.Open().ok());
    ASSERT_EQ(ground.Put(3'000), Appended::kDurable);
    ground.disk().Break(fault, Files::kAll);
    EXPECT_FALSE(ground.store()->Flush().ok());
    ground.disk().Mend();
    ground.ExpectGroups(1, 3'000);
    EXPECT_EQ(ground.Put(3'000), Appended::kUnknown);
    const absl::Status reopened = ground.store()->Reopen();
    ASSERT_TRUE(reopened.ok()) << reopened;
    ground.ExpectGroups(1, 3'000);
    EXPECT_EQ(ground.Put(3'000), Appended::kDurable);
  }
}

// Else the store would be closed, to find that it cannot be opened, and nobody could read.
TEST(Fault, RoomThatIsTooLittleForAnOpeningDoesNotEndTheFault) {
  constexpr size_t kSize = 400'000;
  Ground ground(1);
  ASSERT_TRUE(ground.Open().ok());
  for (int i = 0; i < 5; ++i) ASSERT_EQ(ground.Put(kSize), Appended::kDurable);
  ground.disk().LimitSpace(kSize / 2);
  ASSERT_EQ(ground.Put(kSize), Appended::kUnknown);
  ground.disk().LimitSpace(1'800'000);
  EXPECT_EQ(ground.store()->Probe().code(), absl::StatusCode::kUnavailable);
  ground.ExpectGroups(5, kSize);
  ground.disk().LimitSpace(6'000'000);
  ASSERT_TRUE(ground.store()->Probe().ok());
  ASSERT_TRUE(ground.store()->Reopen().ok());
  ground.ExpectGroups(5, kSize);
  EXPECT_EQ(ground.Put(30), Appended::kDurable);
}

TEST(Fault, OfAReadIsAnErrorAndNotAnAbsence) {
  Ground ground(1);
  ASSERT_TRUE(ground.Open().ok());
  ASSERT_EQ(ground.Put(3'000), Appended::kDurable);
  ASSERT_TRUE(ground.store()->Flush().ok());
  ground.store().reset();
  ground.disk().BreakReads();
  EXPECT_EQ(ground.Open().code(), absl::StatusCode::kUnavailable);
  ground.disk().Mend();
  ASSERT_TRUE(ground.Open().ok());
  ground.disk().BreakReads();
  EXPECT_EQ(ground.Read(Table::kKeys, "1").substr(0, 11), "UNAVAILABLE");
  {
    const auto snapshot = ground.store()->TakeSnapshot();
    const auto cursor = snapshot->NewCursor(Table::kKeys);
    cursor->SeekFirstAtOrAfter("");
    EXPECT_FALSE(cursor->valid());
    EXPECT_EQ(cursor->status().code(), absl::StatusCode::kUnavailable);
  }
  ground.disk().Mend();
  ground.ExpectGroups(1, 3'000);
}

TEST(Fault, OfAReadInACompactionMakesTheNextGroupUnknownAndLosesNothing) {
  Ground ground(1);
  ASSERT_TRUE(ground.Open().ok());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ground.Put(3'000), Appended::kDurable);
    if (i < 2) {
      ASSERT_TRUE(ground.store()->Flush().ok());
    }
  }
  ASSERT_TRUE(ground.store()->Reopen().ok());  // with nothing in the cache
  ASSERT_EQ(ground.Put(3'000), Appended::kDurable);
  ground.disk().BreakReads();
  EXPECT_FALSE(ground.store()->Flush().ok());
  ground.disk().Mend();
  EXPECT_EQ(ground.Put(3'000), Appended::kUnknown);
  ASSERT_TRUE(ground.store()->Reopen().ok());
  ground.ExpectGroups(4, 3'000);
}

// A lying disk may lose what was acknowledged, which nothing above it can make good. What is
// promised is that it shows: a beginning of the groups opens, one with a gap never does.
TEST(Fault, ADiskThatLiesLeavesABeginningOrIsFoundOut) {
  uint64_t refused = 0;
  uint64_t shorter = 0;
  for (const size_t size : kSizes) {
    for (uint64_t seed = 1; seed <= 15; ++seed) {
      SCOPED_TRACE(Concat(size, " bytes, seed ", seed));
      Ground ground(seed);
      ASSERT_TRUE(ground.Open().ok());
      for (uint64_t group = 1; group <= 6; ++group) {
        if (group == 1 + seed % 6) ground.disk().Break(DiskFault::kSyncLies, Files::kLogs, 0, 2);
        ASSERT_EQ(ground.Put(size), Appended::kDurable);
        if (group == 3 && seed % 3 == 0) {
          ASSERT_TRUE(ground.store()->Flush().ok());
        }
      }
      const absl::Status opened = ground.CutPowerAndOpen();
      if (!opened.ok()) {
        ++refused;
        EXPECT_EQ(opened.code(), absl::StatusCode::kDataLoss) << opened;
        continue;
      }
      const uint64_t count = ground.store()->GroupCount();
      EXPECT_GE(count, seed % 6) << "what was synced before the lie is there";
      shorter += count < 6 ? 1 : 0;
      ground.ExpectGroups(count, size);
    }
  }
  EXPECT_GT(refused, 5u);
  EXPECT_GT(shorter, 5u);
}

class HoleTest : public testing::Test {
 protected:
  // Of four groups; where each begins in the log.
  void SetUp() override {
    ASSERT_TRUE(ground_.Open().ok());
    for (int i = 0; i < 4; ++i) {
      starts_.push_back(std::filesystem::file_size(ground_.Log()));
      ASSERT_EQ(ground_.Put(3'000), Appended::kDurable);
    }
    log_ = ground_.Log();
    ground_.store().reset();
  }
  std::streamoff SectorIn(int group) const {
    return static_cast<std::streamoff>((starts_[group] / 512 + 2) * 512);
  }

  Ground ground_{1};
  std::string log_;
  std::vector<uint64_t> starts_;
};

TEST_F(HoleTest, InTheLastRecordIsATornTailThatIsCutOff) {
  WriteZeros(log_, SectorIn(3), 512);
  std::string said;
  RocksStoreOptions options = ground_.Options();
  options.log = [&](const std::string& text) { said += text; };
  const auto store = RocksStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GroupCount(), 3u);
  EXPECT_NE(said.find(Concat(" bytes with holes behind offset ", starts_[3],
                             ", of a write that was never confirmed: cut off")),
            std::string::npos)
      << said;
}

TEST_F(HoleTest, AtTheBeginningOfTheLastRecordIsATornTail) {
  WriteZeros(log_, static_cast<std::streamoff>(starts_[3]), 512 - starts_[3] % 512);
  ASSERT_TRUE(ground_.Open().ok());
  ground_.ExpectGroups(3, 3'000);
}

TEST_F(HoleTest, InARecordBeforeTheLastIsDamage) {
  WriteZeros(log_, SectorIn(2), 512);
  const absl::Status status = ground_.Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("last good group 2"), absl::string_view::npos) << status;
}

TEST_F(HoleTest, OfLessThanASectorIsDamage) {
  WriteZeros(log_, SectorIn(3), 511);
  EXPECT_EQ(ground_.Open().code(), absl::StatusCode::kDataLoss);
}

TEST_F(HoleTest, IsPassedOverAndNotCutOffByWhoeverOnlyReads) {
  WriteZeros(log_, SectorIn(3), 512);
  const auto before = ReadFiles(ground_.Options().path);
  RocksStoreOptions options = ground_.Options();
  options.read_only = true;
  const auto store = RocksStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GroupCount(), 3u);
  EXPECT_EQ(ReadFiles(ground_.Options().path), before);
}

// Not a group's record: the library's own, of which several may wait for one sync.
TEST_F(HoleTest, AtTheEndOfTheManifestIsCutOffByTheNextStart) {
  std::string manifest;
  for (const auto& entry : std::filesystem::directory_iterator(ground_.Options().path)) {
    const std::string name = entry.path().filename().string();
    if (name.find("MANIFEST") == 0) manifest = entry.path().string();
  }
  // The beginning of a record that goes on for longer than the file.
  std::ofstream(manifest, std::ios::binary | std::ios::app)
      << std::string("\x01\x02\x03\x04\x00\x08\x01", 7) << std::string(3'000, '\0');
  RocksStoreOptions options = ground_.Options();
  options.read_only = true;
  const absl::Status status = RocksStore::Open(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("start the daemon once"), absl::string_view::npos) << status;
  ASSERT_TRUE(ground_.Open().ok());
  ground_.ExpectGroups(4, 3'000);
}

TEST_F(HoleTest, BeforeWholeRecordsAtTheEndOfTheManifestIsCutOffAndKept) {
  std::string manifest;
  for (const auto& entry : std::filesystem::directory_iterator(ground_.Options().path)) {
    const std::string name = entry.path().filename().string();
    if (name.find("MANIFEST") == 0) manifest = entry.path().string();
  }
  // Two records waited for one sync; of the first nothing came to the disk. The second is one that
  // is there already.
  const std::string bytes = ReadFile(manifest);
  const std::string first =
      bytes.substr(0, 7 + static_cast<uint8_t>(bytes[4]) + 256 * static_cast<uint8_t>(bytes[5]));
  const std::string torn = bytes + std::string(1'024, '\0') + first;
  WriteFile(manifest, torn);
  ASSERT_TRUE(ground_.Open().ok());
  ground_.ExpectGroups(4, 3'000);
  const std::string kept = std::filesystem::path(manifest).parent_path().string() + "/torn-" +
                           std::filesystem::path(manifest).filename().string();
  EXPECT_EQ(ReadFile(kept), torn);
}

}  // namespace
}  // namespace purser
