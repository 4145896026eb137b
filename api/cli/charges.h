#ifndef PURSER_API_CLI_CHARGES_H_
#define PURSER_API_CLI_CHARGES_H_

// `purser charges`: what was really used, and refunds of it. Thread-compatible.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunCharges(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_CHARGES_H_
