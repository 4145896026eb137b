#ifndef PURSER_TESTS_SUBJECT_ACTION_BUDGETS_H_
#define PURSER_TESTS_SUBJECT_ACTION_BUDGETS_H_

// Actions on budgets, and on requests that wait for an approval, as commands. Pure functions,
// thread-safe.
#include "ledger/refusal.h"
#include "tests/model/action.h"
#include "tests/subject/action_command.h"

namespace purser {

// An operator's are the first three.
inline bool IsAboutBudgets(model::Verb verb) {
  return verb >= model::Verb::kCreateBudget && verb <= model::Verb::kRejectRequest;
}

void TranslateBudgets(const model::Action& action, Faults* faults, Translated* out);
// A scope of the route, which who asks has not.
bool LacksBudgetScope(const model::Action& action);

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_ACTION_BUDGETS_H_
