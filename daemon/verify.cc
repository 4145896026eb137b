#include "daemon/verify.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "daemon/entry_check.h"
#include "daemon/group_writer.h"
#include "daemon/record_check.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "daemon/sha256.h"
#include "daemon/state_digest.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr size_t kNumberBytes = 4;       // of a population, at the front of its keys
constexpr size_t kJournalKeyBytes = 12;  // and of the first sequence

// Reads a snapshot until `abandon` says so; from then on every read fails. Thread-compatible.
class AbandonableSnapshot : public StoreSnapshot {
 public:
  AbandonableSnapshot(StoreSnapshot* snapshot, const std::function<bool()>& abandon)
      : snapshot_(snapshot), abandon_(abandon) {}

  bool abandoned() const { return abandoned_; }
  absl::Status Get(Table table, std::string_view key, std::optional<std::string>* value) override {
    return GoOn() ? snapshot_->Get(table, key, value) : Abandoned();
  }
  std::unique_ptr<Cursor> NewCursor(Table table) override {
    return std::make_unique<AbandonableCursor>(this, snapshot_->NewCursor(table));
  }

 private:
  class AbandonableCursor : public Cursor {
   public:
    AbandonableCursor(AbandonableSnapshot* owner, std::unique_ptr<Cursor> cursor)
        : owner_(owner), cursor_(std::move(cursor)) {}
    void SeekFirstAtOrAfter(std::string_view key) override { cursor_->SeekFirstAtOrAfter(key); }
    void SeekLastAtOrBefore(std::string_view key) override { cursor_->SeekLastAtOrBefore(key); }
    bool valid() const override { return owner_->GoOn() && cursor_->valid(); }
    void Next() override { cursor_->Next(); }
    void Previous() override { cursor_->Previous(); }
    std::string_view key() const override { return cursor_->key(); }
    std::string_view value() const override { return cursor_->value(); }
    absl::Status status() const override {
      return owner_->abandoned() ? Abandoned() : cursor_->status();
    }

   private:
    AbandonableSnapshot* owner_;
    std::unique_ptr<Cursor> cursor_;
  };

  static absl::Status Abandoned() { return absl::CancelledError("abandoned"); }
  bool GoOn() {
    abandoned_ = abandoned_ || abandon_();
    return !abandoned_;
  }

  StoreSnapshot* snapshot_;
  const std::function<bool()>& abandon_;
  bool abandoned_ = false;
};

// Walks one population's journal from its first entry, folding it.
class PopulationVerifier {
 public:
  PopulationVerifier(StoreSnapshot* snapshot, stored::PopulationMeta meta)
      : snapshot_(snapshot), meta_(std::move(meta)), machine_(Policy(), nullptr) {
    auto unborn = std::make_unique<Population>();
    unborn->name = meta_.name();
    unborn->number = meta_.number();
    population_ = machine_.Restore(std::move(unborn));
    hash_ = FirstHash(meta_.name());
  }

  api::VerifyResult Run() {
    RecordCheck records(snapshot_, meta_.number(), population_);
    records_ = &records;
    result_.ok = Walk();
    if (result_.ok) {
      auto fault = records.AtEnd(meta_);
      if (fault.has_value()) result_.ok = Fail(fault->sequence, fault->detail);
    }
    result_.entries = population_->last_sequence;
    result_.last_hash_hex = Hex(hash_);
    result_.state_digest_hex = StateDigest(*population_);
    return std::move(result_);
  }

 private:
  bool Fail(uint64_t sequence, std::string detail) {
    result_.first_bad_sequence = sequence;
    result_.detail = std::move(detail);
    return false;
  }

  bool Walk() {
    const std::string prefix = schema::PopulationPrefix(meta_.number());
    auto cursor = snapshot_->NewCursor(Table::kJournal);
    for (cursor->SeekFirstAtOrAfter(prefix);
         cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
      if (!TakeRow(cursor->key(), cursor->value())) return false;
    }
    const uint64_t next = population_->last_sequence + 1;
    if (!cursor->status().ok()) {
      return Fail(next, Concat("table journal: ", ToStd(cursor->status().message()),
                               "; last good sequence ", next - 1));
    }
    if (next <= meta_.last_sequence()) {
      return Fail(next, Concat("entries ", next, " to ", meta_.last_sequence(), " are missing"));
    }
    if (next - 1 > meta_.last_sequence()) {
      return Fail(meta_.last_sequence() + 1,
                  Concat("the journal goes on to entry ", next - 1, ", the population's row says ",
                         meta_.last_sequence()));
    }
    if (Bytes(hash_) == meta_.last_hash()) return true;
    return Fail(next - 1, "the population's row has another hash after it");
  }

