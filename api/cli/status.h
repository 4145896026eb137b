#ifndef PURSER_API_CLI_STATUS_H_
#define PURSER_API_CLI_STATUS_H_

// `purser status`: the daemon and one population on one screen.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// With --json one object of the daemon's answers: version, population, freezes, debts; null for one
// that the caller may not read.
ExitCode RunStatus(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_STATUS_H_
