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

}  // namespace

std::optional<int64_t> ParseInstant(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%n", &year, &month, &day, &hour, &minute,
                  &used) != 5 ||
      used == 0 || text.back() != 'Z') {
    return std::nullopt;
  }
  const auto seconds = ParseDecimal(text.substr(used, text.size() - used - 1));
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
  int year = 1970, month = 1;
  while (MonthStart(year, month) <= instant_us) Following(&year, &month);
  return MonthStart(year, month);
}

}  // namespace purser::model
