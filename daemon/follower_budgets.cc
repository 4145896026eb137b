// Who waits for what a budget asks for.
#include "daemon/follower.h"
#include "reservations/budget_check.h"

namespace purser {

std::vector<api::RequestApproval> Follower::ListUnapproved(const std::string& population,
                                                           size_t count, InstantUs now_us) {
  if (count == 0) return {};
  MutexLock lock(&state_mutex_);
  std::vector<api::RequestApproval> unapproved;
  const auto followed = FindNewest(population);
  if (!followed.ok() || (*followed)->view->budgets->empty()) return unapproved;
  const Books judged = MakeBooks(*(*followed)->view, (*followed)->debts);
  const JudgedState state = StateOf(**followed, &judged, "", now_us);
  const BooksDraft books(&judged, state.sequence + 1, state.now_us);
  const UsageDraft usage(&books, nullptr, state.usage);
  for (const auto& [key, queued] : (*followed)->waiting) {
    if (unapproved.size() == count) break;
    const bool is_judged =
        !queued->booked() && queued->approver == nullptr && !PassesBudgets(queued->purpose);
    if (!is_judged) continue;
    const BudgetCheck check(books, usage, *queued->labels, CostsOf(books, *queued), false);
    if (check.blocking().empty()) continue;
    api::RequestApproval& approval = unapproved.emplace_back();
    approval.reservation = queued;
    for (const auto& blocking : check.blocking()) approval.budgets.push_back(blocking.name());
  }
  return unapproved;
}

}  // namespace purser
