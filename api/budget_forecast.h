#ifndef PURSER_API_BUDGET_FORECAST_H_
#define PURSER_API_BUDGET_FORECAST_H_

// Where the spending of a budget leads if it goes on as it did since the budget counts
// (daemon/decisions/0015). An estimate, in integers. Thread-safe: pure functions.
#include <optional>

#include "ledger/amount.h"
#include "ledger/resource.h"

namespace purser::api {

// What was spent of an amount from an instant up to the present, and when the month ends.
struct BudgetSpending {
  Amount amount;  // above 0
  absl::int128 spent = 0;
  InstantUs counted_since_us = 0;
  InstantUs at_us = 0;
  InstantUs until_us = 0;
};
struct BudgetForecast {
  // Of a day, and at the month's end: rounded half away from zero to the millionth.
  Amount burn_per_day;
  Amount forecast;
  // The first instant at which the amount will be spent; nullopt: not within the month, or it is.
  std::optional<InstantUs> spent_time_us;
};
// nullopt: no time has passed.
std::optional<BudgetForecast> ForecastBudget(const BudgetSpending& spending);

}  // namespace purser::api

#endif  // PURSER_API_BUDGET_FORECAST_H_
