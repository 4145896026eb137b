#include "api/render_budget.h"

#include <algorithm>

#include "api/budget_forecast.h"
#include "api/render.h"

namespace purser::api {
namespace {

constexpr size_t kMonthNameLength = 7;  // "2026-11"

// No time zone is half a month from UTC.
std::string MonthName(const stored::CostMonth& month) {
  const InstantUs middle_us = month.from_us() + (month.until_us() - month.from_us()) / 2;
  return InstantText(middle_us).substr(0, kMonthNameLength);
}

// Number 0 of a public enum is what is left out.
v1::Enforcement RenderEnforcement(stored::Budget::Enforcement enforcement) {
  return static_cast<v1::Enforcement>(enforcement + 1);
}
v1::BudgetLevel RenderLevel(stored::BudgetLevel level) {
  return static_cast<v1::BudgetLevel>(level + 1);
}
static_assert(int{stored::Budget::SHOWBACK} + 1 == int{v1::SHOWBACK});
static_assert(int{stored::BLOCK} + 1 == int{v1::BLOCK});

void AddForecast(const BudgetSpending& spending, v1::Budget* out) {
  const auto forecast = ForecastBudget(spending);
  if (!forecast.has_value()) return;
  out->mutable_burn_per_day()->set_micros(forecast->burn_per_day.micros());
  out->mutable_forecast()->set_micros(forecast->forecast.micros());
  if (forecast->spent_time_us.has_value()) {
    SetTime(*forecast->spent_time_us, out->mutable_spent_time());
  }
}

void AddOverride(const stored::Budget& budget, InstantUs at_us, v1::Budget* out) {
  if (!IsOverridden(budget, at_us)) return;
  v1::BudgetOverride& shown = *out->mutable_override();
  shown.set_principal(budget.override().principal());
  shown.set_reason(budget.override().reason());
  SetTime(budget.override().until_us(), shown.mutable_until());
}

}  // namespace

v1::Budget RenderBudgetSettings(const stored::Budget& budget) {
  v1::Budget out;
  out.set_id(budget.id());
  for (const auto& label : budget.labels()) (*out.mutable_labels())[label.key()] = label.value();
  out.mutable_amount()->set_micros(budget.amount());
  out.set_enforcement(RenderEnforcement(budget.enforcement()));
  return out;
}

v1::Budget RenderBudget(const BudgetPicture& picture) {
  const stored::Budget& budget = *picture.settings;
  const stored::CostMonth& month = picture.month;
  const BudgetTotals& totals = picture.totals;
  v1::Budget out = RenderBudgetSettings(budget);
  out.set_period(MonthName(month));
  SetTime(month.from_us(), out.mutable_period_start());
  SetTime(month.until_us(), out.mutable_period_end());
  const InstantUs since_us = CountedSince(picture, month);
  SetTime(since_us, out.mutable_counted_since());
  out.mutable_spent()->set_micros(totals.spent_amount().micros());
  out.mutable_held()->set_micros(totals.held_amount().micros());
  out.mutable_left()->set_micros(ShownMicros(budget.amount() - totals.committed()));
  out.set_level(RenderLevel(totals.told));
  // The next month may not have begun yet.
  const InstantUs at_us = std::min(picture.at_us, month.until_us());
  AddForecast(
      {Amount::FromMicros(budget.amount()), totals.spent, since_us, at_us, month.until_us()}, &out);
  AddOverride(budget, picture.at_us, &out);
  out.set_generation(budget.generation());
  SetTime(budget.create_time_us(), out.mutable_create_time());
  return out;
}

}  // namespace purser::api
