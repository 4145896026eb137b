#ifndef PURSER_DAEMON_TIME_ZONES_H_
#define PURSER_DAEMON_TIME_ZONES_H_

// Calendar months and weeks of IANA time zones: the shell's part of the ledger's time. Thread-safe.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/guardrails.h"
#include "ledger/resource.h"

namespace purser {

// The first instant of the month after the one that `instant` is in, by the zone's own calendar.
// Where that midnight does not exist (a clock set forward over it) it is the first instant after
// the gap; where it exists twice, the first. The zone was checked when the population was made.
InstantUs FirstOfNextMonth(const std::string& time_zone, InstantUs instant);

// The hour on the zone's clocks that the instant is in: it begins where the clocks show a full
// hour, or were changed since. Days begin as months do.
stored::ClockHour ClockHourOf(const std::string& time_zone, InstantUs instant);

// A calendar month: from its first instant to before the next one's.
struct Month {
  std::string name;  // "2026-11"
  InstantUs from_us = 0;
  InstantUs until_us = 0;
};
// nullopt: the time zone is not known here any more.
std::optional<Month> MonthOf(const std::string& time_zone, InstantUs instant);
// Of years 1970 to 9999; nullopt also: it is the name of none.
std::optional<Month> FindMonth(const std::string& time_zone, std::string_view name);
// The one before; nullopt likewise.
std::optional<Month> FindMonthBefore(const std::string& time_zone, std::string_view name);

// An ISO 8601 week, from Monday on. Its days begin as months do.
struct Week {
  struct Day {
    std::string name;  // "2026-11-24"
    InstantUs from_us = 0;
    InstantUs until_us = 0;
  };
  std::string name;  // "2026-W48"
  std::vector<Day> days;

  InstantUs from_us() const { return days.front().from_us; }
  InstantUs until_us() const { return days.back().until_us; }
};
// The one that the instant is in, or `back` weeks before it.
std::optional<Week> WeekOf(const std::string& time_zone, InstantUs instant, int back = 0);
// Of years 1970 to 9999.
std::optional<Week> FindWeek(const std::string& time_zone, std::string_view name);

}  // namespace purser

#endif  // PURSER_DAEMON_TIME_ZONES_H_
