// What a long history does with rate cards, guardrails, budgets and shared costs.
#include <tuple>
#include <utility>

#include "daemon/history.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "reservations/allocation.h"
#include "tests/books/long_history.h"

namespace purser {

Labels LongHistory::GuardedLabels() {
  return {{"capability", "ocr"}, {kFamilyLabel, "lab"}, {"team", "guarded"}};
}

// One that stands, and one that is deleted; both have tripped. Nobody else's life is changed by it.
void LongHistory::LiveOfGuardrails(const std::string& population) {
  const SubmitBody submit = SubmitTo(population, "root");
  const auto others = std::pair(reservations_, charges_);
  for (const std::string id : {"guard", "guard-deleted"}) {
    CreateGuardrail guardrail;
    guardrail.guardrail.set_id(id);
    guardrail.guardrail.set_expected_hourly_cost(Amount::kMicrosPerUnit);
    auto& label = *guardrail.guardrail.add_labels();
    label.set_key("team");
    label.set_value("guarded");
    submit(guardrail);
  }
  submit(PostCharge{"runaway", {{"once", Amount::FromUnits(7)}}, GuardedLabels(), {}});
  RequestReservation request;
  request.id = "stopped";
  request.amounts = {{"once", Amount::FromUnits(1)}};
  request.labels = GuardedLabels();
  submit(request);
  submit(ResetGuardrail{"guard", "seen"});
  submit(UpdateGuardrail{"guard", Amount::FromUnits(2)});
  submit(DeleteGuardrail{"guard-deleted"});
  std::tie(reservations_, charges_) = others;
}

// One that stands, told above each threshold and is overridden, and one that is deleted; a request
// that somebody approves, and one that he does not.
void LongHistory::LiveOfBudgets(const std::string& population) {
  const SubmitBody submit = SubmitTo(population, "root");
  const SubmitBody review = SubmitTo(population, "boss");
  const auto others = std::pair(reservations_, charges_);
  const Labels labels = {{"capability", "ocr"}, {kFamilyLabel, "lab"}, {"team", "budgeted"}};
  for (const std::string id : {"budget", "budget-deleted"}) {
    CreateBudget budget;
    budget.budget.set_id(id);
    budget.budget.set_amount(Amount::FromUnits(100).micros());
    auto& label = *budget.budget.add_labels();
    label.set_key("team");
    label.set_value("budgeted");
    submit(budget);
  }
  RequestReservation request;
  request.purpose = stored::SERVING;
  request.amounts = {{"once", Amount::FromUnits(1)}};
  request.labels = labels;
  request.lease_us = 3'600 * kSecondUs;
  request.queue_wait_us = 3'600 * kSecondUs;
  request.id = "budgeted";
  submit(request);
  EnterCost cost;
  cost.id = "invoice";
  cost.amount = Amount::FromUnits(95);
  cost.category = stored::NETWORK_COST;
  cost.labels = labels;
  submit(cost);
  for (const std::string id : {"approved", "rejected"}) {
    request.id = id;
    submit(request);
  }
  review(ApproveRequest{"approved", "it matters"});
  review(RejectRequest{"rejected", "it does not"});
  submit(ChargeReservation{"budgeted", "of-budget", {{"once", Amount::FromMicros(500'000)}}, {}});
  submit(UpdateBudget{"budget", Amount::FromUnits(80), std::nullopt});
  review(OverrideBudget{"budget", "the end of the year", now_us_ + kDayUs});
  submit(DeleteBudget{"budget-deleted"});
  CreateBudget late;
  late.budget.set_id("budget-late");
  late.budget.set_amount(Amount::FromUnits(1'000'000).micros());
  submit(late);
  for (const CountBudget& count : CountLate(population)) submit(count);
  std::tie(reservations_, charges_) = others;
}

// As a thread that made the budget reads it.
std::array<CountBudget, 2> LongHistory::CountLate(const std::string& population) {
  const Population& state = *sequencer_->machine().Find(population);
  const BudgetBook& budgets = state.books.budgets();
  const stored::Budget& budget = *budgets.Find("budget-late")->settings;
  History history(store_.TakeSnapshot(), state.number,
                  std::make_shared<const ResourceDirectory>(state.directory));
  const auto earlier = history.ReadEarlierCosts(budget, *budgets.month(), [] { return false; });
  PURSER_CHECK(earlier.ok() && earlier->spent != 0, "something was spent before it was made");
  const auto& held = earlier->held;
  PURSER_CHECK(held.size() > 1 && held.front().sequence < held.back().sequence,
               "something was held before it was made, by several entries");
  CountBudget first{budget.id(), budget.sequence(), budget.sequence(), held.front().sequence, 0};
  CountBudget last{budget.id(), budget.sequence(), held.front().sequence, 0, earlier->spent};
  for (const EarlierHold& each : held) {
    (each.sequence > last.counted_after ? first : last).held.push_back(each.id);
  }
  return {first, last};
}

// A cost that teams share by what they used, as a thread that sends it looks it up.
void LongHistory::LiveOfAllocations(const std::string& population) {
  const Population& state = *sequencer_->machine().Find(population);
  Allocation allocation{"team", "once"};
  allocation.from_us = 1;
  allocation.until_us = now_us_ + kDayUs;
  allocation.sequence = state.last_sequence;
  History history(store_.TakeSnapshot(), state.number,
                  std::make_shared<const ResourceDirectory>(state.directory));
  const auto used = history.ReadUsage(allocation, {allocation.from_us, allocation.until_us},
                                      allocation.sequence, [] { return false; });
  PURSER_CHECK(used.ok(), "what was used can be read");
  const auto split = SplitByUse(allocation, *used, "");
  PURSER_CHECK(split.ok(), "teams used some of it");
  EnterCost cost;
  cost.id = "shared";
  cost.amount = Amount::FromUnits(30);
  cost.category = stored::OBSERVABILITY_COST;
  cost.labels = {{"capability", "ocr"}, {kFamilyLabel, "lab"}};
  AddAllocated(allocation.label, *split, &cost.labels);
  cost.allocation = std::move(allocation);
  SubmitTo(population, "root")(std::move(cost));
}

void LongHistory::FillRates(const Population& population, Command* command) {
  std::string id = Concat("card-", Pick(30));
  const InstantUs later_us =
      population.last_time_us + static_cast<int64_t>(1 + Pick(400)) * 3'600 * kSecondUs;
  stored::RateCard card;
  for (const auto& [name, number] : population.books.numbers_by_name()) {
    if (Chance(60) && card.rates_size() > 0) continue;
    auto& rate = *card.add_rates();
    rate.set_resource(name);
    rate.set_picos(static_cast<int64_t>(Pick(9'000'000'000'000)));
    const bool consumable = population.books.Find(number)->consumable();
    rate.set_per(consumable ? stored::RateCard::UNIT : stored::RateCard::UNIT_HOUR);
  }
  switch (Pick(4)) {
    case 0:
      for (const auto& [other, card_of] : population.books.rates().all()) {
        if (card_of->valid_from_us() > now_us_) id = other;
      }
      command->body = DeleteRateCard{id};
      return;
    case 1: {
      UpdateRateCard update;
      update.id = id;
      update.valid_until_us = later_us;
      command->body = std::move(update);
      return;
    }
    default:
      card.set_id(id);
      if (Chance(60)) card.set_valid_from_us(later_us);
      command->body = CreateRateCard{std::move(card)};
  }
}

}  // namespace purser
