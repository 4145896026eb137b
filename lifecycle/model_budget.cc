// The population budget changes slowly: by one step a calendar month.
#include "ledger/text.h"
#include "lifecycle/models_draft.h"

namespace purser {

namespace {

constexpr int kScheduleMax = 120;  // months

// How far a budget may be moved in a month from what it was as the month began.
Amount StepOf(const ModelPolicy& policy, Amount start) {
  const auto scaled =
      ScaleRoundedDown(start, policy.budget_step_percent.micros(), Amount::FromUnits(100).micros());
  const Amount one = Amount::FromUnits(1);
  return std::max(one, RoundDownToStep(scaled.value_or(Amount()), one));
}

Amount Towards(const ModelPolicy& policy, Amount start, Amount wanted) {
  const Amount step = StepOf(policy, start);
  if (wanted > start) return std::min(wanted, Add(start, step).value_or(wanted));
  return std::max(wanted, start - step);
}

}  // namespace

absl::Status ModelsDraft::CheckBudgetStep(const MonthStartAfter& month_start_after) {
  if (resources().slots == 0 || books_->books().Find(resources().slots) == nullptr) {
    return absl::OkStatus();
  }
  const Resource& before = *books_->books().Find(resources().slots);
  const Resource& after = *books_->Find(resources().slots);
  if (after.base == before.base) return absl::OkStatus();
  const std::string& time_zone = books_->books().settings().time_zone();
  const auto& running = context_.book->month();
  const bool runs = running.has_value() && running->resource() == resources().slots &&
                    books_->now_us() < running->ends_us();
  stored::BudgetMonth month;
  month.set_resource(resources().slots);
  month.set_base_at_start(runs ? running->base_at_start() : before.base.micros());
  month.set_ends_us(runs ? running->ends_us() : month_start_after(time_zone, books_->now_us()));
  const Amount start = Amount::FromMicros(month.base_at_start());
  if (Towards(*context_.policy, start, after.base) == after.base) {
    if (!runs) *NewFact().mutable_budget_month() = month;
    return absl::OkStatus();
  }
  Refusal refusal;
  refusal.set_reason(stored::BUDGET_STEP);
  InstantUs from_us = books_->now_us();
  Amount amount = start;
  while (amount != after.base && refusal.schedule_size() < kScheduleMax) {
    amount = Towards(*context_.policy, amount, after.base);
    // What is left of this month's step, if anything is.
    if (amount != before.base) {
      auto& step = *refusal.add_schedule();
      step.set_from_us(from_us);
      step.set_amount(amount.micros());
    }
    from_us = from_us == books_->now_us() ? month.ends_us() : month_start_after(time_zone, from_us);
  }
  refusal.set_detail(Concat(
      "as the month began the budget was ", start.ToString(), "; in one month it moves by at most ",
      StepOf(*context_.policy, start).ToString(), "; the schedule reaches what was asked"));
  return Refuse(refusal);
}

}  // namespace purser
