#include "ledger/rate.h"

#include <algorithm>
#include <numeric>

#include "ledger/check.h"
#include "ledger/decimal.h"

namespace purser {
namespace {

constexpr DecimalFormat kRateFormat = {Rate::kFractionDigits,
                                       "9223372.036854775807, the largest rate"};

absl::StatusOr<Rate> OfPicos(const absl::StatusOr<int64_t>& picos) {
  if (!picos.ok()) return picos.status();
  return Rate::FromPicos(*picos);
}

struct Quotient {
  absl::int128 whole = 0;
  absl::int128 rest = 0;
};

// a × b ÷ divisor where the product may need more than 128 bits: by long multiplication, a binary
// digit of b at a time. a, b >= 0; 0 < divisor < 2^125; the quotient fits.
Quotient MultiplyAndDivide(absl::int128 a, int64_t b, absl::int128 divisor) {
  if (a <= INT64_MAX) return {a * b / divisor, a * b % divisor};
  const absl::int128 rest = a % divisor;
  Quotient result;
  constexpr int kDigits = 63;
  for (int digit = kDigits - 1; digit >= 0; --digit) {
    result.whole *= 2;
    result.rest *= 2;
    if ((b >> digit & 1) != 0) result.rest += rest;
    while (result.rest >= divisor) {
      result.rest -= divisor;
      result.whole += 1;
    }
  }
  result.whole += a / divisor * b;
  return result;
}

}  // namespace

absl::StatusOr<Rate> Rate::Parse(std::string_view text) { return OfPicos(kRateFormat.Parse(text)); }

absl::StatusOr<Rate> Rate::ParseJsonNumber(std::string_view text) {
  return OfPicos(kRateFormat.ParseJsonNumber(text));
}

void Rate::AppendTo(std::string* out) const { AppendDecimal<kFractionDigits>(picos_, out); }

std::string Rate::ToString() const {
  std::string out;
  AppendTo(&out);
  return out;
}

absl::int128 DivideHalfAway(absl::int128 numerator, absl::int128 denominator) {
  PURSER_CHECK(denominator > 0, "a denominator is positive");
  const absl::int128 quotient = numerator / denominator;  // toward zero
  const absl::int128 rest = numerator % denominator;
  const absl::int128 magnitude = rest < 0 ? -rest : rest;
  // Not 2 × magnitude, which might not fit.
  if (magnitude < denominator - magnitude) return quotient;
  return numerator < 0 ? quotient - 1 : quotient + 1;
}

std::optional<Amount> CostOf(Amount amount, Rate rate) {
  const absl::int128 product = absl::int128(amount.micros()) * rate.picos();
  const absl::int128 cost = DivideHalfAway(product, Rate::kPicosPerUsd);
  if (cost > INT64_MAX || cost < -absl::int128(INT64_MAX)) return std::nullopt;
  return Amount::FromMicros(static_cast<int64_t>(cost));
}

absl::int128 CostOf(Area area, Rate rate, int64_t per_us) {
  PURSER_CHECK(area >= 0 && !rate.is_negative() && per_us > 0,
               "neither a stay nor its rate is below 0");
  const absl::int128 divisor = absl::int128(per_us) * Rate::kPicosPerUsd;
  const Quotient exact = MultiplyAndDivide(area, rate.picos(), divisor);
  return exact.rest < divisor - exact.rest ? exact.whole : exact.whole + 1;
}

std::vector<absl::int128> Split(absl::int128 total, const std::vector<Weight>& weights) {
  absl::int128 sum = 0;
  for (const Weight& each : weights) {
    PURSER_CHECK(!each.weight.is_negative(), "a weight is not negative");
    sum += each.weight.micros();
  }
  if (sum == 0) return {};
  const bool negative = total < 0;
  std::vector<absl::int128> parts;
  std::vector<absl::int128> remainders;
  absl::int128 left = negative ? -total : total;
  const absl::int128 magnitude = left;
  for (const Weight& each : weights) {
    const Quotient exact = MultiplyAndDivide(magnitude, each.weight.micros(), sum);
    parts.push_back(exact.whole);
    remainders.push_back(exact.rest);
    left -= exact.whole;
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (remainders[a] != remainders[b]) return remainders[a] > remainders[b];
    return weights[a].name < weights[b].name;
  });
  PURSER_CHECK(left < absl::int128(static_cast<int64_t>(weights.size())),
               "each remainder is less than a millionth");
  for (size_t i = 0; left > 0; ++i, left -= 1) parts[order[i]] += 1;
  for (absl::int128& part : parts) part = negative ? -part : part;
  return parts;
}

std::vector<Amount> Split(Amount total, const std::vector<Weight>& weights) {
  std::vector<Amount> result;
  for (const absl::int128 part : Split(absl::int128(total.micros()), weights)) {
    result.push_back(Amount::FromMicros(static_cast<int64_t>(part)));
  }
  return result;
}

}  // namespace purser
