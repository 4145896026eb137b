#ifndef PURSER_API_CLI_COSTS_H_
#define PURSER_API_CLI_COSTS_H_

// `purser costs`: what a month cost. Thread-compatible.
#include <string>

#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// The query of a report: what it is grouped by, of which month, as of when; "" for none.
std::string ReportQuery(const Arguments& arguments);

ExitCode RunCosts(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_COSTS_H_
