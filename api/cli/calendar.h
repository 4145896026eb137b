#ifndef PURSER_API_CLI_CALENDAR_H_
#define PURSER_API_CLI_CALENDAR_H_

// What is occupied, booked and available of capacity, and when.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"

namespace purser::cli {

ExitCode RunCalendar(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_CALENDAR_H_
