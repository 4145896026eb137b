#ifndef PURSER_RESERVATIONS_BUDGET_PARTS_H_
#define PURSER_RESERVATIONS_BUDGET_PARTS_H_

// What is held and spent, as budgets count it (daemon/decisions/0015): of each line the part of
// each budget, in USD, of the budgets' month. Each visit may be of a part of zero, and a budget is
// visited as often as it has lines. Thread-safe: pure functions.
#include "absl/functional/function_ref.h"
#include "ledger/budgets.h"
#include "reservations/label_selector.h"
#include "reservations/reservation.h"

namespace purser {

using BudgetVisit = absl::FunctionRef<void(const std::string& id, Amount part)>;

// What it holds still, for the budgets that count it: that were there before it, or have counted
// it since.
void ForEachHeldPart(const BudgetBook& budgets, const ReservationPicture& reservation,
                     BudgetVisit visit);
// What of it the budget would count in the month, whenever the budget was made; more than an amount
// where its lines are. nullopt: nothing, and never again, as what is held only becomes less. A part
// of 0 may still become a millionth: what is left to the largest remainders goes to others then.
std::optional<absl::int128> HeldPartOf(const stored::Budget& budget, const stored::CostMonth& month,
                                       const ReservationPicture& reservation);

// One of those that held something with a budget's labels before it was made, and hold it still: of
// an entry that is passed there are only ever fewer.
struct EarlierHold {
  uint64_t sequence = 0;  // by which it holds
  std::string id;

  friend auto operator<=>(const EarlierHold&, const EarlierHold&) = default;
};
// What of its month was there up to the entry that made a budget.
struct EarlierCosts {
  absl::int128 spent = 0;
  std::vector<EarlierHold> held;  // in order of their entries
};

// What a charge costs that is posted in the month.
void ForEachChargedPart(const BudgetBook& budgets, const stored::Charged& charged,
                        const Labels& labels, BudgetVisit visit);
// The same, below 0, of a refund; `charge` may have it among its refunds, and none that are later.
void ForEachRefundedPart(const BudgetBook& budgets, const stored::Refunded& refunded,
                         const stored::ChargeRecord& charge, const Labels& labels,
                         BudgetVisit visit);
// Of what is posted beside charges.
void ForEachCostPart(const BudgetBook& budgets, const Labels& labels, Amount cost,
                     BudgetVisit visit);

// What a request asks for costs, a line each; the largest amount where that is less.
using RequestedCosts = std::vector<Amount>;
// The part of it that the budget counts.
absl::int128 RequestedPart(const stored::Budget& budget, const ReadableLabels& labels,
                           const RequestedCosts& costs);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_BUDGET_PARTS_H_
