#include "lifecycle/cost_month.h"

#include "ledger/check.h"
#include "lifecycle/models.h"

namespace purser {
namespace {

// More than a month, and less than two.
constexpr int64_t kBeyondAMonthUs = 32 * kDayUs;

const stored::ChargeRecord& RecordOf(const Population& population, const std::string& id) {
  const auto* const found = population.reservations.recent().FindCharge(id);
  PURSER_CHECK(found != nullptr, "a charge of this entry is remembered");
  return **found;
}

}  // namespace

stored::CostMonth CostMonthAt(const MonthStartAfter& month_start_after,
                              const std::string& time_zone, InstantUs at_us) {
  stored::CostMonth month;
  month.set_until_us(month_start_after(time_zone, at_us));
  month.set_from_us(month_start_after(time_zone, month.until_us() - kBeyondAMonthUs));
  return month;
}

void ForEachSpending(const stored::Entry& entry, const Population& population, BudgetVisit visit) {
  const BudgetBook& budgets = population.books.budgets();
  if (budgets.empty()) return;
  for (const auto& fact : entry.reservation_facts()) {
    if (fact.has_charged()) {
      const auto& record = RecordOf(population, fact.charged().id());
      ForEachChargedPart(budgets, fact.charged(), *ReadLabels(record.labels()), visit);
    } else if (fact.has_refunded()) {
      const auto& record = RecordOf(population, fact.refunded().charge());
      ForEachRefundedPart(budgets, fact.refunded(), record, *ReadLabels(record.labels()), visit);
    } else if (fact.has_cost_entered()) {
      ForEachCostPart(budgets, *ReadLabels(fact.cost_entered().labels()),
                      Amount::FromMicros(fact.cost_entered().amount()), visit);
    }
  }
  for (const auto& fact : entry.model_facts()) {
    if (!fact.has_moved() || fact.moved().cold_start_cost() == 0) continue;
    const ModelRecord* const model = population.models.Find(fact.moved().id());
    if (model == nullptr) continue;
    const Amount cost = Amount::FromMicros(fact.moved().cold_start_cost());
    for (const auto& [labels, part] : ColdStartParts(model->settings(), cost)) {
      ForEachCostPart(budgets, labels, part, visit);
    }
  }
}

void CountHeld(const std::string& id, int sign, Population* population) {
  const Reservation* const open = population->reservations.FindOpen(id);
  if (open == nullptr) return;
  ForEachHeldPart(population->books.budgets(), *open, [&](const std::string& budget, Amount part) {
    population->books.HoldOfBudget(budget, absl::int128(part.micros()) * sign);
  });
}

}  // namespace purser
