#include "ledger/decimal.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "ledger/text.h"

namespace purser {
namespace {

absl::Status Malformed(std::string_view text) {
  return absl::InvalidArgumentError(
      Concat("not a decimal number: \"", text.substr(0, 40), text.size() > 40 ? "…" : "", "\""));
}

// Takes the digits at the front of `text` away; how many there were.
size_t SkipDigits(std::string_view* text) {
  const auto end = std::find_if_not(text->begin(), text->end(), absl::ascii_isdigit);
  const size_t count = static_cast<size_t>(end - text->begin());
  text->remove_prefix(count);
  return count;
}

// RFC 8259, section 6: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool IsJsonNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leading_zero = text.starts_with('0');
  const size_t whole_digits = SkipDigits(&text);
  if (whole_digits == 0 || (leading_zero && whole_digits > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (SkipDigits(&text) == 0) return false;
  }
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return SkipDigits(&text) > 0 && text.empty();
}

// Appends one digit to `value` unless that leaves int64; works on the negative side, which is
// larger.
bool PushDigit(int64_t& negative_value, char digit) {
  return !__builtin_mul_overflow(negative_value, int64_t{10}, &negative_value) &&
         !__builtin_sub_overflow(negative_value, int64_t{digit - '0'}, &negative_value);
}

// Without sign or point.
bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

absl::Status DecimalFormat::TooManyDigits() const {
  return absl::InvalidArgumentError(
      Concat("more than ", fraction_digits, " digits after the decimal point"));
}

absl::Status DecimalFormat::TooLarge() const {
  return absl::InvalidArgumentError(Concat("beyond ±", largest));
}

// `digits` × 10^`exponent` of the last place.
absl::StatusOr<int64_t> DecimalFormat::FromDigits(std::string_view digits, int exponent,
                                                  bool negative) const {
  int64_t value = 0;  // held negative
  for (char c : digits) {
    if (!PushDigit(value, c)) return TooLarge();
  }
  for (; exponent > 0 && value != 0; --exponent) {
    if (!PushDigit(value, '0')) return TooLarge();
  }
  // The range is symmetric, so that nothing read from outside overflows when its sign is changed.
  if (value == INT64_MIN) return TooLarge();
  return negative ? value : -value;
}

absl::StatusOr<int64_t> DecimalFormat::Parse(std::string_view text) const {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  if (!IsDigits(whole)) return Malformed(text);
  if (point != std::string_view::npos && !IsDigits(fraction)) return Malformed(text);
  if (fraction.size() > static_cast<size_t>(fraction_digits)) return TooManyDigits();
  std::string digits(whole);
  digits.append(fraction);
  return FromDigits(digits, fraction_digits - static_cast<int>(fraction.size()), negative);
}

absl::StatusOr<int64_t> DecimalFormat::ParseJsonNumber(std::string_view text) const {
  if (!IsJsonNumber(text)) return Malformed(text);
  const size_t e = text.find_first_of("eE");
  if (e == std::string_view::npos) return Parse(text);
  std::string_view mantissa = text.substr(0, e);
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
  int exponent = 0;
  const auto error =
      std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent)
          .ec;
  const bool negative = mantissa.front() == '-';
  if (negative) mantissa.remove_prefix(1);
  const size_t point = mantissa.find('.');
  std::string digits(mantissa.substr(0, point));
  int mantissa_fraction = 0;
  if (point != std::string_view::npos) {
    digits.append(mantissa.substr(point + 1));
    mantissa_fraction = static_cast<int>(mantissa.size() - point - 1);
  }
  if (digits.find_first_not_of('0') == std::string::npos) return 0;
  if (error == std::errc::result_out_of_range || exponent > 100'000 || exponent < -100'000) {
    return exponent_text.front() == '-' ? TooManyDigits() : TooLarge();
  }
  int shift = fraction_digits + exponent - mantissa_fraction;
  while (shift < 0 && digits.back() == '0') {
    digits.pop_back();
    ++shift;
  }
  if (shift < 0) return TooManyDigits();
  return FromDigits(digits, shift, negative);
}

}  // namespace purser
