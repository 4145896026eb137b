#include "api/json_scalar.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "ledger/text.h"
#include "reservations/label_split.h"

namespace purser::api {
namespace {

constexpr int64_t kMicros = 1'000'000;
constexpr int kFractionDigits = 6;

absl::Status Refused(const char* reason) { return absl::InvalidArgumentError(reason); }

// Takes the digits at the front of `text` off it.
std::string_view TakeDigits(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && absl::ascii_isdigit(text[length])) ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

bool TakeChar(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// Exactly `length` digits, or false.
bool TakeNumber(std::string_view& text, size_t length, int& value) {
  if (text.size() < length) return false;
  value = 0;
  for (size_t i = 0; i < length; ++i) {
    if (!absl::ascii_isdigit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(length);
  return true;
}

// The optional ".digits" at the front, as microseconds.
absl::StatusOr<int64_t> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, '.')) return 0;
  const std::string_view digits = TakeDigits(text);
  if (digits.empty()) return Refused("digits are missing after the decimal point");
  if (digits.size() > kFractionDigits) return Refused("finer than a microsecond");
  int64_t micros = 0;
  for (size_t i = 0; i < kFractionDigits; ++i) {
    micros = micros * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return micros;
}

bool IsLeapYear(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

struct Date {
  int year;
  int month;  // 1–12
  int day;    // 1–31
};

// Days since 1970-01-01, after Hinnant's days_from_civil
// (howardhinnant.github.io/date_algorithms.html): eras of 400 years that begin in March.
int64_t DaysFromDate(Date date) {
  const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year =
      (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719'468;
}

// The inverse: civil_from_days of the same page.
Date DateFromDays(int64_t days) {
  days += 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int month =
      static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month,
          static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1)};
}

// "Z" or "±HH:MM" at the front, as seconds east of UTC.
absl::StatusOr<int64_t> TakeOffset(std::string_view& text) {
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return 0;
  const bool west = TakeChar(text, '-');
  int hours = 0;
  int minutes = 0;
  if ((!west && !TakeChar(text, '+')) || !TakeNumber(text, 2, hours) || !TakeChar(text, ':') ||
      !TakeNumber(text, 2, minutes) || hours > 23 || minutes > 59) {
    return Refused("not an RFC 3339 time: the offset must be \"Z\" or such as \"+01:00\"");
  }
  const int64_t seconds = hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

void AppendPadded(int value, int width, std::string* out) {
  char digits[8];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out->append(digits, static_cast<size_t>(width));
}

// Of at least a microsecond; `micros` in [0, 1000000).
void AppendFraction(int micros, std::string* out) {
  if (micros == 0) return;
  out->push_back('.');
  if (micros % 1000 == 0) {
    AppendPadded(micros / 1000, 3, out);
  } else {
    AppendPadded(micros, 6, out);
  }
}

void AppendEscaped(char c, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  out->push_back('\\');
  switch (c) {
    case '"':
      out->push_back('"');
      return;
    case '\\':
      out->push_back('\\');
      return;
    case '\b':
      out->push_back('b');
      return;
    case '\f':
      out->push_back('f');
      return;
    case '\n':
      out->push_back('n');
      return;
    case '\r':
      out->push_back('r');
      return;
    case '\t':
      out->push_back('t');
      return;
    default:
      break;
  }
  out->append("u00");
  out->push_back(kHex[(c >> 4) & 0xf]);
  out->push_back(kHex[c & 0xf]);
}

}  // namespace

bool IsJsonNumber(std::string_view text) {
  TakeChar(text, '-');
  const std::string_view whole = TakeDigits(text);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
  if (TakeChar(text, '.') && TakeDigits(text).empty()) return false;
  if (TakeChar(text, 'e') || TakeChar(text, 'E')) {
    if (!TakeChar(text, '+')) TakeChar(text, '-');
    if (TakeDigits(text).empty()) return false;
  }
  return text.empty();
}

absl::StatusOr<int64_t> ParseInt64(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!IsJsonNumber(text) || end != text.data() + text.size()) {
    return Refused("expected a whole number");
  }
  if (error != std::errc()) return Refused("beyond 64 bits");
  return value;
}

absl::StatusOr<uint64_t> ParseUint64(std::string_view text) {
  if (text == "-0") return 0;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (IsJsonNumber(text) && text.front() == '-') return Refused("must not be negative");
  if (!IsJsonNumber(text) || end != text.data() + text.size()) {
    return Refused("expected a whole number");
  }
  if (error != std::errc()) return Refused("beyond 64 bits");
  return value;
}

absl::StatusOr<int64_t> ParseTimestampMicros(std::string_view text) {
  Date date{};
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!TakeNumber(text, 4, date.year) || !TakeChar(text, '-') || !TakeNumber(text, 2, date.month) ||
      !TakeChar(text, '-') || !TakeNumber(text, 2, date.day) ||
      (!TakeChar(text, 'T') && !TakeChar(text, 't')) || !TakeNumber(text, 2, hour) ||
      !TakeChar(text, ':') || !TakeNumber(text, 2, minute) || !TakeChar(text, ':') ||
      !TakeNumber(text, 2, second)) {
    return Refused("not an RFC 3339 time such as \"2026-11-22T14:00:00Z\"");
  }
  if (date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > DaysInMonth(date.year, date.month)) {
    return Refused("no such day");
  }
  if (second == 60) return Refused("leap seconds are not accepted");
  if (hour > 23 || minute > 59 || second > 59) return Refused("no such time of day");
  const absl::StatusOr<int64_t> fraction = TakeFraction(text);
  if (!fraction.ok()) return fraction.status();
  const absl::StatusOr<int64_t> offset = TakeOffset(text);
  if (!offset.ok()) return offset.status();
  if (!text.empty()) return Refused("text after the time");
  const int64_t seconds =
      DaysFromDate(date) * 86'400 + hour * 3600 + minute * 60 + second - *offset;
  if (seconds < kTimestampSecondsMin || seconds > kTimestampSecondsMax) {
    return Refused("the year must be 0001 to 9999");
  }
  return seconds * kMicros + *fraction;
}

absl::StatusOr<int64_t> ParseDurationMicros(std::string_view text) {
  constexpr char kMalformed[] = "not a duration such as \"3600s\"";
  const bool negative = TakeChar(text, '-');
  const std::string_view whole = TakeDigits(text);
  if (whole.empty()) return Refused(kMalformed);
  const absl::StatusOr<int64_t> fraction = TakeFraction(text);
  if (!fraction.ok()) return fraction.status();
  if (text != "s") return Refused(kMalformed);
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  if (error != std::errc() || seconds > kDurationSecondsMax ||
      (seconds == kDurationSecondsMax && *fraction > 0)) {
    return Refused("longer than 315576000000s");
  }
  const int64_t micros = seconds * kMicros + *fraction;
  return negative ? -micros : micros;
}

absl::StatusOr<std::string> ParseBase64(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(ToAbsl(text), &bytes) || absl::Base64Escape(bytes) != text) {
    return Refused("not base64 (standard alphabet, padded)");
  }
  return bytes;
}

