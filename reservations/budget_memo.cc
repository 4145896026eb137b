#include "reservations/budget_memo.h"

#include <utility>

namespace purser {

bool BudgetMemo::Blocks(const ReservationPicture& waits, const RequestedCosts& costs,
                        const BooksDraft& books, const UsageDraft& usage) const {
  const auto found = known_.find(&waits);
  if (found == known_.end() || found->second.costs != costs) return false;
  const BudgetCheck::InTheWay& in_the_way = found->second.in_the_way;
  const stored::Budget& budget = *in_the_way.budget;
  const BudgetState* const state = books.budgets().Find(budget.id());
  // One that was changed, or made anew, has settings of its own.
  if (state == nullptr || state->settings != in_the_way.budget) return false;
  if (!Enforces(budget, books.now_us())) return false;
  const int percent = waits.approver != nullptr ? kBlockPercent : kReviewPercent;
  return usage.TotalsOf(budget.id(), *state).committed() + in_the_way.part >
         BudgetThreshold(budget, percent);
}

void BudgetMemo::Note(const ReservationPicture& waits, RequestedCosts costs,
                      BudgetCheck::InTheWay found) {
  known_.insert_or_assign(&waits, Known{std::move(costs), std::move(found)});
}

}  // namespace purser
