#include "lifecycle/net_value.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace purser {

namespace {

void AddCosts(const stored::ModelSettings& model, int sign, NetValue* sum) {
  for (const auto& cost : model.monthly_costs()) {
    const absl::int128 amount = absl::int128(cost.amount()) * sign;
    if (cost.category() == stored::INFERENCE_COST) {
      sum->incremental_inference += amount;
    } else if (cost.category() != stored::INCIDENT_COST) {
      sum->lifecycle_maintenance += amount;
    }
  }
  sum->expected_incident += absl::int128(model.expected_incident_cost_monthly()) * sign;
}

bool HasAsWell(const std::vector<Provision>& provisions, const Provision& wanted) {
  return std::any_of(provisions.begin(), provisions.end(), [&](const Provision& each) {
    return each.capability == wanted.capability && each.quality_micros >= wanted.quality_micros;
  });
}

}  // namespace

absl::int128 NetValue::Sum() const {
  return business_value + incremental_inference + lifecycle_maintenance + expected_incident +
         opportunity_cost;
}

absl::int128 LostValue(const stored::ModelSettings& model, int lost) {
  const absl::int128 value = model.business_value_monthly();
  const int capabilities = model.capabilities_size();
  if (value <= 0 || capabilities == 0) return value;
  return (value * lost + capabilities - 1) / capabilities;
}

NetValue SavedCosts(const stored::ModelSettings& model) {
  NetValue saved;
  AddCosts(model, 1, &saved);
  return saved;
}

NetValue NetValueOf(absl::Span<const stored::ModelSettings* const> leaving,
                    const stored::ModelSettings* result, const Providers& providers) {
  NetValue value;
  std::vector<std::string_view> ids;
  for (const stored::ModelSettings* const model : leaving) ids.emplace_back(model->id());
  std::vector<Provision> results;
  if (result != nullptr) {
    results = ProvisionsOf(*result);
    value.business_value += result->business_value_monthly();
    AddCosts(*result, -1, &value);
  }
  for (const stored::ModelSettings* const model : leaving) {
    int lost = 0;
    for (const Provision& each : ProvisionsOf(*model)) {
      if (!HasAsWell(results, each) && !providers.HasOther(each, ids)) ++lost;
    }
    value.business_value -= LostValue(*model, lost);
    AddCosts(*model, 1, &value);
  }
  return value;
}

}  // namespace purser
