// Machines: utilisation, prices by throughput, when a machine of one's own pays.
#include <gtest/gtest.h>

#include "tests/worked_numbers/reckoning.h"

namespace purser {
namespace {

// An hour of 4 USD, by the share of it that does work.
Amount Effective(std::string_view share) { return Quotient(Usd("4"), Usd(share)); }

Amount MonthOf(int64_t gpus, std::string_view an_hour) { return Cost(gpus * kMonthHours, an_hour); }

TEST(Utilisation, DividesThePriceOfAnHour) {
  EXPECT_EQ(Effective("1"), Usd("4"));
  EXPECT_EQ(Effective("0.25"), Usd("16"));
  EXPECT_EQ(Effective("0.1"), Usd("40"));
  EXPECT_EQ(Quotient(Effective("0.1"), Effective("0.4")), Usd("4"));
  // Half of it used costs double.
  EXPECT_EQ(Quotient(Effective("0.25"), Effective("0.5")), Usd("2"));
}

// Printed: the first doubling saves 50 percent, "the second" 22. That is 70 to 90 percent, which is
// no doubling: each doubling saves half of what is left, in USD half of the one before.
TEST(Utilisation, SavesHalfWithEachDoubling) {
  EXPECT_EQ(PercentSaved(Effective("0.2"), Effective("0.4")), Usd("50"));
  EXPECT_EQ(PercentSaved(Effective("0.4"), Effective("0.8")), Usd("50"));
  EXPECT_EQ(Effective("0.2") - Effective("0.4"), Usd("10"));
  EXPECT_EQ(Effective("0.4") - Effective("0.8"), Usd("5"));
  EXPECT_EQ(Printed(PercentSaved(Effective("0.7"), Effective("0.9")), 0), Usd("22"));
  EXPECT_EQ(Printed(Effective("0.7") - Effective("0.9"), 2), Usd("1.27"));
}

// Printed: 70 percent and more, for which 20,000 of 30,000 is the example. That is two thirds.
TEST(Utilisation, LeavesTwoThirdsOfTheExampleIdle) {
  EXPECT_EQ(Printed(Percent(Usd("20000"), Usd("30000")), 1), Usd("66.7"));
  EXPECT_EQ(Cost(30'000, "0.7"), Usd("21000"));
}

TEST(Throughput, OfAnHourInTeraflops) {
  struct {
    std::string_view hour;
    int64_t teraflops;
    std::string_view printed;
  } const rows[] = {{"4.5", 1979, "0.0023"}, {"2.5", 312, "0.008"},  {"1.75", 312, "0.0056"},
                    {"0.5", 121, "0.0041"},  {"0.75", 125, "0.006"}, {"0.35", 65, "0.0054"}};
  for (const auto& row : rows) {
    EXPECT_EQ(Printed(Quotient(Usd(row.hour), Count(row.teraflops)), 4), Usd(row.printed))
        << row.hour;
  }
}

// 100 requests a second: the cheapest a month are three L4 or two A10G, not the one A100.
TEST(Throughput, OfASecondDecidesHowMany) {
  struct {
    std::string_view hour;
    int64_t a_second;
    int64_t gpus;
    std::string_view one;
    std::string_view all;
  } const rows[] = {{"0.5", 40, 3, "360", "1080"},
                    {"0.75", 50, 2, "540", "1080"},
                    {"1.75", 100, 1, "1260", "1260"}};
  for (const auto& row : rows) {
    const int64_t gpus =
        RoundUpToStep(Count(100), Count(row.a_second)).micros() / Count(row.a_second).micros();
    EXPECT_EQ(gpus, row.gpus);
    EXPECT_EQ(MonthOf(1, row.hour), Usd(row.one));
    EXPECT_EQ(MonthOf(gpus, row.hour), Usd(row.all));
  }
}

// Two A100 at 2.50, of which half does work: 2,000 tokens a second.
class OwnMachines : public ::testing::Test {
 protected:
  static Amount Fixed() { return MonthOf(2, "2.5") + Usd("1500") + Usd("500"); }
  // Requests a month of so many tokens of output.
  static int64_t Capacity(int64_t tokens) { return 2000 / 2 * kMonthSeconds / tokens; }
  // A price of a request below a millionth has the digits of a rate.
  static Rate RequestRate(int64_t tokens, std::string_view usd_per_million) {
    return Rate::FromPicos(tokens * Usd(usd_per_million).micros());
  }
  // The requests a month, rounded down, for which the API costs as much.
  static int64_t BreakEven(Amount fixed, Rate request) {
    const absl::int128 picos = absl::int128(fixed.micros()) * 1'000'000;
    return static_cast<int64_t>(picos / request.picos());
  }
  static Amount ApiCost(int64_t requests, Rate request) {
    return CostOf(Count(requests), request).value();
  }
};

TEST_F(OwnMachines, CostTheSameWhetherUsedOrNot) {
  EXPECT_EQ(MonthOf(2, "2.5"), Usd("3600"));
  EXPECT_EQ(Fixed(), Usd("5600"));
  EXPECT_EQ(Capacity(100), 25'920'000);
  EXPECT_EQ(Capacity(500), 5'184'000);
}

TEST_F(OwnMachines, BreakEvenFarBeyondWhatTheyServe) {
  const Rate short_reply = RequestRate(100, "0.85");
  const Rate long_reply = RequestRate(500, "0.85");
  EXPECT_EQ(short_reply.ToString(), "0.000085");
  EXPECT_EQ(long_reply.ToString(), "0.000425");
  EXPECT_EQ(BreakEven(Fixed(), short_reply), 65'882'352);
  EXPECT_EQ(BreakEven(Fixed(), long_reply), 13'176'470);
  // Printed: that self-hosting pays from there on. Two GPUs do not serve as many, and all that they
  // serve costs 2,203.20 at the API, whatever the replies' length.
  EXPECT_LT(Capacity(100), BreakEven(Fixed(), short_reply));
  EXPECT_LT(Capacity(500), BreakEven(Fixed(), long_reply));
  EXPECT_EQ(ApiCost(Capacity(100), short_reply), Usd("2203.2"));
  EXPECT_EQ(ApiCost(Capacity(500), long_reply), Usd("2203.2"));
  // More GPUs cost more: half used, they alone are dearer for each request than the API.
  EXPECT_GT(MonthOf(2, "2.5"), ApiCost(Capacity(500), long_reply));
}

// The printed program also has 0.0001 of marginal cost a request, which the printed results leave
// out: short replies then never break even, long ones at 17.2 million and not at 13.2.
TEST_F(OwnMachines, BreakEvenLaterByTheirMarginalCost) {
  const Rate marginal = Rate::Parse("0.0001").value();
  EXPECT_LT(RequestRate(100, "0.85"), marginal);
  const Rate margin = Rate::FromPicos(RequestRate(500, "0.85").picos() - marginal.picos());
  EXPECT_EQ(BreakEven(Fixed(), margin), 17'230'769);
}

// Printed: a quarter. Replies five times as long break even at a fifth of the requests.
TEST_F(OwnMachines, BreakEvenAtAFifthWithRepliesFiveTimesAsLong) {
  const int64_t many = BreakEven(Fixed(), RequestRate(100, "0.85"));
  EXPECT_EQ(many / BreakEven(Fixed(), RequestRate(500, "0.85")), 5);
  EXPECT_EQ(many / 5, BreakEven(Fixed(), RequestRate(500, "0.85")));
}

// Printed: the API at 25 to 30 a million is 30 to 60 times as dear, with it one breaks even in the
// low hundreds of thousands. It is 29 to 35 times; long replies break even at 373,333 to 448,000,
// short ones at 2 million. There, at capacity, the API is 12 to 14 times as dear.
TEST_F(OwnMachines, BreakEvenEarlyAgainstDearApis) {
  EXPECT_EQ(Printed(Quotient(Usd("25"), Usd("0.85")), 1), Usd("29.4"));
  EXPECT_EQ(Printed(Quotient(Usd("30"), Usd("0.85")), 1), Usd("35.3"));
  EXPECT_EQ(BreakEven(Fixed(), RequestRate(500, "25")), 448'000);
  EXPECT_EQ(BreakEven(Fixed(), RequestRate(500, "30")), 373'333);
  EXPECT_EQ(BreakEven(Fixed(), RequestRate(100, "25")), 2'240'000);
  EXPECT_EQ(BreakEven(Fixed(), RequestRate(100, "30")), 1'866'666);
  const Amount dear = ApiCost(Capacity(500), RequestRate(500, "30"));
  EXPECT_EQ(dear, Usd("77760"));
  EXPECT_EQ(Printed(Quotient(dear, Fixed()), 1), Usd("13.9"));
  EXPECT_EQ(Printed(Quotient(ApiCost(Capacity(500), RequestRate(500, "25")), Fixed()), 1),
            Usd("11.6"));
}

// 1,500 for the machine and 2,500 for a fifth of an engineer; 0.001 a request at the API.
TEST_F(OwnMachines, BreakEvenAtFourMillionForTheSmallModel) {
  EXPECT_EQ(BreakEven(Usd("1500") + Usd("2500"), Rate::Parse("0.001").value()), 4'000'000);
}

// What the pages assume of the same things differs from page to page: an A100 a month, and an
// engineer.
TEST_F(OwnMachines, AreNotPricedAlikeOnEachPage) {
  EXPECT_EQ(MonthOf(1, "2.5"), Usd("1800"));   // 80 GB; "about 1,500" for one
  EXPECT_EQ(MonthOf(1, "1.75"), Usd("1260"));  // 40 GB
  EXPECT_EQ(MonthOf(2, "2.5"), Usd("3600"));   // 6,000 where an embedding service is built
  EXPECT_EQ(MonthOf(4, "2.5"), Usd("7200"));   // 28,000 for four in the table of all costs
  EXPECT_EQ(Quotient(Usd("12500"), Usd("0.5")), Usd("25000"));
  EXPECT_EQ(Quotient(Usd("1500"), Usd("0.1")), Usd("15000"));
  EXPECT_EQ(Quotient(Usd("2500"), Usd("0.2")), Usd("12500"));
}

}  // namespace
}  // namespace purser
