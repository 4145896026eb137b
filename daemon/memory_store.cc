#include "daemon/memory_store.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/closed_snapshot.h"
#include "daemon/mutex.h"
#include "daemon/sha256.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

using Value = std::shared_ptr<const std::string>;  // null: there is no row

struct Version {
  uint64_t group;
  Value value;
};
using Versions = std::vector<Version>;  // by group, ascending
using TableRows = std::map<std::string, Versions, std::less<>>;

Value At(const Versions& versions, uint64_t group) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->group <= group) return version->value;
  }
  return nullptr;
}

std::string HexText(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char byte : bytes) {
    text.push_back(kDigits[static_cast<uint8_t>(byte) >> 4]);
    text.push_back(kDigits[static_cast<uint8_t>(byte) & 15]);
  }
  return text;
}

}  // namespace

enum class Direction { kForward, kBackward };
enum class Start { kIncluded, kExcluded };

// What the store and its snapshots share. Thread-safe.
class MemoryStore::Rows {
 public:
  enum class State { kOpen, kFailed, kClosed };
  struct Found {
    std::string key;
    Value value;
  };

  State state() const {
    MutexLock lock(&mutex_);
    return state_;
  }
  void SetState(State state) {
    MutexLock lock(&mutex_);
    state_ = state;
  }
  uint64_t group() const {
    MutexLock lock(&mutex_);
    return group_;
  }
  std::string error() const {
    MutexLock lock(&mutex_);
    return error_;
  }
  void Fail(std::string error) {
    MutexLock lock(&mutex_);
    state_ = State::kFailed;
    error_ = std::move(error);
  }

  // The group of a new snapshot; nullopt while closed.
  std::optional<uint64_t> Hold() {
    MutexLock lock(&mutex_);
    if (state_ == State::kClosed) return std::nullopt;
    held_.insert(group_);
    return group_;
  }
  void Release(uint64_t group) {
    MutexLock lock(&mutex_);
    held_.erase(held_.find(group));
  }
  size_t held() const {
    MutexLock lock(&mutex_);
    return held_.size();
  }

  Value Get(Table table, std::string_view key, uint64_t group) const {
    MutexLock lock(&mutex_);
    const TableRows& rows = tables_[static_cast<size_t>(table)];
    const auto found = rows.find(key);
    return found == rows.end() ? nullptr : At(found->second, group);
  }
  std::optional<Found> Seek(Table table, std::string_view key, Start start, Direction direction,
                            uint64_t group) const;

  // Writes a group; `undo`, when given, takes what was there before.
  void Append(const std::vector<Row>& rows, Undo* undo);
  void TakeBack(const Undo& undo);
  void CopyTo(Rows* other) const;
  std::string Dump() const;

