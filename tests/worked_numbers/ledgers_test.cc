// The whole of a system's costs: totals and shares, who is charged, budgets, reserves.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/worked_numbers/reckoning.h"

namespace purser {
namespace {

struct Row {
  std::string_view cost;
  std::string_view percent;  // as printed
};
constexpr Row kDirect[] = {
    {"28000", "35"}, {"8000", "10"}, {"3000", "3.8"}, {"5000", "6.3"}, {"4000", "5"}};
constexpr Row kIndirect[] = {{"12500", "15.6"}, {"7500", "9.4"}, {"5000", "6.3"}};
constexpr Row kHidden[] = {{"3000", "3.8"}, {"2500", "3.1"}, {"1500", "1.9"}};
const Amount kTotal = Usd("80000");

template <size_t kSize>
Amount SumOf(const Row (&rows)[kSize], std::string_view Row::*column) {
  Amount sum;
  for (const Row& row : rows) sum += Usd(row.*column);
  return sum;
}

template <size_t kSize>
void ExpectShares(const Row (&rows)[kSize]) {
  for (const Row& row : rows) {
    EXPECT_EQ(Printed(Percent(Usd(row.cost), kTotal), 1), Usd(row.percent)) << row.cost;
  }
}

TEST(TotalCost, OfARecommendationSystem) {
  EXPECT_EQ(SumOf(kDirect, &Row::cost), Usd("48000"));
  EXPECT_EQ(SumOf(kIndirect, &Row::cost), Usd("25000"));
  EXPECT_EQ(SumOf(kHidden, &Row::cost), Usd("7000"));
  EXPECT_EQ(Usd("48000") + Usd("25000") + Usd("7000"), kTotal);
  ExpectShares(kDirect);
  ExpectShares(kIndirect);
  ExpectShares(kHidden);
  EXPECT_EQ(Percent(Usd("25000"), kTotal), Usd("31.25"));
  EXPECT_EQ(Percent(Usd("36000"), kTotal), Usd("45"));
  EXPECT_EQ(Percent(Usd("48000"), kTotal), Usd("60"));
  // 10 million requests a day.
  EXPECT_EQ(Quotient(kTotal, Count(300'000'000)), Usd("0.000267"));
}

// Printed: 100 percent. Shares that are rounded one by one add up to 100.2; split as costs are, in
// tenths of a percent, they add up.
TEST(TotalCost, HasSharesThatDoNotAddUp) {
  EXPECT_EQ(SumOf(kDirect, &Row::percent) + SumOf(kIndirect, &Row::percent) +
                SumOf(kHidden, &Row::percent),
            Usd("100.2"));
  std::vector<Weight> weights;
  for (const Row& row : kDirect) weights.push_back({std::string(row.cost) + "a", Usd(row.cost)});
  for (const Row& row : kIndirect) weights.push_back({std::string(row.cost) + "b", Usd(row.cost)});
  for (const Row& row : kHidden) weights.push_back({std::string(row.cost) + "c", Usd(row.cost)});
  std::vector<int64_t> tenths;
  for (const Amount each : Split(Amount::FromMicros(1000), weights)) {
    tenths.push_back(each.micros());
  }
  EXPECT_EQ(tenths, (std::vector<int64_t>{350, 100, 38, 62, 50, 156, 94, 62, 38, 31, 19}));
}

// The same page gives ranges, in percent of the direct costs. Printed for observability: 3 to 5;
// the table has 6.25.
TEST(TotalCost, HasMoreObservabilityThanItsOwnRange) {
  EXPECT_EQ(Percent(Usd("3000"), Usd("48000")), Usd("6.25"));
  EXPECT_EQ(Printed(Percent(Usd("2500"), Usd("48000")), 1), Usd("5.2"));  // 5 to 10
  EXPECT_EQ(Printed(Percent(Usd("1500"), Usd("48000")), 1), Usd("3.1"));  // 2 to 5
}

// Printed: 50,000 and an engineer of 15,000 may be dearer than 100,000 without one. The engineer is
// 30 percent of the compute, 23 of the whole, and the whole is 65,000.
TEST(TotalCost, WithAnEngineerIsStillTheSmaller) {
  EXPECT_EQ(Percent(Usd("15000"), Usd("50000")), Usd("30"));
  EXPECT_EQ(Printed(Percent(Usd("15000"), Usd("65000")), 1), Usd("23.1"));
  EXPECT_LT(Usd("50000") + Usd("15000"), Usd("100000"));
}

// Four L4 all day, 50,000 calls of 0.02, 0.7 of engineers of 180,000 a year, 15 percent of the
// direct costs for what is hidden. Storage has no price there, and is left out.
TEST(TotalCost, OfAChatbot) {
  const Amount machines = Cost(4 * kMonthHours, "0.5");
  EXPECT_EQ(machines, Usd("1440"));
  const Amount engineers = Cost(Quotient(Usd("180000"), Count(12)), "0.7");
  EXPECT_EQ(engineers, Usd("10500"));
  const Amount direct = machines + Cost(50'000, "0.02");
  EXPECT_EQ(direct, Usd("2440"));
  const Amount total = direct + Cost(direct, "0.15") + engineers;
  EXPECT_EQ(total, Usd("13306"));
  EXPECT_EQ(Quotient(total, Count(500'000)), Usd("0.026612"));
  // Four times the conversations with four times the calls, on the same machines.
  const Amount grown = machines + Cost(200'000, "0.02");
  EXPECT_EQ(Quotient(grown + Cost(grown, "0.15") + engineers, Count(2'000'000)), Usd("0.008378"));
}

// Of 200,000 two teams have 80,000 and 50,000; the shared 70,000 go by what they use.
TEST(Attribution, OfASharedCostIsExact) {
  EXPECT_EQ(Usd("80000") + Usd("50000") + Usd("70000"), Usd("200000"));
  const std::vector<Amount> parts =
      Split(Usd("70000"), {{"recommendation", Usd("80000")}, {"search", Usd("50000")}});
  EXPECT_EQ(parts, (std::vector<Amount>{Usd("43076.923077"), Usd("26923.076923")}));
  EXPECT_EQ(parts[0] + parts[1], Usd("70000"));
  // Where nobody used anything, nobody is charged.
  EXPECT_TRUE(Split(Usd("70000"), {{"recommendation", Amount()}, {"search", Amount()}}).empty());
}

// Whether `spent` is above that share of a budget: by products, as a share of a millionth is none.
bool IsAbove(Amount spent, int percent, Amount budget) {
  return absl::int128(spent.micros()) * 100 > absl::int128(budget.micros()) * percent;
}

TEST(Budget, IsPassedAboveAThresholdNotAtIt) {
  const Amount budget = Usd("12000");
  struct {
    int percent;
    std::string_view at;
  } const rows[] = {{75, "9000"},   {80, "9600"},   {90, "10800"},
                    {100, "12000"}, {110, "13200"}, {120, "14400"}};
  for (const auto& row : rows) {
    EXPECT_EQ(Percent(Usd(row.at), budget), Count(row.percent));
    EXPECT_FALSE(IsAbove(Usd(row.at), row.percent, budget)) << row.percent;
    EXPECT_TRUE(IsAbove(Usd(row.at) + Usd("0.000001"), row.percent, budget)) << row.percent;
  }
  // Three quarters of this one lie between two millionths.
  EXPECT_FALSE(IsAbove(Usd("24.999999"), 75, Usd("33.333333")));
  EXPECT_TRUE(IsAbove(Usd("25"), 75, Usd("33.333333")));
}

TEST(Budget, OfNextYearCoversAQuarterMore) {
  EXPECT_EQ(Percent(Usd("1500000") - Usd("1200000"), Usd("1200000")), Usd("25"));
  // Twice the use at the same price would be 2.4 million.
  EXPECT_EQ(Cost(2, "1200000"), Usd("2400000"));
}

TEST(Reserve, IsAQuarterOfEachResource) {
  struct {
    std::string_view amount;
    std::string_view reserve;
  } const rows[] = {{"400", "100"}, {"12000", "3000"}, {"80", "20"},
                    {"5", "1.25"},  {"120", "30"},     {"20", "5"}};
  for (const auto& row : rows) {
    EXPECT_EQ(PercentRoundedUp(Count(25), Usd(row.amount)), Usd(row.reserve)) << row.amount;
  }
}

}  // namespace
}  // namespace purser
