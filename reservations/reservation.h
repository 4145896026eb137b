#ifndef PURSER_RESERVATIONS_RESERVATION_H_
#define PURSER_RESERVATIONS_RESERVATION_H_

// A reservation as the core holds it, and how each fact changes it. Everywhere a reservation's
// state is made - by the writer, at start-up, in an as-of read, in `verify` - it is made by these
// folds. A value; thread-compatible.
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "ledger/rate.h"
#include "ledger/resource.h"
#include "reservations/reservations.pb.h"

namespace purser {

using Labels = std::vector<std::pair<std::string, std::string>>;  // in order of keys

inline constexpr char kFamilyLabel[] = "operator_family";
inline constexpr char kCapabilityLabel[] = "capability";
inline constexpr char kUnattributed[] = "unattributed";

struct HoldLine {
  uint32_t resource = 0;
  bool consumable = false;
  Amount asked;
  std::optional<Amount> minimum;
  Amount granted;
  Amount held;
  Amount in_use;
  Amount charged;
  Amount overrun;
  uint64_t period = 0;  // of the hold
  // Of a consumable, when it was held: USD a unit, as budgets count it.
  std::optional<Rate> rate;
};

// Of a reservation that is to give way, and of the request for which it is
// (daemon/decisions/0009).
inline constexpr uint64_t kNoticesAnEntryMax = 256;
struct Notice {
  // When it will be executed, less the downtime given back up to the notice.
  InstantUs preempt_end_us = 0;
  // Of a request, for which others give way: its place among these, from 1.
  uint64_t order = 0;
  // Of one that gives way: the request's id.
  std::string preempted_for;
};

// A reservation as it is shown.
struct ReservationPicture {
  std::string id;
  stored::ReservationState state = stored::STATE_UNSPECIFIED;
  stored::Purpose purpose = stored::PURPOSE_UNSPECIFIED;
  stored::OverrunPolicy overrun_policy = stored::EXTEND;
  bool stopped = false;  // the holder was told to stop: no renewal any more
  uint8_t tier = 0;
  // Out of the queue, or at its start: which of the grants of its entry it was, from 1.
  uint16_t queue_grant = 0;
  int32_t priority = 0;
  uint32_t create_index = 0;         // among the reservations made by its first entry
  uint32_t preemption_grace_us = 0;  // of a tier that gives way: from the notice to the end
  std::shared_ptr<const stored::Quote> quote = {};  // nullptr: it has the rates in force
  std::shared_ptr<const Labels> labels;
  std::shared_ptr<const std::string> principal;
  std::vector<HoldLine> lines;
  int64_t lease_us = 0;        // as it stands
  int64_t lease_asked_us = 0;  // as the request said
  int64_t queue_wait_us = 0;   // how long it may wait for its grant; 0: not at all
  InstantUs start_at_us = 0;   // of an advance reservation; 0: it starts when it can
  InstantUs create_time_us = 0;
  InstantUs grant_time_us = 0;
  InstantUs start_time_us = 0;
  InstantUs end_time_us = 0;
  // The end of the lease, less the downtime given back up to the moment it was set: see
  // expire_time_us.
  InstantUs lease_end_us = 0;
  int64_t final_shift_us = 0;    // of an ended one: the shift that counted
  uint64_t create_sequence = 0;  // of the entry that made it
  uint64_t grant_sequence = 0;   // of the entry that granted it, where `queue_grant` counts
  uint64_t generation = 0;       // how many entries touched it
  std::shared_ptr<const Notice> notice;
  // Who approved what a budget asks for, or denied it; nullptr: nobody.
  std::shared_ptr<const std::string> approver;

