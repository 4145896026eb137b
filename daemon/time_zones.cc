#include "daemon/time_zones.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "ledger/check.h"

namespace purser {
namespace {

template <typename Civil>
InstantUs FirstOf(Civil civil, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(civil));
  const absl::Time start = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  return absl::ToUnixMicros(start);
}

Month MakeMonth(absl::CivilMonth month, const absl::TimeZone& zone) {
  return {absl::StrFormat("%04d-%02d", month.year(), month.month()), FirstOf(month, zone),
          FirstOf(month + 1, zone)};
}

// Digits alone.
bool ReadDigits(std::string_view digits, int* number) {
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return absl::SimpleAtoi(absl::string_view(digits.data(), digits.size()), number);
}

// "2026-11".
std::optional<absl::CivilMonth> ReadMonth(std::string_view name) {
  constexpr size_t kYearSize = 4;
  constexpr size_t kNameSize = 7;
  if (name.size() != kNameSize || name[kYearSize] != '-') return std::nullopt;
  int year = 0;
  int month = 0;
  if (!ReadDigits(name.substr(0, kYearSize), &year) ||
      !ReadDigits(name.substr(kYearSize + 1), &month)) {
    return std::nullopt;
  }
  if (year < 1970 || month < 1 || month > 12) return std::nullopt;
  return absl::CivilMonth(year, month);
}

absl::CivilDay MondayOf(absl::CivilDay day) {
  return absl::PrevWeekday(day + 1, absl::Weekday::monday);
}

// The first week of a year is the one with its 4th of January.
absl::CivilDay FirstMonday(absl::civil_year_t year) { return MondayOf(absl::CivilDay(year, 1, 4)); }

Week MakeWeek(absl::CivilDay monday, const absl::TimeZone& zone) {
  constexpr int kDays = 7;
  const absl::civil_year_t year = (monday + 3).year();  // its Thursday's
  const auto number = (monday - FirstMonday(year)) / kDays + 1;
  Week week;
  week.name = absl::StrFormat("%04d-W%02d", year, number);
  for (int i = 0; i < kDays; ++i) {
    const absl::CivilDay day = monday + i;
    week.days.push_back({absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day()),
                         FirstOf(day, zone), FirstOf(day + 1, zone)});
  }
  return week;
}

}  // namespace

InstantUs FirstOfNextMonth(const std::string& time_zone, InstantUs instant) {
  absl::TimeZone zone;
  PURSER_CHECK(absl::LoadTimeZone(time_zone, &zone), "a population's time zone exists");
  return FirstOf(absl::ToCivilMonth(absl::FromUnixMicros(instant), zone) + 1, zone);
}

stored::ClockHour ClockHourOf(const std::string& time_zone, InstantUs instant) {
  absl::TimeZone zone;
  PURSER_CHECK(absl::LoadTimeZone(time_zone, &zone), "a population's time zone exists");
  const absl::Time at = absl::FromUnixMicros(instant);
  const absl::TimeZone::CivilInfo civil = zone.At(at);
  const absl::CivilSecond& second = civil.cs;
  const absl::Duration past_full =
      absl::Minutes(second.minute()) + absl::Seconds(second.second()) + civil.subsecond;
  InstantUs hour_us = absl::ToUnixMicros(at - past_full);
  absl::TimeZone::CivilTransition change;
  // Changes are looked for by seconds, and the one of the second itself is not found.
  const absl::Time right_after = at + absl::Seconds(1);
  if (zone.PrevTransition(right_after, &change)) {
    const InstantUs changed_us = absl::ToUnixMicros(zone.At(change.to).trans);
    if (changed_us <= instant) hour_us = std::max(hour_us, changed_us);
  }
  stored::ClockHour hour;
  hour.set_hour_us(hour_us);
  hour.set_day_us(FirstOf(absl::CivilDay(second), zone));
  // A zone that crosses the date line leaves a day out.
  const absl::Time right_before = absl::FromUnixMicros(hour.day_us() - 1);
  hour.set_day_before_us(FirstOf(absl::ToCivilDay(right_before, zone), zone));
  return hour;
}

std::optional<Month> MonthOf(const std::string& time_zone, InstantUs instant) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) return std::nullopt;
  const absl::CivilMonth month = absl::ToCivilMonth(absl::FromUnixMicros(instant), zone);
  // A clock that is set back over midnight shows the month before once more.
  const bool is_again = instant >= FirstOf(month + 1, zone);
  return MakeMonth(is_again ? month + 1 : month, zone);
}

std::optional<Month> FindMonth(const std::string& time_zone, std::string_view name) {
  const auto month = ReadMonth(name);
  absl::TimeZone zone;
  if (!month.has_value() || !absl::LoadTimeZone(time_zone, &zone)) return std::nullopt;
  return MakeMonth(*month, zone);
}

std::optional<Month> FindMonthBefore(const std::string& time_zone, std::string_view name) {
  const auto month = ReadMonth(name);
  absl::TimeZone zone;
  if (!month.has_value() || !absl::LoadTimeZone(time_zone, &zone)) return std::nullopt;
  return MakeMonth(*month - 1, zone);
}

std::optional<Week> WeekOf(const std::string& time_zone, InstantUs instant, int back) {
  constexpr int kDays = 7;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) return std::nullopt;
  const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(instant), zone);
  return MakeWeek(MondayOf(day) - kDays * back, zone);
}

std::optional<Week> FindWeek(const std::string& time_zone, std::string_view name) {
  constexpr size_t kYearSize = 4;
  constexpr size_t kNameSize = 8;
  if (name.size() != kNameSize || name.substr(kYearSize, 2) != "-W") return std::nullopt;
  int year = 0;
  int number = 0;
  if (!ReadDigits(name.substr(0, kYearSize), &year) ||
      !ReadDigits(name.substr(kYearSize + 2), &number)) {
    return std::nullopt;
  }
  absl::TimeZone zone;
  if (year < 1970 || number < 1 || !absl::LoadTimeZone(time_zone, &zone)) return std::nullopt;
  Week week = MakeWeek(FirstMonday(year) + 7 * (number - 1), zone);
  if (week.name != name) return std::nullopt;  // the year has not so many
  return week;
}

}  // namespace purser
