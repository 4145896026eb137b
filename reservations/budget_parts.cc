#include "reservations/budget_parts.h"

#include <algorithm>

#include "ledger/check.h"
#include "reservations/charge_costs.h"
#include "reservations/label_selector.h"

namespace purser {
namespace {

// A cost beside another of the same labels: each value has its part of both together, less that of
// what was there before.
struct CostBeside {
  Amount before;
  Amount cost;
};

// What of the line's cost is of the month, that of its entry: a hold of an earlier one has its own.
std::optional<CostBeside> CostInMonth(const stored::CostMonth& month,
                                      const stored::Charged& charged,
                                      const stored::Charged::Line& line) {
  const auto cost = CostOf(line);
  if (!cost.has_value()) return std::nullopt;
  if (line.within_hold() == 0 || charged.hold_time_us() >= month.from_us()) {
    return CostBeside{Amount(), *cost};
  }
  if (line.within_hold() == line.amount()) return std::nullopt;
  const Amount within = Amount::FromMicros(line.within_hold());
  const Amount rest = Amount::FromMicros(line.amount()) - within;
  const auto parts = Split(*cost, {{"hold", within}, {"rest", rest}});
  return CostBeside{parts[0], parts[1]};
}

bool IsHeldIn(const stored::CostMonth& month, const ReservationPicture& reservation) {
  return reservation.counts() && reservation.held_since_us() >= month.from_us();
}

// At the rate that it had when it was held; nullopt: there is nothing, or it is not priced.
std::optional<Amount> HeldCostOf(const HoldLine& line) {
  if (!line.rate.has_value() || !line.consumable || line.held.is_zero()) return std::nullopt;
  return CostOf(line.held, *line.rate).value_or(Amount::Max());
}

void VisitParts(const BudgetBook& budgets, const ReadableLabels& labels, const CostBeside& cost,
                BudgetVisit visit) {
  for (const auto& [id, state] : budgets.all()) {
    const auto& selector = state.settings->labels();
    const Amount after = labels.PartOf(selector, cost.before + cost.cost);
    visit(id, cost.before.is_zero() ? after : after - labels.PartOf(selector, cost.before));
  }
}

}  // namespace

void ForEachHeldPart(const BudgetBook& budgets, const ReservationPicture& reservation,
                     BudgetVisit visit) {
  if (budgets.empty() || !IsHeldIn(*budgets.month(), reservation)) return;
  const ReadableLabels labels(*reservation.labels);
  for (const HoldLine& line : reservation.lines) {
    const auto cost = HeldCostOf(line);
    if (!cost.has_value()) continue;
    for (const auto& [id, state] : budgets.all()) {
      if (reservation.held_since_sequence() <= state.totals.counted_after) continue;
      visit(id, labels.PartOf(state.settings->labels(), *cost));
    }
  }
}

std::optional<absl::int128> HeldPartOf(const stored::Budget& budget, const stored::CostMonth& month,
                                       const ReservationPicture& reservation) {
  if (!IsHeldIn(month, reservation)) return std::nullopt;
  const ReadableLabels labels(*reservation.labels, budget.labels());
  if (!labels.IsSelectedBy(budget.labels())) return std::nullopt;
  std::optional<absl::int128> sum;
  for (const HoldLine& line : reservation.lines) {
    const auto cost = HeldCostOf(line);
    if (!cost.has_value()) continue;
    sum = sum.value_or(0) + labels.PartOf(budget.labels(), *cost).micros();
  }
  return sum;
}

void ForEachCostPart(const BudgetBook& budgets, const Labels& labels, Amount cost,
                     BudgetVisit visit) {
  if (!budgets.empty()) VisitParts(budgets, ReadableLabels(labels), {Amount(), cost}, visit);
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
  const ReadableLabels readable(labels);
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
    const Amount was_left = *CostLeft(*line, before);
    VisitParts(budgets, readable, {was_left, *left - was_left}, visit);
  }
}

absl::int128 RequestedPart(const stored::Budget& budget, const ReadableLabels& labels,
                           const RequestedCosts& costs) {
  absl::int128 sum = 0;
  for (const Amount cost : costs) sum += labels.PartOf(budget.labels(), cost).micros();
  return sum;
}

}  // namespace purser
