#ifndef PURSER_RESERVATIONS_RESERVATION_BOOK_H_
#define PURSER_RESERVATIONS_RESERVATION_BOOK_H_

// The open reservations of one population, in memory, and what ended or was used in the last
// groups.
//
// The rest is on disk only. A command brings what its thread found there (Lookup) together with the
// sequence it was read at; what was committed since is in `recent`, which remembers a bounded
// number of items: a Lookup from before its horizon is refused as stale and made again. Ids are
// only added and what has ended changes only through the writer, so that is exact.
// Thread-compatible: the writer's alone.
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "ledger/books.h"
#include "reservations/bookings.h"
#include "reservations/budget_memo.h"
#include "reservations/calendar.h"
#include "reservations/commands.h"
#include "reservations/interned.h"
#include "reservations/open_reservations.h"
#include "reservations/preemptibles.h"
#include "reservations/queue.h"
#include "reservations/return_schedule.h"
#include "reservations/usage_book.h"

namespace purser {

// Finished reservations, charges and keys of the last entries.
class Recent {
 public:
  void AddReservation(uint64_t sequence, std::shared_ptr<const Reservation> reservation);
  void AddCharge(uint64_t sequence, std::shared_ptr<const stored::ChargeRecord> charge,
                 const std::string& id);
  void AddKey(uint64_t sequence, const std::string& key);
  void AddExplained(uint64_t sequence, uint64_t denied_sequence);

  // What was remembered after the sequence `after`. Of what is older a Lookup made at `after` knows
  // as much or more: also that the retention of a denial or of a key is over.
  const std::shared_ptr<const Reservation>* FindReservation(std::string_view id,
                                                            uint64_t after = 0) const;
  const std::shared_ptr<const stored::ChargeRecord>* FindCharge(std::string_view id,
                                                                uint64_t after = 0) const;
  bool HasKey(std::string_view key, uint64_t after) const;
  bool IsExplained(uint64_t denied_sequence, uint64_t after) const;

  // Forgets the oldest items beyond a bound. Between groups only: within one nothing is forgotten,
  // so a Lookup that was good for a batch's first member is good for its last.
  void Trim();
  // Everything after this sequence is remembered.
  uint64_t horizon() const { return horizon_; }
  void set_horizon(uint64_t sequence) { horizon_ = sequence; }

 private:
  // Enough for the groups that commit while a thread goes from its look-up to the queue.
  static constexpr size_t kItemsMax = 65'536;
  enum class Kind { kReservation, kCharge, kKey, kExplained };
  struct Item {
    uint64_t sequence;
    Kind kind;
    std::string id;
  };
  void Remember(uint64_t sequence, Kind kind, const std::string& id);
  void ForgetOldest();

  uint64_t horizon_ = 0;
  std::deque<Item> items_;
  template <typename Value>
  using ById = absl::flat_hash_map<std::string, std::pair<uint64_t, Value>>;
  ById<std::shared_ptr<const Reservation>> reservations_;
  ById<std::shared_ptr<const stored::ChargeRecord>> charges_;
  ById<bool> keys_;
  ById<bool> explained_;  // by the sequence of the denial
};

// The record of a charge that an entry posts; `labels` are its reservation's, nullptr without one.
stored::ChargeRecord MakeChargeRecord(const stored::Charged& charged, const Labels* labels,
                                      const EntryContext& entry,
                                      const ResourceIdentities& identify);

// Of what is no charge, though its id is of the same kind.
stored::ChargeRecord MakeChargeRecord(const stored::CostEntered& entered,
                                      const EntryContext& entry);
stored::ChargeRecord MakeChargeRecord(const stored::OutcomesReported& reported,
                                      const EntryContext& entry);
// Neither a refund, a cost entry nor outcomes.
inline bool IsCharge(const stored::ChargeRecord& record) {
  return record.refund_of().empty() && !record.has_cost_entered() &&
         !record.has_outcomes_reported();
}

class ReservationBook {
 public:
  static constexpr int kLeasesOfMinuteMax = 1'000;

  ReservationBook() = default;
  // Whole and independent of the first.
  ReservationBook(const ReservationBook& other);
  ReservationBook(ReservationBook&&) = default;
  ReservationBook& operator=(ReservationBook&&) = default;

  // Takes in the facts of one entry. Cannot fail. `books` has taken in its part of the entry
  // already, and `deleted` names what that part deleted. What needs its row written is appended to
  // the lists.
  struct Changes {
    std::vector<std::shared_ptr<const Reservation>> ended;  // or denied, or changed after their end
    // Made or changed, and still open: valid until they end.
    std::vector<const Reservation*> open;
    std::vector<std::string> charges;   // ids to be found in recent()
    std::vector<ReturnChange> returns;  // for those who look ahead
    std::vector<QueueChange> queue;     // likewise
    std::vector<BookingChange> bookings;
    std::vector<PreemptibleChange> preemptibles;
    std::vector<LabelPair> unlimited;  // label values that have no limit any more
  };
  void Apply(const google::protobuf::RepeatedPtrField<stored::ReservationFact>& facts,
             const EntryContext& entry, const ResourceIdentities& identify, const Lookup& lookup,
             Changes* changes);
  // An open one, at start-up. False, and nothing done, when its id or its place in the order of
  // grants is another's.
  bool Restore(Reservation reservation);

