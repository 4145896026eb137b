#ifndef PURSER_LIFECYCLE_FUTURE_H_
#define PURSER_LIFECYCLE_FUTURE_H_

// A copy of a population's books that is moved forward in time as if nobody arrived, renewed or
// overran: leases end when they say, periods end, freezes thaw. What falls due is made and taken in
// as the product does it, but what comes back between two instants is added up first, which makes
// the same books: inflows have one order of uses, however they are cut. What lapses at its lease's
// end is left where it is, since nobody can draw on it.
//
// Only the resources that it is told of are moved, and of those only what may still change: one is
// at rest when no lease has anything to give back and each of its periods begins like the one
// before. A value for one question; thread-compatible.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "ledger/books.h"
#include "ledger/books_draft.h"
#include "lifecycle/state_machine.h"
#include "reservations/return_schedule.h"

namespace purser {

class Future {
 public:
  // Nothing is due at or before `now_us`.
  Future(const Books& books, const ReturnSchedule* returns,
         const MonthStartAfter* month_start_after, const std::set<uint32_t>& resources,
         InstantUs now_us);

  const Books& books() const { return books_; }
  const ReturnSchedule& returns() const { return *returns_; }
  // What is due before it has come, of that instant itself only periods and freezes.
  InstantUs now_us() const { return now_us_; }
  // The end of the next period of a resource that is not at rest; INT64_MAX: none ends.
  InstantUs NextBoundary() const;
  bool IsAtRest(uint32_t resource) const;
  // The last boundary of the resource that was passed.
  std::optional<InstantUs> LastBoundary(uint32_t resource) const;
  // Which returns count for what the resource has at a later instant before its next boundary.
  ReturnSchedule::Question ReturnsOf(const Resource& resource, InstantUs until_us) const;

  // To the instant of NextBoundary, at which periods and freezes have ended, but leases not yet.
  void PassBoundary(InstantUs boundary_us, ReturnSchedule::Steps* steps);
  // To an instant before NextBoundary, at which everything due has come.
  void AdvanceTo(InstantUs at_us, ReturnSchedule::Steps* steps);
  // The same, but leases that end at that instant stand still.
  void AdvanceToJustBefore(InstantUs at_us, ReturnSchedule::Steps* steps);
  // Does something to the books now, of resources that it was told of.
  void Change(const std::function<void(BooksDraft*)>& change);
  // False once something was left out for want of steps: then there is more than this shows.
  bool complete() const { return complete_; }

 private:
  void TakeReturns(InstantUs until_us, ReturnSchedule::Steps* steps);
  void Thaw(InstantUs at_us);
  // The next period begins; it stands for all that begin until the instant, the last included.
  void RollOver(uint32_t number, InstantUs until_us);
  // Those at rest have periods that ended and were not looked at.
  void WakeAll();

  Books books_;
  const ReturnSchedule* const returns_;
  const MonthStartAfter* const month_start_after_;
  // Of each resource: the last boundary passed, and what it had after that.
  struct Passed {
    InstantUs at_us = 0;
    Balances balances;
    bool as_before = false;
  };
  std::map<uint32_t, Passed> resources_;
  InstantUs reached_us_;  // the last instant of which periods have ended
  InstantUs now_us_;
  bool complete_ = true;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_FUTURE_H_
