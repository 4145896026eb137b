#include "tests/simulator/money_workload.h"

#include <algorithm>
#include <iterator>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {}  // namespace

std::optional<Action> MoneyWorkload::Next() {
  if (OneIn(60)) return ClosePeriod();
  if (OneIn(60)) return Outcomes();
  if (OneIn(model_.ListUnapproved().empty() ? 25 : 8)) return Budget();
  if (!model_.state().budgets.empty() && OneIn(20)) return Request();
  if (!OneIn(10)) return std::nullopt;
  const uint64_t kind = Pick(7);
  return kind < 2 ? CostEntry() : kind < 4 ? Guardrail() : RateCard();
}

Action MoneyWorkload::Guardrail() {
  static constexpr const char* kIds[] = {"g1", "g2", "g3"};
  Action action;
  action.guardrail_id = kIds[Pick(3)];
  const bool trips =
      std::any_of(model_.state().freezes.begin(), model_.state().freezes.end(),
                  [&](const auto& each) { return each.second.kind == "experiments"; });
  const uint64_t verb = Pick(8);
  if (trips && verb < 5) {
    action.verb = Verb::kReset;
    return action;
  }
  action.verb = verb == 3 ? Verb::kReset : verb == 4 ? Verb::kUnguard : Verb::kGuardrail;
  if (verb == 5) action.verb = Verb::kReguard;
  if (action.verb == Verb::kReset || action.verb == Verb::kUnguard) return action;
  if (!OneIn(3)) action.amount = static_cast<int64_t>(Pick(6)) * 1'250'001;
  if (action.verb == Verb::kReguard) return action;
  if (OneIn(2)) action.labels["capability"] = OneIn(2) ? "ocr" : "any";
  if (OneIn(4)) action.labels["operator_family"] = "x";
  if (OneIn(40)) action.labels["team"] = R"({"a":"1"})";
  return action;
}

// Of an amount near what is spent and held, so that every threshold is met.
Action MoneyWorkload::Budget() {
  static constexpr const char* kIds[] = {"b1", "b2", "b3"};
  Action action;
  action.budget_id = kIds[Pick(3)];
  const auto& budgets = model_.state().budgets;
  const auto there = budgets.find(action.budget_id);
  const bool waits = !model_.ListUnapproved().empty();
  if (waits ? !OneIn(3) : OneIn(16)) return Review();
  if (there != budgets.end() && OneIn(there->second.whole_month ? 30 : 4)) {
    action.verb = Verb::kCountBudget;
    return action;
  }
  if (!OneIn(8)) action.budget.amount = static_cast<int64_t>(1 + Pick(24)) * 1'250'001;
  if (!action.budget.amount || OneIn(4)) action.budget.showback = OneIn(2);
  if (there == budgets.end() || OneIn(6)) {
    action.verb = OneIn(30) ? Verb::kDeleteBudget : Verb::kCreateBudget;
    if (OneIn(2)) action.labels["capability"] = OneIn(2) ? "ocr" : "any";
    if (OneIn(4)) action.labels["operator_family"] = "x";
    if (OneIn(40)) action.labels["team"] = R"({"a":"1"})";
    if (action.verb == Verb::kCreateBudget) return action;
  }
  action.labels.clear();
  const model::Budget none;
  const model::Budget& budget = there == budgets.end() ? none : there->second;
  const auto committed = static_cast<int64_t>(model_.SpentOf(budget) + model_.HeldOf(budget));
  if (action.budget.amount) {
    *action.budget.amount += committed * (7 + static_cast<int64_t>(Pick(7))) / 10;
  }
  const uint64_t change = Pick(6);
  action.verb = change < 3 ? Verb::kUpdateBudget : Verb::kDeleteBudget;
  if (change < 3) return action;
  action.budget = {};
  if (change < 5) return action;
  action.verb = Verb::kOverrideBudget;
  SetPrincipal(&action);
  action.reason = "r";
  action.until_us =
      model_.NowUs() + (static_cast<int64_t>(Pick(9)) - (OneIn(9) ? 2 : 0)) * model::kHourUs;
  if (OneIn(30)) *action.until_us += 31 * 24 * model::kHourUs;
  return action;
}

