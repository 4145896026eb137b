#ifndef PURSER_API_CLI_CALLER_H_
#define PURSER_API_CLI_CALLER_H_

// `purser me` and `purser version`: who calls, and whom.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunMe(const Arguments& arguments, Connection* connection);
ExitCode RunVersion(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_CALLER_H_
