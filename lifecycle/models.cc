#include "lifecycle/models.h"

#include <algorithm>

#include "ledger/rate.h"
#include "lifecycle/model_commands.h"

namespace purser {

namespace {

void AddTo(uint32_t resource, Amount amount, Occupied* sum) {
  Amount& there = (*sum)[resource];
  there += amount;
  if (there.is_zero()) sum->erase(resource);
}

}  // namespace

std::string_view ModelStateName(stored::ModelState state) {
  constexpr std::string_view kPrefix = "MODEL_";
  const std::string& name = stored::ModelState_Name(state);
  return std::string_view(name).substr(std::min(kPrefix.size(), name.size()));
}

Occupied OccupiedIn(stored::ModelState state, const stored::ModelSettings& settings,
                    const ModelResources& resources) {
  Occupied occupied;
  if (state == stored::MODEL_PURGED || state == stored::MODEL_STATE_UNSPECIFIED) return occupied;
  for (const auto& line : settings.footprint()) {
    const bool is_stored = line.resource() == resources.storage;
    if (!is_stored && !IsLoaded(state)) continue;
    AddTo(line.resource(), Amount::FromMicros(line.amount()), &occupied);
  }
  if (state == stored::MODEL_ACTIVE && resources.slots != 0) {
    AddTo(resources.slots, Amount::FromUnits(1), &occupied);
  }
  return occupied;
}

void AddOccupiedIn(stored::ModelState state, const stored::ModelSettings& settings,
                   const ModelResources& resources, int sign, Occupied* sum) {
  for (const auto& [resource, amount] : OccupiedIn(state, settings, resources)) {
    AddTo(resource, sign > 0 ? amount : -amount, sum);
  }
}

void AddOccupied(const ModelRecord& model, const ModelResources& resources, int sign,
                 Occupied* sum) {
  AddOccupiedIn(model.state(), model.settings(), resources, sign, sum);
}

Occupied RollbackFootprint(const stored::ModelSettings& settings, const ModelResources& resources) {
  Occupied footprint = OccupiedIn(stored::MODEL_SHADOW, settings, resources);
  footprint.erase(resources.storage);
  return footprint;
}

Amount MonthlyCost(const stored::ModelSettings& settings) {
  Amount sum;
  for (const auto& cost : settings.monthly_costs()) sum += Amount::FromMicros(cost.amount());
  return sum;
}

const std::string& RollbackTargetOf(const ModelRecord& model) {
  const std::string& named = model.settings().rollback_target();
  return named.empty() ? model.replaced_target() : named;
}

const stored::Constraint* FindForbidding(const ModelRecord& model, stored::Constraint::Act act) {
  for (const stored::Constraint& constraint : model.settings().constraints()) {
    const auto& forbids = constraint.forbids();
    if (std::find(forbids.begin(), forbids.end(), act) != forbids.end()) return &constraint;
  }
  return nullptr;
}

bool SaysMoreThanConstraints(const UpdateModel& update) {
  return update.capabilities.has_value() || update.parents.has_value() ||
         update.artifact_uri.has_value() || !update.footprint.empty() ||
         !update.monthly_costs.empty() || !update.quality.empty() ||
         update.business_value_monthly.has_value() ||
         update.expected_incident_cost_monthly.has_value() || update.cold_start_cost.has_value() ||
         update.rollback_target.has_value();
}

std::vector<std::pair<Labels, Amount>> ColdStartParts(const stored::ModelSettings& model,
                                                      Amount cost) {
  Labels labels = {{kModelLabel, model.id()}, {kFamilyLabel, model.operator_family()}};
  std::vector<Weight> weights;
  for (const std::string& capability : model.capabilities()) {
    weights.push_back({capability, Amount::FromUnits(1)});
  }
  std::vector<std::pair<Labels, Amount>> parts;
  if (weights.empty()) parts.emplace_back(std::move(labels), cost);
  const std::vector<Amount> costs = Split(cost, weights);
  for (size_t i = 0; i < costs.size(); ++i) {
    Labels of_one = labels;
    of_one.emplace(of_one.begin(), kCapabilityLabel, weights[i].name);
    parts.emplace_back(std::move(of_one), costs[i]);
  }
  return parts;
}

}  // namespace purser
