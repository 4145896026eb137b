#include "reservations/cost_report.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace purser {
namespace {

constexpr std::string_view kOrigins[] = {"CHARGE",   "COST_ENTRY", "COLD_START",
                                         "OCCUPIED", "HELD",       "RESERVE"};

std::string RoleOf(std::string_view label) {
  const bool is_known = std::find(std::begin(kRoles), std::end(kRoles), label) != std::end(kRoles);
  return std::string(is_known ? label : kOtherRole);
}

// The label that a key is about.
std::string_view LabelOf(std::string_view key) { return key == kByRole ? kRoleLabel : key; }

}  // namespace

std::string_view CostOriginName(CostOrigin origin) { return kOrigins[static_cast<int>(origin)]; }

const CostLabels::Split* CostLabels::FindSplit(std::string_view key) const {
  const auto found = std::find_if(splits.begin(), splits.end(),
                                  [key](const Split& split) { return split.key == key; });
  return found == splits.end() ? nullptr : &*found;
}

CostReport::CostReport(std::vector<std::string> keys, size_t most_groups)
    : keys_(std::move(keys)), most_groups_(most_groups) {
  for (size_t i = 0; i < keys_.size(); ++i) by_name_.push_back(i);
  // A role's parts are those of what each group without it has.
  const auto name = [this](size_t i) { return std::pair(keys_[i] == kByRole, keys_[i]); };
  std::sort(by_name_.begin(), by_name_.end(),
            [&name](size_t a, size_t b) { return name(a) < name(b); });
}

bool CostReport::IsSplit(const CostLabels& labels) const {
  return std::any_of(keys_.begin(), keys_.end(), [&labels](const std::string& key) {
    return labels.FindSplit(LabelOf(key)) != nullptr;
  });
}

std::string CostReport::ValueOf(const std::string& key, const CostLabels& labels,
                                const CostKind& kind) const {
  if (key == kByCategory) return std::string(CostCategoryName(kind.category));
  if (key == kByResource) return std::string(kind.resource);
  if (key == kByOrigin) return std::string(CostOriginName(kind.origin));
  const std::string_view value = FindLabel(labels.labels, LabelOf(key));
  return key == kByRole ? RoleOf(value) : std::string(value);
}

CostReport::Sums* CostReport::Touch(const Values& values) {
  const auto found = groups_.find(values);
  if (found != groups_.end()) return &found->second;
  if (groups_.size() == most_groups_) return nullptr;
  return &groups_[values];
}

CostReport::Sums* CostReport::FindGroup(const CostLabels& labels, const CostKind& kind) {
  Values values;
  for (const std::string& key : keys_) values.push_back(ValueOf(key, labels, kind));
  return Touch(values);
}

void CostReport::AddTo(const CostKind& kind, const CostShare& share, Sums* group) {
  group->cost_micros += share.cost_micros.value_or(0);
  if (kind.is_stay()) {
    Occupation& occupation = group->occupied[std::string(kind.resource)];
    occupation.area += share.quantity;
    if (!share.cost_micros.has_value()) occupation.unpriced += share.quantity;
  } else if (!share.cost_micros.has_value()) {
    group->unpriced[std::string(kind.resource)] += share.quantity;
  }
}

void CostReport::AddSums(const Sums& more, Sums* sums) {
  sums->cost_micros += more.cost_micros;
  for (const auto& [resource, amount] : more.unpriced) sums->unpriced[resource] += amount;
  for (const auto& [resource, occupation] : more.occupied) {
    sums->occupied[resource].area += occupation.area;
    sums->occupied[resource].unpriced += occupation.unpriced;
  }
}

struct CostReport::Line {
  const CostLabels& labels;
  const CostKind& kind;
};

// Of what was there before, and of that with what comes to it.
struct CostReport::Shares {
  CostShare before;
  CostShare after;

  static bool IsNothing(const CostShare& share) {
    return share.quantity == 0 && share.cost_micros.value_or(0) == 0;
  }
  bool is_nothing() const { return IsNothing(before) && IsNothing(after); }
  CostShare Difference() const {
    CostShare share{after.quantity - before.quantity, std::nullopt};
    if (after.cost_micros.has_value()) {
      share.cost_micros = *after.cost_micros - before.cost_micros.value_or(0);
    }
    return share;
  }
};

namespace {

// In the order of the parts; empty where all weights are zero.
std::vector<CostShare> SplitShare(const CostShare& share, const std::vector<Weight>& parts) {
  std::vector<CostShare> shares;
  for (const absl::int128 quantity : Split(share.quantity, parts)) {
    shares.push_back({quantity, std::nullopt});
  }
  if (!share.cost_micros.has_value()) return shares;
  const std::vector<absl::int128> costs = Split(*share.cost_micros, parts);
  for (size_t i = 0; i < shares.size(); ++i) shares[i].cost_micros = costs[i];
  return shares;
}

}  // namespace

bool CostReport::AddSplit(const Line& line, const Shares& shares, size_t done, Values* values) {
  if (done == keys_.size()) {
    const CostShare share = shares.Difference();
    if (!Shares::IsNothing(shares.before) && Shares::IsNothing(share)) return true;
    Sums* const group = Touch(*values);
    if (group != nullptr) AddTo(line.kind, share, group);
    return group != nullptr;
  }
  const size_t place = by_name_[done];
  const auto add = [&](const std::string& value, const Shares& part) {
    (*values)[place] = value;
    return AddSplit(line, part, done + 1, values);
  };
  const std::string& key = keys_[place];
  const CostLabels::Split* const split = line.labels.FindSplit(LabelOf(key));
  if (split == nullptr) return add(ValueOf(key, line.labels, line.kind), shares);
  const std::vector<CostShare> after = SplitShare(shares.after, split->parts);
  if (after.empty()) return add("", shares);  // all weights are zero: nobody's
  std::vector<CostShare> before(after.size());
  if (!Shares::IsNothing(shares.before)) before = SplitShare(shares.before, split->parts);
  for (size_t i = 0; i < after.size(); ++i) {
    const Shares part{before[i], after[i]};
    const std::string& name = split->parts[i].name;
    const std::string value = key == kByRole ? RoleOf(name) : name;
    if (!part.is_nothing() && !add(value, part)) return false;
  }
  return true;
}

bool CostReport::Add(const CostLabels& labels, const CostKind& kind, const CostShare& share,
                     const CostShare& before) {
  Shares shares{before, {before.quantity + share.quantity, std::nullopt}};
  if (share.cost_micros.has_value()) {
    shares.after.cost_micros = before.cost_micros.value_or(0) + *share.cost_micros;
  }
  Values values(keys_.size());
  return AddSplit({labels, kind}, shares, 0, &values);
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
