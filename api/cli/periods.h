#ifndef PURSER_API_CLI_PERIODS_H_
#define PURSER_API_CLI_PERIODS_H_

// `purser statement`, `periods` and `digest`. Thread-compatible.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunPeriods(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_PERIODS_H_
