#include "ledger/amount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace purser {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMax = INT64_MAX;

Amount Micros(int64_t micros) { return Amount::FromMicros(micros); }

struct Reading {
  std::string text;
  int64_t micros;
};

struct Refusal {
  std::string text;
  std::string reason;
};

const char kMalformed[] = "not a decimal number";
const char kTooManyDigits[] = "more than 6 digits after the decimal point";
const char kTooLarge[] = "beyond ±9223372036854.775807";

const std::vector<Reading>& BothRead() {
  static const auto& readings = *new std::vector<Reading>{
      {"0", 0},
      {"-0", 0},
      {"0.000000", 0},
      {"-0.000000", 0},
      {"1", 1'000'000},
      {"-1", -1'000'000},
      {"12.5", 12'500'000},
      {"12.500000", 12'500'000},
      {"0.000001", 1},
      {"-0.000001", -1},
      {"0.1", 100'000},
      {"0.3", 300'000},
      {"9007199254740.993",
       9'007'199'254'740'993'000},  // a double has no such number of millionths
      {"9223372036854.775807", kMax},
      {"-9223372036854.775807", -kMax},
  };
  return readings;
}

const std::vector<Refusal>& BothRefuse() {
  static const auto& refusals = *new std::vector<Refusal>{
      {"", kMalformed},
      {"-", kMalformed},
      {"--1", kMalformed},
      {"+1", kMalformed},
      {".5", kMalformed},
      {"-.5", kMalformed},
      {"5.", kMalformed},
      {".", kMalformed},
      {"1.2.3", kMalformed},
      {"1,5", kMalformed},
      {" 1", kMalformed},
      {"1 ", kMalformed},
      {"1_000", kMalformed},
      {"0x10", kMalformed},
      {"NaN", kMalformed},
      {"Infinity", kMalformed},
      {"-inf", kMalformed},
      {"１", kMalformed},  // a digit of Unicode, not of ASCII
      {std::string("1\0", 2), kMalformed},
      {"0.0000001", kTooManyDigits},
      {"1.0000000", kTooManyDigits},
      {"9223372036854.775808", kTooLarge},
      {"-9223372036854.775808", kTooLarge},
      {"9223372036855", kTooLarge},
      {"10000000000000000000000000000000000000000", kTooLarge},
      {"-10000000000000000000000000000000000000000", kTooLarge},
  };
  return refusals;
}

void ExpectReads(const absl::StatusOr<Amount>& amount, const Reading& row) {
  ASSERT_TRUE(amount.ok()) << row.text << ": " << amount.status();
  EXPECT_EQ(amount->micros(), row.micros) << row.text;
}

void ExpectRefuses(const absl::StatusOr<Amount>& amount, const Refusal& row) {
  ASSERT_FALSE(amount.ok()) << row.text << " was read as " << amount->ToString();
  EXPECT_EQ(amount.status().code(), absl::StatusCode::kInvalidArgument) << row.text;
  EXPECT_THAT(std::string(amount.status().message()), HasSubstr(row.reason)) << row.text;
}

TEST(AmountParse, ReadsPlainDecimals) {
  for (const Reading& row : BothRead()) ExpectReads(Amount::Parse(row.text), row);
  ExpectReads(Amount::Parse("007.50"), {"007.50", 7'500'000});
  const std::string zeros(100, '0');
  ExpectReads(Amount::Parse(zeros + "1"), {"0…01", 1'000'000});
}

TEST(AmountParse, RefusesEverythingElse) {
  for (const Refusal& row : BothRefuse()) ExpectRefuses(Amount::Parse(row.text), row);
  ExpectRefuses(Amount::Parse("1e3"), {"1e3", kMalformed});
}

TEST(AmountParse, RefusesWhatCannotChangeItsSign) {
  // -Amount() of the least 64-bit number would overflow, and end the process for what a caller
  // wrote.
  EXPECT_FALSE(Amount::Parse("-9223372036854.775808").ok());
  EXPECT_EQ((-*Amount::Parse("-9223372036854.775807")).micros(), kMax);
}

TEST(AmountParse, CutsWhatItRepeatsInAMessage) {
  const auto amount = Amount::Parse(std::string(1'000'000, 'x'));
  EXPECT_EQ(std::string(amount.status().message()),
            "not a decimal number: \"" + std::string(40, 'x') + "…\"");
}

TEST(AmountParseJsonNumber, ReadsWhatParseReads) {
  for (const Reading& row : BothRead()) ExpectReads(Amount::ParseJsonNumber(row.text), row);
}

TEST(AmountParseJsonNumber, RefusesWhatParseRefuses) {
  for (const Refusal& row : BothRefuse()) ExpectRefuses(Amount::ParseJsonNumber(row.text), row);
}

TEST(AmountParseJsonNumber, ReadsExponentsExactly) {
  const Reading rows[] = {
      {"1e3", 1'000'000'000},
      {"1E3", 1'000'000'000},
      {"1e+3", 1'000'000'000},
      {"1e03", 1'000'000'000},
      {"-1.5e2", -150'000'000},
      {"0.15E+1", 1'500'000},
      {"1e-6", 1},
      {"10e-7", 1},
      {"1.0000000e0", 1'000'000},
      {"1000000000000000000000000e-24", 1'000'000},
      {"0.000000000000000000000001e24", 1'000'000},
      {"9223372036854775807e-6", kMax},
      {"-9223372036854775807e-6", -kMax},
      {"0e0", 0},
      {"-0e0", 0},
      {"0.000e-999999", 0},
      {"0e99999999999999999999", 0},
      {"0e-99999999999999999999", 0},
  };
  for (const Reading& row : rows) ExpectReads(Amount::ParseJsonNumber(row.text), row);
}

TEST(AmountParseJsonNumber, RefusesExponentsThatDoNotFit) {
  const Refusal rows[] = {
      {"123456789e-8", kTooManyDigits},
      {"1e-7", kTooManyDigits},
      {"1.5e-6", kTooManyDigits},
      {"1e-99999999999999999999", kTooManyDigits},
      {"1e13", kTooLarge},
      {"-1e13", kTooLarge},
      {"1e40", kTooLarge},
      {"1e999999", kTooLarge},
      {"1e99999999999999999999", kTooLarge},
      {"9223372036854775808e-6", kTooLarge},
      {"-9223372036854775808e-6", kTooLarge},
  };
  for (const Refusal& row : rows) ExpectRefuses(Amount::ParseJsonNumber(row.text), row);
}

TEST(AmountParseJsonNumber, RefusesWhatIsNoNumberOfJson) {
  for (const char* text :
       {"01", "-01", "00", "00.5", "01e2", "e5", "-e5", ".5e1", "5.e1", "1e", "1e+", "1e-", "1e+-5",
        "1e-+5", "1e++5", "1e5.0", "1e5e5", "1e 5", "1.2.3e1"}) {
    ExpectRefuses(Amount::ParseJsonNumber(text), {text, kMalformed});
  }
}

TEST(AmountToString, PrintsTheShortestPlainDecimal) {
  const Reading rows[] = {
      {"0", 0},
      {"1", 1'000'000},
      {"-1", -1'000'000},
      {"0.000001", 1},
      {"-0.000001", -1},
      {"12.5", 12'500'000},
      {"10", 10'000'000},
      {"0.1", 100'000},
      {"1.000001", 1'000'001},
      {"9223372036854.775807", kMax},
      {"-9223372036854.775807", -kMax},
      {"-9223372036854.775808", INT64_MIN},
  };
  for (const Reading& row : rows) EXPECT_EQ(Micros(row.micros).ToString(), row.text);
}

TEST(AmountToString, AppendToKeepsWhatIsThere) {
  std::string out = "x=";
  Micros(-2'500'000).AppendTo(&out);
  EXPECT_EQ(out, "x=-2.5");
}

TEST(AmountToString, ReadsBackAsTheSameAmount) {
  constexpr uint64_t kSeed = 20'260'711;
  RecordProperty("seed", std::to_string(kSeed));
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    const int shift = static_cast<int>(random() % 63);
    const int64_t magnitude = static_cast<int64_t>(random() >> 1 >> shift);
    const Amount amount = Micros(random() % 2 == 0 ? magnitude : -magnitude);
    const std::string text = amount.ToString();
    ExpectReads(Amount::Parse(text), {text, amount.micros()});
    ExpectReads(Amount::ParseJsonNumber(text), {text, amount.micros()});
    ExpectReads(Amount::ParseJsonNumber(std::to_string(amount.micros()) + "e-6"),
                {text, amount.micros()});
  }
}

TEST(Amount, IsZeroAtFirst) {
  EXPECT_EQ(Amount().micros(), 0);
  EXPECT_TRUE(Amount().is_zero());
  EXPECT_FALSE(Amount().is_positive());
  EXPECT_FALSE(Amount().is_negative());
}

TEST(Amount, HasASign) {
  EXPECT_TRUE(Micros(1).is_positive());
  EXPECT_FALSE(Micros(1).is_negative());
  EXPECT_TRUE(Micros(-1).is_negative());
  EXPECT_FALSE(Micros(-1).is_positive());
}

TEST(Amount, ComparesByValue) {
  EXPECT_LT(Micros(-1), Micros(0));
  EXPECT_LT(Amount::FromUnits(1), Micros(1'000'001));
  EXPECT_EQ(Amount::FromUnits(1), Micros(1'000'000));
  EXPECT_GT(Amount::Max(), Amount::FromUnits(9'223'372'036'854));
}

TEST(AmountArithmetic, AddsAndSubtracts) {
  Amount amount = Amount::FromUnits(3);
  amount += Micros(1);
  EXPECT_EQ(amount, Micros(3'000'001));
  amount -= Amount::FromUnits(4);
  EXPECT_EQ(amount, Micros(-999'999));
  EXPECT_EQ(-amount, Micros(999'999));
  EXPECT_EQ(Amount::FromUnits(2) + Amount::FromUnits(-5), Amount::FromUnits(-3));
  EXPECT_EQ(Amount::FromUnits(2) - Amount::FromUnits(-5), Amount::FromUnits(7));
}

TEST(AmountArithmetic, ChecksSumsFromOutside) {
  EXPECT_EQ(Add(Micros(kMax - 1), Micros(1)), Amount::Max());
  EXPECT_EQ(Add(Micros(kMax), Micros(1)), std::nullopt);
  EXPECT_EQ(Add(Micros(INT64_MIN), Micros(-1)), std::nullopt);
  EXPECT_EQ(Subtract(Micros(-kMax), Micros(1)), Micros(INT64_MIN));
  EXPECT_EQ(Subtract(Micros(INT64_MIN), Micros(1)), std::nullopt);
  EXPECT_EQ(Subtract(Micros(0), Micros(INT64_MIN)), std::nullopt);
  EXPECT_EQ(Subtract(Micros(5), Micros(7)), Micros(-2));
}

TEST(AmountArithmeticDeathTest, EndsTheProcessOnOverflowOfOurs) {
  EXPECT_DEATH(Amount::Max() + Micros(1), "amount overflow in a sum");
  EXPECT_DEATH(Micros(INT64_MIN) - Micros(1), "amount overflow in a difference");
  EXPECT_DEATH(-Micros(INT64_MIN), "amount overflow in a difference");
}

TEST(PercentRoundedUp, RoundsUpToTheMillionth) {
  EXPECT_EQ(PercentRoundedUp(Amount::FromUnits(25), Amount::FromUnits(400)),
            Amount::FromUnits(100));
  EXPECT_EQ(PercentRoundedUp(Amount::FromUnits(25), Micros(1)), Micros(1));
  EXPECT_EQ(PercentRoundedUp(Amount::FromUnits(25), Micros(4)), Micros(1));
  EXPECT_EQ(PercentRoundedUp(Amount::FromUnits(25), Micros(5)), Micros(2));
  EXPECT_EQ(PercentRoundedUp(Micros(1), Micros(1)), Micros(1));
  EXPECT_EQ(PercentRoundedUp(Micros(33'333'333), Amount::FromUnits(3)), Micros(1'000'000));
}

TEST(PercentRoundedUp, StaysInRangeAtItsEnds) {
  EXPECT_EQ(PercentRoundedUp(Amount(), Amount::Max()), Amount());
  EXPECT_EQ(PercentRoundedUp(Amount::FromUnits(100), Amount()), Amount());
  EXPECT_EQ(PercentRoundedUp(Amount::FromUnits(100), Amount::Max()), Amount::Max());
  // ⌈(2^63 − 1) × 99.999999 ÷ 100⌉ = 2^63 − 1 − ⌊(2^63 − 1) ÷ 10^8⌋
  EXPECT_EQ(PercentRoundedUp(Micros(99'999'999), Amount::Max()), Micros(kMax - kMax / 100'000'000));
}

TEST(PercentRoundedUpDeathTest, EndsTheProcessBeyondItsRange) {
  EXPECT_DEATH(PercentRoundedUp(Micros(-1), Amount()), "percent beyond 0..100");
  EXPECT_DEATH(PercentRoundedUp(Micros(100'000'001), Amount()), "percent beyond 0..100");
  EXPECT_DEATH(PercentRoundedUp(Micros(1), Micros(-1)), "percent of a negative amount");
}

TEST(ScaleRoundedDown, RoundsDownToTheMillionth) {
  EXPECT_EQ(ScaleRoundedDown(Amount::FromUnits(80), 3, 2), Amount::FromUnits(120));
  EXPECT_EQ(ScaleRoundedDown(Micros(1), 3, 2), Micros(1));
  EXPECT_EQ(ScaleRoundedDown(Micros(1), 1, 2), Amount());
  EXPECT_EQ(ScaleRoundedDown(Micros(7), 0, 5), Amount());
  EXPECT_EQ(ScaleRoundedDown(Amount(), INT64_MAX, 1), Amount());
}

TEST(ScaleRoundedDown, RefusesWhatDoesNotFit) {
  EXPECT_EQ(ScaleRoundedDown(Amount::Max(), 1, 1), Amount::Max());
  EXPECT_EQ(ScaleRoundedDown(Amount::Max(), INT64_MAX, INT64_MAX), Amount::Max());
  EXPECT_EQ(ScaleRoundedDown(Amount::Max(), 2, 1), std::nullopt);
  EXPECT_EQ(ScaleRoundedDown(Amount::Max(), INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(ScaleRoundedDown(Micros(kMax / 2 + 1), 2, 1), std::nullopt);
  EXPECT_EQ(ScaleRoundedDown(Micros(kMax / 2), 2, 1), Micros(kMax - 1));
}

TEST(ScaleRoundedDownDeathTest, EndsTheProcessBeyondItsRange) {
  EXPECT_DEATH(ScaleRoundedDown(Micros(-1), 1, 1), "scale of a negative");
  EXPECT_DEATH(ScaleRoundedDown(Micros(1), -1, 1), "scale of a negative");
  EXPECT_DEATH(ScaleRoundedDown(Micros(1), 1, 0), "scale of a negative");
}

TEST(RoundToStep, FindsTheMultiplesAround) {
  const Amount step = Micros(500'000);
  EXPECT_EQ(RoundDownToStep(Micros(1'250'000), step), Micros(1'000'000));
  EXPECT_EQ(RoundUpToStep(Micros(1'250'000), step), Micros(1'500'000));
  EXPECT_EQ(RoundDownToStep(Micros(1'500'000), step), Micros(1'500'000));
  EXPECT_EQ(RoundUpToStep(Micros(1'500'000), step), Micros(1'500'000));
  EXPECT_EQ(RoundDownToStep(Micros(499'999), step), Amount());
  EXPECT_EQ(RoundUpToStep(Micros(1), step), step);
  EXPECT_EQ(RoundDownToStep(Amount(), step), Amount());
  EXPECT_EQ(RoundUpToStep(Amount(), step), Amount());
}

TEST(RoundToStep, SaturatesUpwardsAtTheLargestMultiple) {
  const Amount step = Amount::FromUnits(1);
  EXPECT_EQ(RoundUpToStep(Amount::Max(), step), Amount::FromUnits(9'223'372'036'854));
  EXPECT_EQ(RoundUpToStep(Amount::Max(), Micros(1)), Amount::Max());
  EXPECT_EQ(RoundUpToStep(Micros(1), Amount::Max()), Amount::Max());
}

TEST(RoundToStepDeathTest, EndsTheProcessBeyondItsRange) {
  EXPECT_DEATH(RoundDownToStep(Micros(1), Amount()), "step must be positive");
  EXPECT_DEATH(RoundUpToStep(Micros(-1), Micros(1)), "step must be positive");
}

}  // namespace
}  // namespace purser
