#ifndef PURSER_API_DECODE_BUDGETS_H_
#define PURSER_API_DECODE_BUDGETS_H_

// Budgets as clients send them. What is wrong is added to `faults`. Thread-safe: pure functions.
#include <string>

#include "api/v1/budget.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

CreateBudget DecodeBudget(const v1::Budget& message, Faults* faults);
UpdateBudget DecodeBudgetUpdate(const v1::Budget& message, const std::string& id, Faults* faults);
OverrideBudget DecodeBudgetOverride(const v1::BudgetOverride& message, const std::string& id,
                                    Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_BUDGETS_H_
