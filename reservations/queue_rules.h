#ifndef PURSER_RESERVATIONS_QUEUE_RULES_H_
#define PURSER_RESERVATIONS_QUEUE_RULES_H_

// Who of those that wait, or start as they booked, may be granted (daemon/decisions/0006, 0008):
// said once for the writer, which grants, and for whoever plans ahead what it will grant. A value
// for one state of the books, which it looks at until they change; thread-compatible.
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "ledger/books_draft.h"
#include "reservations/budget_memo.h"
#include "reservations/calendar.h"
#include "reservations/commands.h"
#include "reservations/limit_check.h"

namespace purser {

using QueueClaims = absl::flat_hash_set<uint32_t>;  // resources

class QueueRules {
 public:
  // `usage` and `calendar` change with the books; nullptr: neither limits nor budgets, no bookings
  // are looked at.
  QueueRules(const BooksDraft* books, const ReservationPolicy* policy, const UsageDraft* usage,
             const CalendarDraft* calendar);

  // Whether a freeze, a debt, a limit or a budget stands in its way: then it claims nothing.
  // `memo`, which may be nullptr, is of the queue in which it stands as it was put there.
  bool IsBlocked(const ReservationPicture& queued, BudgetMemo* memo = nullptr) const;
  // Whether a limit or a budget does, whatever else.
  bool IsOverLimits(const ReservationPicture& queued, BudgetMemo* memo) const;
  // What it would get of each of its lines; nullopt: not enough of one, or one is claimed. Who is
  // booked gets what it booked, of which its consumables are its own already.
  using Grant = absl::InlinedVector<Amount, 4>;
  std::optional<Grant> FindGrant(const ReservationPicture& queued, const QueueClaims& claims) const;
  // The resources of which there is less than it is content with, of a grant so much later: what
  // is booked by then, or while its lease would last, is not its.
  using Lacking = absl::InlinedVector<uint32_t, 4>;
  Lacking FindLacking(const ReservationPicture& queued, int64_t later_us) const;
  // Whether a limit or a budget binds it, whether or not it stands in its way.
  bool IsLimited(const ReservationPicture& queued) const;
  // Whether one may stand in the way of its grant, some time: of one that is booked only shares of
  // capacities are looked at as it starts.
  bool MayBeLimited(const ReservationPicture& queued) const;
  // Whether it may draw on the reserve: then no claim binds it.
  bool MayDraw(const ReservationPicture& queued) const {
    return policy_->MayDrawOnReserve(queued.purpose);
  }

 private:
  // What is left of DrawableOf by limits; where others are short of what they booked it is nothing,
  // not less.
  Amount HasFor(const ReservationPicture& queued, size_t line,
                const std::optional<LimitCheck>& limits, int64_t later_us) const;
  // What there is of the resource of a line, until its lease would end if it were granted so much
  // later.
  Amount DrawableOf(const ReservationPicture& queued, const HoldLine& line, int64_t later_us) const;
  // Whatever budgets say.
  bool IsBlockedBesideBudgets(const ReservationPicture& queued) const;
  // Nothing where no budget judges it.
  RequestedCosts JudgedCostsOf(const ReservationPicture& queued) const;
  // Whether a budget is in the way of what costs that, as `memo` knows, or finds out now.
  bool IsKnownOverBudget(const ReservationPicture& queued, const RequestedCosts& costs,
                         const BudgetMemo* memo) const;
  bool IsOverBudget(const ReservationPicture& queued, RequestedCosts costs, BudgetMemo* memo) const;
  bool HasLimits(const ReservationPicture& queued) const;
  bool IsJudgedByBudgets(const ReservationPicture& queued) const;
  // nullopt: no limit binds it.
  std::optional<LimitCheck> CheckLimits(const ReservationPicture& queued) const;

  const BooksDraft* const books_;
  const ReservationPolicy* const policy_;
  const UsageDraft* const usage_;
  const CalendarDraft* const calendar_;
  bool is_past_limit_ = false;  // debts of a resource stop every experiment
  bool has_freezes_ = false;
  bool is_frozen_ = false;  // the population
};

// The least of a line that it is content with.
Amount LeastOfLine(const ReservationPicture& queued, const HoldLine& line,
                   const Resource& resource);

// What it names is claimed from now on.
void Claim(const ReservationPicture& queued, QueueClaims* claims);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_QUEUE_RULES_H_
