#ifndef PURSER_LIFECYCLE_CALENDAR_PAGE_H_
#define PURSER_LIFECYCLE_CALENDAR_PAGE_H_

// The calendar of capacity as a step function over time (daemon/decisions/0008): what leases occupy
// as they stand, what is booked, what is left. Pure; thread-safe.
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/outlook.h"

namespace purser {

struct CalendarStep {
  std::string resource;
  InstantUs from_us = 0;
  std::optional<InstantUs> until_us;  // absent: for good, as far as is known
  Amount granted;                     // and not taken back by a shortfall until then
  Amount reserve;
  Amount occupied;   // by leases
  Amount booked;     // by advance reservations that have not started yet
  Amount available;  // below 0: less than is booked
};

struct CalendarQuestion {
  std::optional<std::string> resource;  // else every capacity
  InstantUs from_us = 0;                // the past begins now
  InstantUs until_us = INT64_MAX;
  // Where to begin: the name and the instant of the step that follows those known.
  std::optional<std::pair<std::string, InstantUs>> after;
  size_t count = 0;  // at most so many steps
};

struct CalendarPage {
  std::vector<CalendarStep> steps;  // by resource name, then in order of time
  std::optional<std::pair<std::string, InstantUs>> next;
};

CalendarPage ReadCalendar(const JudgedState& state, const CalendarQuestion& question);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_CALENDAR_PAGE_H_
