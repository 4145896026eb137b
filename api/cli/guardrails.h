#ifndef PURSER_API_CLI_GUARDRAILS_H_
#define PURSER_API_CLI_GUARDRAILS_H_

// What an hour may cost before experiments stop: list, show, make, change, delete, reset.
#include "api/cli/connection.h"

namespace purser::cli {

ExitCode RunGuardrails(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_GUARDRAILS_H_
