#ifndef PURSER_API_CLI_MODEL_IMPORT_H_
#define PURSER_API_CLI_MODEL_IMPORT_H_

// `purser models import`.
#include "api/cli/arguments.h"
#include "api/cli/connection.h"

namespace purser::cli {

// Nothing is sent before the whole file was found good. Then all are registered, parents first;
// those that were ACTIVE activated, if that is wanted; and rollback targets named that could not be
// at the registration. What is refused is told and the rest goes on; what was not answered ends it,
// and the same import again goes on from there, as ids take effect once.
ExitCode RunModelsImport(const Arguments& arguments, Connection* connection);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_MODEL_IMPORT_H_
