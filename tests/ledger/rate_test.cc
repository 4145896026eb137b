#include "ledger/rate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace purser {
namespace {

using ::testing::HasSubstr;

Amount Micros(int64_t micros) { return Amount::FromMicros(micros); }
Amount Read(const std::string& text) { return Amount::Parse(text).value(); }
Rate ReadRate(const std::string& text) { return Rate::Parse(text).value(); }
std::string Cost(const std::string& amount, const std::string& rate) {
  const auto cost = CostOf(Read(amount), ReadRate(rate));
  return cost.has_value() ? cost->ToString() : "none";
}
Amount Sum(const std::vector<Amount>& parts) {
  Amount sum;
  for (const Amount part : parts) sum += part;
  return sum;
}

TEST(RateText, HasTwelveDigits) {
  EXPECT_EQ(ReadRate("0.000000000001").picos(), 1);
  EXPECT_EQ(ReadRate("2.5").picos(), 2'500'000'000'000);
  EXPECT_EQ(ReadRate("9223372.036854775807").picos(), INT64_MAX);
  EXPECT_EQ(Rate::ParseJsonNumber("15e-6")->ToString(), "0.000015");
  EXPECT_EQ(Rate::FromPicos(-1).ToString(), "-0.000000000001");
  EXPECT_EQ(Rate().ToString(), "0");
  EXPECT_EQ(Rate::One().ToString(), "1");
  EXPECT_THAT(Rate::Parse("0.0000000000010").status().message(),
              HasSubstr("more than 12 digits after the decimal point"));
  EXPECT_THAT(Rate::Parse("9223372.036854775808").status().message(),
              HasSubstr("beyond ±9223372.036854775807, the largest rate"));
}

TEST(RateText, IsReadBackAsWritten) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto rate = Rate::FromPicos(static_cast<int64_t>(random()) >> (random() % 64));
    if (rate.picos() == INT64_MIN) continue;
    EXPECT_EQ(Rate::Parse(rate.ToString())->picos(), rate.picos());
  }
}

// 44 tokens at 15 USD a million are among them.
TEST(CostOfAmount, IsRoundedHalfAwayFromZeroOnce) {
  EXPECT_EQ(Cost("3.5", "2.5"), "8.75");
  EXPECT_EQ(Cost("0.000001", "0.5"), "0.000001");
  EXPECT_EQ(Cost("0.000001", "0.499999999999"), "0");
  EXPECT_EQ(Cost("-0.000001", "0.5"), "-0.000001");
  EXPECT_EQ(Cost("-0.000001", "0.499999999999"), "0");
  EXPECT_EQ(Cost("0.000003", "0.5"), "0.000002");
  EXPECT_EQ(Cost("44", "0.000015"), "0.00066");
  EXPECT_EQ(Cost("9223372036854.775807", "1"), "9223372036854.775807");
  EXPECT_EQ(Cost("9223372036854.775807", "1.000000000001"), "none");
  EXPECT_EQ(Cost("-9223372036854.775807", "2"), "none");
}

TEST(CostOfAmount, IsWhatLongDivisionSays) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const auto micros = static_cast<int64_t>(random() % 2'000'000'000'000) - 1'000'000'000'000;
    const auto picos = static_cast<int64_t>(random() % 4'000'000);
    // Small enough for 64 bits: by quotient and rest of the magnitude.
    const uint64_t product = static_cast<uint64_t>(std::abs(micros)) * static_cast<uint64_t>(picos);
    const uint64_t rest = product % 1'000'000'000'000;
    const auto magnitude =
        static_cast<int64_t>(product / 1'000'000'000'000 + (rest >= 500'000'000'000 ? 1 : 0));
    EXPECT_EQ(CostOf(Micros(micros), Rate::FromPicos(picos)),
              Micros(micros < 0 ? -magnitude : magnitude));
  }
}

// USD of `units` for so long at a rate for each `per_us`.
std::string CostOfStay(const std::string& units, int64_t for_us, const std::string& rate,
                       int64_t per_us) {
  std::ostringstream text;
  text << CostOf(Area(Read(units).micros()) * for_us, ReadRate(rate), per_us);
  return text.str();
}