 private:
  void Write(const Row& row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kOpen;
  uint64_t group_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string error_ ABSL_GUARDED_BY(mutex_);
  std::multiset<uint64_t> held_ ABSL_GUARDED_BY(mutex_);
  std::array<TableRows, kTableCount> tables_ ABSL_GUARDED_BY(mutex_);
};

struct MemoryStore::Undo {
  struct Before {
    Table table;
    std::string key;
    Value value;
  };
  std::vector<Before> rows;  // in the order written
};

std::optional<MemoryStore::Rows::Found> MemoryStore::Rows::Seek(Table table, std::string_view key,
                                                                Start start, Direction direction,
                                                                uint64_t group) const {
  MutexLock lock(&mutex_);
  const TableRows& rows = tables_[static_cast<size_t>(table)];
  const bool forward = direction == Direction::kForward;
  // Forward: the first candidate. Backward: the one behind it.
  const bool below = forward == (start == Start::kIncluded);
  auto row = below ? rows.lower_bound(key) : rows.upper_bound(key);
  while (forward ? row != rows.end() : row != rows.begin()) {
    if (!forward) --row;
    if (Value value = At(row->second, group)) return Found{row->first, std::move(value)};
    if (forward) ++row;
  }
  return std::nullopt;
}

void MemoryStore::Rows::Append(const std::vector<Row>& rows, Undo* undo) {
  MutexLock lock(&mutex_);
  ++group_;
  for (const Row& row : rows) {
    if (undo != nullptr) {
      const TableRows& table = tables_[static_cast<size_t>(row.table)];
      const auto found = table.find(row.key);
      undo->rows.push_back(
          {row.table, row.key, found == table.end() ? nullptr : At(found->second, group_)});
    }
    Write(row);
  }
}

void MemoryStore::Rows::Write(const Row& row) {
  TableRows& table = tables_[static_cast<size_t>(row.table)];
  if (row.erase && held_.empty()) {
    table.erase(row.key);
    return;
  }
  Versions& versions = table[row.key];
  if (!versions.empty() && versions.back().group == group_) versions.pop_back();
  // A snapshot sees the last version at or before its group; nobody sees what came before that of
  // the oldest one.
  const uint64_t oldest = held_.empty() ? group_ : *held_.begin();
  size_t unseen = 0;
  while (unseen + 1 < versions.size() && versions[unseen + 1].group <= oldest) ++unseen;
  if (held_.empty()) unseen = versions.size();
  versions.erase(versions.begin(), versions.begin() + static_cast<std::ptrdiff_t>(unseen));
  versions.push_back({group_, row.erase ? nullptr : std::make_shared<std::string>(row.value)});
}

void MemoryStore::Rows::TakeBack(const Undo& undo) {
  MutexLock lock(&mutex_);
  --group_;
  for (auto before = undo.rows.rbegin(); before != undo.rows.rend(); ++before) {
    TableRows& table = tables_[static_cast<size_t>(before->table)];
    if (before->value == nullptr) {
      table.erase(before->key);
    } else {
      table[before->key] = {{group_, before->value}};
    }
  }
}

void MemoryStore::Rows::CopyTo(Rows* other) const {
  MutexLock lock(&mutex_);
  MutexLock other_lock(&other->mutex_);
  other->group_ = group_;
  for (size_t i = 0; i < tables_.size(); ++i) {
    TableRows& target = other->tables_[i];
    for (const auto& [key, versions] : tables_[i]) {
      if (versions.back().value == nullptr) continue;
      target.emplace_hint(target.end(), key, Versions{versions.back()});
    }
  }
}

std::string MemoryStore::Rows::Dump() const {
  MutexLock lock(&mutex_);
  std::string text = Concat("group ", group_, "\n");
  for (size_t i = 0; i < tables_.size(); ++i) {
    for (const auto& [key, versions] : tables_[i]) {
      const Value& value = versions.back().value;
      if (value == nullptr) continue;
      text +=
          Concat(TableName(static_cast<Table>(i)), " ", HexText(key), " ", HexText(*value), "\n");
    }
  }
  return text;
}

class MemoryStore::VersionCursor : public StoreSnapshot::Cursor {
 public:
  VersionCursor(const Rows& rows, Table table, uint64_t group)
      : rows_(rows), table_(table), group_(group) {}

  void SeekFirstAtOrAfter(std::string_view key) override {
    found_ = rows_.Seek(table_, key, Start::kIncluded, Direction::kForward, group_);
  }
  void SeekLastAtOrBefore(std::string_view key) override {
    found_ = rows_.Seek(table_, key, Start::kIncluded, Direction::kBackward, group_);
  }
  bool valid() const override { return found_.has_value(); }
  void Next() override {
    PURSER_CHECK(valid(), "only a valid cursor moves");
    found_ = rows_.Seek(table_, found_->key, Start::kExcluded, Direction::kForward, group_);
  }
  void Previous() override {
    PURSER_CHECK(valid(), "only a valid cursor moves");
    found_ = rows_.Seek(table_, found_->key, Start::kExcluded, Direction::kBackward, group_);
  }
  std::string_view key() const override { return found_->key; }
  std::string_view value() const override { return *found_->value; }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  const Rows& rows_;
  const Table table_;
  const uint64_t group_;
  std::optional<Rows::Found> found_;
};

class MemoryStore::Snapshot : public StoreSnapshot {
 public:
  // `group` is held.
  Snapshot(std::shared_ptr<Rows> rows, uint64_t group) : rows_(std::move(rows)), group_(group) {}
  ~Snapshot() override { rows_->Release(group_); }

