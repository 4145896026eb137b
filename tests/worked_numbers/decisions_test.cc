// To build or to buy, and what an investment brings.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/worked_numbers/reckoning.h"

namespace purser {
namespace {

// Printed: 270,000 to build and 216,000 to buy. 90,000 of development, then 21 months of 6,000 and
// of a quarter of an engineer, are 294,750; 943 million requests at 0.0001 are 94,300. To buy is
// the cheaper still, by three times.
TEST(BuildOrBuy, OfAnEmbeddingService) {
  const Amount development = Cost(3 * 2, "15000");
  EXPECT_EQ(development, Usd("90000"));
  const Amount machines = Cost(24 - 3, "6000");
  EXPECT_EQ(machines, Usd("126000"));
  const Amount upkeep = Cost(Cost(24 - 3, "15000"), "0.25");
  EXPECT_EQ(upkeep, Usd("78750"));
  EXPECT_EQ(development + machines + upkeep, Usd("294750"));
  int64_t millions = 12 * 50;
  for (const int month : {10, 12, 15, 18, 22, 26, 30, 34, 38, 42, 46, 50}) millions += month;
  EXPECT_EQ(millions, 943);
  EXPECT_EQ(TokenCost(1000, "0.1"), Usd("0.0001"));
  EXPECT_EQ(Cost(millions * 1'000'000, "0.0001"), Usd("94300"));
}

// Printed: 3.7 for building, 3.2 for buying.
TEST(BuildOrBuy, HasScoresOfThreePointSixAndThreePointThree) {
  struct {
    int tenths;  // weight
    int build;
    int buy;
  } const factors[] = {{3, 5, 2}, {2, 4, 2}, {2, 3, 5}, {2, 2, 5}, {1, 3, 3}};
  int weights = 0;
  int build = 0;
  int buy = 0;
  for (const auto& factor : factors) {
    weights += factor.tenths;
    build += factor.tenths * factor.build;
    buy += factor.tenths * factor.buy;
  }
  EXPECT_EQ(weights, 10);
  EXPECT_EQ(build, 36);
  EXPECT_EQ(buy, 33);
}

// Two engineers for 4 months, then 20 months of two A100 and 0.3 of an engineer; 0.10 a page, of
// which 100,000 a month become 20 percent more for 12 months and then stay.
TEST(BuildOrBuy, OfADocumentService) {
  const Amount running = Cost(2 * kMonthHours, "2.5") + Cost(15'000, "0.3");
  EXPECT_EQ(running, Usd("8100"));
  EXPECT_EQ(Cost(2 * 4, "15000") + Cost(20, running), Usd("282000"));
  Amount pages = Count(100'000);
  Amount all;
  for (int month = 0; month < 24; ++month) {
    all += pages;
    if (month < 12) pages = Cost(pages, "1.2");  // exact but for the last
  }
  EXPECT_EQ(Printed(pages, 2), Usd("891610.04"));
  EXPECT_EQ(Printed(Cost(all, "0.1"), 0), Usd("1465737"));
  // Running costs alone are those of 81,000 pages, with development over 24 months of 131,000.
  EXPECT_EQ(Quotient(running, Usd("0.1")), Usd("81000"));
  EXPECT_EQ(Quotient(running + Quotient(Usd("120000"), Count(24)), Usd("0.1")), Usd("131000"));
}

// Printed: 40,000 a month saved. With engineers and infrastructure it is 32,000.
TEST(BuildOrBuy, SavesLessThanTheMachinesSay) {
  const Amount own = Usd("10000") + Usd("6000") + Usd("2000");
  EXPECT_EQ(own, Usd("18000"));
  EXPECT_EQ(Usd("50000") - own, Usd("32000"));
}

// Printed: a third less, as 30 percent: 0.015 to 0.010. 30 percent less are 0.0105.
TEST(Target, OfThirtyPercentIsNotAThird) {
  EXPECT_EQ(Printed(PercentSaved(Usd("0.015"), Usd("0.01")), 1), Usd("33.3"));
  EXPECT_EQ(Cost(Usd("0.015"), "0.7"), Usd("0.0105"));
}

// Half of the requests at a tenth of the price. Printed: 45 percent saved on those, 22 of the
// whole. On those it is 90, of the whole 45.
TEST(Roadmap, OfRoutingSavesTwiceAsMuch) {
  const Amount routed = Cost(500'000, "0.5");
  EXPECT_EQ(PercentSaved(routed, Cost(routed, "0.1")), Usd("90"));
  EXPECT_EQ(Percent(routed - Cost(routed, "0.1"), Usd("500000")), Usd("45"));
}

// Printed: 10, 20 and 5 percent are 35 and more. One after the other they are 31.6, which is what
// was asked for, 30, but for little.
TEST(Roadmap, OfThreeSavingsMultipliesThem) {
  const Amount left = Cost(Cost(Cost(500'000, "0.9"), "0.8"), "0.95");
  EXPECT_EQ(PercentSaved(Usd("500000"), left), Usd("31.6"));
}

// 2 million and 15,000 a month, against 80,000 a month.
class Investment : public ::testing::Test {
 protected:
  static Amount Own(int months) { return Usd("2000000") + Cost(months, "15000"); }

  // The first month by whose end all that was paid to the API is at least as much.
  template <typename Paid>
  static int BreakEvenMonth(Paid paid) {
    for (int month = 1; month <= 60; ++month) {
      if (paid(month) >= Own(month)) return month;
    }
    return 0;
  }
  // With 30 percent more from the second year on.
  static Amount PaidByYears(int months) {
    return Cost(std::min(months, 12), "80000") + Cost(std::max(months - 12, 0), "104000");
  }
  // With so many millionths more each month, from the second on.
  static Amount PaidByMonths(int months, int64_t growth_micros) {
    const Rate growth = Rate::FromPicos((1'000'000 + growth_micros) * 1'000'000);
    Amount month = Usd("80000");
    Amount paid;
    for (int i = 0; i < months; ++i, month = CostOf(month, growth).value()) paid += month;
    return paid;
  }
};

TEST_F(Investment, CostsTwoPointThreeSixMillion) {
  EXPECT_EQ(Cost(24, "80000"), Usd("1920000"));
  EXPECT_EQ(Cost(24, "15000"), Usd("360000"));
  EXPECT_EQ(Own(24), Usd("2360000"));
}

// Printed: 2.5 million and more. With a step after a year it is 2.208 million; 30 percent a year
// that grow month by month, between these two rates, are 2.497.
TEST_F(Investment, IsAgainstLessThanTwoAndAHalfMillion) {
  EXPECT_EQ(PaidByYears(24), Usd("2208000"));
  const Amount year = Usd("1300000");
  Amount low = Usd("1000000");
  Amount high = low;
  for (int month = 0; month < 12; ++month) {
    low = Cost(low, "1.022104");
    high = Cost(high, "1.022105");
  }
  EXPECT_LT(low, year);
  EXPECT_GT(high, year);
  for (const int64_t growth : {22'104, 22'105}) {
    EXPECT_EQ(Printed(Quotient(PaidByMonths(24, growth), Count(1'000'000)), 3), Usd("2.497"));
  }
}

// Printed: by month 20. It is 31 without growth, 26 with a step after a year, 23 month by month.
TEST_F(Investment, BreaksEvenAfterMonthTwenty) {
  EXPECT_EQ(BreakEvenMonth([](int months) { return Cost(months, "80000"); }), 31);
  EXPECT_EQ(BreakEvenMonth(PaidByYears), 26);
  for (const int64_t growth : {22'104, 22'105}) {
    EXPECT_EQ(BreakEvenMonth([growth](int months) { return PaidByMonths(months, growth); }), 23);
  }
}

}  // namespace
}  // namespace purser
