#ifndef PURSER_RESERVATIONS_BUDGET_CHECK_H_
#define PURSER_RESERVATIONS_BUDGET_CHECK_H_

// Which budgets stand in a request's way (daemon/decisions/0015). A value for one question;
// thread-compatible.
#include <memory>
#include <optional>
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

  // A budget in its way, and the part of its costs that the budget counts.
  struct InTheWay {
    std::shared_ptr<const stored::Budget> budget;
    absl::int128 part = 0;
  };
  // The first by id, for who looks at many; nullopt: there is none.
  static std::optional<InTheWay> FindFirst(const BooksDraft& books, const UsageDraft& usage,
                                           const Labels& labels, const RequestedCosts& costs,
                                           bool is_approved);
  // Whether there is one.
  static bool Blocks(const BooksDraft& books, const UsageDraft& usage, const Labels& labels,
                     const RequestedCosts& costs, bool is_approved) {
    return FindFirst(books, usage, labels, costs, is_approved).has_value();
  }
  // Whether one looks at what has the labels, in its way or not, now or when an override ends or
  // there are other rates.
  static bool Binds(const BudgetBook& budgets, const Labels& labels);

  // Says of each that is in the way, as `until_us`, when a month begins in which no budget stops
  // what costs `costs` then, if nothing else is spent or held by then; if one does, nothing.
  void NoteNextMonth(const BooksDraft& books, const Labels& labels, const RequestedCosts& costs,
                     bool is_approved);

  // By id.
  const std::vector<Refusal::Blocking>& blocking() const { return blocking_; }
  // Whether one of them refuses it whoever approves.
  bool refuses() const { return refuses_; }

 private:
  std::vector<Refusal::Blocking> blocking_;
  bool refuses_ = false;
};

// Of what was asked for, at the rates of an instant, else of now; nothing where the population has
// no budgets.
RequestedCosts CostsOf(const BooksDraft& books, const ReservationPicture& picture, InstantUs at_us);
RequestedCosts CostsOf(const BooksDraft& books, const RequestReservation& request, InstantUs at_us);
template <typename Asked>
RequestedCosts CostsOf(const BooksDraft& books, const Asked& asked) {
  return CostsOf(books, asked, books.now_us());
}

// Rollback and disaster recovery are never refused for a budget.
inline bool PassesBudgets(stored::Purpose purpose) { return PassesFreezes(purpose); }

// Whether what waits may be approved: a budget is in its way, and nobody has; or be rejected: also
// after somebody has approved it.
bool MayBeReviewed(const BooksDraft& books, const UsageDraft& usage,
                   const ReservationPicture& queued, bool approves);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_BUDGET_CHECK_H_
