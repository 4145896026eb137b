#include "reservations/budget_parts.h"

#include <algorithm>

#include "ledger/check.h"
#include "reservations/charge_costs.h"
#include "reservations/label_selector.h"

namespace purser {
namespace {

// What of the line's cost is of the month, that of its entry: a hold of an earlier one has its own.
std::optional<Amount> CostInMonth(const stored::CostMonth& month, const stored::Charged& charged,
                                  const stored::Charged::Line& line) {
  const auto cost = CostOf(line);
  if (!cost.has_value()) return std::nullopt;
  if (line.within_hold() == 0 || charged.hold_time_us() >= month.from_us()) return cost;
  if (line.within_hold() == line.amount()) return std::nullopt;
  const Amount within = Amount::FromMicros(line.within_hold());
  const Amount rest = Amount::FromMicros(line.amount()) - within;
  return Split(*cost, {{"hold", within}, {"rest", rest}})[1];
}

void VisitParts(const BudgetBook& budgets, const ReadableLabels& labels, Amount cost,
                BudgetVisit visit) {
  for (const auto& [id, state] : budgets.all()) {
    visit(id, labels.PartOf(state.settings->labels(), cost));
  }
}

}  // namespace

void ForEachHeldPart(const BudgetBook& budgets, const ReservationPicture& reservation,
                     BudgetVisit visit) {
  if (budgets.empty() || !reservation.counts()) return;
  if (reservation.held_since_us() < budgets.month()->from_us()) return;
  const ReadableLabels labels(*reservation.labels);
  for (const HoldLine& line : reservation.lines) {
    if (!line.rate.has_value() || !line.consumable || line.held.is_zero()) continue;
    const Amount cost = CostOf(line.held, *line.rate).value_or(Amount::Max());
    for (const auto& [id, state] : budgets.all()) {
      if (reservation.held_since_sequence() <= state.settings->sequence()) continue;
      visit(id, labels.PartOf(state.settings->labels(), cost));
    }
  }
}

void ForEachCostPart(const BudgetBook& budgets, const Labels& labels, Amount cost,
                     BudgetVisit visit) {
  if (!budgets.empty()) VisitParts(budgets, ReadableLabels(labels), cost, visit);
}

void ForEachChargedPart(const BudgetBook& budgets, const stored::Charged& charged,
                        const Labels& labels, BudgetVisit visit) {
  if (budgets.empty()) return;
  const ReadableLabels readable(labels);
  for (const auto& line : charged.lines()) {
    const auto cost = CostInMonth(*budgets.month(), charged, line);
    if (cost.has_value()) VisitParts(budgets, readable, *cost, visit);
  }
}

void ForEachRefundedPart(const BudgetBook& budgets, const stored::Refunded& refunded,
                         const stored::ChargeRecord& charge, const Labels& labels,
                         BudgetVisit visit) {
  if (budgets.empty()) return;
  const auto& lines = charge.charged().lines();
  const auto& refunds = charge.refunds();
  const bool has_it = std::any_of(refunds.begin(), refunds.end(),
                                  [&](const auto& each) { return each.id() == refunded.id(); });
  for (const auto& part : refunded.lines()) {
    const auto line = std::find_if(lines.begin(), lines.end(), [&part](const auto& each) {
      return each.resource() == part.resource();
    });
    PURSER_CHECK(line != lines.end(), "a refund is of what was charged");
    const Amount amount = Amount::FromMicros(part.amount());
    const Amount known = RefundedOf(charge, part.resource());
    const Amount before = has_it ? known - amount : known;
    const auto left = CostLeft(*line, before + amount);
    if (!left.has_value()) continue;
    ForEachCostPart(budgets, labels, *left - *CostLeft(*line, before), visit);
  }
}

absl::int128 RequestedPart(const stored::Budget& budget, const ReadableLabels& labels,
                           const RequestedCosts& costs) {
  absl::int128 sum = 0;
  for (const Amount cost : costs) sum += labels.PartOf(budget.labels(), cost).micros();
  return sum;
}

}  // namespace purser
