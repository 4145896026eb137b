#include "tests/simulator/money_workload.h"

#include <algorithm>

#include "tests/model/decimal.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {

constexpr int64_t kHourUs = 3'600 * model::kOne;

}  // namespace

std::optional<Action> MoneyWorkload::Next() {
  if (!OneIn(25)) return std::nullopt;
  return RateCard();
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
