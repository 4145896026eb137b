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
  // Of an instant itself the change before is not found.
  const absl::Time right_after = at + absl::Microseconds(1);
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
  return MakeMonth(absl::ToCivilMonth(absl::FromUnixMicros(instant), zone), zone);
}

std::optional<Month> FindMonth(const std::string& time_zone, std::string_view name) {
  constexpr size_t kYearSize = 4;
  constexpr size_t kNameSize = 7;
  if (name.size() != kNameSize || name[kYearSize] != '-') return std::nullopt;
  const auto read = [](std::string_view digits, int* number) {
    for (const char c : digits) {
      if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    }
    return absl::SimpleAtoi(absl::string_view(digits.data(), digits.size()), number);
  };
  int year = 0;
  int month = 0;
  if (!read(name.substr(0, kYearSize), &year) || !read(name.substr(kYearSize + 1), &month)) {
    return std::nullopt;
  }
  if (year < 1970 || month < 1 || month > 12) return std::nullopt;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) return std::nullopt;
  return MakeMonth(absl::CivilMonth(year, month), zone);
}

}  // namespace purser