  bool TakeRow(std::string_view key, std::string_view value) {
    const uint64_t next = population_->last_sequence + 1;
    if (key.size() != kJournalKeyBytes) return Fail(next, "the journal has a key that is none");
    const uint64_t first = schema::SequenceOfJournalKey(key);
    if (first != next) {
      return Fail(next, first > next ? Concat("entries ", next, " to ", first - 1, " are missing")
                                     : Concat("a row begins at entry ", first, " again"));
    }
    stored::JournalGroup group;
    if (!group.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
        group.entries().empty()) {
      return Fail(next, "the journal's row cannot be read");
    }
    if (group.hash_before() != Bytes(hash_)) {
      return Fail(next,
                  Concat("the hash before it is stored as ",
                         absl::BytesToHexString(group.hash_before()), ", it is ", Hex(hash_)));
    }
    const Hash after = HashOver(hash_, group);
    const std::string stored_after = StoredHashAt(first + group.entries_size());
    if (!stored_after.empty() && stored_after != Bytes(after) &&
        !IsTheNextWrong(first + group.entries_size(), after)) {
      return FindChanged(group);
    }
    for (const std::string& bytes : group.entries()) {
      if (!TakeEntry(bytes, first)) return false;
    }
    hash_ = after;
    auto fault = records_->AfterRow(first);
    return !fault.has_value() || Fail(fault->sequence, fault->detail);
  }

  static Hash HashOver(Hash hash, const stored::JournalGroup& group) {
    for (const std::string& bytes : group.entries()) hash = NextHash(hash, bytes);
    return hash;
  }

  bool ReadRowAt(uint64_t sequence, stored::JournalGroup* group) {
    std::optional<std::string> value;
    return snapshot_->Get(Table::kJournal, schema::JournalKey(meta_.number(), sequence), &value)
               .ok() &&
           value.has_value() && group->ParseFromString(*value);
  }

  // What is stored as the hash before the entry: in its row, or behind the newest. Empty: not
  // known.
  std::string StoredHashAt(uint64_t sequence) {
    stored::JournalGroup group;
    if (ReadRowAt(sequence, &group)) return group.hash_before();
    return sequence == meta_.last_sequence() + 1 ? meta_.last_hash() : std::string();
  }

  // Where the hash behind a row is not the one stored with the next: whether it is the next that is
  // wrong. It is if it has other numbers, or fits to both sides but for the hash in front of it.
  bool IsTheNextWrong(uint64_t sequence, const Hash& before) {
    stored::JournalGroup group;
    stored::Entry entry;
    if (!ReadRowAt(sequence, &group)) return false;
    if (group.entries().empty() || !entry.ParseFromString(group.entries(0)) ||
        entry.sequence() != sequence) {
      return true;
    }
    return StoredHashAt(sequence + group.entries_size()) == Bytes(HashOver(before, group));
  }

  // Bytes of the row were changed: names the entry if it makes no sense any more.
  bool FindChanged(const stored::JournalGroup& group) {
    const uint64_t first = population_->last_sequence + 1;
    const Hash before = hash_;
    for (const std::string& bytes : group.entries()) {
      if (TakeEntry(bytes, first)) continue;
      result_.detail = Concat("the hash chain is broken here: ", result_.detail);
      hash_ = before;
      return false;
    }
    hash_ = before;
    const uint64_t last = population_->last_sequence;
    return Fail(first, first == last
                           ? Concat("the hash chain is broken: entry ", first, " was changed")
                           : Concat("the hash chain is broken: one of the entries ", first, " to ",
                                    last, " was changed"));
  }

  bool TakeEntry(const std::string& bytes, uint64_t first_of_row) {
    const uint64_t next = population_->last_sequence + 1;
    stored::Entry entry;
    if (!entry.ParseFromString(bytes)) return Fail(next, "the entry cannot be read");
    std::string fault = FindEntryFault(*population_, entry);
    if (!fault.empty()) return Fail(next, std::move(fault));
    ReservationBook::Changes changes;
    ModelBook::Changes models;
    machine_.Apply(population_->name, entry, Lookup(), &changes, &models);
    auto record = records_->AfterEntry(entry, first_of_row, changes, models);
    return !record.has_value() || Fail(record->sequence, record->detail);
  }

  StoreSnapshot* snapshot_;
  const stored::PopulationMeta meta_;
  StateMachine machine_;
  Population* population_;
  RecordCheck* records_ = nullptr;
  Hash hash_;
  api::VerifyResult result_;
};

api::VerifyResult Unreadable(std::string detail) {
  api::VerifyResult result;
  result.first_bad_sequence = 1;
  result.detail = std::move(detail);
  return result;
}

