#ifndef PURSER_API_CLI_DEMAND_H_
#define PURSER_API_CLI_DEMAND_H_

// `purser demand`. Thread-compatible.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunDemand(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_DEMAND_H_
