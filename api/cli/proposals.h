#ifndef PURSER_API_CLI_PROPOSALS_H_
#define PURSER_API_CLI_PROPOSALS_H_

// `purser proposals`: made, looked at, approved, carried out; and what came of them.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// Any command of `purser proposals`.
ExitCode RunProposals(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_PROPOSALS_H_