void MoneyWorkload::SetPrincipal(Action* action) {
  static constexpr const char* kOthers[] = {"alice", "bob"};
  if (OneIn(3)) return;
  action->principal = kOthers[Pick(2)];
  action->admin = action->reserve_spend = action->debt_incur = false;
}

std::optional<Action> MoneyWorkload::Request() {
  static constexpr const char* kSome[] = {"a", "b", "d", "m"};
  const auto& budgets = model_.state().budgets;
  const auto& [id, budget] = *std::next(budgets.begin(), Pick(budgets.size()));
  const std::string resource = kSome[Pick(4)];
  const std::string rate = model_.RateInForce(resource);
  const int64_t picos = model::ParsePicos(rate.substr(0, rate.find(' '))).value_or(0);
  const model::Wide goal = model::Wide{budget.amount} * (85 + Pick(30)) / 100;
  const model::Wide left = goal - model_.SpentOf(budget) - model_.HeldOf(budget);
  if (picos == 0 || left <= 0) return std::nullopt;
  Action action;
  action.verb = Verb::kReserve;
  action.id = "w" + std::to_string(next_request_++);
  action.purpose = OneIn(2) ? "SERVING" : "TRAINING";
  action.amounts[resource] = static_cast<int64_t>(left * model::kPicosOfDollar / picos) + 1;
  action.labels = {{"capability", "any"}, {"operator_family", "x"}};
  for (const auto& [key, value] : budget.labels) action.labels[key] = value;
  action.queue = !OneIn(8);
  SetPrincipal(&action);
  return action;
}

Action MoneyWorkload::Review() {
  Action action;
  action.verb = OneIn(2) ? Verb::kRejectRequest : Verb::kApproveRequest;
  SetPrincipal(&action);
  const auto waits = model_.ListUnapproved();
  const auto& queue = model_.state().queue;
  if (!waits.empty() && !OneIn(8)) {
    action.id = waits[Pick(waits.size())];
  } else if (!queue.empty() && OneIn(2)) {
    action.id = queue[Pick(queue.size())].id;
  }
  // What the daemon named has no name here.
  if (action.id.empty() || action.id[0] == '_') action.id = "r" + std::to_string(Pick(60));
  if (OneIn(2)) action.reason = "r";
  return action;
}

std::string MoneyWorkload::Posted() {
  if (OneIn(8)) return "c" + std::to_string(Pick(40));
  const auto& charges = model_.state().charges;
  const auto& entries = model_.state().cost_entries;
  if (!entries.empty() && OneIn(3)) return *std::next(entries.begin(), Pick(entries.size()));
  if (charges.empty()) return "";
  const std::string& id = std::next(charges.begin(), Pick(charges.size()))->first;
  return id.front() == 'c' ? id : "";  // what the daemon chose has no name here
}

Action MoneyWorkload::CostEntry() {
  Action action;
  action.verb = Verb::kEnterCost;
  if (!OneIn(8)) {
    action.charge_id = "x" + std::to_string(OneIn(6) ? Pick(next_entry_ + 1) : next_entry_++);
  }
  if (OneIn(20)) action.charge_id = Posted();
  action.category = OneIn(30) ? "gpu" : OneIn(2) ? "incident" : "on_call";
  action.amount = static_cast<int64_t>(Pick(2'000'000)) - 700'000;
  if (OneIn(3)) action.picos = static_cast<int64_t>(Pick(3)) * 333'333'333'333;
  if (OneIn(2)) action.corrects = Posted();
  const auto pick = [this](uint64_t n) { return Pick(n); };
  action.labels = {{"capability", OneIn(2) ? "ocr" : "any"}, {"operator_family", "x"}};
  SplitLabels(pick, &action);
  if (OneIn(6)) action.labels["operator_family"] = R"({"x":"1","y":"1","z":"1"})";
  if (OneIn(30)) action.labels.erase("capability");
  // What it was for: of these the first is a name like any other.
  static constexpr const char* kRoles[] = {"misc",  "invocation", "retry",     "judge",
                                           "judge", "fallback",   "correction"};
  if (OneIn(2)) action.labels["role"] = kRoles[Pick(std::size(kRoles))];
  if (OneIn(12)) action.labels["role"] = R"({"failed_route":"1","misc":"1","retry":"2","x":"1"})";
  return action;
}

