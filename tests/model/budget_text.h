#ifndef PURSER_TESTS_MODEL_BUDGET_TEXT_H_
#define PURSER_TESTS_MODEL_BUDGET_TEXT_H_

// The words of a scenario line about budgets, read and written (action_text.h has the others).
//
// Plain functions, safe from any thread.
#include <string>
#include <vector>

#include "tests/model/action.h"

namespace purser::model {

// With the requests that wait for an approval.
bool IsOfBudgets(Verb verb);

// A word of the form key=value of such a command.
bool SetBudgetKey(const std::string& key, const std::string& value, int64_t now_us, Action* action);

// The words without a "=", which are told by their place.
bool SetBudgetWords(const std::vector<std::string>& words, Action* action);

// What these read but the reservation, each word after a space; "" for other commands.
std::string BudgetWords(const Action& action);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_BUDGET_TEXT_H_
