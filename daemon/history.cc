#include "daemon/history.h"

#include <algorithm>

#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "daemon/sha256.h"
#include "ledger/text.h"

namespace purser {
namespace {

absl::Status Broken(std::string_view what, uint64_t sequence) {
  return absl::DataLossError(Concat("journal: ", what, " at entry ", sequence));
}

}  // namespace

History::History(std::unique_ptr<StoreSnapshot> snapshot, uint32_t population,
                 std::shared_ptr<const ResourceDirectory> directory)
    : snapshot_(std::move(snapshot)), population_(population), directory_(std::move(directory)) {}

template <typename Message>
absl::StatusOr<std::optional<Message>> History::Get(Table table, const std::string& key) {
  std::optional<std::string> value;
  if (auto status = snapshot_->Get(table, key, &value); !status.ok()) return status;
  if (!value.has_value()) return std::optional<Message>();
  Message message;
  if (!message.ParseFromString(*value)) {
    return absl::DataLossError(Concat("table ", TableName(table), ": a record cannot be read"));
  }
  return std::optional<Message>(std::move(message));
}
template absl::StatusOr<std::optional<ModelRecord>> History::Get(Table table,
                                                                 const std::string& key);

absl::StatusOr<stored::PopulationMeta> History::ReadMeta() {
  auto meta = Get<stored::PopulationMeta>(Table::kMeta, schema::MetaKey(population_));
  if (!meta.ok()) return meta.status();
  return meta->value_or(stored::PopulationMeta());
}

absl::StatusOr<std::optional<stored::ReservationRecord>> History::FindRecord(
    const std::string& id) {
  const std::string key = schema::IdKey(population_, id);
  auto open = Get<stored::ReservationRecord>(Table::kOpen, key);
  if (!open.ok() || open->has_value()) return open;
  return Get<stored::ReservationRecord>(Table::kReservations, key);
}

absl::StatusOr<std::optional<Reservation>> History::FindReservation(const std::string& id) {
  auto record = FindRecord(id);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return std::optional<Reservation>();
  return std::optional<Reservation>(FromRecord(**record, directory_->function()));
}

absl::StatusOr<std::optional<stored::ChargeRecord>> History::FindCharge(const std::string& id) {
  return Get<stored::ChargeRecord>(Table::kCharges, schema::IdKey(population_, id));
}

absl::StatusOr<std::optional<stored::KeyRecord>> History::FindKey(const std::string& principal,
                                                                  const std::string& key) {
  return Get<stored::KeyRecord>(Table::kKeys, schema::IdempotencyKey(population_, principal, key));
}

absl::StatusOr<api::LookedUp> History::LookUp(
    const api::LookUpIds& ids,
    const std::function<std::shared_ptr<const ResourceDirectory>(uint64_t)>& directory_at) {
  using Records = std::vector<stored::ReservationRecord>;
  Records made;
  Records ended;
  const auto find = [this](Table table, std::string_view id,
                           Records* into) -> absl::StatusOr<bool> {
    auto found = Get<stored::ReservationRecord>(table, schema::IdKey(population_, id));
    if (!found.ok()) return found.status();
    const bool is_there = found->has_value();
    if (is_there) into->push_back(**std::move(found));
    return is_there;
  };
  // What ends moves from the one table to the other, so the open one comes first.
  const auto find_anywhere = [&](std::string_view id) -> absl::StatusOr<bool> {
    auto found = find(Table::kOpen, id, &made);
    return found.ok() && !*found ? find(Table::kReservations, id, &made) : found;
  };
  for (const std::string_view id : ids.made) {
    auto found = ids.made_open ? find_anywhere(id) : find(Table::kReservations, id, &made);
    // An id that was denied may be another's by now.
    const bool was_denied = !ids.made_open && found.ok() && *found &&
                            made.back().state() == stored::STATE_DENIED &&
                            made.back().generation() == 1;
    if (was_denied) {
      made.pop_back();
      found = find_anywhere(id);
    }
    if (!found.ok()) return found.status();
  }
  for (const std::string_view id : ids.ended) {
    auto found = find(Table::kReservations, id, &ended);
    if (!found.ok()) return found.status();
  }
  api::LookedUp result;
  for (const std::string_view id : ids.charges) {
    auto charge = FindCharge(std::string(id));
    if (!charge.ok()) return charge.status();
    if (charge->has_value()) result.charges.emplace(ToAbsl(id), **std::move(charge));
  }
  if (ids.key.has_value()) {
    auto key = FindKey(std::string(ids.key->principal), std::string(ids.key->key));
    if (!key.ok()) return key.status();
    result.key = *std::move(key);
  }
  if (made.empty() && ended.empty()) return result;
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  directory_ = directory_at(meta->last_sequence());
  for (const auto& record : made) {
    result.made.emplace(record.id(), FromRecord(record, directory_->function()));
  }
  for (const auto& record : ended) {
    result.ended.emplace(record.id(), FromRecord(record, directory_->function()));
  }
  return result;
}

absl::StatusOr<const stored::JournalGroup*> History::FindGroup(uint64_t sequence, uint64_t* first) {
  const auto length = static_cast<uint64_t>(group_.entries_size());
  *first = group_first_;
  if (group_first_ != 0 && sequence >= group_first_ && sequence - group_first_ < length) {
    return &group_;
  }
  const std::string key = schema::JournalKey(population_, sequence);
  auto cursor = snapshot_->NewCursor(Table::kJournal);
  cursor->SeekLastAtOrBefore(key);
  if (!cursor->status().ok()) return cursor->status();
  if (!cursor->valid() || cursor->key().substr(0, 4) != std::string_view(key).substr(0, 4)) {
    return static_cast<const stored::JournalGroup*>(nullptr);
  }
  *first = schema::SequenceOfJournalKey(cursor->key());
  group_first_ = 0;
  const std::string_view value = cursor->value();
  if (!group_.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      group_.hash_before().size() != sizeof(Hash)) {
    return Broken("a group cannot be read", *first);
  }
  group_first_ = *first;
  return &group_;
}

absl::StatusOr<std::optional<api::StoredEntry>> History::FindStoredEntry(uint64_t sequence) {
  uint64_t first = 0;
  auto group = FindGroup(sequence, &first);
  if (!group.ok()) return group.status();
  if (*group == nullptr || sequence - first >= static_cast<uint64_t>((*group)->entries_size())) {
    return std::optional<api::StoredEntry>();
  }
  Hash hash;
  std::copy((*group)->hash_before().begin(), (*group)->hash_before().end(), hash.begin());
  api::StoredEntry found;
  for (uint64_t i = first; i <= sequence; ++i) {
    found.bytes = (*group)->entries(static_cast<int>(i - first));
    hash = NextHash(hash, found.bytes);
  }
  if (!found.entry.ParseFromString(found.bytes) || found.entry.sequence() != sequence) {
    return Broken("an entry cannot be read", sequence);
  }
  found.hash_hex = Hex(hash);
  return std::optional<api::StoredEntry>(std::move(found));
}

absl::StatusOr<const stored::Entry*> History::FindEntry(uint64_t sequence) {
  if (sequence != 0 && entry_.sequence() == sequence) return &entry_;
  uint64_t first = 0;
  auto group = FindGroup(sequence, &first);
  if (!group.ok()) return group.status();
  if (*group == nullptr || sequence - first >= static_cast<uint64_t>((*group)->entries_size())) {
    return static_cast<const stored::Entry*>(nullptr);
  }
  if (!entry_.ParseFromString((*group)->entries(static_cast<int>(sequence - first))) ||
      entry_.sequence() != sequence) {
    entry_.Clear();
    return Broken("an entry cannot be read", sequence);
  }
  return &entry_;
}

absl::Status History::ForEachEntry(uint64_t first,
                                   const std::function<bool(const Visited&)>& visit) {
  const std::string prefix = schema::PopulationPrefix(population_);
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  uint64_t next = 0;  // the first entry of the next row; 0: any
  Hash last{};
  auto cursor = snapshot_->NewCursor(Table::kJournal);
  cursor->SeekLastAtOrBefore(schema::JournalKey(population_, first));
  if (!cursor->valid() || cursor->key().substr(0, prefix.size()) != prefix) {
    cursor->SeekFirstAtOrAfter(schema::JournalKey(population_, first));
  }
  for (; cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    uint64_t sequence = schema::SequenceOfJournalKey(cursor->key());
    stored::JournalGroup group;
    const std::string_view value = cursor->value();
    if (!group.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
        group.hash_before().size() != sizeof(Hash)) {
      return Broken("a group cannot be read", sequence);
    }
    Hash hash;
    std::copy(group.hash_before().begin(), group.hash_before().end(), hash.begin());
    if (next != 0 && sequence != next) return Broken("entries are missing", next);
    if (next == 0 && sequence > first) return Broken("entries are missing", first);
    if (next != 0 && hash != last) return Broken("the hashes do not chain", sequence);
    for (const std::string& bytes : group.entries()) {
      stored::Entry entry;
      if (!entry.ParseFromString(bytes) || entry.sequence() != sequence) {
        return Broken("an entry cannot be read", sequence);
      }
      hash = NextHash(hash, bytes);
      if (sequence >= first && !visit(Visited{entry, bytes, hash})) return absl::OkStatus();
      ++sequence;
    }
    next = sequence;
    last = hash;
  }
  if (!cursor->status().ok()) return cursor->status();
  const uint64_t end = meta->last_sequence() + 1;
  if ((next == 0 ? first : next) < end)
    return Broken("entries are missing", next == 0 ? first : next);
  if (next == end && Bytes(last) != meta->last_hash()) {
    return Broken("the hashes do not chain", meta->last_sequence());
  }
  return absl::OkStatus();
}

// ---- as of

absl::StatusOr<uint64_t> History::SequenceAt(InstantUs time_us, uint64_t most) {
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  // Times never fall: bisect over sequences.
  uint64_t low = 0;  // at or before
  uint64_t high = std::min(meta->last_sequence(), most) + 1;
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    auto entry = FindEntry(middle);
    if (!entry.ok()) return entry.status();
    if (*entry == nullptr) return Broken("an entry is missing", middle);
    ((*entry)->time_us() <= time_us ? low : high) = middle;
  }
  return low;
}

