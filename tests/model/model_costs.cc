// What charges cost: each line at the rate of its moment, rounded once (ledger.md 5).
#include <algorithm>
#include <array>
#include <tuple>

#include "tests/model/decimal.h"
#include "tests/model/label_parts.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

const std::vector<std::string>& Categories() {
  static const std::vector<std::string> all = {
      "training", "evaluation", "inference",      "residency",       "cold_start",
      "storage",  "network",    "observability",  "security_review", "compliance",
      "incident", "on_call",    "vendor_license", "rollback_reserve"};
  return all;
}

// The column of decisions/0012 for the purpose.
size_t ColumnOf(const std::string& purpose) {
  if (purpose == "EVALUATION") return 1;
  if (purpose == "ROLLBACK" || purpose == "DISASTER_RECOVERY") return 3;
  return purpose.empty() || purpose == "SERVING" ? 2 : 0;
}

}  // namespace

bool BadCategory(const std::string& category) {
  const auto& all = Categories();
  return !category.empty() && std::find(all.begin(), all.end(), category) == all.end();
}

std::string Model::CategoryOf(const std::string& said, const std::string& resource,
                              const std::string& purpose) const {
  using Row = std::array<const char*, 4>;
  static const std::map<std::string, Row> categories = {
      {"inference_cost", {"inference", "evaluation", "inference", "rollback_reserve"}},
      {"evaluation_hours", {"evaluation", "evaluation", "evaluation", "evaluation"}},
      {"archive_storage", {"storage", "storage", "storage", "storage"}}};
  static const Row consumable = {"training", "evaluation", "inference", "rollback_reserve"};
  if (!said.empty()) return said;
  const auto named = categories.find(resource);
  if (named != categories.end()) return named->second[ColumnOf(purpose)];
  return state_.books.at(resource).settings.capacity ? "residency" : consumable[ColumnOf(purpose)];
}

std::optional<int64_t> Model::PriceOf(const std::string& resource, int64_t at_us) const {
  const Settings& settings = state_.books.at(resource).settings;
  if (!settings.priced.value_or(true)) return std::nullopt;
  if (settings.unit == "USD") return kPicosOfDollar;
  for (const auto& [id, card] : state_.cards) {
    const auto rate = card.rates.find(resource);
    if (rate == card.rates.end() || rate->second.per != 0 || card.from_us > at_us) continue;
    if (EndOfCard(id, resource) > at_us) return rate->second.picos;
  }
  return std::nullopt;
}

