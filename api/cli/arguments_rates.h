#ifndef PURSER_API_CLI_ARGUMENTS_RATES_H_
#define PURSER_API_CLI_ARGUMENTS_RATES_H_

// The part of the command line that is about rates and costs.
#include "api/cli/arguments.h"
#include "api/cli/command_options.h"

namespace purser::cli {

void AddCosts(CLI::App* parent, Arguments* out);
void AddCharges(CLI::App* parent, Arguments* out);
void AddCostEntries(CLI::App* parent, Arguments* out);
void AddPeriods(CLI::App* parent, Arguments* out);
void AddRateCards(CLI::App* parent, Arguments* out);
void AddGuardrails(CLI::App* parent, Arguments* out);
void AddBudgets(CLI::App* parent, Arguments* out);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_ARGUMENTS_RATES_H_
