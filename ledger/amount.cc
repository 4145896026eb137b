#include "ledger/amount.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

absl::Status Malformed(std::string_view text) {
  return absl::InvalidArgumentError(
      Concat("not a decimal number: \"", text.substr(0, 40), text.size() > 40 ? "…" : "", "\""));
}
absl::Status TooManyDigits() {
  return absl::InvalidArgumentError("more than 6 digits after the decimal point");
}
absl::Status TooLarge() {
  return absl::InvalidArgumentError("beyond ±9223372036854.775807, the largest amount");
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

// `digits` × 10^`exponent` millionths; digits without sign or point.
absl::StatusOr<Amount> FromDigits(std::string_view digits, int exponent, bool negative) {
  int64_t value = 0;  // held negative
  for (char c : digits) {
    if (!PushDigit(value, c)) return TooLarge();
  }
  for (; exponent > 0 && value != 0; --exponent) {
    if (!PushDigit(value, '0')) return TooLarge();
  }
  // The range is symmetric, so that no amount read from outside overflows when its sign is changed.
  if (value == INT64_MIN) return TooLarge();
  return Amount::FromMicros(negative ? value : -value);
}

}  // namespace

absl::StatusOr<Amount> Amount::Parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const size_t point = rest.find('.');
  const std::string_view whole = rest.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
  if (whole.empty() || !std::all_of(whole.begin(), whole.end(), absl::ascii_isdigit))
    return Malformed(text);
  if (point != std::string_view::npos &&
      (fraction.empty() || !std::all_of(fraction.begin(), fraction.end(), absl::ascii_isdigit))) {
    return Malformed(text);
  }
  if (fraction.size() > kFractionDigits) return TooManyDigits();
  std::string digits(whole);
  digits.append(fraction);
  return FromDigits(digits, kFractionDigits - static_cast<int>(fraction.size()), negative);
}

absl::StatusOr<Amount> Amount::ParseJsonNumber(std::string_view text) {
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
  int fraction_digits = 0;
  if (point != std::string_view::npos) {
    digits.append(mantissa.substr(point + 1));
    fraction_digits = static_cast<int>(mantissa.size() - point - 1);
  }
  if (digits.find_first_not_of('0') == std::string::npos) return Amount();
  if (error == std::errc::result_out_of_range || exponent > 100'000 || exponent < -100'000) {
    return exponent_text.front() == '-' ? TooManyDigits() : TooLarge();
  }
  int shift = kFractionDigits + exponent - fraction_digits;
  while (shift < 0 && digits.back() == '0') {
    digits.pop_back();
    ++shift;
  }
  if (shift < 0) return TooManyDigits();
  return FromDigits(digits, shift, negative);
}

void Amount::AppendTo(std::string* out) const {
  char buffer[24];
  const uint64_t magnitude =
      micros_ < 0 ? ~static_cast<uint64_t>(micros_) + 1 : static_cast<uint64_t>(micros_);
  if (micros_ < 0) out->push_back('-');
  const auto whole = std::to_chars(buffer, buffer + sizeof(buffer), magnitude / kMicrosPerUnit);
  out->append(buffer, whole.ptr);
  uint64_t fraction = magnitude % kMicrosPerUnit;
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
