#include "tests/simulator/money_workload.h"

#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {

constexpr int64_t kHourUs = 3'600 * model::kOne;

}  // namespace

std::optional<Action> MoneyWorkload::Next() {
  if (OneIn(60)) return ClosePeriod();
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
  if (trips && verb < 3) {
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
  return action;
}

// Mostly one that is over, and now and then one of long ago, or what is none.
Action MoneyWorkload::ClosePeriod() {
  Action action;
  action.verb = Verb::kClosePeriod;
  const int64_t back_us = static_cast<int64_t>(Pick(OneIn(9) ? 90 : 40)) * 24 * kHourUs;
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
  const auto soon = [&] { return now_us + (static_cast<int64_t>(Pick(40)) - 2) * kHourUs; };
  if (OneIn(2)) action.card.from_us = soon();
  if (OneIn(3)) action.card.until_us = soon() + kHourUs;
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
