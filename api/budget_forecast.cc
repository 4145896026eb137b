#include "api/budget_forecast.h"

#include <algorithm>

#include "api/burn_rate.h"
#include "api/render.h"

namespace purser::api {

std::optional<BudgetForecast> ForecastBudget(const BudgetSpending& spending) {
  const BurnRate burn{spending.spent, spending.at_us - spending.counted_since_us};
  if (!burn.is_known()) return std::nullopt;
  BudgetForecast forecast;
  forecast.burn_per_day = Amount::FromMicros(ShownMicros(burn.In(kDayUs)));
  const int64_t rest_us = std::max<int64_t>(spending.until_us - spending.at_us, 0);
  forecast.forecast = Amount::FromMicros(ShownMicros(burn.micros + burn.In(rest_us)));
  const absl::int128 amount = spending.amount.micros();
  if (burn.micros <= 0 || burn.micros >= amount) return forecast;
  const absl::int128 elapsed_us = (amount * burn.interval_us + burn.micros - 1) / burn.micros;
  if (spending.counted_since_us + elapsed_us < spending.until_us) {
    forecast.spent_time_us = spending.counted_since_us + static_cast<int64_t>(elapsed_us);
  }
  return forecast;
}

}  // namespace purser::api
