#ifndef PURSER_LEDGER_DECIMAL_H_
#define PURSER_LEDGER_DECIMAL_H_

// Exact decimals as text, of those that are held as a signed 64-bit count of their last place.
// Thread-safe: pure functions.
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace purser {

struct DecimalFormat {
  int fraction_digits = 0;   // at most 18
  std::string_view largest;  // as the message of what does not fit ends

  // Reads `-?digits[.digits]` with at most so many fractional digits, zeros counted.
  // InvalidArgument, with the reason, for anything else and for what does not fit.
  absl::StatusOr<int64_t> Parse(std::string_view text) const;
  // Reads the text of a JSON number: as Parse, and an exponent if the value needs no more digits.
  absl::StatusOr<int64_t> ParseJsonNumber(std::string_view text) const;

 private:
  absl::Status TooManyDigits() const;
  absl::Status TooLarge() const;
  absl::StatusOr<int64_t> FromDigits(std::string_view digits, int exponent, bool negative) const;
};

// Appends `value`, a count of the last of so many fractional digits: no exponent, no trailing
// zeros, never "-0". No allocation of its own.
template <int kFractionDigits>
void AppendDecimal(int64_t value, std::string* out) {
  static_assert(kFractionDigits > 0 && kFractionDigits <= 18);
  constexpr uint64_t kScale = [] {
    uint64_t scale = 1;
    for (int i = 0; i < kFractionDigits; ++i) scale *= 10;
    return scale;
  }();
  char buffer[24];
  const uint64_t magnitude =
      value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  if (value < 0) out->push_back('-');
  const auto whole = std::to_chars(buffer, buffer + sizeof(buffer), magnitude / kScale);
  out->append(buffer, whole.ptr);
  uint64_t fraction = magnitude % kScale;
  if (fraction == 0) return;
  char digits[kFractionDigits];
  for (int i = kFractionDigits - 1; i >= 0; --i, fraction /= 10) {
    digits[i] = static_cast<char>('0' + fraction % 10);
  }
  int length = kFractionDigits;
  while (digits[length - 1] == '0') --length;
  out->push_back('.');
  out->append(digits, length);
}

}  // namespace purser

#endif  // PURSER_LEDGER_DECIMAL_H_
