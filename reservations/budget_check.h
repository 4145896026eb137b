#ifndef PURSER_RESERVATIONS_BUDGET_CHECK_H_
#define PURSER_RESERVATIONS_BUDGET_CHECK_H_

// Which budgets stand in a request's way (daemon/decisions/0015). A value for one question;
// thread-compatible.
#include <vector>

#include "ledger/refusal.h"
#include "reservations/budget_parts.h"
#include "reservations/commands.h"
#include "reservations/usage_draft.h"

namespace purser {

inline constexpr char kBudgetKind[] = "BUDGET";  // of what blocks

class BudgetCheck {
 public:
  // `is_approved`: somebody has approved it.
  BudgetCheck(const BooksDraft& books, const UsageDraft& usage, const Labels& labels,
              const RequestedCosts& costs, bool is_approved);

  // By id.
  const std::vector<Refusal::Blocking>& blocking() const { return blocking_; }
  // Whether one of them refuses it whoever approves.
  bool refuses() const { return refuses_; }
  // Whether there is one that looks at it, in its way or not, now or when its override ends or
  // there are other rates.
  bool is_bound() const { return is_bound_; }

 private:
  std::vector<Refusal::Blocking> blocking_;
  bool refuses_ = false;
  bool is_bound_ = false;
};

// Of what was asked for; nothing where the population has no budgets.
RequestedCosts CostsOf(const BooksDraft& books, const ReservationPicture& picture);
RequestedCosts CostsOf(const BooksDraft& books, const RequestReservation& request);

// Rollback and disaster recovery are never refused for a budget.
inline bool PassesBudgets(stored::Purpose purpose) { return PassesFreezes(purpose); }

}  // namespace purser

#endif  // PURSER_RESERVATIONS_BUDGET_CHECK_H_
