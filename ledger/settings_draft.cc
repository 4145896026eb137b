// The operator's side of a BooksDraft: settings, amounts, freezes, and the end of a period.
#include <algorithm>

#include "ledger/books_draft.h"
#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

using stored::AVAILABLE;
using stored::GRANTED;
using stored::RESERVE;
using stored::SPENT;

Amount Carried(const stored::CarryOver& policy, Amount unspent) {
  switch (policy.kind()) {
    case stored::CarryOver::ALL:
      return unspent;
    case stored::CarryOver::UP_TO:
      return std::min(unspent, Amount::FromMicros(policy.amount()));
    default:
      return Amount();
  }
}

}  // namespace

void BooksDraft::SetPopulation(const stored::PopulationSettings& settings) {
  *NewFact().mutable_population_set()->mutable_settings() = settings;
}

absl::Status BooksDraft::CreateResource(const stored::ResourceSettings& settings,
                                        InstantUs next_boundary_us) {
  auto shared = std::make_shared<stored::ResourceSettings>(settings);
  shared->set_create_time_us(now_us_);
  shared->set_priced_time_us(now_us_);
  shared->set_generation(1);
  shared->set_create_sequence(sequence_);
  Resource resource;
  resource.number = next_resource_number_++;
  resource.settings = shared;
  resource.period_start_us = now_us_;
  resource.next_boundary_us = next_boundary_us;
  stored::ResourceCreated& created = *NewFact().mutable_resource_created();
  created.set_resource(resource.number);
  *created.mutable_settings() = *shared;
  created.set_next_boundary_us(next_boundary_us);
  touched_.push_back(std::move(resource));
  return Reshape(touched_.back(), Amount::FromMicros(settings.amount()), shared);
}

absl::Status BooksDraft::UpdateResource(uint32_t number, const stored::ResourceSettings& settings) {
  Resource& resource = Touch(number);
  auto shared = std::make_shared<stored::ResourceSettings>(settings);
  shared->set_generation(resource.settings->generation() + 1);
  if (settings.priced() != resource.settings->priced()) shared->set_priced_time_us(now_us_);
  stored::ResourceUpdated& updated = *NewFact().mutable_resource_updated();
  updated.set_resource(number);
  *updated.mutable_settings() = *shared;
  Amount base = resource.base;
  if (!resource.has_periods() && settings.amount() != resource.settings->amount()) {
    const Amount difference =
        Amount::FromMicros(settings.amount()) - Amount::FromMicros(resource.settings->amount());
    const auto changed = Add(base, difference);
    if (!changed.has_value() || changed->is_negative()) {
      return RefuseField(stored::INVALID_ARGUMENT, "amount",
                         Concat("would take more than the base, which is ", base.ToString()));
    }
    base = *changed;
  }
  return Reshape(resource, base, std::move(shared));
}

absl::Status BooksDraft::DeleteResource(uint32_t number) {
  Resource& resource = Touch(number);
  if (resource.owed().is_positive()) {
    return Refuse(stored::RESOURCE_IN_USE,
                  Concat("the resource owes ", resource.owed().ToString()));
  }
  Post(stored::DELETE, resource, AVAILABLE, GRANTED, resource[AVAILABLE]);
  Post(stored::DELETE, resource, RESERVE, GRANTED, resource[RESERVE]);
  Post(stored::DELETE, resource, SPENT, GRANTED, resource[SPENT]);
  resource.base = Amount();
  resource.shortfall = Amount();
  NewFact().mutable_resource_deleted()->set_resource(number);
  return absl::OkStatus();
}

absl::Status BooksDraft::Grant(uint32_t number, Amount amount, std::string_view reason) {
  Resource& resource = Touch(number);
  const auto base = Add(resource.base, amount);
  if (!base.has_value()) {
    return RefuseField(stored::INVALID_ARGUMENT, "amount", "makes more than the largest amount");
  }
  stored::AmountGranted& granted = *NewFact().mutable_amount_granted();
  granted.set_resource(number);
  granted.set_amount(amount.micros());
  granted.set_reason(std::string(reason));
  return Reshape(resource, *base, resource.settings);
}

absl::Status BooksDraft::Withdraw(uint32_t number, Amount amount, std::string_view reason) {
  Resource& resource = Touch(number);
  if (amount > resource.base) {
    return RefuseField(stored::INVALID_ARGUMENT, "amount",
                       Concat("more than the base, which is ", resource.base.ToString()));
  }
  stored::AmountWithdrawn& withdrawn = *NewFact().mutable_amount_withdrawn();
  withdrawn.set_resource(number);
  withdrawn.set_amount(amount.micros());
  withdrawn.set_reason(std::string(reason));
  return Reshape(resource, resource.base - amount, resource.settings);
}

void BooksDraft::Freeze(const stored::Freeze& freeze) {
  *NewFact().mutable_frozen() = freeze;
  if (!freezes_.has_value()) freezes_ = books_->freezes();
  freezes_->Put(freeze);
}