TEST(CostOfStay, IsRoundedHalfAwayFromZeroOnce) {
  EXPECT_EQ(CostOfStay("80", 2 * kUsOfHour, "0.01", kUsOfHour), "1600000");
  EXPECT_EQ(CostOfStay("0.000001", kUsOfHour / 2, "1", kUsOfHour), "1");
  EXPECT_EQ(CostOfStay("0.000001", kUsOfHour / 2 - 1, "1", kUsOfHour), "0");
  EXPECT_EQ(CostOfStay("1", 1, "0.0018", kUsOfHour), "0");
  EXPECT_EQ(CostOfStay("1", 1, "1800", kUsOfHour), "1");
  EXPECT_EQ(CostOfStay("1", 1, "1799.999999999999", kUsOfHour), "0");
  EXPECT_EQ(CostOfStay("0", kUsOfDay, "1", kUsOfHour), "0");
  EXPECT_EQ(CostOfStay("5", kUsOfDay, "0", kUsOfHour), "0");
}

// Whatever its length, with an hour less or more where clocks change.
TEST(CostOfStay, OfAWholeMonthIsTheRateOfAMonth) {
  for (const int64_t hours : {28 * 24, 29 * 24, 30 * 24, 31 * 24, 31 * 24 - 1, 31 * 24 + 1}) {
    const int64_t month_us = hours * kUsOfHour;
    EXPECT_EQ(CostOfStay("3.5", month_us, "22.123456789012", month_us), "77432099");
    EXPECT_EQ(CostOfStay("9223372036854.775807", month_us, "1000000", month_us),
              "9223372036854775807000000");
  }
}

// The parts of a stay are lines of their own: each is rounded.
TEST(CostOfStay, IsRoundedForEachRate) {
  EXPECT_EQ(CostOfStay("0.000001", kUsOfHour / 2, "1", kUsOfHour), "1");
  EXPECT_EQ(CostOfStay("0.000001", kUsOfHour, "1", kUsOfHour), "1");
}

// The largest area there is, by the rule of three in pieces that fit.
TEST(CostOfStay, OfTheLargestAreaIsExact) {
  const Area largest = Area(INT64_MAX) * INT64_MAX;
  EXPECT_EQ(CostOf(largest, Rate::FromPicos(Rate::kPicosPerUsd), kUsOfHour),
            DivideHalfAway(largest, kUsOfHour));
  EXPECT_EQ(CostOf(largest, Rate::FromPicos(3), 1), CostOf(largest, Rate::FromPicos(6), 2));
  std::mt19937_64 random(4);
  for (int i = 0; i < 20'000; ++i) {
    const Area area = Area(random() >> (1 + random() % 63)) * static_cast<int64_t>(random() >> 24);
    const auto rate = Rate::FromPicos(static_cast<int64_t>(random() >> (1 + random() % 50)));
    const int64_t per_us = 1 + static_cast<int64_t>(random() >> 20);
    const absl::int128 cost = CostOf(area, rate, per_us);
    // cost - ½ <= exact < cost + ½, in the last 64 bits and in double: both together tell all.
    const absl::uint128 divisor = absl::uint128(per_us) * uint64_t{Rate::kPicosPerUsd};
    const absl::uint128 product = absl::uint128(area) * static_cast<uint64_t>(rate.picos());
    const absl::uint128 rest =
        product - absl::uint128(cost) * divisor + divisor / 2;  // modulo 2^128
    EXPECT_LT(rest, divisor) << i;
    const double exact = static_cast<double>(area) * static_cast<double>(rate.picos()) /
                         static_cast<double>(divisor);
    EXPECT_NEAR(static_cast<double>(cost), exact, 1 + exact * 1e-12);
  }
}

