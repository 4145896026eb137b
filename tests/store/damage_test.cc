// Files that somebody or something changed: never fewer groups than were acknowledged, never other
// bytes.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/record_log.h"
#include "daemon/records.pb.h"
#include "daemon/rocks_store.h"
#include "daemon/schema.h"
#include "gtest/gtest.h"
#include "tests/fixtures/read_files.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

std::string Flipped(std::string bytes, size_t at) {
  bytes[at] = static_cast<char>(~bytes[at]);
  return bytes;
}

// In place: rewriting a whole file makes some file systems write it out at once.
void Overwrite(const std::string& path, size_t at, char byte) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

class DamageTest : public testing::Test {
 protected:
  enum class Tables { kInLog, kFlushed };

  // A closed store of `groups` groups of one row; flushed, no log holds one of them.
  void Make(int groups, size_t value_bytes, Tables tables) {
    auto store = RocksStore::Open(Options(made_));
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < groups; ++i) {
      ASSERT_EQ((*store)->Append(i, {{Table::kKeys, Key(i), Value(i, value_bytes)}}),
                Appended::kDurable);
    }
    if (tables == Tables::kFlushed) {
      ASSERT_TRUE((*store)->Flush().ok());
      store->reset();
      // What no table needs any more, as the next group would.
      for (const auto& entry : std::filesystem::directory_iterator(made_)) {
        const bool has_groups = entry.path().extension() == ".log" && entry.file_size() > 0;
        if (has_groups) std::filesystem::remove(entry.path());
      }
    }
  }
  static std::string Key(int i) { return "key" + std::to_string(1'000 + i); }
  // Would be read as a population's if it stood in the table meta.
  static std::string Decoy() {
    stored::PopulationMeta meta;
    meta.set_name("decoy");
    return meta.SerializeAsString();
  }
  static std::string Value(int i, size_t bytes) {
    return std::string(bytes, static_cast<char>('a' + i % 26));
  }
  static RocksStoreOptions Options(const std::string& path) {
    RocksStoreOptions options;
    options.path = path;
    return options;
  }
  // The biggest file whose name has that end or beginning.
  std::string Find(const std::string& part) const {
    std::string best;
    uintmax_t best_bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(made_)) {
      const std::string name = entry.path().filename().string();
      if (name.find(part) == std::string::npos || entry.file_size() < best_bytes) continue;
      best = name;
      best_bytes = entry.file_size();
    }
    return best;
  }
  // A copy of the store in which one file has other bytes.
  std::string With(const std::string& file, const std::string& bytes) {
    std::string path = directory_.path() + "/copy";
    std::filesystem::remove_all(path);
    std::filesystem::copy(made_, path);
    WriteFile(path + "/" + file, bytes);
    return path;
  }

  TempDirectory directory_;
  const std::string made_ = directory_.path() + "/store";
};

TEST_F(DamageTest, AFlippedByteInTheMiddleOfTheLogRefusesToOpenNamingFileOffsetAndGroup) {
  Make(200, 50, Tables::kInLog);
  const std::string log = Find(".log");
  const std::string bytes = ReadFile(made_ + "/" + log);
  const std::string path = With(log, Flipped(bytes, bytes.size() / 2));
  const absl::Status status = RocksStore::Open(Options(path)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  const std::string message(status.message());
  EXPECT_NE(message.find(path + "/" + log + " is damaged at offset "), std::string::npos) << status;
  EXPECT_NE(message.find("last good group 100"), std::string::npos) << status;
}

TEST_F(DamageTest, ADamagedLogNamesTheLastGoodSequenceOfEachPopulation) {
  {
    auto store = RocksStore::Open(Options(made_));
    ASSERT_TRUE(store.ok()) << store.status();
    for (uint64_t group = 0; group < 60; ++group) {
      // Two populations in turns; the rows between show that others are passed over.
      stored::PopulationMeta meta;
      meta.set_name(group % 2 == 0 ? "even" : "odd");
      meta.set_last_sequence(100 + group);
      const std::vector<Row> rows = {
          {Table::kKeys, "a", std::string(200, 'x')},
          {Table::kMeta, "sign", "1"},
          {Table::kKeys, "b", "", true},
          {Table::kMeta, schema::MetaKey(1 + group % 2), meta.SerializeAsString()},
          {Table::kOpen, schema::MetaKey(9), Decoy()}};
      ASSERT_EQ((*store)->Append(group, rows), Appended::kDurable);
    }
  }
  const std::string log = Find(".log");
  const std::string bytes = ReadFile(made_ + "/" + log);
  const std::string path = With(log, Flipped(bytes, bytes.size() / 2));
  const std::string message(RocksStore::Open(Options(path)).status().message());
  // Group n, counted from 1, brought sequence 99 + n.
  EXPECT_NE(message.find("last good group 30; last good sequence: even 128, odd 129"),
            std::string::npos)
      << message;
}

TEST_F(DamageTest, EveryFlippedBitOfTheLogIsFound) {
  Make(20, 30, Tables::kInLog);
  const std::string bytes = ReadFile(made_ + "/" + Find(".log"));
  const std::string path = directory_.path() + "/one.log";
  WriteFile(path, bytes);
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Overwrite(path, at, static_cast<char>(bytes[at] ^ 1 << bit));
      const auto contents = ReadRecordLog(path);
      ASSERT_TRUE(contents.ok());
      ASSERT_TRUE(contents->damage.has_value()) << "byte " << at << ", bit " << bit;
      ASSERT_LE(contents->damage->offset, at);
    }
    Overwrite(path, at, bytes[at]);
  }
}

