#ifndef PURSER_API_CLI_COSTS_H_
#define PURSER_API_CLI_COSTS_H_

// `purser costs`: what a month cost. Thread-compatible.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunCosts(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_COSTS_H_
