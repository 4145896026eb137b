// What was asked for and not granted, from the journal (daemon/decisions/0016). Of each entry only
// the facts that say something of it are read.
#include "daemon/history.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "ledger/text.h"

namespace purser {
namespace {

using google::protobuf::internal::WireFormatLite;
using StoredFact = stored::ReservationFact;

// By the first byte of a stored fact, which is of one field alone, with a number below 16.
bool MayBeDemand(std::string_view fact) {
  if (fact.empty()) return false;
  switch (static_cast<uint8_t>(fact[0]) >> 3) {
    case StoredFact::kHeldFieldNumber:
    case StoredFact::kDeniedFieldNumber:
    case StoredFact::kEndedFieldNumber:
    case StoredFact::kQueuedFieldNumber:
    case StoredFact::kGrantedFieldNumber:
    case StoredFact::kScheduledFieldNumber:
    case StoredFact::kDelayedFieldNumber:
      return true;
    default:
      return false;
  }
}

// In order. DataLoss where the entry, or a fact that matters, cannot be read.
absl::Status ForEachDemandFact(std::string_view entry,
                               const std::function<absl::Status(const StoredFact&)>& visit) {
  absl::Status broken = absl::DataLossError("journal: an entry cannot be read");
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(entry.data()),
                                            static_cast<int>(entry.size()));
  StoredFact fact;
  while (const uint32_t tag = in.ReadTag()) {
    const bool is_fact =
        WireFormatLite::GetTagFieldNumber(tag) == stored::Entry::kReservationFactsFieldNumber &&
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (!is_fact) {
      if (!WireFormatLite::SkipField(&in, tag)) return broken;
      continue;
    }
    uint32_t size = 0;
    if (!in.ReadVarint32(&size)) return broken;
    const auto at = static_cast<size_t>(in.CurrentPosition());
    if (size > entry.size() - at || !in.Skip(static_cast<int>(size))) return broken;
    const std::string_view bytes = entry.substr(at, size);
    if (!MayBeDemand(bytes)) continue;
    if (!fact.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return broken;
    if (auto status = visit(fact); !status.ok()) return status;
  }
  return in.ConsumedEntireMessage() ? absl::OkStatus() : broken;
}

}  // namespace

absl::StatusOr<AskedFor> History::RecallAskedFor(const std::string& id) {
  auto reservation = FindReservation(id);
  if (!reservation.ok()) return reservation.status();
  if (!reservation->has_value()) return absl::DataLossError("a reservation has no record");
  // What would help it does not matter.
  auto told = FindRefusal(**reservation, 0);
  if (!told.ok()) return told.status();
  return AskedForOf(**reservation, told->refusal, directory_->function());
}

absl::Status History::AddWaiting(uint64_t before, const std::function<bool()>& abandon,
                                 DemandFold* fold) {
  return ForEachRow(snapshot_.get(), Table::kOpen, schema::PopulationPrefix(population_),
                    [&](std::string_view, std::string_view value) -> absl::Status {
                      if (abandon()) return absl::CancelledError("abandoned");
                      stored::ReservationRecord record;
                      if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
                        return absl::DataLossError("table open: a row cannot be read");
                      }
                      if (record.state() != stored::STATE_QUEUED) return absl::OkStatus();
                      // Of one that was booked its second entry made it wait.
                      const bool was_booked = record.start_at_us() != 0;
                      if (record.sequences_size() <= (was_booked ? 1 : 0)) {
                        return absl::DataLossError("table open: one that waits came never");
                      }
                      if (record.sequences(was_booked ? 1 : 0) > before) return absl::OkStatus();
                      auto asked = RecallAskedFor(record.id());
                      if (!asked.ok()) return asked.status();
                      fold->TakeWaiting(record.id(), *std::move(asked));
                      return absl::OkStatus();
                    });
}

absl::StatusOr<Unserved> History::ReadUnserved(InstantUs at_us,
                                               const std::function<bool()>& abandon) {
  const auto before = SequenceAt(at_us - kDemandUs);
  if (!before.ok()) return before.status();
  DemandFold fold(directory_->function());
  if (auto status = AddWaiting(*before, abandon, &fold); !status.ok()) return status;
  const auto take = [&](const StoredFact& fact) -> absl::Status {
    if (fold.IsOfUnknown(fact)) {
      const std::string id(ReservationIdOf(fact));
      auto asked = RecallAskedFor(id);
      if (!asked.ok()) return asked.status();
      fold.Recall(id, *std::move(asked));
    }
    fold.Take(fact);
    if (fold.size() <= kDemandsMax) return absl::OkStatus();
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("more than ", kDemandsMax, " requests were denied, or wait, in 28 days"));
  };
  const std::string prefix = schema::PopulationPrefix(population_);
  const std::string first = schema::JournalKey(population_, *before + 1);
  auto cursor = snapshot_->NewCursor(Table::kJournal);
  cursor->SeekLastAtOrBefore(first);
  const bool is_of_it = cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix;
  if (!is_of_it) cursor->SeekFirstAtOrAfter(first);
  stored::JournalGroup group;
  for (; cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    if (abandon()) return absl::CancelledError("abandoned");
    const std::string_view value = cursor->value();
    if (!group.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("journal: a group cannot be read");
    }
    uint64_t sequence = schema::SequenceOfJournalKey(cursor->key());
    for (const std::string& entry : group.entries()) {
      if (sequence++ <= *before) continue;
      if (auto status = ForEachDemandFact(entry, take); !status.ok()) return status;
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  return fold.Sum();
}

}  // namespace purser
