// What journal_store.h promises, of both stores.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/journal_store.h"
#include "daemon/memory_store.h"
#include "daemon/rocks_store.h"
#include "gtest/gtest.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

std::optional<std::string> Read(StoreSnapshot& snapshot, Table table, const std::string& key) {
  std::optional<std::string> value;
  const absl::Status status = snapshot.Get(table, key, &value);
  EXPECT_TRUE(status.ok()) << status;
  return value;
}

std::optional<std::string> Read(JournalStore& store, Table table, const std::string& key) {
  return Read(*store.TakeSnapshot(), table, key);
}

enum class Kind { kRocks, kMemory };

class StoreContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kMemory) {
      store_ = std::make_unique<MemoryStore>();
      return;
    }
    RocksStoreOptions options;
    options.path = directory_.path() + "/store";
    auto store = RocksStore::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  TempDirectory directory_;
  std::unique_ptr<JournalStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::Values(Kind::kRocks, Kind::kMemory),
                         [](const auto& kind) {
                           return kind.param == Kind::kRocks ? "Rocks" : "Memory";
                         });

TEST_P(StoreContract, CountsItsGroups) {
  EXPECT_EQ(store_->GroupCount(), 0u);
  EXPECT_EQ(store_->Append(0, {{Table::kKeys, "a", "1"}}), Appended::kDurable);
  EXPECT_EQ(store_->Append(1, {}), Appended::kDurable);
  EXPECT_EQ(store_->GroupCount(), 2u);
}

TEST_P(StoreContract, RefusesAGroupThatExpectsAnotherCountAndWritesNothing) {
  ASSERT_EQ(store_->Append(0, {{Table::kKeys, "a", "1"}}), Appended::kDurable);
  EXPECT_EQ(store_->Append(0, {{Table::kKeys, "a", "2"}}), Appended::kRefused);
  EXPECT_EQ(store_->Append(2, {{Table::kKeys, "a", "2"}}), Appended::kRefused);
  EXPECT_EQ(store_->GroupCount(), 1u);
  EXPECT_EQ(Read(*store_, Table::kKeys, "a"), "1");
}

TEST_P(StoreContract, TheLaterRowOfAGroupWins) {
  ASSERT_EQ(store_->Append(0, {{Table::kOpen, "a", "1"},
                               {Table::kOpen, "a", "2"},
                               {Table::kOpen, "b", "1"},
                               {Table::kOpen, "b", "", true},
                               {Table::kOpen, "c", "", true},
                               {Table::kOpen, "c", "3"}}),
            Appended::kDurable);
  EXPECT_EQ(Read(*store_, Table::kOpen, "a"), "2");
  EXPECT_EQ(Read(*store_, Table::kOpen, "b"), std::nullopt);
  EXPECT_EQ(Read(*store_, Table::kOpen, "c"), "3");
}

TEST_P(StoreContract, TablesDoNotShareKeys) {
  std::vector<Row> rows;
  for (int i = 0; i < kTableCount; ++i) {
    rows.push_back({static_cast<Table>(i), "same", TableName(static_cast<Table>(i))});
  }
  ASSERT_EQ(store_->Append(0, rows), Appended::kDurable);
  for (int i = 0; i < kTableCount; ++i) {
    const Table table = static_cast<Table>(i);
    EXPECT_EQ(Read(*store_, table, "same"), TableName(table));
  }
}

TEST_P(StoreContract, KeysAndValuesAreAnyBytes) {
  const std::string bytes("\0\xFF\n\0", 4);
  ASSERT_EQ(store_->Append(0, {{Table::kKeys, bytes, bytes}, {Table::kKeys, "empty", ""}}),
            Appended::kDurable);
  EXPECT_EQ(Read(*store_, Table::kKeys, bytes), bytes);
  EXPECT_EQ(Read(*store_, Table::kKeys, "empty"), "");
}

