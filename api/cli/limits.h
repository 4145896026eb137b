#ifndef PURSER_API_CLI_LIMITS_H_
#define PURSER_API_CLI_LIMITS_H_

// `purser limits`: what principals and label values may have at most, listed, shown, set, deleted.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunLimitsList(const Arguments& arguments, Connection* connection);
ExitCode RunLimitsShow(const Arguments& arguments, Connection* connection);
// With a subject it makes the limit, without one it changes the one of that id as it is now.
ExitCode RunLimitsSet(const Arguments& arguments, Connection* connection);
ExitCode RunLimitsDelete(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_LIMITS_H_
