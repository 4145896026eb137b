#ifndef PURSER_DAEMON_TIME_ZONES_H_
#define PURSER_DAEMON_TIME_ZONES_H_

// Calendar months of IANA time zones: the shell's part of the ledger's time. Thread-safe.
#include <string>

#include "ledger/resource.h"

namespace purser {

// The first instant of the month after the one that `instant` is in, by the zone's own calendar.
// Where that midnight does not exist (a clock set forward over it) it is the first instant after
// the gap; where it exists twice, the first. The zone was checked when the population was made.
InstantUs FirstOfNextMonth(const std::string& time_zone, InstantUs instant);

}  // namespace purser

#endif  // PURSER_DAEMON_TIME_ZONES_H_
