#ifndef PURSER_API_CLI_MODEL_EXPORT_H_
#define PURSER_API_CLI_MODEL_EXPORT_H_

// `purser models export`.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"

namespace purser::cli {

// All models of the population to standard output, once all have come: as
// {"models":[…]} with a line for each, or as CSV.
ExitCode RunModelsExport(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODEL_EXPORT_H_
