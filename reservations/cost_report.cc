#include "reservations/cost_report.h"

#include <algorithm>
#include <iterator>

namespace purser {
namespace {

void AddSums(const CostReport::Sums& group, CostReport::Sums* sums) {
  sums->cost_micros += group.cost_micros;
  for (const auto& [resource, amount] : group.unpriced) sums->unpriced[resource] += amount;
}

std::string RoleOf(std::string_view label) {
  const bool is_known = std::find(std::begin(kRoles), std::end(kRoles), label) != std::end(kRoles);
  return std::string(is_known ? label : kOtherRole);
}

// The label that a key is about.
std::string_view LabelOf(std::string_view key) { return key == kByRole ? kRoleLabel : key; }

}  // namespace

const CostLabels::Split* CostLabels::FindSplit(std::string_view key) const {
  const auto found = std::find_if(splits.begin(), splits.end(),
                                  [key](const Split& split) { return split.key == key; });
  return found == splits.end() ? nullptr : &*found;
}

bool CostReport::IsSplit(const CostLabels& labels) const {
  return std::any_of(keys_.begin(), keys_.end(), [&labels](const std::string& key) {
    return labels.FindSplit(LabelOf(key)) != nullptr;
  });
}

std::string CostReport::ValueOf(const std::string& key, const CostLabels& labels,
                                CostCategory category, std::string_view resource) const {
  if (key == kByCategory) return std::string(CostCategoryName(category));
  if (key == kByResource) return std::string(resource);
  const std::string_view value = FindLabel(labels.labels, LabelOf(key));
  return key == kByRole ? RoleOf(value) : std::string(value);
}

CostReport::Sums* CostReport::Touch(const Values& values) {
  const auto found = groups_.find(values);
  if (found != groups_.end()) return &found->second;
  if (groups_.size() == kCostGroupsMax) return nullptr;
  return &groups_[values];
}

CostReport::Sums* CostReport::FindGroup(const CostLabels& labels, CostCategory category,
                                        std::string_view resource) {
  Values values;
  for (const std::string& key : keys_) values.push_back(ValueOf(key, labels, category, resource));
  return Touch(values);
}

void CostReport::AddTo(std::string_view resource, Amount amount, std::optional<Amount> cost,
                       Sums* group) {
  if (cost.has_value()) {
    group->cost_micros += cost->micros();
  } else {
    group->unpriced[std::string(resource)] += amount.micros();
  }
}

struct CostReport::Line {
  const CostLabels& labels;
  CostCategory category;
  std::string_view resource;
};

// `values` has those of the keys before.
bool CostReport::AddSplit(const Line& line, Amount amount, std::optional<Amount> cost,
                          Values* values) {
  if (values->size() == keys_.size()) {
    Sums* const group = Touch(*values);
    if (group != nullptr) AddTo(line.resource, amount, cost, group);
    return group != nullptr;
  }
  const auto add = [&](const std::string& value, Amount part, std::optional<Amount> its_cost) {
    values->push_back(value);
    const bool fits = AddSplit(line, part, its_cost, values);
    values->pop_back();
    return fits;
  };
  const std::string& key = keys_[values->size()];
  const CostLabels::Split* const split = line.labels.FindSplit(LabelOf(key));
  if (split == nullptr) {
    return add(ValueOf(key, line.labels, line.category, line.resource), amount, cost);
  }
  const std::vector<Amount> amounts = Split(amount, split->parts);
  if (amounts.empty()) return add("", amount, cost);  // all weights are zero: nobody's
  std::vector<Amount> costs;
  if (cost.has_value()) costs = Split(*cost, split->parts);
  for (size_t i = 0; i < amounts.size(); ++i) {
    std::optional<Amount> its_cost;
    if (cost.has_value()) its_cost = costs[i];
    const bool is_nothing = amounts[i].is_zero() && its_cost.value_or(Amount()).is_zero();
    const std::string& name = split->parts[i].name;
    const std::string value = key == kByRole ? RoleOf(name) : name;
    if (!is_nothing && !add(value, amounts[i], its_cost)) return false;
  }
  return true;
}

bool CostReport::Add(const CostLabels& labels, CostCategory category, std::string_view resource,
                     Amount amount, std::optional<Amount> cost) {
  Values values;
  return AddSplit({labels, category, resource}, amount, cost, &values);
}

CostReport::Sums CostReport::Total() const {
  Sums total;
  for (const auto& [values, group] : groups_) AddSums(group, &total);
  return total;
}

CostReport::Sums CostReport::Unattributed() const {
  Sums sums;
  for (const auto& [values, group] : groups_) {
    bool lacks = false;
    for (size_t i = 0; i < keys_.size(); ++i) {
      lacks = lacks || (values[i].empty() && keys_[i] != kByResource);
    }
    if (lacks) AddSums(group, &sums);
  }
  return sums;
}

}  // namespace purser