  bool open() const { return state == stored::STATE_GRANTED || state == stored::STATE_ACTIVE; }
  bool queued() const { return state == stored::STATE_QUEUED; }
  bool scheduled() const { return state == stored::STATE_SCHEDULED; }
  // Holds what it booked of consumables, and has not got its capacity yet.
  bool booked() const { return start_at_us != 0 && (scheduled() || queued()); }
  // Holds something, or may.
  bool counts() const { return open() || booked(); }
  // When it has waited long enough.
  InstantUs give_up_us() const {
    return (start_at_us != 0 ? start_at_us : create_time_us) + queue_wait_us;
  }
  // Rather than after it waited: its id is free again after its retention.
  bool denied_at_once() const { return state == stored::STATE_DENIED && generation == 1; }
  // When the lease ends, given what downtime the population has given back so far.
  InstantUs expire_time_us(int64_t lease_shift_us) const {
    return lease_end_us + (open() ? lease_shift_us : final_shift_us);
  }
  // Since when its consumables are its own: from the booking on where it booked them.
  InstantUs held_since_us() const { return start_at_us != 0 ? create_time_us : grant_time_us; }
  // The entry by which they are.
  uint64_t held_since_sequence() const {
    return start_at_us != 0 || queue_grant == 0 ? create_sequence : grant_sequence;
  }
  // Whether others are to give way to it.
  bool gave_notice() const { return queued() && notice != nullptr; }
  // Whether it is to give way.
  bool gives_way() const { return open() && notice != nullptr; }
  // Rather than end by its lease before that.
  bool ends_by_notice() const { return gives_way() && notice->preempt_end_us < lease_end_us; }
  // When it ends as things stand, as lease_end_us.
  InstantUs end_us() const { return ends_by_notice() ? notice->preempt_end_us : lease_end_us; }
  // When it will give way, or did; 0: it will not.
  InstantUs preempt_at_us(int64_t lease_shift_us) const {
    if (notice == nullptr || notice->preempted_for.empty()) return 0;
    return notice->preempt_end_us + (open() ? lease_shift_us : final_shift_us);
  }
  HoldLine* FindLine(uint32_t resource);
  const HoldLine* FindLine(uint32_t resource) const;
  // The family that owes what is overdrawn.
  std::string_view family() const;
};

// Whether it names one of the resources.
bool NamesAny(const ReservationPicture& picture, const std::set<uint32_t>& resources);
// Whether they name a resource in common.
bool ShareResources(const ReservationPicture& one, const ReservationPicture& other);

// A reservation as it is kept: also with every entry that touched it, up to
// kEntriesOfReservationMax.
struct Reservation : ReservationPicture {
  std::vector<uint64_t> sequences;      // rising; the first made it
  std::vector<uint64_t> denied_before;  // the entries that denied its id, long before
};

// Where an open reservation stands in the order of ends: by the end of its lease, less the downtime
// given back, or where it gives way before that, behind leases that end then; then in the order of
// grants: the entry that granted it, and which of those that the entry made; behind these come what
// it granted out of the queue, or at its start.
struct ExpiryKey {
  InstantUs end_us = 0;
  uint64_t grant_sequence = 0;
  uint32_t grant_index = 0;
  bool by_notice = false;

  friend std::strong_ordering operator<=>(const ExpiryKey& a, const ExpiryKey& b) {
    return std::tie(a.end_us, a.by_notice, a.grant_sequence, a.grant_index) <=>
           std::tie(b.end_us, b.by_notice, b.grant_sequence, b.grant_index);
  }
  friend bool operator==(const ExpiryKey&, const ExpiryKey&) = default;
};
inline constexpr uint32_t kQueueGrantIndex = 1u << 16;
inline ExpiryKey ExpiryKeyOf(const ReservationPicture& reservation) {
  const bool was_queued = reservation.queue_grant != 0;
  return {reservation.end_us(),
          was_queued ? reservation.grant_sequence : reservation.create_sequence,
          was_queued ? kQueueGrantIndex + reservation.queue_grant : reservation.create_index,
          reservation.ends_by_notice()};
}

// Where a request stands in the queue: those that gave notice first, in the order in which they
// did; then by its arrival, less an age step for each step of its priority.
inline constexpr int64_t kAgeStepUs = 600 * kSecondUs;
inline constexpr uint64_t kNoNotice = UINT64_MAX;
struct QueueKey {
  uint64_t notice_order = kNoNotice;
  int64_t order_us = 0;
  InstantUs create_time_us = 0;
  uint64_t create_sequence = 0;
  uint32_t create_index = 0;

