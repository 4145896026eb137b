// Guardrails: each adds up what it counted of the hour, and of the day before, whenever it is asked
// (decisions/0014). Clock hours and days are those of UTC.
#include <algorithm>
#include <utility>

#include "tests/model/decimal.h"
#include "tests/model/label_parts.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kClockHourUs = 3'600 * kOne;
constexpr int64_t kClockDayUs = 24 * kClockHourUs;
constexpr size_t kGuardrailsMost = 100;

int64_t CountedBetween(const Guardrail& guardrail, int64_t from_us, int64_t until_us) {
  int64_t sum = 0;
  for (const auto& [at_us, cost] : guardrail.counted) {
    if (from_us <= at_us && at_us < until_us) sum += cost;
  }
  return sum;
}

struct CountedCosts {
  int64_t hour = 0;
  int64_t day = 0;
  int64_t before = 0;  // 0: nothing can be compared with it.
};

CountedCosts CostsOf(const Guardrail& guardrail) {
  const int64_t at_us = guardrail.charged_us;
  if (at_us < 0) return {};
  const int64_t hour_us = at_us / kClockHourUs * kClockHourUs;
  const int64_t day_us = at_us / kClockDayUs * kClockDayUs;
  CountedCosts costs;
  costs.hour = CountedBetween(guardrail, hour_us, hour_us + kClockHourUs);
  costs.day = CountedBetween(guardrail, day_us, day_us + kClockDayUs);
  const bool whole = guardrail.made_us <= day_us - kClockDayUs;
  if (whole) costs.before = CountedBetween(guardrail, day_us - kClockDayUs, day_us);
  return costs;
}

// What goes to those with the labels, which are all there.
int64_t PartFor(const ModelLabels& wanted, const ModelLabels& labels, int64_t cost) {
  for (const auto& [key, value] : wanted) {
    const auto parts = PartsOf(labels.at(key));
    if (!parts.empty()) cost = SharesOf(cost, parts).at(value);
  }
  return cost;
}

bool Carries(const ModelLabels& wanted, const ModelLabels& labels) {
  return std::all_of(wanted.begin(), wanted.end(), [&labels](const auto& each) {
    const auto found = labels.find(each.first);
    if (found == labels.end()) return false;
    const auto values = ValuesOf(found->second);
    return std::find(values.begin(), values.end(), each.second) != values.end();
  });
}

}  // namespace

Verdict Model::MakeGuardrail(const Action& action) {
  const auto known = state_.guardrails.find(action.guardrail_id);
  if (known != state_.guardrails.end()) {
    const bool same =
        known->second.labels == action.labels && known->second.expected == action.amount;
    if (!same) return Refused("id_conflict");
    Verdict verdict;
    verdict.replayed = true;
    return verdict;
  }
  if (state_.guardrails.size() >= kGuardrailsMost) return Refused("limit_of_the_daemon");
  const std::string id = action.guardrail_id.empty() ? FreshName() : action.guardrail_id;
  state_.guardrails[id] = {action.labels, action.amount, state_.now_us, {}, false, -1, -1};
  return Verdict();
}

Verdict Model::OnGuardrail(const Action& action) {
  const std::string& id = action.guardrail_id;
  const auto found = state_.guardrails.find(id);
  if (found == state_.guardrails.end()) return Refused("not_found");
  if (action.verb == Verb::kReguard) {
    if (!action.labels.empty()) return Refused("immutable");
    found->second.expected = action.amount;
    return Verdict();
  }
  const bool stopped = state_.freezes.erase({"experiments", id}) > 0;
  if (action.verb == Verb::kReset) return stopped ? Verdict() : Refused("wrong_state");
  state_.guardrails.erase(found);
  return Verdict();
}

void Model::CountForGuardrails(const Charge& charge) {
  for (auto& [id, guardrail] : state_.guardrails) {
    guardrail.charged_us = state_.now_us;
    if (!Carries(guardrail.labels, charge.labels)) continue;
    for (const auto& [resource, line] : charge.lines) {
      if (!line.picos) continue;
      const int64_t cost = CostOfAmount(line.within + line.overrun, *line.picos).value_or(0);
      const int64_t part = PartFor(guardrail.labels, charge.labels, cost);
      guardrail.counted.emplace_back(state_.now_us, part);
      guardrail.counts_now = guardrail.counts_now || part != 0;
    }
  }
}

// More than 120 % of what is expected, or than three mean hours of the day before.
bool Model::ExceedsHour(const Guardrail& guardrail) const {
  const CountedCosts costs = CostsOf(guardrail);
  const bool expected =
      guardrail.expected != 0 && Wide{costs.hour} * 100 > Wide{guardrail.expected} * 120;
  return expected || (costs.before > 0 && Wide{costs.hour} * 24 > Wide{costs.before} * 3);
}

// By what was charged in the entry that ends now.
void Model::TripGuardrails() {
  for (auto& [id, guardrail] : state_.guardrails) {
    if (!std::exchange(guardrail.counts_now, false)) continue;
    const bool has_tripped = guardrail.tripped_us / kClockHourUs == state_.now_us / kClockHourUs;
    if (has_tripped || state_.freezes.contains({"experiments", id})) continue;
    if (!ExceedsHour(guardrail)) continue;
    guardrail.tripped_us = state_.now_us;
    state_.freezes[{"experiments", id}] = {"experiments", id, std::nullopt};
  }
}

bool Model::IsStoppedByGuardrails(const Action& action) const {
  if (!IsExperiment(action.purpose)) return false;
  return std::any_of(state_.freezes.begin(), state_.freezes.end(), [&](const auto& freeze) {
    const auto& [kind, id] = freeze.first;
    return kind == "experiments" && Carries(state_.guardrails.at(id).labels, action.labels);
  });
}

std::string Model::Guardrails() const {
  std::string text;
  for (const auto& [id, guardrail] : state_.guardrails) {
    const CountedCosts costs = CostsOf(guardrail);
    text += (text.empty() ? "" : "; ") + id + " hour " + FormatDecimal(costs.hour) + " day " +
            FormatDecimal(costs.day) + " before " + FormatDecimal(costs.before);
  }
  return text;
}

}  // namespace purser::model
