#ifndef PURSER_LIFECYCLE_OUTLOOK_H_
#define PURSER_LIFECYCLE_OUTLOOK_H_

// When a request would be granted if nobody arrived, renewed or overran.
//
// Between two ends of periods what a resource has only grows, by what leases give back. So each
// condition (enough of a resource, the family's debts repaid, a resource's debts within its limit,
// the freezes over) comes true at one instant and stays true, and the request fits at the latest of
// these; at the end of a period the search begins again. Values for one question;
// thread-compatible.
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ledger/books.h"
#include "lifecycle/future.h"
#include "reservations/commands.h"
#include "reservations/queue.h"
#include "reservations/return_schedule.h"

namespace purser {

// How far ahead is looked: as far as a reservation may be made.
inline constexpr int64_t kOutlookMaxUs = 400 * kDayUs;
// How much is looked at for one outlook; then it says that it is not complete.
inline constexpr int kOutlookStepsMax = 10'000;

// The state that is judged. Everything due at or before `now_us` has come.
struct JudgedState {
  const Books* books = nullptr;
  const ReturnSchedule* returns = nullptr;
  const Queue* queue = nullptr;
  const ReservationPolicy* policy = nullptr;
  const MonthStartAfter* month_start_after = nullptr;
  uint64_t sequence = 0;
  InstantUs now_us = 0;
};

class Outlook {
 public:
  // The request is well-formed, its resources exist. Takes what it looks at off `steps`.
  Outlook(const JudgedState& state, const RequestReservation& request,
          ReturnSchedule::Steps* steps);

  // Fills in the outlooks, the earliest start with its assumptions, and `complete`. Once.
  void Find(stored::Explanation* explanation);
  // The books at the earliest start that was found, everything due by then included. Once, last.
  const Books& WaitUntil(InstantUs earliest_us);
  const std::set<uint32_t>& resources() const { return resources_; }

 private:
  struct Condition {
    uint32_t resource = 0;           // 0: the freezes
    bool is_amount = false;          // enough of what is asked, rather than a debt
    std::optional<InstantUs> at_us;  // absent: not before the next end of a period
    bool by_leases = false;          // that end by then
  };
  using Assumptions = google::protobuf::RepeatedPtrField<stored::Explanation::Assumption>;

  std::vector<Condition> FindConditions(InstantUs until_us);
  Condition WhenEnough(const Resource& resource, Amount asked, InstantUs until_us);
  Condition WhenRepaid(const Resource& resource, InstantUs until_us);
  Condition WhenThawed() const;
  Condition WhenReturned(const Resource& resource, std::optional<Amount> wanted,
                         InstantUs until_us);
  // Outlooks of what is short at first, once it is known.
  void NoteOutlooks(const std::vector<Condition>& conditions, stored::Explanation* explanation);
  // Of conditions that all come true before the next boundary.
  void NoteEarliest(const std::vector<Condition>& conditions, stored::Explanation* explanation);
  void Assume(const Condition& condition, Assumptions* assumptions) const;
  // Whether the request never fits, and nothing more is to be found out about what is short.
  bool IsHopeless(const std::vector<Condition>& conditions) const;

  const JudgedState& state_;
  const RequestReservation& request_;
  const std::set<uint32_t> resources_;
  Future future_;
  std::optional<std::set<uint32_t>> short_at_first_;  // less those whose outlook is known
  ReturnSchedule::Steps* const steps_;
  bool complete_ = true;
};

// What of the resource's debts stands before the last of the family's, that one included: what has
// to be repaid until the family owes nothing of it. Zero: it owes nothing of it.
Amount OwedUntilFree(const Books& books, uint32_t resource, std::string_view family);
// What decides when it fits: what it names, what its family owes of, what is past a debt limit.
std::set<uint32_t> FindResources(const Books& books, const RequestReservation& request);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_OUTLOOK_H_