TEST_P(StoreContract, ASnapshotDoesNotSeeWhatCameLater) {
  ASSERT_EQ(store_->Append(0, {{Table::kOpen, "a", "1"}, {Table::kOpen, "b", "1"}}),
            Appended::kDurable);
  const auto first = store_->TakeSnapshot();
  ASSERT_EQ(store_->Append(1, {{Table::kOpen, "a", "2"}, {Table::kOpen, "b", "", true}}),
            Appended::kDurable);
  const auto second = store_->TakeSnapshot();
  ASSERT_EQ(store_->Append(2, {{Table::kOpen, "a", "3"}, {Table::kOpen, "c", "3"}}),
            Appended::kDurable);
  EXPECT_EQ(Read(*first, Table::kOpen, "a"), "1");
  EXPECT_EQ(Read(*first, Table::kOpen, "b"), "1");
  EXPECT_EQ(Read(*second, Table::kOpen, "a"), "2");
  EXPECT_EQ(Read(*second, Table::kOpen, "b"), std::nullopt);
  EXPECT_EQ(Read(*second, Table::kOpen, "c"), std::nullopt);
  EXPECT_EQ(Read(*store_, Table::kOpen, "a"), "3");
}

TEST_P(StoreContract, ACursorWalksBothWaysInBytewiseOrder) {
  ASSERT_EQ(store_->Append(0, {{Table::kByTime, "b", "2"},
                               {Table::kByTime, "\xFF", "4"},
                               {Table::kByTime, "a", "1"},
                               {Table::kByTime, "d", "3"},
                               {Table::kByTime, "c", "gone"},
                               {Table::kByTime, "c", "", true}}),
            Appended::kDurable);
  const auto snapshot = store_->TakeSnapshot();
  const auto cursor = snapshot->NewCursor(Table::kByTime);
  EXPECT_FALSE(cursor->valid());
  std::string seen;
  for (cursor->SeekFirstAtOrAfter(""); cursor->valid(); cursor->Next()) seen += cursor->value();
  EXPECT_EQ(seen, "1234");
  seen.clear();
  for (cursor->SeekLastAtOrBefore("\xFF"); cursor->valid(); cursor->Previous()) {
    seen += cursor->value();
  }
  EXPECT_EQ(seen, "4321");
  EXPECT_TRUE(cursor->status().ok());
}

TEST_P(StoreContract, SeekingFindsTheNeighbourOfAKeyThatIsNotThere) {
  ASSERT_EQ(store_->Append(0, {{Table::kBalances, "b", "1"}, {Table::kBalances, "d", "2"}}),
            Appended::kDurable);
  const auto snapshot = store_->TakeSnapshot();
  const auto cursor = snapshot->NewCursor(Table::kBalances);
  const auto after = [&](const char* key) {
    cursor->SeekFirstAtOrAfter(key);
    return cursor->valid() ? std::string(cursor->key()) : "none";
  };
  const auto before = [&](const char* key) {
    cursor->SeekLastAtOrBefore(key);
    return cursor->valid() ? std::string(cursor->key()) : "none";
  };
  EXPECT_EQ(after("b"), "b");
  EXPECT_EQ(after("c"), "d");
  EXPECT_EQ(after("e"), "none");
  EXPECT_EQ(before("d"), "d");
  EXPECT_EQ(before("c"), "b");
  EXPECT_EQ(before("a"), "none");
}

TEST_P(StoreContract, ReopeningKeepsEverything) {
  ASSERT_EQ(store_->Append(0, {{Table::kKeys, "a", "1"}}), Appended::kDurable);
  ASSERT_TRUE(store_->Reopen().ok());
  EXPECT_EQ(store_->GroupCount(), 1u);
  EXPECT_EQ(Read(*store_, Table::kKeys, "a"), "1");
  EXPECT_EQ(store_->Append(1, {{Table::kKeys, "b", "2"}}), Appended::kDurable);
  EXPECT_EQ(Read(*store_, Table::kKeys, "b"), "2");
}

TEST_P(StoreContract, ReopeningWaitsForSnapshotsAndTurnsNewReadersAway) {
  ASSERT_EQ(store_->Append(0, {{Table::kKeys, "a", "1"}}), Appended::kDurable);
  auto held = store_->TakeSnapshot();
  EXPECT_EQ(store_->Reopen().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Read(*held, Table::kKeys, "a"), "1");
  std::optional<std::string> value;
  const auto closed = store_->TakeSnapshot();
  EXPECT_EQ(closed->Get(Table::kKeys, "a", &value).code(), absl::StatusCode::kUnavailable);
  const auto cursor = closed->NewCursor(Table::kKeys);
  cursor->SeekFirstAtOrAfter("");
  EXPECT_FALSE(cursor->valid());
  EXPECT_EQ(cursor->status().code(), absl::StatusCode::kUnavailable);
  held.reset();
  ASSERT_TRUE(store_->Reopen().ok());
  EXPECT_EQ(Read(*store_, Table::kKeys, "a"), "1");
}

}  // namespace
}  // namespace purser