// Rows of populations that there are not: the first, described, or empty.
std::string FindForeignRow(StoreSnapshot* snapshot, const std::vector<std::string>& prefixes) {
  for (int i = 0; i < kTableCount; ++i) {
    const Table table = static_cast<Table>(i);
    if (table == Table::kMeta) continue;
    auto cursor = snapshot->NewCursor(table);
    cursor->SeekFirstAtOrAfter("");
    while (cursor->valid()) {
      const std::string prefix(cursor->key().substr(0, kNumberBytes));
      if (!std::binary_search(prefixes.begin(), prefixes.end(), prefix)) {
        return Concat("table ", TableName(table), ", key ",
                      absl::BytesToHexString(ToAbsl(cursor->key())), ": of no population");
      }
      // To the next population: behind every key that begins with this one's number.
      std::string behind = prefix;
      while (!behind.empty() && behind.back() == '\xFF') behind.pop_back();
      if (behind.empty()) break;
      ++behind.back();
      cursor->SeekFirstAtOrAfter(behind);
    }
    if (!cursor->status().ok()) return std::string(cursor->status().message());
  }
  return "";
}

bool AllGood(const std::vector<PopulationVerdict>& verdicts) {
  return std::all_of(verdicts.begin(), verdicts.end(),
                     [](const PopulationVerdict& verdict) { return verdict.result.ok; });
}

// What a start reads is the same state. Only where every record was found good: a start trusts
// them.
void CompareWithStart(StoreSnapshot* snapshot, std::vector<PopulationVerdict>* verdicts) {
  StateMachine machine(Policy(), nullptr);
  const auto recovered = Recover(snapshot, &machine);
  for (PopulationVerdict& verdict : *verdicts) {
    api::VerifyResult& result = verdict.result;
    const Population* population = machine.Find(verdict.name);
    if (!recovered.ok()) {
      result.detail = Concat("a start would fail: ", ToStd(recovered.status().message()));
    } else if (population == nullptr || StateDigest(*population) != result.state_digest_hex) {
      result.detail = "a start would read another state";
    } else {
      continue;
    }
    result.ok = false;
    result.first_bad_sequence = result.entries;
  }
}

}  // namespace

std::optional<api::VerifyResult> VerifyPopulation(StoreSnapshot* snapshot, uint32_t population,
                                                  const std::function<bool()>& abandon) {
  std::optional<std::string> value;
  const auto status = snapshot->Get(Table::kMeta, schema::MetaKey(population), &value);
  if (!status.ok()) return Unreadable(Concat("table meta: ", ToStd(status.message())));
  stored::PopulationMeta meta;
  if (!value.has_value() || !meta.ParseFromString(*value) || meta.number() != population) {
    return Unreadable("table meta: the population's row cannot be read");
  }
  AbandonableSnapshot reads(snapshot, abandon);
  api::VerifyResult result = PopulationVerifier(&reads, std::move(meta)).Run();
  if (reads.abandoned()) return std::nullopt;
  return result;
}

absl::StatusOr<std::vector<PopulationVerdict>> Verify(JournalStore* store) {
  const std::unique_ptr<StoreSnapshot> snapshot = store->TakeSnapshot();
  std::optional<std::string> format;
  if (auto status = snapshot->Get(Table::kMeta, schema::kFormatKey, &format); !status.ok()) {
    return status;
  }
  if (format.has_value() && *format != Concat(schema::kFormatVersion)) {
    return absl::FailedPreconditionError(Concat("the data directory has format \"", *format,
                                                "\", this version reads format ",
                                                schema::kFormatVersion));
  }
  std::vector<PopulationVerdict> verdicts;
  std::vector<std::string> prefixes;
  auto status = ForEachRow(
      snapshot.get(), Table::kMeta, schema::kMetaPrefix,
      [&](std::string_view key, std::string_view value) {
        const std::string prefix(key.substr(1));
        uint32_t number = 0;
        for (const char byte : prefix) number = number << 8 | static_cast<unsigned char>(byte);
        prefixes.push_back(prefix);
        stored::PopulationMeta meta;
        const bool readable = meta.ParseFromArray(value.data(), static_cast<int>(value.size()));
        PopulationVerdict& verdict = verdicts.emplace_back();
        verdict.name = readable ? meta.name() : Concat("population number ", number);
        verdict.result = *VerifyPopulation(snapshot.get(), number, [] { return false; });
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  if (!AllGood(verdicts)) return verdicts;
  CompareWithStart(snapshot.get(), &verdicts);
  if (std::string foreign = FindForeignRow(snapshot.get(), prefixes); !foreign.empty()) {
    return absl::DataLossError(foreign);
  }
  return verdicts;
}

int RunVerify(JournalStore* store, std::ostream& out) {
  const auto verdicts = Verify(store);
  if (!verdicts.ok()) {
    out << "bad: " << verdicts.status().message() << "\n";
    return 1;
  }
  for (const auto& [name, result] : *verdicts) {
    out << name << ": " << (result.ok ? "ok" : "BAD") << ", " << result.entries << " entries"
        << (result.ok ? "" : " good") << ", last hash " << result.last_hash_hex << ", state "
        << result.state_digest_hex << "\n";
    if (result.ok) continue;
    out << name << ": first bad entry " << result.first_bad_sequence.value_or(0) << ": "
        << result.detail << "\n";
  }
  if (verdicts->empty()) out << "there are no populations\n";
  return AllGood(*verdicts) ? 0 : 1;
}

}  // namespace purser
