// Where the spending of a budget leads, in integers.
#include "api/budget_forecast.h"

#include "gtest/gtest.h"

namespace purser::api {
namespace {

constexpr InstantUs kBegin = 1'000 * kDayUs;

// Spent within some time of a month of thirty days.
std::optional<BudgetForecast> Forecast(int64_t amount, int64_t spent, int64_t elapsed_us) {
  return ForecastBudget(
      {Amount::FromMicros(amount), spent, kBegin, kBegin + elapsed_us, kBegin + 30 * kDayUs});
}

TEST(BudgetForecast, IsNotKnownWhileNoTimeHasPassed) {
  EXPECT_FALSE(Forecast(100, 10, 0).has_value());
  EXPECT_FALSE(Forecast(100, 10, -1).has_value());
  EXPECT_TRUE(Forecast(100, 10, 1).has_value());
}

TEST(BudgetForecast, RoundsHalfAwayFromZero) {
  // A day of two days: 1 ÷ 2; the rest is 28 days: 14.
  const auto up = Forecast(100, 1, 2 * kDayUs);
  EXPECT_EQ(up->burn_per_day.micros(), 1);
  EXPECT_EQ(up->forecast.micros(), 15);
  const auto down = Forecast(100, -1, 2 * kDayUs);
  EXPECT_EQ(down->burn_per_day.micros(), -1);
  EXPECT_EQ(down->forecast.micros(), -15);
  EXPECT_EQ(Forecast(100, 1, 3 * kDayUs)->burn_per_day.micros(), 0);
}

TEST(BudgetForecast, SaysWhenTheAmountIsSpent) {
  const auto at = [](const std::optional<BudgetForecast>& forecast) {
    return forecast->spent_time_us.value_or(kBegin) - kBegin;
  };
  EXPECT_EQ(at(Forecast(100, 10, kDayUs)), 10 * kDayUs);
  // Not before all of it is spent.
  EXPECT_EQ(at(Forecast(100, 70, kDayUs)), 10 * kDayUs / 7 + 1);
  // At the very end of the month is not within it.
  EXPECT_FALSE(Forecast(30, 1, kDayUs)->spent_time_us.has_value());
  EXPECT_TRUE(Forecast(29, 1, kDayUs)->spent_time_us.has_value());
  // It is already, or never will be.
  EXPECT_FALSE(Forecast(100, 100, kDayUs)->spent_time_us.has_value());
  EXPECT_FALSE(Forecast(100, 0, kDayUs)->spent_time_us.has_value());
  EXPECT_FALSE(Forecast(100, -5, kDayUs)->spent_time_us.has_value());
}

TEST(BudgetForecast, StaysWithinWhatAnAmountHolds) {
  const int64_t most = Amount::Max().micros();
  const auto high = Forecast(most, most, 1);
  EXPECT_EQ(high->burn_per_day, Amount::Max());
  EXPECT_EQ(high->forecast, Amount::Max());
  EXPECT_EQ(Forecast(most, -most, 1)->forecast, -Amount::Max());
  EXPECT_FALSE(Forecast(most, 1, kDayUs)->spent_time_us.has_value());
  EXPECT_EQ(Forecast(100, 70, 40 * kDayUs)->forecast.micros(), 70) << "the month is over";
}

}  // namespace
}  // namespace purser::api
