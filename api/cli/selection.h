#ifndef PURSER_API_CLI_SELECTION_H_
#define PURSER_API_CLI_SELECTION_H_

// `purser models select`: which models would be best. Thread-compatible.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunSelection(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_SELECTION_H_
