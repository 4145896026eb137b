#ifndef PURSER_API_CLI_RESERVATIONS_H_
#define PURSER_API_CLI_RESERVATIONS_H_

// `purser reservations …`: list and show them, ask for one, and what its holder does with it; and
// `purser why`, which asks what would become of such a request.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

// List, show, create, a verb, who waits (with --json each page is one line), or why not (kRefused:
// it would not be granted now), by arguments.command.
ExitCode RunReservations(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_RESERVATIONS_H_
