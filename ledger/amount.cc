#include "ledger/amount.h"

#include "ledger/check.h"
#include "ledger/decimal.h"

namespace purser {
namespace {

constexpr DecimalFormat kAmountFormat = {Amount::kFractionDigits,
                                         "9223372036854.775807, the largest amount"};

absl::StatusOr<Amount> OfMicros(const absl::StatusOr<int64_t>& micros) {
  if (!micros.ok()) return micros.status();
  return Amount::FromMicros(*micros);
}

}  // namespace

absl::StatusOr<Amount> Amount::Parse(std::string_view text) {
  return OfMicros(kAmountFormat.Parse(text));
}

absl::StatusOr<Amount> Amount::ParseJsonNumber(std::string_view text) {
  return OfMicros(kAmountFormat.ParseJsonNumber(text));
}

void Amount::AppendTo(std::string* out) const { AppendDecimal<kFractionDigits>(micros_, out); }

std::string Amount::ToString() const {
  std::string out;
  AppendTo(&out);
  return out;
}

std::optional<Amount> Add(Amount a, Amount b) {
  int64_t sum;
  if (__builtin_add_overflow(a.micros(), b.micros(), &sum)) return std::nullopt;
  return Amount::FromMicros(sum);
}

std::optional<Amount> Subtract(Amount a, Amount b) {
  int64_t difference;
  if (__builtin_sub_overflow(a.micros(), b.micros(), &difference)) return std::nullopt;
  return Amount::FromMicros(difference);
}

Amount operator+(Amount a, Amount b) {
  const auto sum = Add(a, b);
  PURSER_CHECK(sum.has_value(), "amount overflow in a sum");
  return *sum;
}

Amount operator-(Amount a, Amount b) {
  const auto difference = Subtract(a, b);
  PURSER_CHECK(difference.has_value(), "amount overflow in a difference");
  return *difference;
}

Amount PercentRoundedUp(Amount percent, Amount base) {
  PURSER_CHECK(!percent.is_negative() && percent <= Amount::FromUnits(100),
               "percent beyond 0..100");
  PURSER_CHECK(!base.is_negative(), "percent of a negative amount");
  const absl::int128 divisor = absl::int128(100) * Amount::kMicrosPerUnit;
  const absl::int128 product = absl::int128(percent.micros()) * base.micros();
  return Amount::FromMicros(static_cast<int64_t>((product + divisor - 1) / divisor));
}

std::optional<Amount> ScaleRoundedDown(Amount amount, int64_t numerator, int64_t denominator) {
  PURSER_CHECK(!amount.is_negative() && numerator >= 0 && denominator > 0, "scale of a negative");
  const absl::int128 scaled = absl::int128(amount.micros()) * numerator / denominator;
  if (scaled > INT64_MAX) return std::nullopt;
  return Amount::FromMicros(static_cast<int64_t>(scaled));
}

Amount RoundDownToStep(Amount amount, Amount step) {
  PURSER_CHECK(step.is_positive() && !amount.is_negative(), "step must be positive");
  return Amount::FromMicros(amount.micros() - amount.micros() % step.micros());
}

Amount RoundUpToStep(Amount amount, Amount step) {
  const Amount down = RoundDownToStep(amount, step);
  if (down == amount) return amount;
  return Add(down, step).value_or(down);
}

}  // namespace purser