// Half away from zero; neither is negative.
std::optional<int64_t> CostOfAmount(int64_t micros, int64_t picos) {
  const Wide exact = Wide{micros} * picos;
  Wide cost = exact / kPicosOfDollar;
  if (exact % kPicosOfDollar * 2 >= kPicosOfDollar) cost += 1;
  if (cost > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(cost);
}

std::optional<int64_t> Model::PriceFor(const Reservation* reservation,
                                       const std::string& resource) const {
  if (reservation == nullptr || !reservation->quoted) return PriceOf(resource, state_.now_us);
  return reservation->quoted->at(resource);
}

std::optional<std::map<std::string, std::optional<int64_t>>> Model::QuoteOf(
    const Action& action) const {
  if (!action.quoted_us) return std::nullopt;
  std::map<std::string, std::optional<int64_t>> prices;
  for (const auto& [resource, amount] : action.amounts) {
    prices[resource] = PriceOf(resource, *action.quoted_us);
  }
  return prices;
}

bool Model::CostsTooMuch(const Amounts& amounts, const Reservation* reservation) const {
  for (const auto& [resource, amount] : amounts) {
    const auto picos = PriceFor(reservation, resource);
    if (picos && !CostOfAmount(amount, *picos)) return true;
  }
  return false;
}

void SetLabels(const ModelLabels& labels, CostLine* line) {
  for (const auto& [key, value] : labels) {
    const auto parts = PartsOf(value);
    if (parts.empty()) line->by[key] = value;
    if (!parts.empty()) line->splits[key] = parts;
  }
}

void Model::RecordCosts(const Charge& charge) {
  for (const auto& [resource, line] : charge.lines) {
    CostLine cost;
    cost.at_us = state_.now_us;
    cost.amount = line.within + line.overrun;
    cost.within = line.within;
    if (line.within > 0) cost.held_us = state_.reservations.at(charge.reservation).held_us;
    if (line.picos) cost.cost = CostOfAmount(cost.amount, *line.picos);
    SetLabels(charge.labels, &cost);
    CountForBudgets(cost);
    cost.by["category"] = line.category;
    cost.by["resource"] = resource;
    cost.by["origin"] = "CHARGE";
    state_.costs.push_back(cost);
  }
}

// Of what is left of it a refund takes back so much.
void Model::RecordRefund(const Charge& charge, const std::string& resource, int64_t amount) {
  const ChargeLine& line = charge.lines.at(resource);
  const int64_t left = line.within + line.overrun - line.within_refunded - line.overrun_refunded;
  CostLine cost;
  cost.at_us = state_.now_us;
  cost.amount = -amount;
  cost.amount_before = left;
  if (line.picos) {
    cost.cost_before = *CostOfAmount(left, *line.picos);
    cost.cost = *CostOfAmount(left - amount, *line.picos) - cost.cost_before;
  }
  SetLabels(charge.labels, &cost);
  CountForBudgets(cost);
  cost.by["category"] = line.category;
  cost.by["resource"] = resource;
  cost.by["origin"] = "CHARGE";
  state_.costs.push_back(cost);
}

void Model::RecordColdStart(const Artifact& artifact) {
  CostLine cost;
  cost.at_us = state_.now_us;
  cost.cost = artifact.cold_cost;
  cost.by["operator_family"] = artifact.family;
  for (const std::string& capability : artifact.capabilities) {
    cost.splits["capability"][capability] = kOne;
  }
  CountForBudgets(cost);
  cost.by["category"] = "cold_start";
  cost.by["model"] = artifact.id;
  cost.by["origin"] = "COLD_START";
  cost.by["resource"] = "";
  state_.costs.push_back(cost);
}

Verdict Model::EnterCost(const Action& action) {
  if (auto known = Recall(state_.charge_ids, action.charge_id, action)) return *known;
  for (const std::string& label : required_labels_) {
    if (!action.labels.contains(label)) return Refused("invalid_argument");
  }
  const bool corrected =
      state_.charges.contains(action.corrects) || state_.cost_entries.contains(action.corrects);
  if (!action.corrects.empty() && !corrected) return Refused("invalid_argument");
  CostLine cost;
  cost.at_us = state_.now_us;
  cost.cost = action.picos ? *CostOfAmount(action.amount, *action.picos) : action.amount;
  SetLabels(action.labels, &cost);
  CountForBudgets(cost);
  cost.by["category"] = action.category;
  cost.by["resource"] = "";
  cost.by["origin"] = "COST_ENTRY";
  state_.costs.push_back(cost);
  Verdict verdict;
  if (!action.charge_id.empty()) {
    state_.cost_entries.insert(action.charge_id);
    state_.charge_ids[action.charge_id] = {ContentOf(action), verdict, -1};
  }
  return verdict;
}

// The part of `cost` that goes with `part` of `whole`, where the other part gets the rest: both are
// rounded down, and a millionth that is left goes to the larger remainder, of equal ones to the
// hold.
int64_t PartOfCost(int64_t cost, int64_t part, int64_t whole, bool is_hold) {
  const Wide exact = Wide{cost} * part;
  const auto down = static_cast<int64_t>(exact / whole);
  const Wide mine = exact % whole;
  const Wide others = Wide{cost} * (whole - part) % whole;
  const bool gets = mine > others || (mine == others && mine != 0 && is_hold);
  return down + (gets ? 1 : 0);
}

namespace {

struct Share {
  Wide amount = 0;  // Or area.
  std::optional<int64_t> cost;
  // Of a refund, which each value bears as its part of what is left becomes less.
  Wide amount_before = 0;
  Wide cost_before = 0;
};

// By the first of `left`, each part of that by the second, and so on.
void AddShare(const CostLine& line, const std::vector<std::string>& keys,
              std::vector<std::string> left, const Share& share,
              std::map<std::string, std::string> values, CostGroups* groups) {
  if (left.empty()) {
    const bool is_refund = share.amount_before != 0 || share.cost_before != 0;
    if (is_refund && share.amount == 0 && share.cost.value_or(0) == 0) return;
    std::vector<std::string> group;
    group.reserve(keys.size());
    for (const std::string& key : keys) group.push_back(values.at(key));
    CostSums& sums = (*groups)[group];
    if (share.cost) sums.cost += *share.cost;
    const std::string& resource = line.by.at("resource");
    if (line.is_stay) {
      sums.occupied[resource].first += share.amount;
      if (!share.cost) sums.occupied[resource].second += share.amount;
    } else if (!share.cost) {
      sums.unpriced[resource] += static_cast<int64_t>(share.amount);
    }
    return;
  }
  const std::string key = left.front();
  left.erase(left.begin());
  std::string& value = values[key];
  const auto split = line.splits.find(key);
  if (split == line.splits.end()) {
    if (line.by.contains(key)) value = line.by.at(key);
    return AddShare(line, keys, left, share, values, groups);
  }
  const auto& weights = split->second;
  const auto were = SharesOf(share.amount_before, weights);
  const auto are = SharesOf(share.amount_before + share.amount, weights);
  const auto cost = SharesOf(share.cost_before, weights);
  const auto costs = SharesOf(share.cost_before + share.cost.value_or(0), weights);
  for (const auto& [name, weight] : weights) {
    if (were.at(name) == 0 && are.at(name) == 0 && cost.at(name) == 0 && costs.at(name) == 0) {
      continue;
    }
    Share part{are.at(name) - were.at(name), std::nullopt, were.at(name), cost.at(name)};
    if (share.cost) part.cost = static_cast<int64_t>(costs.at(name) - cost.at(name));
    value = name;
    AddShare(line, keys, left, part, values, groups);
  }
}

}  // namespace

std::string ToString(const CostSums& sums) {
  std::string text = " " + FormatDecimal(sums.cost);
  for (const auto& [resource, amount] : sums.unpriced) {
    text += " " + resource + " " + FormatDecimal(amount);
  }
  for (const auto& [resource, areas] : sums.occupied) {
    text += " " + resource + "=" + FormatWide(areas.first) + "/" + FormatWide(areas.second);
  }
  return text;
}

CostGroups Model::GroupCosts(int64_t from_us, int64_t until_us,
                             const std::vector<std::string>& keys, size_t last) const {
  // Split in order of names, whatever the order of the keys; but for the last ones.
  std::vector<std::string> order = keys;
  std::sort(order.begin(), order.end() - static_cast<std::ptrdiff_t>(last));
  const auto in = [&](int64_t at_us) { return from_us <= at_us && at_us < until_us; };
  CostGroups groups;
  for (const CostLine& line : state_.costs) {
    const int64_t rest = line.amount - line.within;
    const bool held = line.within > 0 && in(line.held_us);
    // What no resource measures is all of its own time.
    const bool own = (rest != 0 || line.amount == 0) && in(line.at_us);
    if (!held && !own) continue;
    Share share{line.amount, line.cost, line.amount_before, line.cost_before};
    const bool both = line.within > 0 && rest != 0;
    if (both && held != own) {
      const int64_t part = held ? line.within : rest;
      share.amount = part;
      if (line.cost) share.cost = PartOfCost(*line.cost, part, line.amount, held);
      if (own) {  // Beside what the month of the hold has.
        share.amount_before = line.within;
        if (line.cost) share.cost_before = *line.cost - *share.cost;
      }
    }
    AddShare(line, keys, order, share, {}, &groups);
  }
  for (const Stay& stay : state_.stays.All()) {
    for (const CostLine& line : LinesOf(stay, from_us, std::min(until_us, state_.now_us))) {
      AddShare(line, keys, order, {line.area, line.cost}, {}, &groups);
    }
  }
  return groups;
}

std::string Model::Costs(int64_t from_us, int64_t until_us,
                         const std::vector<std::string>& keys) const {
  std::string text;
  for (const auto& [values, sums] : GroupCosts(from_us, until_us, keys)) {
    if (!text.empty()) text += "; ";
    for (size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : "|") + values[i];
    text += ToString(sums);
  }
  return text;
}

// As of now, for the verdict.
void Model::ShowCosts(const Charge& charge, Verdict* verdict) {
  for (const auto& [resource, line] : charge.lines) {
    verdict->categories[resource] = line.category;
    if (!line.picos) continue;
    const int64_t amount = line.within + line.overrun;
    const int64_t left = amount - line.within_refunded - line.overrun_refunded;
    const int64_t cost = *CostOfAmount(amount, *line.picos);
    verdict->costs[resource] = cost;
    verdict->refunded_costs[resource] = cost - *CostOfAmount(left, *line.picos);
  }
}

}  // namespace purser::model