// Of what costs have labels of, mostly; now and then of nothing, or of no capability.
Action MoneyWorkload::Outcomes() {
  Action action;
  action.verb = Verb::kReportOutcomes;
  if (!OneIn(8)) {
    action.charge_id = "o" + std::to_string(OneIn(6) ? Pick(next_outcomes_ + 1) : next_outcomes_++);
  }
  if (OneIn(20)) action.charge_id = Posted();
  action.labels["capability"] = OneIn(2) ? "ocr" : OneIn(4) ? "layout" : "any";
  if (OneIn(2)) action.labels["operator_family"] = "x";
  if (OneIn(6)) action.labels["team"] = "t";
  if (OneIn(30)) action.labels["capability"] = R"({"any":"1","ocr":"2"})";
  if (OneIn(30)) action.labels.erase("capability");
  model::Outcomes& counts = action.outcomes;
  if (!OneIn(4)) counts.accepted = static_cast<int64_t>(Pick(OneIn(3) ? 1'000 : 4));
  if (OneIn(2)) counts.rejected = static_cast<int64_t>(Pick(9));
  if (OneIn(3)) counts.escalated = static_cast<int64_t>(Pick(9));
  if (OneIn(40)) counts.accepted = 4'294'967'295;
  return action;
}

// Mostly one that is over, and now and then one of long ago, or what is none.
Action MoneyWorkload::ClosePeriod() {
  Action action;
  action.verb = Verb::kClosePeriod;
  const int64_t back_us = static_cast<int64_t>(Pick(OneIn(9) ? 90 : 40)) * 24 * model::kHourUs;
  action.period = model::FormatInstant(model_.NowUs() - back_us).substr(0, 7);
  if (OneIn(30)) action.period = "2026-13";
  return action;
}

Action MoneyWorkload::RateCard() {
  static constexpr const char* kIds[] = {"c1", "c2", "c3", "c4", "c5"};
  Action action;
  action.card_id = kIds[Pick(5)];
  const uint64_t verb = Pick(7);
  // What is to come can be changed, and taken back.
  const auto to_come = [&](const auto& each) { return each.second.from_us > model_.NowUs(); };
  const auto& cards = model_.state().cards;
  const auto card = std::find_if(cards.begin(), cards.end(), to_come);
  if (verb < 3 && card != cards.end() && !OneIn(4)) action.card_id = card->first;
  if (verb == 0) {
    action.verb = Verb::kUnrate;
    return action;
  }
  const int64_t now_us = model_.NowUs();
  const auto soon = [&] { return now_us + (static_cast<int64_t>(Pick(40)) - 2) * model::kHourUs; };
  if (OneIn(2)) action.card.from_us = soon();
  if (OneIn(3)) action.card.until_us = soon() + model::kHourUs;
  for (const auto& [resource, book] : model_.state().books) {
    if (!OneIn(2)) continue;
    const bool capacity = OneIn(20) ? !book.settings.capacity : book.settings.capacity;
    const char per = !capacity ? '\0' : OneIn(2) ? 'h' : 'm';
    action.card.rates[resource] = {static_cast<int64_t>(Pick(3)) * 1'250'000'000'001, per};
  }
  if (OneIn(20)) action.card.rates["nothing"] = {1, 0};
  action.verb = verb < 3 ? Verb::kRerate : Verb::kRateCard;
  return action;
}

}  // namespace purser
