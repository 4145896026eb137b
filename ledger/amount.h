#ifndef PURSER_LEDGER_AMOUNT_H_
#define PURSER_LEDGER_AMOUNT_H_

// An exact decimal with at most 6 fractional digits, held as a signed 64-bit count of millionths.
//
// Immutable value; thread-safe. Arithmetic is checked: what comes from outside is tested with `Add`
// and `Sub` that may refuse (`std::nullopt`), what our own rules have bounded uses the operators,
// which end the process on overflow. There is no floating point and no rounding here; division is
// in the functions that name their rounding.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"

namespace purser {

class Amount {
 public:
  static constexpr int kFractionDigits = 6;
  static constexpr int64_t kMicrosPerUnit = 1'000'000;

  constexpr Amount() = default;
  static constexpr Amount FromMicros(int64_t micros) { return Amount(micros); }
  static constexpr Amount FromUnits(int64_t units) { return Amount(units * kMicrosPerUnit); }
  static constexpr Amount Max() { return Amount(INT64_MAX); }

  // Reads `-?digits[.digits]` with at most 6 fractional digits, zeros counted.
  // InvalidArgument, with the reason, for anything else and for what does not fit.
  static absl::StatusOr<Amount> Parse(std::string_view text);
  // Reads the text of a JSON number: as Parse, and an exponent if the value needs at most 6 digits.
  static absl::StatusOr<Amount> ParseJsonNumber(std::string_view text);

  // No exponent, no trailing zeros, never "-0".
  std::string ToString() const;
  // As ToString, appended: no allocation of its own.
  void AppendTo(std::string* out) const;

  constexpr int64_t micros() const { return micros_; }
  constexpr bool is_zero() const { return micros_ == 0; }
  constexpr bool is_positive() const { return micros_ > 0; }
  constexpr bool is_negative() const { return micros_ < 0; }

  friend constexpr auto operator<=>(Amount, Amount) = default;

  // Checked: overflow here is a bug of ours and ends the process.
  friend Amount operator+(Amount a, Amount b);
  friend Amount operator-(Amount a, Amount b);
  Amount operator-() const { return Amount() - *this; }
  Amount& operator+=(Amount other) { return *this = *this + other; }
  Amount& operator-=(Amount other) { return *this = *this - other; }

 private:
  explicit constexpr Amount(int64_t micros) : micros_(micros) {}
  int64_t micros_ = 0;
};

// nullopt when the result does not fit: for what comes from outside.
std::optional<Amount> Add(Amount a, Amount b);
std::optional<Amount> Subtract(Amount a, Amount b);

// ⌈percent × base ÷ 100⌉ to the millionth; 0 <= percent <= 100, base >= 0.
Amount PercentRoundedUp(Amount percent, Amount base);
// ⌊amount × numerator ÷ denominator⌋ to the millionth; nullopt when it does not fit. amount >= 0.
std::optional<Amount> ScaleRoundedDown(Amount amount, int64_t numerator, int64_t denominator);
// The largest (smallest) multiple of `step`, counted from 0, that is <= (>=) amount. step > 0,
// amount >= 0. RoundUp saturates at the largest multiple that fits.
Amount RoundDownToStep(Amount amount, Amount step);
Amount RoundUpToStep(Amount amount, Amount step);

}  // namespace purser

#endif  // PURSER_LEDGER_AMOUNT_H_
