#include "daemon/memory_store.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace purser {
namespace {

using Fault = MemoryStore::Fault;

std::string Read(JournalStore& store, const std::string& key) {
  std::optional<std::string> value;
  EXPECT_TRUE(store.TakeSnapshot()->Get(Table::kKeys, key, &value).ok());
  return value.value_or("none");
}

std::vector<Row> Put(const std::string& key, const std::string& value) {
  return {{Table::kKeys, key, value}};
}

TEST(MemoryStore, AnUnknownGroupThatTheLogKeptIsThereAfterReopeningOnly) {
  MemoryStore store;
  store.FailNext(Fault::kUnknownRowsKept);
  EXPECT_EQ(store.Append(0, Put("a", "1")), Appended::kUnknown);
  EXPECT_EQ(Read(store, "a"), "none");
  EXPECT_EQ(store.GroupCount(), 0u);
  EXPECT_EQ(store.Append(0, Put("b", "1")), Appended::kUnknown);
  EXPECT_FALSE(store.LastError().empty());
  ASSERT_TRUE(store.Reopen().ok());
  EXPECT_EQ(store.GroupCount(), 1u);
  EXPECT_EQ(Read(store, "a"), "1");
  EXPECT_EQ(Read(store, "b"), "none");
}

TEST(MemoryStore, AnUnknownGroupThatTheLogLostIsNotThereAfterReopening) {
  MemoryStore store;
  store.FailNext(Fault::kUnknownRowsLost);
  EXPECT_EQ(store.Append(0, Put("a", "1")), Appended::kUnknown);
  ASSERT_TRUE(store.Reopen().ok());
  EXPECT_EQ(store.GroupCount(), 0u);
  EXPECT_EQ(store.Append(0, Put("a", "2")), Appended::kDurable);
  EXPECT_EQ(Read(store, "a"), "2");
}

TEST(MemoryStore, ARefusalOnDemandLeavesTheStoreOpen) {
  MemoryStore store;
  store.FailNext(Fault::kRefused);
  EXPECT_EQ(store.Append(0, Put("a", "1")), Appended::kRefused);
  EXPECT_EQ(store.Append(0, Put("a", "2")), Appended::kDurable);
}

TEST(MemoryStore, ACrashKeepsWhatWasDurableAndClosesTheStore) {
  MemoryStore store;
  ASSERT_EQ(store.Append(0, Put("a", "1")), Appended::kDurable);
  store.FailNext(Fault::kUnknownRowsKept);
  ASSERT_EQ(store.Append(1, Put("b", "2")), Appended::kUnknown);
  store.Crash();
  EXPECT_EQ(store.Append(1, Put("c", "3")), Appended::kUnknown);
  store.FailReopens(1);
  EXPECT_EQ(store.Reopen().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(store.Reopen().ok());
  EXPECT_EQ(Read(store, "a"), "1");
  EXPECT_EQ(Read(store, "b"), "2");
  EXPECT_EQ(store.GroupCount(), 2u);
}

TEST(MemoryStore, ThePlantedBugLosesTheLastAcknowledgedGroup) {
  MemoryStore store;
  store.SetSyncing(MemoryStore::Syncing::kLoseUnsynced);
  ASSERT_EQ(store.Append(0, Put("a", "1")), Appended::kDurable);
  const std::string before = store.Digest();
  ASSERT_EQ(store.Append(1, {{Table::kKeys, "a", "2"},
                             {Table::kKeys, "a", "3"},
                             {Table::kKeys, "b", "1"},
                             {Table::kKeys, "b", "", true}}),
            Appended::kDurable);
  EXPECT_EQ(Read(store, "a"), "3");
  store.Crash();
  ASSERT_TRUE(store.Reopen().ok());
  EXPECT_EQ(store.GroupCount(), 1u);
  EXPECT_EQ(Read(store, "a"), "1");
  EXPECT_EQ(store.Digest(), before);
}

TEST(MemoryStore, ThePlantedBugLosesAnEndAndNotAMiddle) {
  MemoryStore store;
  store.SetSyncing(MemoryStore::Syncing::kLoseUnsynced);
  ASSERT_EQ(store.Append(0, Put("a", "1")), Appended::kDurable);
  ASSERT_EQ(store.Append(1, Put("b", "2")), Appended::kDurable);
  store.FailNext(Fault::kUnknownRowsKept);
  ASSERT_EQ(store.Append(2, Put("c", "3")), Appended::kUnknown);
  store.Crash();
  ASSERT_TRUE(store.Reopen().ok());
  EXPECT_EQ(store.GroupCount(), 1u);
  EXPECT_EQ(Read(store, "b"), "none");
  EXPECT_EQ(Read(store, "c"), "none");
}

TEST(MemoryStore, ACopyGoesItsOwnWay) {
  MemoryStore store;
  ASSERT_EQ(store.Append(0, Put("a", "1")), Appended::kDurable);
  const auto copy = store.Copy();
  EXPECT_EQ(copy->Digest(), store.Digest());
  ASSERT_EQ(copy->Append(1, Put("a", "2")), Appended::kDurable);
  EXPECT_EQ(Read(store, "a"), "1");
  EXPECT_EQ(Read(*copy, "a"), "2");
  EXPECT_NE(copy->Digest(), store.Digest());
}

TEST(MemoryStore, TheDumpShowsEveryRowAndNotHowItCameAbout) {
  MemoryStore store;
  ASSERT_EQ(store.Append(0, {{Table::kKeys, "b", "2"}, {Table::kMeta, "a", "1"}}),
            Appended::kDurable);
  EXPECT_EQ(store.Dump(), "group 1\nmeta 61 31\nkeys 62 32\n");
  MemoryStore other;
  const auto held = other.TakeSnapshot();  // keeps erased rows' versions
  ASSERT_EQ(other.Append(0, {{Table::kKeys, "c", "3"},
                             {Table::kKeys, "c", "", true},
                             {Table::kMeta, "a", "1"},
                             {Table::kKeys, "b", "2"}}),
            Appended::kDurable);
  EXPECT_EQ(other.Dump(), store.Dump());
}

TEST(MemoryStore, AHundredThousandGroupsOnOneKeyKeepOneVersion) {
  MemoryStore store;
  for (uint64_t group = 0; group < 100'000; ++group) {
    ASSERT_EQ(store.Append(group, {{Table::kMeta, "hot", std::to_string(group)},
                                   {Table::kJournal, std::to_string(group), "entry"}}),
              Appended::kDurable);
  }
  const auto held = store.TakeSnapshot();
  for (uint64_t group = 100'000; group < 101'000; ++group) {
    ASSERT_EQ(store.Append(group, {{Table::kMeta, "hot", "later"}}), Appended::kDurable);
  }
  std::optional<std::string> value;
  ASSERT_TRUE(held->Get(Table::kMeta, "hot", &value).ok());
  EXPECT_EQ(value, "99999");
}

}  // namespace
}  // namespace purser
