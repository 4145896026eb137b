#include "reservations/outcome_report.h"

#include <algorithm>

namespace purser {
namespace {

bool IsDearer(const AcceptedResultCost& a, const AcceptedResultCost& b) {
  if (a.per_accepted_micros != b.per_accepted_micros) {
    return a.per_accepted_micros > b.per_accepted_micros;  // nullopt is less than any
  }
  return a.values < b.values;
}

}  // namespace

bool OutcomeReport::Add(const Labels& labels, const OutcomeCounts& counts) {
  Values values;
  for (const std::string& key : keys_) values.emplace_back(FindLabel(labels, key));
  const auto found = groups_.find(values);
  if (found == groups_.end() && groups_.size() == kCostGroupsMax) return false;
  OutcomeCounts& group = groups_[values];
  group.accepted += counts.accepted;
  group.rejected += counts.rejected;
  group.escalated += counts.escalated;
  return true;
}

std::vector<AcceptedResultCost> CompareAcceptedCosts(const CostReport& costs,
                                                     const OutcomeReport& outcomes) {
  std::map<CostReport::Values, AcceptedResultCost> by_values;
  for (const auto& [values, sums] : costs.groups()) {
    AcceptedResultCost& group = by_values[{values.begin(), values.end() - 1}];
    CostReport::AddSums(sums, &group.spent);
    group.parts[values.back()] += sums.cost_micros;
  }
  for (const auto& [values, counts] : outcomes.groups()) by_values[values].counts = counts;
  std::vector<AcceptedResultCost> groups;
  for (auto& [values, group] : by_values) {
    group.values = values;
    if (group.counts.accepted > 0) {
      group.per_accepted_micros = DivideHalfAway(group.spent.cost_micros, group.counts.accepted);
    }
    groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end(), IsDearer);
  return groups;
}

}  // namespace purser