SecondsAndNanos SplitInstant(int64_t instant_us) {
  const int64_t seconds = (instant_us >= 0 ? instant_us : instant_us - (kMicros - 1)) / kMicros;
  return {seconds, static_cast<int32_t>(instant_us - seconds * kMicros) * 1'000};
}

SecondsAndNanos SplitDuration(int64_t duration_us) {
  return {duration_us / kMicros, static_cast<int32_t>(duration_us % kMicros) * 1'000};
}

void AppendTimestamp(int64_t seconds, int32_t nanos, std::string* out) {
  seconds = std::clamp(seconds, kTimestampSecondsMin, kTimestampSecondsMax);
  const int64_t days = (seconds >= 0 ? seconds : seconds - 86'399) / 86'400;
  const int second_of_day = static_cast<int>(seconds - days * 86'400);
  const Date date = DateFromDays(days);
  out->push_back('"');
  AppendPadded(date.year, 4, out);
  out->push_back('-');
  AppendPadded(date.month, 2, out);
  out->push_back('-');
  AppendPadded(date.day, 2, out);
  out->push_back('T');
  AppendPadded(second_of_day / 3600, 2, out);
  out->push_back(':');
  AppendPadded(second_of_day / 60 % 60, 2, out);
  out->push_back(':');
  AppendPadded(second_of_day % 60, 2, out);
  AppendFraction(std::clamp(nanos, 0, 999'999'999) / 1000, out);
  out->append("Z\"");
}

void AppendDuration(int64_t seconds, int32_t nanos, std::string* out) {
  const int micros = std::clamp(nanos, -999'999'999, 999'999'999) / 1000;
  out->push_back('"');
  if (seconds < 0 || micros < 0) out->push_back('-');
  AppendJsonNumber(
      seconds < 0 ? ~static_cast<uint64_t>(seconds) + 1 : static_cast<uint64_t>(seconds), out);
  AppendFraction(micros < 0 ? -micros : micros, out);
  out->append("s\"");
}

void AppendLabelJson(std::string_view value, std::string* out) {
  if (IsLabelSplit(value) && ParseLabelSplit(value).has_value()) {
    out->append(value);
  } else {
    AppendJsonString(value, out);
  }
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  size_t clean = 0;  // what stands before this is written
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text, clean, i - clean);
    AppendEscaped(c, out);
    clean = i + 1;
  }
  out->append(text, clean, text.size() - clean);
  out->push_back('"');
}

}  // namespace purser::api
