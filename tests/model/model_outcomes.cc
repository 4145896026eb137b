// What became of results, and what one that was accepted cost: everything that was spent for its
// group by the number of those (ledger.md 5).
#include <algorithm>
#include <set>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

// What is compared: of a group of costs and outcomes, by the same values of the keys.
struct AcceptedGroup {
  std::vector<std::string> values;
  CostSums spent;
  Amounts parts;  // By what a cost was for.
  Outcomes counts;
};

std::string PartOf(const std::string& role) {
  static const std::set<std::string> parts = {"invocation", "retry",      "judge",
                                              "fallback",   "correction", "failed_route"};
  return parts.contains(role) ? role : "other";
}

void AddTo(const CostSums& more, CostSums* sums) {
  sums->cost += more.cost;
  for (const auto& [resource, amount] : more.unpriced) sums->unpriced[resource] += amount;
  for (const auto& [resource, areas] : more.occupied) {
    sums->occupied[resource].first += areas.first;
    sums->occupied[resource].second += areas.second;
  }
}

// Half away from zero; nullopt: by nothing it is not defined.
std::optional<int64_t> CostOfOne(const AcceptedGroup& group) {
  const int64_t accepted = group.counts.accepted;
  if (accepted == 0) return std::nullopt;
  const Wide cost = group.spent.cost;
  const Wide size = cost < 0 ? -cost : cost;
  const Wide rounded = size / accepted + (size % accepted * 2 >= accepted ? 1 : 0);
  return static_cast<int64_t>(cost < 0 ? -rounded : rounded);
}

std::string ToString(const AcceptedGroup& group) {
  std::string text;
  for (size_t i = 0; i < group.values.size(); ++i) text += (i == 0 ? "" : "|") + group.values[i];
  text += ToString(group.spent);
  for (const auto& [part, cost] : group.parts) {
    if (cost != 0) text += " " + part + ":" + FormatDecimal(cost);
  }
  text += " accepted " + std::to_string(group.counts.accepted) + " rejected " +
          std::to_string(group.counts.rejected) + " escalated " +
          std::to_string(group.counts.escalated);
  const auto each = CostOfOne(group);
  return text + (each ? " each " + FormatDecimal(*each) : " undefined");
}

}  // namespace

// Its id is of the charges' kind; what it corrects or moves is nothing.
Verdict Model::ReportOutcomes(const Action& action) {
  if (auto known = Recall(state_.charge_ids, action.charge_id, action)) return *known;
  state_.outcomes.push_back({state_.now_us, action.labels, action.outcomes});
  Verdict verdict;
  verdict.outcomes = action.outcomes;
  if (!action.charge_id.empty()) {
    state_.charge_ids[action.charge_id] = {ContentOf(action), verdict, -1};
  }
  return verdict;
}

std::string Model::AcceptedCosts(int64_t from_us, int64_t until_us,
                                 const std::vector<std::string>& keys) const {
  std::map<std::vector<std::string>, AcceptedGroup> groups;
  std::vector<std::string> with_role = keys;
  with_role.emplace_back("role");
  for (const auto& [values, sums] : GroupCosts(from_us, until_us, with_role, 1)) {
    AcceptedGroup& group = groups[{values.begin(), values.end() - 1}];
    AddTo(sums, &group.spent);
    group.parts[PartOf(values.back())] += sums.cost;
  }
  for (const OutcomesTold& told : state_.outcomes) {
    if (told.at_us < from_us || told.at_us >= until_us) continue;
    std::vector<std::string> values;
    for (const std::string& key : keys) {
      const auto label = told.labels.find(key);
      values.push_back(label == told.labels.end() ? "" : label->second);
    }
    Outcomes& counts = groups[values].counts;
    counts.accepted += told.counts.accepted;
    counts.rejected += told.counts.rejected;
    counts.escalated += told.counts.escalated;
  }
  std::vector<AcceptedGroup> ordered;
  for (auto& [values, group] : groups) {
    group.values = values;
    ordered.push_back(group);
  }
  // Nothing is less than something; of equal ones as they are, by their values.
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& one, const auto& other) {
    return CostOfOne(one) > CostOfOne(other);
  });
  std::string text;
  for (const AcceptedGroup& group : ordered) {
    text += (text.empty() ? "" : "; ") + ToString(group);
  }
  return text;
}

}  // namespace purser::model
