#ifndef PURSER_API_CLI_SUMMARY_H_
#define PURSER_API_CLI_SUMMARY_H_

// `purser summary`. Thread-compatible.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunSummary(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_SUMMARY_H_