absl::StatusOr<std::optional<stored::PopulationVersion>> History::PopulationAsOf(
    uint64_t sequence) {
  const std::string key = schema::PopulationVersionKey(population_, sequence);
  auto cursor = snapshot_->NewCursor(Table::kSettings);
  cursor->SeekLastAtOrBefore(key);
  if (!cursor->status().ok()) return cursor->status();
  if (!cursor->valid() || cursor->key().substr(0, 5) != std::string_view(key).substr(0, 5)) {
    return std::optional<stored::PopulationVersion>();
  }
  stored::PopulationVersion version;
  const std::string_view value = cursor->value();
  if (!version.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError("a population's settings cannot be read");
  }
  return std::optional<stored::PopulationVersion>(std::move(version));
}

absl::Status History::BeginFold(const std::string& id) {
  fold_ = ReservationFold();
  auto record = FindRecord(id);
  if (!record.ok()) return record.status();
  fold_.id = id;
  if (!record->has_value()) return absl::OkStatus();
  const auto& denied = (*record)->denied_before();
  const auto& touched = (*record)->sequences();
  fold_.sequences.assign(denied.begin(), denied.end());
  fold_.sequences.insert(fold_.sequences.end(), touched.begin(), touched.end());
  return absl::OkStatus();
}

absl::Status History::FoldEntry(uint64_t touched) {
  auto entry = FindEntry(touched);
  if (!entry.ok()) return entry.status();
  auto version = PopulationAsOf(touched);
  if (!version.ok()) return version.status();
  if (*entry == nullptr || !version->has_value()) return Broken("an entry is missing", touched);
  EntryContext context{touched, (*entry)->time_us(), (*version)->lease_shift_us(), 0};
  for (const auto& fact : (*entry)->reservation_facts()) {
    const bool makes = MakesReservation(fact);
    const uint32_t index = context.index;
    if (makes) ++context.index;
    if (ReservationIdOf(fact) != fold_.id) continue;
    EntryContext at = context;
    at.index = index;
    if (fact.has_held()) {
      fold_.reservation = MakeReservation(fact.held(), at, directory_->function());
    } else if (fact.has_queued()) {
      fold_.reservation = MakeReservation(fact.queued(), at, directory_->function());
    } else if (fact.has_scheduled()) {
      fold_.reservation = MakeReservation(fact.scheduled(), at, directory_->function());
    } else if (fact.has_denied()) {
      fold_.reservation = MakeReservation(fact.denied(), at, directory_->function());
    } else if (fold_.reservation.has_value()) {
      FoldFact(fact, at, &*fold_.reservation);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Reservation>> History::ReservationAsOf(const std::string& id,
                                                                    uint64_t sequence) {
  const auto& done = fold_.sequences;
  if (fold_.id != id || (fold_.next > 0 && done[fold_.next - 1] > sequence)) {
    if (auto status = BeginFold(id); !status.ok()) return status;
  }
  while (fold_.next < fold_.sequences.size() && fold_.sequences[fold_.next] <= sequence) {
    if (auto status = FoldEntry(fold_.sequences[fold_.next]); !status.ok()) {
      fold_ = ReservationFold();
      return status;
    }
    ++fold_.next;
  }
  return fold_.reservation;
}

absl::StatusOr<std::optional<Resource>> History::ResourceAsOf(uint32_t number, uint64_t sequence) {
  const std::string key = schema::ResourceVersionKey(population_, number, sequence);
  auto cursor = snapshot_->NewCursor(Table::kSettings);
  cursor->SeekLastAtOrBefore(key);
  if (!cursor->status().ok()) return cursor->status();
  if (!cursor->valid() || cursor->key().substr(0, 9) != std::string_view(key).substr(0, 9)) {
    return std::optional<Resource>();
  }
  stored::ResourceVersion version;
  const std::string_view value = cursor->value();
  if (!version.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError("a resource's settings cannot be read");
  }
  if (version.deleted()) return std::optional<Resource>();
  Resource resource;
  resource.number = number;
  resource.settings = std::make_shared<const stored::ResourceSettings>(version.settings());
  resource.period = version.period();
  resource.period_start_us = version.period_start_us();
  resource.next_boundary_us = version.next_boundary_us();
  // The newest balances in the entry's own group at or before it; else the row of an earlier group.
  uint64_t first = 0;
  auto group = FindGroup(sequence, &first);
  if (!group.ok()) return group.status();
  if (*group == nullptr) return std::optional<Resource>();
  for (uint64_t at = sequence; at + 1 > first; --at) {
    if (at - first >= static_cast<uint64_t>((*group)->entries_size())) continue;
    stored::Entry entry;
    if (!entry.ParseFromString((*group)->entries(static_cast<int>(at - first)))) {
      return Broken("an entry cannot be read", at);
    }
    for (const auto& balances : entry.balances()) {
      if (balances.resource() != number) continue;
      if (!RestoreBalances(balances, &resource)) return Broken("balances are not whole", at);
      return std::optional<Resource>(std::move(resource));
    }
    if (at == first) break;
  }
  const std::string balances_key = schema::BalancesKey(population_, number, first - 1);
  auto balances_cursor = snapshot_->NewCursor(Table::kBalances);
  balances_cursor->SeekLastAtOrBefore(balances_key);
  if (!balances_cursor->status().ok()) return balances_cursor->status();
  stored::Balances balances;
  if (!balances_cursor->valid() ||
      balances_cursor->key().substr(0, 8) != std::string_view(balances_key).substr(0, 8) ||
      !balances.ParseFromArray(balances_cursor->value().data(),
                               static_cast<int>(balances_cursor->value().size())) ||
      !RestoreBalances(balances, &resource)) {
    return Broken("a resource has no balances", sequence);
  }
  return std::optional<Resource>(std::move(resource));
}

absl::StatusOr<std::vector<Resource>> History::ResourcesAsOf(uint64_t sequence) {
  std::vector<Resource> resources;
  for (uint32_t number = 1; number < directory_->size(); ++number) {
    auto resource = ResourceAsOf(number, sequence);
    if (!resource.ok()) return resource.status();
    if (resource->has_value()) resources.push_back(**std::move(resource));
  }
  std::sort(resources.begin(), resources.end(),
            [](const Resource& a, const Resource& b) { return a.name() < b.name(); });
  return resources;
}

}  // namespace purser
