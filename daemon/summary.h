#ifndef PURSER_DAEMON_SUMMARY_H_
#define PURSER_DAEMON_SUMMARY_H_

// What the running month costs, and how fast (daemon/decisions/0012): from the rows of costs.
// Thread-safe: works on what it is given.
#include <optional>
#include <string>

#include "daemon/periods.h"

namespace purser {

// What is charged at the very instant of the present counts. LIMIT_OF_THE_DAEMON where there are
// too many groups, cancelled when `present` says so.
absl::StatusOr<api::SummaryRead> ReadSummary(History* history, const api::PopulationView& view,
                                             const std::optional<std::string>& family,
                                             const Present& present);

}  // namespace purser

#endif  // PURSER_DAEMON_SUMMARY_H_
