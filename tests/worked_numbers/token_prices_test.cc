// Tokens: list prices, the night without a limit, routing and caching.
#include <gtest/gtest.h>

#include "tests/worked_numbers/reckoning.h"

namespace purser {
namespace {

constexpr TokenPrices kGpt55 = {"5", "30"};
constexpr TokenPrices kOpus48 = {"5", "25"};
constexpr TokenPrices kGpt54 = {"2.5", "15"};
constexpr TokenPrices kSonnet46 = {"3", "15"};
constexpr TokenPrices kHaiku45 = {"1", "5"};
constexpr TokenPrices kMaverick = {"0.22", "0.85"};

Amount OutputAgainst(TokenPrices prices) {
  return Printed(Quotient(Usd(prices.output), Usd(kGpt55.output)), 2);
}
Amount InputAgainst(TokenPrices prices) {
  return Printed(Quotient(Usd(prices.input), Usd(kGpt55.input)), 2);
}
// By the request of the worked example.
Amount RequestAgainst(TokenPrices prices) {
  return Printed(Quotient(RequestCost(2000, 500, prices), RequestCost(2000, 500, kGpt55)), 2);
}
Amount OutputToInput(TokenPrices prices) {
  return Printed(Quotient(Usd(prices.output), Usd(prices.input)), 2);
}

TEST(TokenPrices, OfOneRequestAndOfAMillionADay) {
  EXPECT_EQ(TokenCost(2000, "5"), Usd("0.01"));
  EXPECT_EQ(TokenCost(500, "30"), Usd("0.015"));
  const Amount request = RequestCost(2000, 500, kGpt55);
  EXPECT_EQ(request, Usd("0.025"));
  const Amount day = Cost(1'000'000, request);
  EXPECT_EQ(day, Usd("25000"));
  EXPECT_EQ(Cost(30, day), Usd("750000"));
  // A cap of 500 a day is 20,000 such requests.
  EXPECT_EQ(Quotient(Usd("500"), request), Usd("20000"));
}

TEST(TokenPrices, OfTwoThousandInAndAThousandOutAreThreeQuartersOutput) {
  const Amount output = TokenCost(1000, kGpt55.output);
  EXPECT_EQ(output, Usd("0.03"));
  EXPECT_EQ(RequestCost(2000, 1000, kGpt55), Usd("0.04"));
  EXPECT_EQ(Percent(output, RequestCost(2000, 1000, kGpt55)), Usd("75"));
  EXPECT_EQ(Printed(Percent(Count(1000), Count(3000)), 0), Usd("33"));
}

// The printed "relative cost" is that of a token of output alone.
TEST(TokenPrices, ComparedWithEachOtherDependOnTheMix) {
  EXPECT_EQ(OutputAgainst(kOpus48), Usd("0.83"));
  EXPECT_EQ(OutputAgainst(kGpt54), Usd("0.5"));
  EXPECT_EQ(OutputAgainst(kSonnet46), Usd("0.5"));
  EXPECT_EQ(OutputAgainst(kHaiku45), Usd("0.17"));
  EXPECT_EQ(OutputAgainst(kMaverick), Usd("0.03"));
  EXPECT_EQ(InputAgainst(kOpus48), Usd("1"));
  EXPECT_EQ(InputAgainst(kSonnet46), Usd("0.6"));
  EXPECT_EQ(InputAgainst(kHaiku45), Usd("0.2"));
  EXPECT_EQ(InputAgainst(kMaverick), Usd("0.04"));
  EXPECT_EQ(RequestAgainst(kOpus48), Usd("0.9"));
  EXPECT_EQ(RequestAgainst(kSonnet46), Usd("0.54"));
  EXPECT_EQ(RequestAgainst(kHaiku45), Usd("0.18"));
  // Printed ~35 times: of output; of input it is 23.
  EXPECT_EQ(Printed(Quotient(Usd("30"), Usd("0.85")), 0), Usd("35"));
  EXPECT_EQ(Printed(Quotient(Usd("5"), Usd("0.22")), 0), Usd("23"));
}

// Printed: 5 to 6 times, in another place 5 to 8. The last row of the table has less than 4.
TEST(TokenPrices, OfOutputAreFourToSixTimesThoseOfInput) {
  EXPECT_EQ(OutputToInput(kGpt55), Usd("6"));
  EXPECT_EQ(OutputToInput(kOpus48), Usd("5"));
  EXPECT_EQ(OutputToInput(kGpt54), Usd("6"));
  EXPECT_EQ(OutputToInput(kSonnet46), Usd("5"));
  EXPECT_EQ(OutputToInput(kHaiku45), Usd("5"));
  EXPECT_EQ(OutputToInput(kMaverick), Usd("3.86"));
}

// Printed: 15 times as much for the last 15 percent of quality. By the table it is 5 times.
TEST(TokenPrices, OfTheLargeModelAreFiveTimesThoseOfTheSmall) {
  EXPECT_EQ(Quotient(Usd(kOpus48.input), Usd(kHaiku45.input)), Usd("5"));
  EXPECT_EQ(Quotient(Usd(kOpus48.output), Usd(kHaiku45.output)), Usd("5"));
}

// As much input as output. Printed for Opus: 0.012, which is what a third of output would cost.
TEST(TokenPrices, OfAThousandTokensOfTheRouter) {
  EXPECT_EQ(RequestCost(500, 500, kHaiku45), Usd("0.003"));
  EXPECT_EQ(Printed(RequestCost(500, 500, {"1.25", "10"}), 4), Usd("0.0056"));
  EXPECT_EQ(RequestCost(500, 500, kOpus48), Usd("0.015"));
  EXPECT_EQ(RequestCost(650, 350, kOpus48), Usd("0.012"));
}

// Printed: 2.1 million USD. 750 million tokens at 15 USD a million are 11,250.
TEST(NightWithoutALimit, CostsElevenThousandNotTwoMillion) {
  constexpr int64_t kTransactions = 50'000;
  constexpr int64_t kTokens = kTransactions * 15'000;
  EXPECT_EQ(kTokens, 750'000'000);
  EXPECT_EQ(TokenCost(kTokens, kGpt54.output), Usd("11250"));
  // For 2.1 million a million tokens would have to cost 2,800, or there would have to be 140
  // billion of them: 2.8 million a transaction.
  EXPECT_EQ(TokenCost(kTokens, "2800"), Usd("2100000"));
  EXPECT_EQ(TokenCost(140'000'000'000, kGpt54.output), Usd("2100000"));
  EXPECT_EQ(140'000'000'000 / kTransactions, 2'800'000);
  // It is 30 times the output of a usual night, as the tokens say: 375, and a thousand tokens of
  // input each make the 500 that a night cost.
  const Amount usual = TokenCost(kTransactions * 500, kGpt54.output);
  EXPECT_EQ(usual, Usd("375"));
  EXPECT_EQ(Quotient(TokenCost(kTokens, kGpt54.output), usual), Usd("30"));
  EXPECT_EQ(usual + TokenCost(kTransactions * 1000, kGpt54.input), Usd("500"));
}

// 500 in 8 hours: an hour is expected to cost 62.5. At 120 % of that the night above is stopped
// after 3.2 minutes. Three times the mean hour of the day before is 62.5 as well, to the cent: an
// alarm for what reaches it, not for what is above it, would ring every usual hour.
TEST(NightWithoutALimit, IsStoppedWithinMinutesByTheHour) {
  const Amount expected = Quotient(Usd("500"), Count(8));
  EXPECT_EQ(expected, Usd("62.5"));
  const Amount limit = Cost(expected, "1.2");
  EXPECT_EQ(limit, Usd("75"));
  const Amount hour = Quotient(Usd("11250"), Count(8));
  EXPECT_EQ(hour, Usd("1406.25"));
  EXPECT_EQ(Quotient(Cost(60, limit), hour), Usd("3.2"));
  EXPECT_EQ(Quotient(Cost(3, "500"), Count(24)), expected);
}

// Of 0.10 a request 5,000 tokens of input leave 3,000 of output; the hard cap is 2,000.
TEST(BudgetOfARequest, IsKeptByTheHardCap) {
  const Amount input = TokenCost(5000, kOpus48.input);
  EXPECT_EQ(input, Usd("0.025"));
  EXPECT_EQ(Usd("0.10") - input, TokenCost(3000, kOpus48.output));
  EXPECT_EQ(RequestCost(5000, 2000, kOpus48), Usd("0.075"));
}

// 847,000 a month for 100,000 users, more than three times the revenue.
TEST(Bill, OfASurprisedStartup) {
  EXPECT_EQ(Quotient(Usd("847000"), Count(100'000)), Usd("8.47"));
  EXPECT_EQ(Quotient(Usd("847000"), Count(3)), Usd("282333.333333"));
  EXPECT_EQ(PercentSaved(Count(8000), Count(2000)), Usd("75"));
  // 15 % utilised, an hour of 4 USD does the work of 26.67.
  EXPECT_EQ(Printed(Quotient(Usd("4"), Usd("0.15")), 2), Usd("26.67"));
}

// Four fifths of 400,000 are one feature. Printed: what was done to it took 90 percent off the
// costs. Of all costs that cannot be: without the feature 80,000 are left, and 90 percent off the
// feature are 72 off the whole.
TEST(Bill, FallsByNoMoreThanTheFeaturesShare) {
  const Amount feature = Cost(400'000, "0.8");
  EXPECT_EQ(PercentSaved(Usd("400000"), Usd("400000") - feature), Usd("80"));
  EXPECT_EQ(PercentSaved(Usd("400000"), Usd("400000") - Cost(feature, "0.9")), Usd("72"));
}

// Three calls made one save two thirds of the calls; 60 % of requests routed to Haiku about half.
TEST(Savings, AreWithinTheRangesGiven) {
  EXPECT_EQ(Printed(PercentSaved(Count(3), Count(1)), 1), Usd("66.7"));
  const Amount saved = RequestCost(2000, 1000, kGpt55) - RequestCost(2000, 1000, kHaiku45);
  EXPECT_EQ(Percent(Cost(saved, "0.6"), RequestCost(2000, 1000, kGpt55)), Usd("49.5"));
}

// Where 60 percent of the cost is output, a fifth less input saves 8 percent, not 20.
TEST(Savings, OfInputAreOfItsShareAlone) {
  EXPECT_EQ(Cost(Cost(100'000, "0.4"), "0.2"), Usd("8000"));
}

// 2 million requests a day of 2,000 and 1,000 tokens. Each saving taken alone, and all of them:
// savings multiply, they do not add up.
TEST(Savings, OfTheExerciseDoNotAddUp) {
  constexpr int64_t kRequests = 2'000'000;
  const Amount before = Cost(kRequests, RequestCost(2000, 1000, kGpt55));
  EXPECT_EQ(before, Usd("80000"));
  EXPECT_EQ(Cost(30, before), Usd("2400000"));
  const Amount cached = Cost(before, "0.25");
  EXPECT_EQ(cached, Usd("20000"));
  const Amount routed =
      Cost(kRequests * 6 / 10, RequestCost(2000, 1000, kGpt55) - RequestCost(2000, 1000, kHaiku45));
  EXPECT_EQ(routed, Usd("39600"));
  const Amount shortened = Cost(kRequests, TokenCost(400, kGpt55.input));
  EXPECT_EQ(shortened, Usd("4000"));
  EXPECT_EQ(Percent(cached + routed + shortened, before), Usd("79.5"));
  constexpr int64_t kLeft = kRequests * 3 / 4;
  const Amount after = Cost(kLeft * 4 / 10, RequestCost(1600, 1000, kGpt55)) +
                       Cost(kLeft * 6 / 10, RequestCost(1600, 1000, kHaiku45));
  EXPECT_EQ(after, Usd("28740"));
  EXPECT_EQ(PercentSaved(before, after), Usd("64.075"));
  EXPECT_EQ(Cost(30, before - after), Usd("1537800"));
}

}  // namespace
}  // namespace purser
