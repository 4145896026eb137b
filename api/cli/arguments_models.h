#ifndef PURSER_API_CLI_ARGUMENTS_MODELS_H_
#define PURSER_API_CLI_ARGUMENTS_MODELS_H_

// The part of the command line that is about models and the population's budget of them.
#include "api/cli/arguments.h"
#include "api/cli/command_options.h"

namespace purser::cli {

void AddModels(CLI::App* parent, Arguments* out);
void AddProposals(CLI::App* parent, Arguments* out);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_ARGUMENTS_MODELS_H_
