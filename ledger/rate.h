#ifndef PURSER_LEDGER_RATE_H_
#define PURSER_LEDGER_RATE_H_

// What a unit costs: USD a unit, an exact decimal with at most 12 fractional digits, held as a
// signed 64-bit count of millionths of a millionth. It is not an amount, and is never added up.
// Immutable value; thread-safe. Here is where a cost is rounded (ledger.md 5), and nowhere else.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "ledger/amount.h"

namespace purser {

class Rate {
 public:
  static constexpr int kFractionDigits = 12;
  static constexpr int64_t kPicosPerUsd = 1'000'000'000'000;

  constexpr Rate() = default;
  static constexpr Rate FromPicos(int64_t picos) { return Rate(picos); }
  static constexpr Rate One() { return Rate(kPicosPerUsd); }
  // As Amount's of the same names, with 12 digits.
  static absl::StatusOr<Rate> Parse(std::string_view text);
  static absl::StatusOr<Rate> ParseJsonNumber(std::string_view text);

  void AppendTo(std::string* out) const;
  std::string ToString() const;

  constexpr int64_t picos() const { return picos_; }
  constexpr bool is_negative() const { return picos_ < 0; }

  friend constexpr auto operator<=>(Rate, Rate) = default;

 private:
  explicit constexpr Rate(int64_t picos) : picos_(picos) {}
  int64_t picos_ = 0;
};

// numerator ÷ denominator, half away from zero; denominator > 0.
absl::int128 DivideHalfAway(absl::int128 numerator, absl::int128 denominator);

// amount × rate in USD, to the millionth, half away from zero. nullopt when it does not fit.
std::optional<Amount> CostOf(Amount amount, Rate rate);

// How much of a capacity, and for how long: millionths of its unit times microseconds, of
// any number of them together.
using Area = absl::int128;
inline constexpr int64_t kUsOfHour = 3'600'000'000;
inline constexpr int64_t kUsOfDay = 24 * kUsOfHour;
// area × rate ÷ `per_us` in millionths of USD, half away from zero: the rate is of a unit for so
// long. However much it is; area >= 0, rate >= 0, per_us > 0.
absl::int128 CostOf(Area area, Rate rate, int64_t per_us);

// A part of what is split.
struct Weight {
  std::string name;
  Amount weight;  // >= 0
};
// `total` in parts of these weights, in their order, that sum to it exactly: each is rounded toward
// zero, and what is then left goes, a millionth each, to those with the largest remainders, of
// equal ones by name. A negative total is the mirror image of the positive one. Names are distinct.
// Empty where all weights are zero: then nobody is charged with it.
std::vector<Amount> Split(Amount total, const std::vector<Weight>& weights);
// The same of costs and areas, which may be more than an amount holds.
std::vector<absl::int128> Split(absl::int128 total, const std::vector<Weight>& weights);

}  // namespace purser

#endif  // PURSER_LEDGER_RATE_H_
