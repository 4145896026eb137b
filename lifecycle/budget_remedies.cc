#include "lifecycle/budget_remedies.h"

#include <algorithm>
#include <set>

#include "ledger/rate_book.h"
#include "lifecycle/court.h"
#include "lifecycle/queue_plan.h"
#include "reservations/budget_check.h"

namespace purser {

using stored::Explanation;

namespace {

constexpr size_t kWaitingLookedAtMax = 300;
constexpr int64_t kShares = int64_t{1} << 50;  // as finely as a reduction is looked for

// As little as a request may ask of it.
Amount LeastAskedOf(const Resource& resource) {
  const Amount min_amount = Amount::FromMicros(resource.settings->min_amount());
  return std::max(resource.step(), RoundUpToStep(min_amount, resource.step()));
}

bool IsBudget(const Refusal::Blocking& blocking) { return blocking.kind() == kBudgetKind; }

// Whether one of them is in its way whoever approves it. Of a budget that is told it is one of the
// books'.
bool IsRefused(const Books& books, const Refusal& refusal) {
  return std::any_of(refusal.blocking().begin(), refusal.blocking().end(),
                     [&books](const auto& each) {
                       if (!IsBudget(each)) return false;
                       const stored::Budget& budget = *books.budgets().Find(each.name())->settings;
                       return absl::int128(each.limit()) > BudgetThreshold(budget, kReviewPercent);
                     });
}

void AddRemedy(Explanation::Remedy::Kind kind, const Refusal& refusal, Explanation* explanation) {
  Explanation::Remedy& remedy = *explanation->add_remedies();
  remedy.set_kind(kind);
  for (const auto& blocking : refusal.blocking()) {
    if (IsBudget(blocking)) remedy.add_budgets(blocking.name());
  }
}

}  // namespace

bool HasBudgets(const Refusal& refusal) {
  return std::any_of(refusal.blocking().begin(), refusal.blocking().end(), IsBudget);
}

bool HasOnlyBudgets(const Refusal& refusal) {
  return !refusal.blocking().empty() && refusal.shortages().empty() &&
         std::all_of(refusal.blocking().begin(), refusal.blocking().end(), IsBudget);
}

bool PassesBudgetsAt(const JudgedState& state, const RequestReservation& request, InstantUs at_us) {
  if (state.books->budgets().empty() || PassesBudgets(request.purpose)) return true;
  BooksDraft books(state.books, state.sequence + 1, at_us);
  const InstantUs month_end_us = state.books->budgets().month()->until_us();
  if (month_end_us <= at_us) {
    stored::CostMonth later;
    later.set_from_us(month_end_us);
    later.set_until_us(INT64_MAX);
    books.BeginCostMonth(later);
  }
  const UsageDraft usage(&books, nullptr, state.usage);
  return !BudgetCheck::Blocks(books, usage, request.labels, CostsOf(books, request), false);
}

bool ReduceForBudgets(const JudgedState& state,
                      const std::function<bool(const RequestReservation&)>& fits,
                      RequestReservation* request) {
  const InstantUs at_us = request->quoted_at_us != 0 ? request->quoted_at_us : state.now_us;
  std::vector<const Resource*> priced;
  for (const auto& [name, asked] : request->amounts) {
    const Resource& resource = *state.books->FindByName(name);
    const auto rate = FindUnitRate(state.books->rates(), resource, at_us);
    if (resource.consumable() && rate.has_value() && rate->picos() > 0) {
      priced.push_back(&resource);
    }
  }
  if (priced.empty()) return false;
  const auto reduce = [&](int64_t share) {
    RequestReservation reduced = *request;
    for (const Resource* resource : priced) {
      Amount& amount = reduced.amounts[resource->name()];
      // What is as little as it may be does not keep the others from becoming less.
      const Amount least = std::min(amount, LeastAskedOf(*resource));
      amount = RoundDownToStep(*ScaleRoundedDown(amount, share, kShares), resource->step());
      amount = std::max(amount, least);
      const auto minimum = reduced.minimum_amounts.find(resource->name());
      const bool is_less = minimum != reduced.minimum_amounts.end() && minimum->second > amount;
      if (is_less) reduced.minimum_amounts.Erase(resource->name());
    }
    return reduced;
  };
  const auto is_possible = [&](const RequestReservation& reduced) {
    return std::all_of(reduced.amounts.begin(), reduced.amounts.end(),
                       [](const auto& each) { return each.second.is_positive(); }) &&
           fits(reduced);
  };
  int64_t fitting = 0;
  int64_t beyond = kShares;
  while (beyond - fitting > 1) {
    const int64_t share = fitting + (beyond - fitting) / 2;
    (is_possible(reduce(share)) ? fitting : beyond) = share;
  }
  if (fitting == 0) return false;
  *request = reduce(fitting);
  return true;
}

namespace {

// Whether these budgets alone stand in the way of another who waits, or may: who overrides them may
// let that one take what is free.
bool HoldUpOthers(const JudgedState& state, const Refusal& refusal,
                  const ReservationPicture* waits) {
  if (state.queue == nullptr) return false;
  std::set<std::string> overridden;
  for (const auto& blocking : refusal.blocking()) overridden.insert(blocking.name());
  const Queue::ByKey& waiting = state.queue->by_key();
  if (waiting.size() > kWaitingLookedAtMax) return true;
  const BooksDraft books(state.books, state.sequence + 1, state.now_us);
  const UsageDraft usage(&books, nullptr, state.usage);
  return std::any_of(waiting.begin(), waiting.end(), [&](const auto& each) {
    const ReservationPicture& other = *each.second;
    const bool is_judged = !other.booked() && !PassesBudgets(other.purpose) &&
                           (waits == nullptr || other.id != waits->id);
    if (!is_judged) return false;
    const BudgetCheck check(books, usage, *other.labels, CostsOf(books, other),
                            other.approver != nullptr);
    return !check.blocking().empty() &&
           std::all_of(check.blocking().begin(), check.blocking().end(),
                       [&](const auto& held) { return overridden.contains(held.name()); });
  });
}

}  // namespace

void AddBudgetRemedies(const JudgedState& state, const Refusal& refusal, bool may_wait,
                       const ReservationPicture* waits, Explanation* explanation) {
  if (!HasOnlyBudgets(refusal)) return;
  if (may_wait && !IsRefused(*state.books, refusal)) {
    AddRemedy(Explanation::Remedy::APPROVAL, refusal, explanation);
  }
  if (!HoldUpOthers(state, refusal, waits)) {
    AddRemedy(Explanation::Remedy::OVERRIDE, refusal, explanation);
  }
}

void AddLaterApproval(const JudgedState& state, const Refusal& refusal,
                      const ReservationPicture& picture, bool is_queued,
                      ReturnSchedule::Steps* steps, Explanation* explanation) {
  const bool is_asked =
      HasBudgets(refusal) && !HasOnlyBudgets(refusal) && !IsRefused(*state.books, refusal);
  if (!is_asked || picture.approver != nullptr || picture.gave_notice()) return;
  ReservationPicture approved = picture;
  approved.approver = std::make_shared<const std::string>();
  if (approved.queue_wait_us == 0) approved.queue_wait_us = kQueueWaitDefaultUs;
  PlanQuestion question;
  (is_queued ? question.changed : question.joining) = &approved;
  const QueuePlan plan = MakePlan(state, question, steps);
  const QueuePlan::Start* const start = plan.Find(QueueKeyOf(approved));
  if (start == nullptr || !start->at_us.has_value() || !start->is_exact) return;
  AddRemedy(Explanation::Remedy::APPROVAL, refusal, explanation);
  const bool is_later = *start->at_us > state.now_us;
  if (is_later) explanation->mutable_remedies()->rbegin()->set_until_us(*start->at_us);
}

}  // namespace purser
