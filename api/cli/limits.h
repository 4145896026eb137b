#ifndef PURSER_API_CLI_LIMITS_H_
#define PURSER_API_CLI_LIMITS_H_

// `purser limits`: what principals and label values may have at most, listed, shown, set, deleted.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// Any of the commands of `purser limits`.
ExitCode RunLimits(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_LIMITS_H_