TEST(SplitByWeights, OfAnAreaIsExact) {
  const std::vector<Weight> three = {{"a", Amount::Max()}, {"b", Amount::Max()}, {"c", Micros(1)}};
  const absl::int128 total = absl::int128(INT64_MAX) * 1'000'000'000'000 + 1;
  const std::vector<absl::int128> parts = Split(total, three);
  EXPECT_EQ(parts[0] + parts[1] + parts[2], total);
  EXPECT_EQ(parts[2], 500'000'000'000);
  const std::vector<absl::int128> mirrored = Split(-total, three);
  for (size_t i = 0; i < parts.size(); ++i) EXPECT_EQ(mirrored[i], -parts[i]);
}

TEST(SplitByWeights, GivesWhatIsLeftToTheLargestRemainders) {
  const std::vector<Weight> two = {{"ocr", Read("2")}, {"layout", Read("1")}};
  EXPECT_EQ(Split(Micros(10), two), (std::vector<Amount>{Micros(7), Micros(3)}));
  EXPECT_EQ(Split(Micros(11), two), (std::vector<Amount>{Micros(7), Micros(4)}));
  EXPECT_EQ(Split(Micros(-11), two), (std::vector<Amount>{Micros(-7), Micros(-4)}));
  EXPECT_EQ(Split(Micros(0), two), (std::vector<Amount>{Micros(0), Micros(0)}));
}

TEST(SplitByWeights, BreaksTiesByName) {
  const std::vector<Weight> three = {{"c", Read("1")}, {"a", Read("1")}, {"b", Read("1")}};
  EXPECT_EQ(Split(Micros(1), three), (std::vector<Amount>{Micros(0), Micros(1), Micros(0)}));
  EXPECT_EQ(Split(Micros(2), three), (std::vector<Amount>{Micros(0), Micros(1), Micros(1)}));
  EXPECT_EQ(Split(Micros(-2), three), (std::vector<Amount>{Micros(0), Micros(-1), Micros(-1)}));
}

TEST(SplitByWeights, OfZeroChargesNobody) {
  EXPECT_TRUE(Split(Micros(5), {}).empty());
  EXPECT_TRUE(Split(Micros(5), {{"a", Amount()}, {"b", Amount()}}).empty());
  EXPECT_EQ(Split(Micros(5), {{"a", Amount()}, {"b", Micros(1)}}),
            (std::vector<Amount>{Micros(0), Micros(5)}));
}

TEST(SplitByWeights, OfTheLargestAmountsFits) {
  const std::vector<Weight> two = {{"a", Amount::Max()}, {"b", Amount::Max()}};
  EXPECT_EQ(Sum(Split(Amount::Max(), two)), Amount::Max());
  EXPECT_EQ(Sum(Split(-Amount::Max(), two)), -Amount::Max());
}

// Each part is within a millionth of its share, they sum to the total, and the negative is the
// mirror image.
TEST(SplitByWeights, SumsToTheTotal) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<Weight> weights(1 + random() % 8);
    absl::int128 sum = 0;
    for (size_t k = 0; k < weights.size(); ++k) {
      weights[k] = {std::string(1, static_cast<char>('a' + k)),
                    Micros(static_cast<int64_t>(random() % 1'000'000 * (random() % 3)))};
      sum += weights[k].weight.micros();
    }
    const Amount total = Micros(static_cast<int64_t>(random() % 1'000'000'000'000));
    const std::vector<Amount> parts = Split(total, weights);
    if (sum == 0) {
      EXPECT_TRUE(parts.empty());
      continue;
    }
    ASSERT_EQ(parts.size(), weights.size());
    EXPECT_EQ(Sum(parts), total);
    const std::vector<Amount> mirror = Split(-total, weights);
    for (size_t k = 0; k < parts.size(); ++k) {
      const absl::int128 share = absl::int128(total.micros()) * weights[k].weight.micros();
      const absl::int128 apart = absl::int128(parts[k].micros()) * sum - share;
      EXPECT_TRUE(apart < sum && apart > -sum) << parts[k].ToString();
      EXPECT_EQ(mirror[k], -parts[k]);
    }
  }
}

}  // namespace
}  // namespace purser
