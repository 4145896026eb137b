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
#include <string_view>
#include <vector>

#include "ledger/books.h"
#include "lifecycle/model_book.h"
#include "lifecycle/prospects.h"
#include "reservations/bookings.h"
#include "reservations/commands.h"
#include "reservations/preemptibles.h"
#include "reservations/queue.h"
#include "reservations/return_schedule.h"
#include "reservations/usage.h"

namespace purser {

// How far ahead is looked: as far as a reservation may be made.
inline constexpr int64_t kOutlookMaxUs = 400 * kDayUs;
// How much is looked at for one outlook; then it says that it is not complete.
inline constexpr int kOutlookStepsMax = 10'000;
inline constexpr size_t kResourcesAStep = 8;       // that are looked at, where all of them are
inline constexpr size_t kLeasesLookedAtMax = 100;  // to find those by which something comes back

// The state that is judged. Everything due at or before `now_us` has come.
struct JudgedState {
  const Books* books = nullptr;
  const ReturnSchedule* returns = nullptr;
  const Queue* queue = nullptr;
  const UsageView* usage = nullptr;  // of those whom limits bind
  const Bookings* bookings = nullptr;
  const Preemptibles* preemptibles = nullptr;
  std::string_view principal;  // who asks
  const ReservationPolicy* policy = nullptr;
  const MonthStartAfter* month_start_after = nullptr;
  uint64_t sequence = 0;
  InstantUs now_us = 0;
  // nullptr: proposals are not looked at.
  const ModelBook* models = nullptr;
  const ModelPolicy* model_policy = nullptr;
  BudgetMemo* budget_memo = nullptr;  // of `queue`
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

 private:
  using Assumptions = google::protobuf::RepeatedPtrField<stored::Explanation::Assumption>;

  std::vector<Prospect> FindConditions(InstantUs until_us);
  Prospect WhenThawed() const;
  // Outlooks of what is short at first, once it is known.
  void NoteOutlooks(const std::vector<Prospect>& conditions, stored::Explanation* explanation);
  // Of conditions that all come true before the next boundary.
  void NoteEarliest(const std::vector<Prospect>& conditions, stored::Explanation* explanation);
  void Assume(const Prospect& condition, Assumptions* assumptions) const;
  // Whether the request never fits, and nothing more is to be found out about what is short.
  bool IsHopeless(const std::vector<Prospect>& conditions) const;
  bool complete() const { return search_.complete() && future_.complete(); }

  const JudgedState& state_;
  const RequestReservation& request_;
  const std::set<uint32_t> resources_;
  Future future_;
  std::optional<std::set<uint32_t>> short_at_first_;  // less those whose outlook is known
  Prospects search_;
  ReturnSchedule::Steps* const steps_;
};

// What decides by its debts when somebody fits: what the family owes of, what is past a debt limit.
void AddOwed(const Books& books, stored::Purpose purpose, std::string_view family,
             std::set<uint32_t>* resources);
// What decides when it fits: what it names, and that.
std::set<uint32_t> FindResources(const Books& books, const RequestReservation& request);

// What it names.
std::set<uint32_t> NamedResources(const Books& books, const RequestReservation& request);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_OUTLOOK_H_
