#include "ledger/cost_category.h"

#include <algorithm>
#include <iterator>

namespace purser {
namespace {

constexpr std::string_view kNames[] = {
    "",           "training", "evaluation", "inference",      "residency",
    "cold_start", "storage",  "network",    "observability",  "security_review",
    "compliance", "incident", "on_call",    "vendor_license", "rollback_reserve"};
static_assert(std::size(kNames) == stored::CostCategory_ARRAYSIZE);

}  // namespace

std::string_view CostCategoryName(CostCategory category) {
  return stored::CostCategory_IsValid(category) ? kNames[category] : kNames[0];
}

std::optional<CostCategory> ParseCostCategory(std::string_view name) {
  const auto* const found = std::find(std::begin(kNames) + 1, std::end(kNames), name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<CostCategory>(found - std::begin(kNames));
}

}  // namespace purser
