#include "lifecycle/models_summary.h"

#include <algorithm>

namespace purser {

namespace {

// How many of the largest fit into the reserve together; nullopt: all do.
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
  for (const auto& [number, amount] : models.SumOccupied(ModelResources::Of(books))) {
    const Resource& resource = *books.Find(number);
    summary.resources[resource.name()].occupied = amount;
    summary.resources[resource.name()].reserve = resource[stored::RESERVE];
  }
  for (const auto& [number, needs] : models.needs()) {
    const Resource& resource = *books.Find(number);
    ModelsSummary::OfResource& of = summary.resources[resource.name()];
    of.reserve = resource[stored::RESERVE];
    of.coverage = CoverageOf(needs, of.reserve);
    int taken = 0;
    for (auto it = needs.begin(); it != needs.end() && taken < coverage_minimum; ++it, ++taken) {
      of.needed_micros += it->first;
    }
    if (of.coverage.has_value()) {
      summary.coverage = std::min(summary.coverage.value_or(UINT32_MAX), *of.coverage);
    }
  }
  return summary;
}

}  // namespace purser
