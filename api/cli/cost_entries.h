#ifndef PURSER_API_CLI_COST_ENTRIES_H_
#define PURSER_API_CLI_COST_ENTRIES_H_

// `purser cost-entries`, `outcomes`, `quote` and `accepted-result-costs`. Thread-compatible.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunCostEntries(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_COST_ENTRIES_H_
