#ifndef PURSER_API_CLI_BUDGETS_H_
#define PURSER_API_CLI_BUDGETS_H_

// What may be spent in a month: list, show, make, change, delete, override.
#include <string>

#include "api/cli/connection.h"
#include "google/protobuf/repeated_field.h"

namespace purser::cli {

ExitCode RunBudgets(const Arguments& arguments, Connection* connection);
// A table; empty: there are none.
std::string BudgetsText(const google::protobuf::RepeatedPtrField<v1::Budget>& budgets);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_BUDGETS_H_
