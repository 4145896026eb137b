#ifndef PURSER_API_CLI_MODELS_H_
#define PURSER_API_CLI_MODELS_H_

// `purser models` and `purser population`: models listed, registered, changed, moved from state to
// state; the approvals that wait; the budget of them all.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// Any command of either.
ExitCode RunModels(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODELS_H_
