#ifndef PURSER_DAEMON_PERIODS_H_
#define PURSER_DAEMON_PERIODS_H_

// Calendar months of a population, open and closed, and weeks (daemon/decisions/0012). A month that
// was closed keeps the instants that were recorded then, whatever becomes of its time zone.
// Thread-safe: works on what it is given.
#include <functional>
#include <optional>
#include <string_view>

#include "daemon/history.h"
#include "daemon/time_zones.h"

namespace purser {

// nullopt: it is the name of none, or the time zone is not known here any more.
std::optional<Month> FindPeriod(const api::PopulationView& view, std::string_view name);
// What is said of that, or of a zone that is not known.
absl::Status NoSuchMonth(const char* field);
absl::Status NoSuchZone(const api::PopulationView& view);

// What a report of the time is of: stays count up to before an instant.
History::CostsScope ScopeOf(const api::PopulationView& view, const Span& period, uint64_t as_of,
                            InstantUs accrue_until_us);

// As of `present_us`, of whose time and before nothing is still to come that the history has not.
// Cancelled when `abandon` says so.
struct Present {
  InstantUs at_us = 0;
  std::function<bool()> abandon;
};
absl::StatusOr<api::PeriodRead> ReadPeriod(History* history, const api::PopulationView& view,
                                           std::string_view name, const Present& present);
// INVALID_ARGUMENT for a token of another list.
absl::StatusOr<api::PeriodsRead> ListPeriods(History* history, const api::PopulationView& view,
                                             const api::PageRequest& page, const Present& present);

// LIMIT_OF_THE_DAEMON where there are too many groups.
absl::StatusOr<api::DigestRead> ReadDigest(History* history, const api::PopulationView& view,
                                           const std::optional<std::string>& week,
                                           const Present& present);

}  // namespace purser

#endif  // PURSER_DAEMON_PERIODS_H_
