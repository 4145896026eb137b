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

std::vector<Amount> Split(Amount total, const std::vector<Weight>& weights) {
  absl::int128 sum = 0;
  for (const Weight& each : weights) {
    PURSER_CHECK(!each.weight.is_negative(), "a weight is not negative");
    sum += each.weight.micros();
  }
  if (sum == 0) return {};
  const bool negative = total.is_negative();
  const absl::int128 magnitude =
      negative ? -absl::int128(total.micros()) : absl::int128(total.micros());
  std::vector<int64_t> parts;
  std::vector<absl::int128> remainders;
  absl::int128 left = magnitude;
  for (const Weight& each : weights) {
    const absl::int128 product = magnitude * each.weight.micros();
    parts.push_back(static_cast<int64_t>(product / sum));
    remainders.push_back(product % sum);
    left -= parts.back();
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (remainders[a] != remainders[b]) return remainders[a] > remainders[b];
    return weights[a].name < weights[b].name;
  });
  PURSER_CHECK(left < absl::int128(static_cast<int64_t>(weights.size())),
               "each remainder is less than a millionth");
  for (size_t i = 0; left > 0; ++i, left -= 1) ++parts[order[i]];
  std::vector<Amount> result;
  result.reserve(parts.size());
  for (const int64_t part : parts) result.push_back(Amount::FromMicros(negative ? -part : part));
  return result;
}

}  // namespace purser
