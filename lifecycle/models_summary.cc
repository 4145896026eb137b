#include "lifecycle/models_summary.h"

#include <algorithm>

namespace purser {

namespace {

// How many of the largest of those that need any fit into the reserve together; nullopt: all do.
std::optional<uint32_t> CoverageOf(const Needs& needs, Amount reserve) {
  absl::int128 sum = 0;
  uint32_t covered = 0;
  for (const auto& [micros, id] : needs) {
    sum += micros;
    if (sum > reserve.micros()) return covered;
    ++covered;
  }
  return std::nullopt;
}

}  // namespace

ModelsSummary Summarise(const ModelBook& models, const Books& books, int coverage_minimum) {
  ModelsSummary summary;
  for (const auto& [id, model] : models.all()) ++summary.counts[model->state()];
  summary.monthly_cost_micros = models.monthly_cost_micros();
  summary.active.assign(models.active().begin(), models.active().end());
  for (const auto& [sequence, loan] : models.loans()) summary.loans.push_back(loan);
  for (const std::string& id : summary.active) {
    const ModelRecord& model = *models.Find(id);
    const ModelRecord* const target = models.FindTarget(model);
    if (target == nullptr) continue;
    const bool stays = FindForbidding(model, stored::Constraint::RETIRE) != nullptr;
    const bool must_not =
        !IsActive(*target) && FindForbidding(*target, stored::Constraint::ACTIVATE) != nullptr;
    if (stays || must_not) summary.blocked.push_back(id);
  }
  for (const auto& [number, amount] : models.SumOccupied(ModelResources::Of(books))) {
    const Resource& resource = *books.Find(number);
    summary.resources[resource.name()].occupied = amount;
    summary.resources[resource.name()].reserve = resource[stored::RESERVE];
  }
  const auto targets = static_cast<uint32_t>(models.CountTargets());
  for (const auto& [name, number] : books.numbers_by_name()) {
    const Resource& resource = *books.Find(number);
    if (resource.consumable() || name == kSlotsResource || name == kStorageResource) continue;
    ModelsSummary::OfResource& of = summary.resources[resource.name()];
    of.reserve = resource[stored::RESERVE];
    if (targets == 0) continue;
    const Needs* const needs = models.FindNeeds(number);
    of.coverage = needs == nullptr ? targets : CoverageOf(*needs, of.reserve).value_or(targets);
    summary.coverage = std::min(summary.coverage.value_or(targets), *of.coverage);
    if (needs == nullptr) continue;
    int taken = 0;
    for (auto it = needs->begin(); it != needs->end() && taken < coverage_minimum; ++it, ++taken) {
      of.needed_micros += it->first;
    }
  }
  return summary;
}

}  // namespace purser
