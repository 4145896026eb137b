#ifndef PURSER_TESTS_WORKED_NUMBERS_RECKONING_H_
#define PURSER_TESTS_WORKED_NUMBERS_RECKONING_H_

// What the worked numbers are reckoned with, exact throughout: what is counted times what one costs
// is the ledger's CostOf; a quotient is rounded once, by the ledger's DivideHalfAway.
// Thread-safe: pure functions.
#include <cstdint>
#include <ostream>
#include <string_view>

#include "ledger/amount.h"
#include "ledger/rate.h"

namespace purser {

// So that a test says what differs.
inline void PrintTo(Amount amount, std::ostream* out) { *out << amount.ToString(); }

inline constexpr int64_t kMonthHours = 24 * 30;  // the month of these numbers
inline constexpr int64_t kMonthSeconds = kMonthHours * 3600;

inline Amount Usd(std::string_view text) { return Amount::Parse(text).value(); }
inline Amount Count(int64_t count) { return Amount::FromUnits(count); }

// `count` of what costs `each` USD.
inline Amount Cost(Amount count, std::string_view each) {
  return CostOf(count, Rate::Parse(each).value()).value();
}
inline Amount Cost(int64_t count, std::string_view each) { return Cost(Count(count), each); }
inline Amount Cost(int64_t count, Amount each) { return Cost(count, each.ToString()); }

// Tokens at a price a million: its millionths are the 10^-12 USD of a token.
inline Amount TokenCost(int64_t tokens, std::string_view usd_per_million) {
  return CostOf(Count(tokens), Rate::FromPicos(Usd(usd_per_million).micros())).value();
}

struct TokenPrices {
  std::string_view input;  // USD a million
  std::string_view output;
};
inline Amount RequestCost(int64_t input, int64_t output, TokenPrices prices) {
  return TokenCost(input, prices.input) + TokenCost(output, prices.output);
}

// To the millionth, half away from zero.
inline Amount Quotient(Amount numerator, Amount denominator) {
  const absl::int128 scaled = absl::int128(numerator.micros()) * Amount::kMicrosPerUnit;
  return Amount::FromMicros(static_cast<int64_t>(DivideHalfAway(scaled, denominator.micros())));
}
inline Amount Percent(Amount part, Amount whole) {
  const absl::int128 scaled = absl::int128(part.micros()) * 100 * Amount::kMicrosPerUnit;
  return Amount::FromMicros(static_cast<int64_t>(DivideHalfAway(scaled, whole.micros())));
}
inline Amount PercentSaved(Amount before, Amount after) { return Percent(before - after, before); }

// As a page prints it: with so many digits behind the point.
inline Amount Printed(Amount amount, int digits) {
  int64_t step = Amount::kMicrosPerUnit;
  for (int i = 0; i < digits; ++i) step /= 10;
  return Amount::FromMicros(static_cast<int64_t>(DivideHalfAway(amount.micros(), step)) * step);
}

}  // namespace purser

#endif  // PURSER_TESTS_WORKED_NUMBERS_RECKONING_H_
