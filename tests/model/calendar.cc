#include "tests/model/calendar.h"

#include <cstdio>

#include "tests/model/decimal.h"

namespace purser::model {
namespace {

bool IsLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysOf(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Midnight at the beginning of a month, from 1970 on.
int64_t MonthStart(int year, int month) {
  int64_t days = 0;
  for (int y = 1970; y < year; ++y) days += IsLeap(y) ? 366 : 365;
  for (int m = 1; m < month; ++m) days += DaysOf(year, m);
  return days * kDayUs;
}

void Following(int* year, int* month) {
  *month = *month == 12 ? 1 : *month + 1;
  if (*month == 1) ++*year;
}

// The number of so many digits there; below 0 where there are none.
int NumberAt(const std::string& text, size_t at, size_t digits) {
  int number = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

}  // namespace

std::optional<int64_t> ParseInstant(const std::string& text) {
  const std::string marks = "0000-00-00T00:00:";
  if (text.size() < marks.size() + 2 || text.back() != 'Z') return std::nullopt;
  for (size_t i = 0; i < marks.size(); ++i) {
    if (marks[i] != '0' && text[i] != marks[i]) return std::nullopt;
  }
  const int year = NumberAt(text, 0, 4);
  const int month = NumberAt(text, 5, 2);
  const int day = NumberAt(text, 8, 2);
  const int hour = NumberAt(text, 11, 2);
  const int minute = NumberAt(text, 14, 2);
  const auto seconds = ParseDecimal(text.substr(marks.size(), text.size() - marks.size() - 1));
  if (!seconds || year < 1970 || month < 1 || month > 12 || day < 1 || day > DaysOf(year, month) ||
      hour < 0 || hour > 23 || minute < 0 || minute > 59 || *seconds < 0 || *seconds >= 60 * kOne) {
    return std::nullopt;
  }
  return MonthStart(year, month) + (day - 1) * kDayUs + (hour * 3600 + minute * 60) * kOne +
         *seconds;
}

std::string FormatInstant(int64_t instant_us) {
  int year = 1970, month = 1;
  for (int y = year, m = month; MonthStart(y, m) <= instant_us; Following(&y, &m)) {
    year = y;
    month = m;
  }
  const int64_t rest = instant_us - MonthStart(year, month);
  const int64_t in_day = rest % kDayUs / kOne;
  char text[64];
  std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d", year, month,
                static_cast<int>(rest / kDayUs + 1), static_cast<int>(in_day / 3600),
                static_cast<int>(in_day / 60 % 60), static_cast<int>(in_day % 60));
  const int64_t fraction = instant_us % kOne;
  return text + (fraction == 0 ? "" : FormatDecimal(fraction).substr(1)) + "Z";
}

int64_t NextMonth(int64_t instant_us) {
  // No later than its own year.
  int year = 1970 + static_cast<int>(instant_us / (366 * kDayUs)), month = 1;
  while (MonthStart(year, month) <= instant_us) Following(&year, &month);
  return MonthStart(year, month);
}

}  // namespace purser::model
