#ifndef PURSER_API_CLI_RATES_H_
#define PURSER_API_CLI_RATES_H_

// `purser rates`: what a unit of each resource costs, listed, shown, made, changed, deleted.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// Any of the commands of `purser rates`.
ExitCode RunRates(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_RATES_H_
