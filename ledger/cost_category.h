#ifndef PURSER_LEDGER_COST_CATEGORY_H_
#define PURSER_LEDGER_COST_CATEGORY_H_

// The fourteen categories of costs (ledger.md 5) by their names, "training" to "rollback_reserve",
// as they are in URLs, messages and reports. Thread-safe: pure functions.
#include <optional>
#include <string_view>

#include "ledger/ledger.pb.h"

namespace purser {

using stored::CostCategory;

inline constexpr char kCostCategoryRule[] =
    "must be training, evaluation, inference, residency, cold_start, storage, network, "
    "observability, security_review, compliance, incident, on_call, vendor_license or "
    "rollback_reserve";

// Empty where there is none.
std::string_view CostCategoryName(CostCategory category);
std::optional<CostCategory> ParseCostCategory(std::string_view name);

}  // namespace purser

#endif  // PURSER_LEDGER_COST_CATEGORY_H_