  absl::Status Get(Table table, std::string_view key, std::optional<std::string>* value) override {
    value->reset();
    if (const Value found = rows_->Get(table, key, group_)) *value = *found;
    return absl::OkStatus();
  }
  std::unique_ptr<Cursor> NewCursor(Table table) override {
    return std::make_unique<VersionCursor>(*rows_, table, group_);
  }

 private:
  const std::shared_ptr<Rows> rows_;
  const uint64_t group_;
};

MemoryStore::MemoryStore() : rows_(std::make_shared<Rows>()) {}
MemoryStore::~MemoryStore() {
  PURSER_CHECK(rows_->held() == 0, "snapshots do not outlive their store");
}

Appended MemoryStore::Append(uint64_t expected_group, const std::vector<Row>& rows) {
  if (rows_->state() != Rows::State::kOpen) return Appended::kUnknown;
  if (expected_group != rows_->group()) return Appended::kRefused;
  if (!faults_.empty()) {
    const Fault fault = faults_.front();
    faults_.pop_front();
    if (fault == Fault::kRefused) return Appended::kRefused;
    if (fault == Fault::kUnknownRowsKept) kept_by_log_ = rows;
    rows_->Fail("IO error: the simulated disk said no");
    return Appended::kUnknown;
  }
  unsynced_ = syncing_ == Syncing::kLoseUnsynced ? std::make_unique<Undo>() : nullptr;
  rows_->Append(rows, unsynced_.get());
  return Appended::kDurable;
}

uint64_t MemoryStore::GroupCount() const { return rows_->group(); }

std::unique_ptr<StoreSnapshot> MemoryStore::TakeSnapshot() {
  const std::optional<uint64_t> group = rows_->Hold();
  if (!group) return std::make_unique<ClosedSnapshot>();
  return std::make_unique<Snapshot>(rows_, *group);
}

absl::Status MemoryStore::Reopen() {
  rows_->SetState(Rows::State::kClosed);
  if (const size_t held = rows_->held(); held != 0) {
    return absl::UnavailableError(Concat(held, " snapshots of the store are still held"));
  }
  if (failing_reopens_ > 0) {
    --failing_reopens_;
    return absl::UnavailableError("the simulated disk still says no");
  }
  if (kept_by_log_) rows_->Append(*kept_by_log_, nullptr);
  kept_by_log_.reset();
  unsynced_.reset();  // opening makes durable what it found
  rows_->SetState(Rows::State::kOpen);
  return absl::OkStatus();
}

std::string MemoryStore::LastError() const { return rows_->error(); }

void MemoryStore::FailNext(Fault fault) { faults_.push_back(fault); }
void MemoryStore::FailReopens(int count) { failing_reopens_ = count; }
void MemoryStore::SetSyncing(Syncing syncing) { syncing_ = syncing; }

void MemoryStore::Crash() {
  PURSER_CHECK(rows_->held() == 0, "no snapshot survives a crash");
  if (unsynced_ != nullptr) {
    rows_->TakeBack(*unsynced_);
    kept_by_log_.reset();  // a log loses its end, not its middle
  }
  unsynced_.reset();
  rows_->SetState(Rows::State::kClosed);
}

std::unique_ptr<MemoryStore> MemoryStore::Copy() const {
  auto copy = std::make_unique<MemoryStore>();
  rows_->CopyTo(copy->rows_.get());
  if (kept_by_log_) copy->rows_->Append(*kept_by_log_, nullptr);
  return copy;
}

std::string MemoryStore::Dump() const { return rows_->Dump(); }

std::string MemoryStore::Digest() const { return Hex(Sha256(rows_->Dump())); }

}  // namespace purser
