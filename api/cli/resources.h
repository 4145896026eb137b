#ifndef PURSER_API_CLI_RESOURCES_H_
#define PURSER_API_CLI_RESOURCES_H_

// `purser resources [NAME]`: the balances of all resources, or everything about one.
#include <string>

#include "api/cli/arguments.h"
#include "api/cli/connection.h"
#include "api/cli/output.h"
#include "api/v1/population.pb.h"

namespace purser::cli {

// What an operator should see at once: `FROZEN`, `reserve short by 5`, `debt 5`, …; empty when all
// is well.
std::string ResourceFlags(const v1::Resource& resource);

ExitCode RunResources(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_RESOURCES_H_