void BooksDraft::Thaw(std::string_view id, bool by_time, std::string_view reason) {
  stored::Thawed& thawed = *NewFact().mutable_thawed();
  thawed.set_id(std::string(id));
  thawed.set_by_time(by_time);
  thawed.set_reason(std::string(reason));
  if (!freezes_.has_value()) freezes_ = books_->freezes();
  freezes_->Erase(id);
}

void BooksDraft::SetLimit(const stored::Limit& limit) {
  *NewFact().mutable_limit_set() = limit;
  if (!limits_.has_value()) limits_ = books_->limits();
  limits_->Put(limit);
}

void BooksDraft::DeleteLimit(std::string_view id) {
  NewFact().mutable_limit_deleted()->set_id(std::string(id));
  if (!limits_.has_value()) limits_ = books_->limits();
  limits_->Erase(id);
}

RateBook& BooksDraft::TouchRates() {
  if (rates_ == nullptr) rates_ = std::make_shared<RateBook>(books_->rates());
  return *rates_;
}

void BooksDraft::SetRateCard(const stored::RateCard& card) {
  TouchRates().Put(card);
  *NewFact().mutable_rate_card_set() = card;
}

void BooksDraft::DeleteRateCard(std::string_view id) {
  TouchRates().Erase(id);
  NewFact().mutable_rate_card_deleted()->set_id(std::string(id));
}

void BooksDraft::SetGuardrail(const stored::Guardrail& guardrail) {
  *NewFact().mutable_guardrail_set() = guardrail;
}

void BooksDraft::DeleteGuardrail(std::string_view id) {
  NewFact().mutable_guardrail_deleted()->set_id(std::string(id));
}

void BooksDraft::BeginHour(const stored::ClockHour& hour) {
  *NewFact().mutable_hour_began() = hour;
}

BudgetBook& BooksDraft::TouchBudgets() {
  if (!budgets_.has_value()) budgets_ = books_->budgets();
  return *budgets_;
}

void BooksDraft::SetBudget(const stored::Budget& budget) {
  BudgetBook& budgets = TouchBudgets();
  budgets.Put(budget);
  *NewFact().mutable_budget_set() = budgets.ToFact(*budgets.Find(budget.id()));
}

void BooksDraft::DeleteBudget(std::string_view id) {
  TouchBudgets().Erase(id);
  NewFact().mutable_budget_deleted()->set_id(std::string(id));
}

void BooksDraft::BeginCostMonth(const stored::CostMonth& month) {
  TouchBudgets().BeginMonth(month);
  *NewFact().mutable_cost_month_began() = month;
}

void BooksDraft::TellCrossing(const stored::BudgetCrossed& crossed) {
  *NewFact().mutable_budget_crossed() = crossed;
}

void BooksDraft::CountEarlier(const stored::BudgetCounted& counted) {
  TouchBudgets().CountEarlier(counted);
  *NewFact().mutable_budget_counted() = counted;
}

void BooksDraft::ClosePeriod(const stored::PeriodClosed& closed) {
  *NewFact().mutable_period_closed() = closed;
}

void BooksDraft::RollOver(uint32_t number, InstantUs next_boundary_us) {
  Resource& resource = Touch(number);
  PURSER_CHECK(resource.next_boundary_us == now_us_, "a period ends at its own boundary");
  const Amount carried_available =
      Carried(resource.settings->carry_available(), resource[AVAILABLE]);
  const Amount carried_reserve = Carried(resource.settings->carry_reserve(), resource[RESERVE]);
  stored::RolledOver& fact = *NewFact().mutable_rolled_over();
  fact.set_resource(number);
  fact.set_boundary_us(now_us_);
  fact.set_next_boundary_us(next_boundary_us);
  fact.set_period(resource.period + 1);
  fact.set_carried_available(carried_available.micros());
  fact.set_carried_reserve(carried_reserve.micros());

  Post(stored::CLOSE_PERIOD, resource, SPENT, GRANTED, resource[SPENT]);
  Post(stored::CLOSE_PERIOD, resource, AVAILABLE, GRANTED, resource[AVAILABLE] - carried_available);
  Post(stored::CLOSE_PERIOD, resource, RESERVE, GRANTED, resource[RESERVE] - carried_reserve);
  resource.period += 1;
  resource.period_start_us = now_us_;
  resource.next_boundary_us = next_boundary_us;
  resource.shortfall = Amount();
  // A grant that time brings cannot be refused: it saturates at what an amount can hold, a bound
  // that only settings of nine trillion units with carry-over come near.
  const Amount room = Amount::Max() - (resource.granted() + resource.owed());
  const Amount carried = carried_available + carried_reserve;
  const Amount amount = std::min(Amount::FromMicros(resource.settings->amount()), room);
  resource.base = Add(amount, carried).value_or(Amount::Max());
  SpillReserve(stored::LOWER_TARGET, resource);
  Inflow(stored::GRANT, resource, GRANTED, amount);
}

void BooksDraft::Resume(int64_t shift_us) { NewFact().mutable_resumed()->set_shift_us(shift_us); }

}  // namespace purser
