// What charges cost: each line at the rate of its moment, rounded once (ledger.md 5).
#include <algorithm>
#include <array>
#include <tuple>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

const std::vector<std::string>& Categories() {
  static const std::vector<std::string> kAll = {
      "training", "evaluation", "inference",      "residency",       "cold_start",
      "storage",  "network",    "observability",  "security_review", "compliance",
      "incident", "on_call",    "vendor_license", "rollback_reserve"};
  return kAll;
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
  static const std::map<std::string, Row> kNamed = {
      {"inference_cost", {"inference", "evaluation", "inference", "rollback_reserve"}},
      {"evaluation_hours", {"evaluation", "evaluation", "evaluation", "evaluation"}},
      {"archive_storage", {"storage", "storage", "storage", "storage"}}};
  static const Row kConsumable = {"training", "evaluation", "inference", "rollback_reserve"};
  if (!said.empty()) return said;
  const auto named = kNamed.find(resource);
  if (named != kNamed.end()) return named->second[ColumnOf(purpose)];
  return state_.books.at(resource).settings.capacity ? "residency" : kConsumable[ColumnOf(purpose)];
}

std::optional<int64_t> Model::PriceOf(const std::string& resource) const {
  const Settings& settings = state_.books.at(resource).settings;
  if (!settings.priced.value_or(true)) return std::nullopt;
  if (settings.unit == "USD") return kPicosOfDollar;
  for (const auto& [id, card] : state_.cards) {
    const auto rate = card.rates.find(resource);
    if (rate == card.rates.end() || rate->second.per != 0 || card.from_us > state_.now_us) continue;
    if (EndOfCard(id, resource) > state_.now_us) return rate->second.picos;
  }
  return std::nullopt;
}

// Half away from zero; neither is negative.
std::optional<int64_t> CostOf(int64_t micros, int64_t picos) {
  const Wide exact = Wide{micros} * picos;
  Wide cost = exact / kPicosOfDollar;
  if (exact % kPicosOfDollar * 2 >= kPicosOfDollar) cost += 1;
  if (cost > INT64_MAX) return std::nullopt;
  return static_cast<int64_t>(cost);
}

bool Model::CostsTooMuch(const Amounts& amounts) const {
  for (const auto& [resource, amount] : amounts) {
    const auto picos = PriceOf(resource);
    if (picos && !CostOf(amount, *picos)) return true;
  }
  return false;
}

void Model::RecordCosts(const Charge& charge) {
  for (const auto& [resource, line] : charge.lines) {
    CostLine cost;
    cost.at_us = state_.now_us;
    cost.amount = line.within + line.overrun;
    cost.within = line.within;
    if (line.within > 0) cost.held_us = state_.reservations.at(charge.reservation).held_us;
    if (line.picos) cost.cost = CostOf(cost.amount, *line.picos);
    cost.by = charge.labels;
    cost.by["category"] = line.category;
    cost.by["resource"] = resource;
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
  if (line.picos) cost.cost = *CostOf(left - amount, *line.picos) - *CostOf(left, *line.picos);
  cost.by = charge.labels;
  cost.by["category"] = line.category;
  cost.by["resource"] = resource;
  state_.costs.push_back(cost);
}

void Model::RecordColdStart(const Artifact& artifact) {
  CostLine cost;
  cost.at_us = state_.now_us;
  cost.cost = artifact.cold_cost;
  cost.by = {{"category", "cold_start"},
             {"model", artifact.id},
             {"operator_family", artifact.family},
             {"resource", ""}};
  cost.capabilities = artifact.capabilities;
  std::sort(cost.capabilities.begin(), cost.capabilities.end());
  state_.costs.push_back(cost);
}

namespace {

// What the line would be for each capability, where these are a key: a part each, of which the
// first by name get a millionth more until it is whole.
std::vector<CostLine> InParts(const CostLine& line, const std::vector<std::string>& keys) {
  const bool is_key = std::find(keys.begin(), keys.end(), "capability") != keys.end();
  if (line.capabilities.empty() || !is_key) return {line};
  std::vector<CostLine> parts;
  const auto count = static_cast<int64_t>(line.capabilities.size());
  for (int64_t i = 0; i < count; ++i) {
    CostLine part = line;
    part.cost = *line.cost / count + (i < *line.cost % count ? 1 : 0);
    part.by["capability"] = line.capabilities[static_cast<size_t>(i)];
    if (*part.cost != 0) parts.push_back(part);
  }
  return parts;
}

// The part of `cost` that goes with `part` of `whole`, where the other part gets the rest: both are
// rounded down, and a millionth that is left goes to the larger remainder, of equal ones to the
// hold.
int64_t PartOf(int64_t cost, int64_t part, int64_t whole, bool is_hold) {
  const Wide exact = Wide{cost} * part;
  const auto down = static_cast<int64_t>(exact / whole);
  const Wide mine = exact % whole;
  const Wide others = Wide{cost} * (whole - part) % whole;
  const bool gets = mine > others || (mine == others && mine != 0 && is_hold);
  return down + (gets ? 1 : 0);
}

}  // namespace

std::string Model::Costs(int64_t from_us, int64_t until_us,
                         const std::vector<std::string>& keys) const {
  struct Sums {
    int64_t cost = 0;
    Amounts unpriced;
  };
  const auto in = [&](int64_t at_us) { return from_us <= at_us && at_us < until_us; };
  std::map<std::vector<std::string>, Sums> groups;
  std::vector<CostLine> lines;
  for (const CostLine& line : state_.costs) {
    for (const CostLine& part : InParts(line, keys)) lines.push_back(part);
  }
  for (const CostLine& line : lines) {
    std::vector<std::string> values;
    for (const std::string& key : keys) {
      values.push_back(line.by.contains(key) ? line.by.at(key) : "");
    }
    // What no resource measures has no amount, and all of its cost is of its time.
    const bool measured = line.amount != 0;
    const std::tuple<bool, int64_t, bool> parts[] = {
        {in(line.held_us), line.within, true}, {in(line.at_us), line.amount - line.within, false}};
    for (const auto& [counts, part, is_hold] : parts) {
      if (!counts || (measured ? part == 0 : is_hold)) continue;
      Sums& sums = groups[values];
      if (!line.cost) sums.unpriced[line.by.at("resource")] += part;
      // All of it, where there is no other part.
      if (line.cost && part == line.amount) sums.cost += *line.cost;
      if (line.cost && part != line.amount) {
        sums.cost += PartOf(*line.cost, part, line.amount, is_hold);
      }
    }
  }
  std::string text;
  for (const auto& [values, sums] : groups) {
    if (!text.empty()) text += "; ";
    for (size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : "|") + values[i];
    text += " " + FormatDecimal(sums.cost);
    for (const auto& [resource, amount] : sums.unpriced) {
      text += " " + resource + " " + FormatDecimal(amount);
    }
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
    const int64_t cost = *CostOf(amount, *line.picos);
    verdict->costs[resource] = cost;
    verdict->refunded_costs[resource] = cost - *CostOf(left, *line.picos);
  }
}

}  // namespace purser::model