  // The entry changed the limits: before its other facts are taken in.
  void SetLimits(const LimitBook& limits, const EntryContext& entry, Changes* changes) {
    usage_.SetLimits(limits, entry, for_each_booked(), &changes->unlimited);
    usage_.CountSome(expiries_);
  }
  // Goes on counting for limits of labels what was open when they were made, some at a time.
  void CountSome() { usage_.CountSome(expiries_); }
  UsageBook& usage() { return usage_; }
  const UsageBook& usage() const { return usage_; }

  const Reservation* FindOpen(std::string_view id) const;
  // An ended one, from recent or the lookup; nullptr when neither knows it.
  std::shared_ptr<const Reservation> FindEnded(std::string_view id, const Lookup& lookup) const;
  std::shared_ptr<const stored::ChargeRecord> FindCharge(std::string_view id,
                                                         const Lookup& lookup) const;
  Recent& recent() { return recent_; }
  const Recent& recent() const { return recent_; }

  // Shared with drafts: a cache, no part of the state.
  Interned* interned() const { return &interned_; }
  BudgetMemo* budget_memo() const { return &budget_memo_; }

  // Granted and active ones; those that wait or are booked are in the same table.
  size_t open_count() const { return expiries_.size(); }
  const Queue& queue() const { return queue_; }
  const Bookings& bookings() const { return bookings_; }
  const Preemptibles& preemptibles() const { return preemptibles_; }
  // How many of these, and of the open ones, name the resource.
  int CountNaming(uint32_t resource) const;
  // The open reservation whose lease ends first (among equals the one granted first), and when;
  // nullopt also where one gives way before that.
  struct Expiry {
    InstantUs at_us = 0;
    std::string id;
  };
  std::optional<Expiry> NextExpiry(int64_t lease_shift_us) const;

  // Empty, or who gives way to nobody who waits for it.
  std::string FindNoticeFault() const;
  // Invariant 3: held and in_use are the sums of what is open, and of what is occupied beside it.
  // Empty, or what is wrong.
  std::string FindFault(const Books& books, const std::map<uint32_t, Amount>& beside) const;
  // Whether what is counted for limits is what is open: empty, or what is wrong.
  std::string FindUsageFault() const { return usage_.FindFault(expiries_, for_each_booked()); }
  // What comes back when.
  ReturnSchedule MakeReturnSchedule() const;
  // Of a capacity, by ends of leases less the downtime given back. Within the minutes at the edges
  // it looks at kLeasesOfMinuteMax each, and at no more than `looks_left`: those beyond are left
  // out.
  Amount ReturnedWithin(uint32_t resource, InstantUs after_us, InstantUs until_us,
                        int* looks_left) const;
  // Every open reservation, those that wait or are booked included; in no order that anybody may
  // rely on, and in order of ids.
  void ForEachOpen(const std::function<void(const Reservation&)>& visit) const {
    open_.ForEach(visit);
  }
  std::map<std::string_view, const Reservation*> ListOpen() const;

 private:
  const Reservation* Insert(Reservation reservation);
  void Remove(const std::string& id);
  void Count(const Reservation& reservation, int change);
  void Grant(const std::string& id, const stored::Granted& fact, const EntryContext& entry,
             Changes* changes);
  // A new one, granted, booked or made to wait.
  void Make(const stored::ReservationFact& fact, const EntryContext& entry,
            const ResourceIdentities& identify, Changes* changes);
  // Puts one among those of its state; takes it from there, as long as it is as it was put there.
  void Place(Reservation* reservation);
  void Displace(const Reservation& reservation);
  static void TellOf(const Reservation& reservation, Changes* changes);
  static void TellPreemptible(const Reservation& open, Changes* changes);
  static void TellGone(const Reservation& reservation, Changes* changes);
  // Those that are booked, and those of them that wait since their start.
  UsageBook::ForEachBooked for_each_booked() const;
  const Reservation* ApplyToOpen(const stored::ReservationFact& fact, const EntryContext& entry,
                                 Reservation* open, Changes* changes);
  const Reservation* ApplyToEnded(const std::string& id, const stored::ReservationFact& fact,
                                  const EntryContext& entry, const Lookup& lookup,
                                  Changes* changes);
  void ApplyCharge(const stored::Charged& charged, const Reservation* reservation,
                   const EntryContext& entry, const ResourceIdentities& identify, Changes* changes);
  // A cost entry, or outcomes.
  template <typename Fact>
  void KeepPosted(const Fact& fact, const EntryContext& entry, Changes* changes);
  void ApplyRefund(const stored::Refunded& refunded, const Reservation* reservation,
                   const EntryContext& entry, const Lookup& lookup, Changes* changes);
  // It was granted just now.
  void CountGranted(const Reservation& granted, const EntryContext& entry);

  OpenReservations open_;
  mutable Interned interned_;
  mutable BudgetMemo budget_memo_;  // of those in the queue
  UsageBook::Expiries expiries_;
  UsageBook usage_;
  Queue queue_;
  Bookings bookings_;
  Preemptibles preemptibles_;
  ReturnSums returns_;
  std::map<uint32_t, int> naming_;
  Recent recent_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_RESERVATION_BOOK_H_