TEST_F(DamageTest, EveryFlippedByteOfALogWithManyBlocksIsFound) {
  Make(25, 9'000, Tables::kInLog);
  const std::string bytes = ReadFile(made_ + "/" + Find(".log"));
  ASSERT_GT(bytes.size(), size_t{6} * 32'768);
  const std::string path = directory_.path() + "/one.log";
  WriteFile(path, bytes);
  for (size_t at = 0; at < bytes.size(); at += 97) {
    Overwrite(path, at, static_cast<char>(~bytes[at]));
    const auto contents = ReadRecordLog(path);
    ASSERT_TRUE(contents.ok() && contents->damage.has_value()) << "byte " << at;
    Overwrite(path, at, bytes[at]);
  }
}

TEST_F(DamageTest, ALengthThatPointsBehindTheEndOfTheLogIsNotTakenForATornTail) {
  Make(40, 30, Tables::kInLog);
  const std::string log = Find(".log");
  const std::string bytes = ReadFile(made_ + "/" + log);
  constexpr size_t kHighByteOfTheFirstLength = 5;
  const std::string path = With(log, Flipped(bytes, kHighByteOfTheFirstLength));
  EXPECT_EQ(RocksStore::Open(Options(path)).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DamageTest, ZerosInTheMiddleOfTheLogAreNotSkipped) {
  Make(25, 9'000, Tables::kInLog);
  const std::string log = Find(".log");
  for (const size_t from : {size_t{0}, size_t{32'768}, size_t{3} * 32'768}) {
    std::string bytes = ReadFile(made_ + "/" + log);
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), 4'096, '\0');
    EXPECT_EQ(RocksStore::Open(Options(With(log, bytes))).status().code(),
              absl::StatusCode::kDataLoss)
        << from;
  }
}

TEST_F(DamageTest, ATornTailOpensWithAllCompleteGroups) {
  Make(10, 30, Tables::kInLog);
  const std::string log = Find(".log");
  const std::string bytes = ReadFile(made_ + "/" + log);
  const size_t record_bytes = bytes.size() / 10;
  ASSERT_EQ(record_bytes * 10, bytes.size());
  for (size_t cut = 0; cut <= bytes.size(); cut += 31) {
    const size_t left = bytes.size() - cut;
    auto store = RocksStore::Open(Options(With(log, bytes.substr(0, left))));
    ASSERT_TRUE(store.ok()) << left << ": " << store.status();
    EXPECT_EQ((*store)->GroupCount(), left / record_bytes) << left;
  }
}

TEST_F(DamageTest, ALogThatEndsInZerosIsATornTail) {
  Make(10, 30, Tables::kInLog);
  const std::string log = Find(".log");
  const std::string bytes = ReadFile(made_ + "/" + log);
  auto store = RocksStore::Open(Options(With(log, bytes + std::string(50'000, '\0'))));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GroupCount(), 10u);
}

TEST_F(DamageTest, ATornGroupOfManyBlocksIsGoneAsAWhole) {
  Make(3, 100'000, Tables::kInLog);
  const std::string log = Find(".log");
  const std::string bytes = ReadFile(made_ + "/" + log);
  for (size_t left = bytes.size() * 2 / 3 + 100; left < bytes.size(); left += 7'777) {
    auto store = RocksStore::Open(Options(With(log, bytes.substr(0, left))));
    ASSERT_TRUE(store.ok()) << left << ": " << store.status();
    EXPECT_EQ((*store)->GroupCount(), 2u) << left;
  }
}

// False when something could not be read; what was read must be right.
bool ReadsEverything(const RocksStoreOptions& options, const std::vector<std::string>& keys,
                     const std::vector<std::string>& values) {
  const auto store = RocksStore::Open(options);
  if (!store.ok()) return false;
  const auto snapshot = (*store)->TakeSnapshot();
  bool everything = true;
  for (size_t i = 0; i < keys.size(); ++i) {
    std::optional<std::string> value;
    const bool read = snapshot->Get(Table::kKeys, keys[i], &value).ok();
    if (read) {
      EXPECT_EQ(value, values[i]);
    }
    everything &= read;
  }
  const auto cursor = snapshot->NewCursor(Table::kKeys);
  size_t seen = 0;
  for (cursor->SeekFirstAtOrAfter(""); cursor->valid(); cursor->Next(), ++seen) {
    EXPECT_EQ(cursor->value(), values.at(seen));
  }
  const bool walked = cursor->status().ok();
  EXPECT_EQ(seen, walked ? keys.size() : seen);
  return everything && walked;
}

TEST_F(DamageTest, AFlippedByteInATableGivesAnErrorAndNeverOtherBytes) {
  Make(60, 100, Tables::kFlushed);
  std::string table;
  for (const auto& entry : std::filesystem::directory_iterator(made_)) {
    const std::string bytes = ReadFile(entry.path().string());
    const bool is_table = entry.path().extension() == ".sst";
    if (is_table && bytes.find("key1000") != std::string::npos) table = entry.path().filename();
  }
  ASSERT_FALSE(table.empty());
  const std::string bytes = ReadFile(made_ + "/" + table);
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (int i = 0; i < 60; ++i) {
    keys.push_back(Key(i));
    values.push_back(Value(i, 100));
  }
  int errors = 0;
  for (size_t at = 0; at < bytes.size(); at += bytes.size() / 60) {
    SCOPED_TRACE(at);
    if (!ReadsEverything(Options(With(table, Flipped(bytes, at))), keys, values)) ++errors;
  }
  EXPECT_GT(errors, 30) << "most of a table's bytes matter";
}

TEST_F(DamageTest, AFlippedByteInTheManifestRefusesToOpen) {
  Make(20, 30, Tables::kFlushed);
  const std::string manifest = Find("MANIFEST");
  const std::string bytes = ReadFile(made_ + "/" + manifest);
  for (size_t at = 0; at < bytes.size(); at += 13) {
    const std::string path = With(manifest, Flipped(bytes, at));
    const absl::Status status = RocksStore::Open(Options(path)).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << at;
    ASSERT_NE(status.message().find(manifest), absl::string_view::npos) << status;
  }
}

// Which may be a hole that a power cut left: what is before it either makes the whole store, with
// the logs, or the store stays closed and the file as it is.
TEST_F(DamageTest, AZeroedSectorInTheManifestLosesNothing) {
  constexpr size_t kSectorBytes = 512;
  for (const Tables tables : {Tables::kFlushed, Tables::kInLog}) {
    std::filesystem::remove_all(made_);
    Make(20, 30, tables);
    const std::string manifest = Find("MANIFEST");
    const std::string bytes = ReadFile(made_ + "/" + manifest);
    for (size_t at = 0; at + kSectorBytes <= bytes.size(); at += kSectorBytes) {
      std::string damaged = bytes;
      damaged.replace(at, kSectorBytes, kSectorBytes, '\0');
      const std::string path = With(manifest, damaged);
      const auto store = RocksStore::Open(Options(path));
      if (store.ok()) {
        EXPECT_EQ((*store)->GroupCount(), 20U) << at;
        continue;
      }
      EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
      EXPECT_NE(store.status().message().find(manifest), absl::string_view::npos);
      EXPECT_TRUE(ReadFiles(path)[manifest] == damaged) << at;
    }
  }
}

class LogsTest : public DamageTest {
 protected:
  // Groups of 1 MiB: a log ends when a memtable of 16 MiB is full, and stays as long as one of the
  // tables has rows of it in memory alone.
  void SetUp() override {
    Make(kGroups, size_t{1} << 20, Tables::kInLog);
    logs_ = Logs();
    ASSERT_GE(logs_.size(), 3u);
  }
  std::vector<std::string> Logs() const {
    std::vector<std::string> logs;
    for (const auto& entry : std::filesystem::directory_iterator(made_)) {
      if (entry.path().extension() == ".log") logs.push_back(entry.path());
    }
    std::sort(logs.begin(), logs.end());
    return logs;
  }
  uint64_t LastGroup(size_t log) const { return ReadRecordLog(logs_.at(log))->last_group; }
  // Refused in both modes, with words that begin with the log's name; nothing was changed.
  void ExpectRefused(size_t log, const std::string& words) const {
    const auto before = ReadFiles(made_);
    for (const bool read_only : {false, true}) {
      RocksStoreOptions options = Options(made_);
      options.read_only = read_only;
      const absl::Status status = RocksStore::Open(options).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      EXPECT_NE(
          status.message().find(logs_[log] + ", or a log before it, is cut or missing: " + words),
          absl::string_view::npos)
          << status;
    }
    EXPECT_TRUE(ReadFiles(made_) == before);
  }

  static constexpr int kGroups = 38;
  std::vector<std::string> logs_;
};

TEST_F(LogsTest, OpenWithAllTheirGroupsWhenNobodyTouchedThem) {
  auto store = RocksStore::Open(Options(made_));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GroupCount(), uint64_t{kGroups});
}

TEST_F(LogsTest, WithoutTheEndOfOneInTheMiddleAreRefused) {
  const std::string middle = ReadFile(logs_[1]);
  const uint64_t last = LastGroup(1);
  WriteFile(logs_[1], middle.substr(0, middle.size() - 100));  // torn
  const std::string words = "group " + std::to_string(last + 1) + " follows group ";
  ExpectRefused(2, words + std::to_string(last - 1) + " in " + logs_[1] + "; last good group " +
                       std::to_string(last - 1));
  WriteFile(logs_[1], "");
  ExpectRefused(2, words + std::to_string(LastGroup(0)) + " in " + logs_[0]);
  WriteFile(logs_[1], middle);
  EXPECT_TRUE(RocksStore::Open(Options(made_)).ok());
}

TEST_F(LogsTest, WithoutOneInTheMiddleAreRefused) {
  const std::string words = "group " + std::to_string(LastGroup(1) + 1) + " follows group " +
                            std::to_string(LastGroup(0)) + " in " + logs_[0];
  std::filesystem::remove(logs_[1]);
  ExpectRefused(2, words);
}

TEST_F(LogsTest, WithoutTheOldestAreRefused) {
  const std::string words =
      "group " + std::to_string(LastGroup(0) + 1) + " follows group 0 in the tables";
  std::filesystem::remove(logs_[0]);
  ExpectRefused(1, words);
}

// The library deletes the newest first; a crash leaves any of the older ones, as they were.
TEST_F(LogsTest, ThatNoTableNeedsAnyMoreMayBeLeftInAnyState) {
  const std::string oldest = ReadFile(logs_[0]);
  const std::string middle = ReadFile(logs_[1]);
  {
    auto store = RocksStore::Open(Options(made_));
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_EQ((*store)->Append(kGroups, {{Table::kKeys, "new", "1"}}), Appended::kDurable);
  }
  for (const std::string& log : logs_) ASSERT_FALSE(std::filesystem::exists(log)) << log;
  WriteFile(logs_[0], oldest.substr(0, oldest.size() - 100));
  {
    auto store = RocksStore::Open(Options(made_));
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_EQ((*store)->GroupCount(), uint64_t{kGroups + 1});
    ASSERT_EQ((*store)->Append(kGroups + 1, {{Table::kKeys, "new", "2"}}), Appended::kDurable);
  }
  WriteFile(logs_[1], middle.substr(0, middle.size() / 2));
  auto store = RocksStore::Open(Options(made_));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->GroupCount(), uint64_t{kGroups + 2});
}

TEST_F(DamageTest, AMissingFileIsNotAnEmptyStore) {
  Make(20, 30, Tables::kFlushed);
  for (const std::string& file : {std::string("CURRENT"), Find("MANIFEST"), Find(".sst")}) {
    const std::string path = With(file, "");
    std::filesystem::remove(std::filesystem::path(path) / file);
    const absl::Status status = RocksStore::Open(Options(path)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << file << ": " << status;
    EXPECT_NE(status.message().find(file), absl::string_view::npos) << status;
  }
}

}  // namespace
}  // namespace purser
