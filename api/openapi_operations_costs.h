#ifndef PURSER_API_OPENAPI_OPERATIONS_COSTS_H_
#define PURSER_API_OPENAPI_OPERATIONS_COSTS_H_

// The part of openapi_operations.h that is about charges and costs. Thread-safe: pure functions.
#include <vector>

#include "api/openapi_operations.h"

namespace purser::api {

inline constexpr char kChargesTag[] = "charges";
inline constexpr char kCostsTag[] = "costs";
inline constexpr char kGuardrailsTag[] = "guardrails";
inline constexpr char kBudgetsTag[] = "budgets";

std::vector<Operation> ChargeOperations();
std::vector<Operation> CostOperations();
std::vector<Operation> GuardrailOperations();
std::vector<Operation> BudgetOperations();
std::vector<Operation> PeriodOperations();

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_OPERATIONS_COSTS_H_
