#ifndef PURSER_API_RENDER_BUDGET_H_
#define PURSER_API_RENDER_BUDGET_H_

// Budgets as clients see them. Thread-safe: pure functions.
#include "api/v1/budget.pb.h"
#include "ledger/budgets.h"

namespace purser::api {

v1::Budget RenderBudget(const BudgetPicture& picture);
// What a client says of it.
v1::Budget RenderBudgetSettings(const stored::Budget& budget);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_BUDGET_H_