  friend auto operator<=>(const QueueKey&, const QueueKey&) = default;
};
inline QueueKey QueueKeyOf(const ReservationPicture& reservation) {
  return {reservation.notice == nullptr ? kNoNotice : reservation.notice->order,
          reservation.create_time_us - reservation.priority * kAgeStepUs,
          reservation.create_time_us, reservation.create_sequence, reservation.create_index};
}

// The label's value, or an empty view.
std::string_view FindLabel(const Labels& labels, std::string_view key);
std::string_view FamilyOf(const Labels& labels);

bool IsExperiment(stored::Purpose purpose);
// Serving, rollback and disaster recovery are never refused for somebody's debts.
inline bool PassesDebts(stored::Purpose purpose) { return !IsExperiment(purpose); }
// Rollback and disaster recovery pass freezes as well.
bool PassesFreezes(stored::Purpose purpose);

// What an entry is, to a fold.
struct EntryContext {
  uint64_t sequence = 0;
  InstantUs time_us = 0;
  int64_t lease_shift_us = 0;
  uint32_t index = 0;  // of the fact among those of the entry that make a reservation
};

// The names and kinds of resources, alive or deleted, by number.
struct ResourceIdentity {
  std::string_view name;
  bool consumable = false;
};
using ResourceIdentities = std::function<ResourceIdentity(uint32_t number)>;

std::shared_ptr<const Labels> ReadLabels(
    const google::protobuf::RepeatedPtrField<stored::Label>& labels);

class Interned;
// With `interned`, labels and principal are shared with others that have the same.
Reservation MakeReservation(const stored::Held& held, const EntryContext& entry,
                            const ResourceIdentities& identify, Interned* interned = nullptr);
Reservation MakeReservation(const stored::RequestDenied& denied, const EntryContext& entry,
                            const ResourceIdentities& identify);
Reservation MakeReservation(const stored::Queued& queued, const EntryContext& entry,
                            const ResourceIdentities& identify, Interned* interned = nullptr);
Reservation MakeReservation(const stored::Scheduled& scheduled, const EntryContext& entry,
                            const ResourceIdentities& identify, Interned* interned = nullptr);
// Facts of an existing reservation. Cannot fail: they end the process where the fact contradicts
// it.
// `entry.index` is which of the entry's grants of what was queued or scheduled, from 0.
void Fold(const stored::Granted& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::Delayed& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::Noticed& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::NoticeWithdrawn& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::RequestReviewed& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::Started& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::Renewed& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::Charged& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::Ended& fact, const EntryContext& entry, Reservation* reservation);
void Fold(const stored::Refunded& fact, const EntryContext& entry, Reservation* reservation);

// Whether the fact makes a reservation: grants it at once, books, queues or denies it.
bool MakesReservation(const stored::ReservationFact& fact);
// The id of the reservation a fact is about; empty for a charge without one.
std::string_view ReservationIdOf(const stored::ReservationFact& fact);
// Folds any fact but those that make a reservation.
void FoldFact(const stored::ReservationFact& fact, const EntryContext& entry,
              Reservation* reservation);

// The grant of what was queued or booked, as a record has it.
struct RecordedGrant {
  uint32_t number = 0;
  uint64_t sequence = 0;  // 0: one of its first two entries, as `number` says
};
RecordedGrant RecordGrant(const Reservation& reservation);

stored::ReservationRecord ToRecord(const Reservation& reservation);
// `consumable` of each line comes from identify; an unknown resource counts as consumable.
Reservation FromRecord(const stored::ReservationRecord& record, const ResourceIdentities& identify);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_RESERVATION_H_
