#include "lifecycle/outlook.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "reservations/reservations_draft.h"

namespace purser {

using stored::Explanation;

namespace {

constexpr int kStepsOfPeriod = 10;          // its end moves the books, which takes as long
constexpr size_t kLeasesNamedMax = 5;       // of one resource
constexpr size_t kLeasesLookedAtMax = 100;  // to find these

// nullopt: more than an amount holds.
std::optional<Amount> SumOf(std::initializer_list<Amount> amounts) {
  std::optional<Amount> sum = Amount();
  for (const Amount amount : amounts) {
    if (sum.has_value()) sum = Add(*sum, amount);
  }
  return sum;
}

}  // namespace

Amount OwedUntilFree(const Books& books, uint32_t resource, std::string_view family) {
  const std::set<DebtKey>* const keys = books.debts().OfFamily(family);
  if (keys == nullptr) return Amount();
  const auto after = keys->upper_bound({resource, UINT64_MAX});
  if (after == keys->begin() || std::prev(after)->first != resource) return Amount();
  const DebtKey last = *std::prev(after);
  Amount sum;
  const auto& debts = books.debts().all();
  for (auto it = debts.lower_bound({resource, 0}); it != debts.end() && it->first <= last; ++it) {
    sum += Amount::FromMicros(it->second.amount());
  }
  return sum;
}

std::set<uint32_t> FindResources(const Books& books, const RequestReservation& request) {
  std::set<uint32_t> resources;
  for (const auto& [name, amount] : request.amounts) {
    resources.insert(books.FindByName(name)->number);
  }
  if (PassesDebts(request.purpose)) return resources;
  if (const auto* owed = books.debts().OfFamily(FamilyOf(request.labels))) {
    for (const auto& [resource, order] : *owed) resources.insert(resource);
  }
  for (const auto& [name, number] : books.numbers_by_name()) {
    if (books.Find(number)->is_past_debt_limit()) resources.insert(number);
  }
  return resources;
}

Outlook::Outlook(const JudgedState& state, const RequestReservation& request,
                 ReturnSchedule::Steps* steps)
    : state_(state),
      request_(request),
      resources_(FindResources(*state.books, request)),
      future_(*state.books, state.returns, state.month_start_after, resources_, state.now_us),
      steps_(steps) {}

Outlook::Condition Outlook::WhenReturned(const Resource& resource, std::optional<Amount> wanted,
                                         InstantUs until_us) {
  Condition condition;
  condition.resource = resource.number;
  if (!wanted.has_value()) return condition;
  if (!wanted->is_positive()) {
    condition.at_us = future_.now_us();
    return condition;
  }
  ReturnSchedule::Question question = future_.ReturnsOf(resource, until_us);
  question.wanted = *wanted;
  const ReturnSchedule::Answer answer = state_.returns->Reach(question, steps_);
  complete_ = complete_ && answer.complete;
  if (!answer.at_us.has_value()) return condition;
  condition.at_us = *answer.at_us + state_.books->lease_shift_us();
  condition.by_leases = true;
  return condition;
}

Outlook::Condition Outlook::WhenEnough(const Resource& resource, Amount asked, InstantUs until_us) {
  const Amount has = state_.policy->DrawableFrom(resource, request_.purpose);
  const Amount least = LeastOf(request_, resource, asked);
  std::optional<Amount> wanted = Amount();
  if (least > has) {
    // What comes in is used for all of this first.
    const bool may_draw = state_.policy->MayDrawOnReserve(request_.purpose);
    const Amount deficit = may_draw ? Amount() : resource.reserve_deficit();
    wanted = SumOf({resource.shortfall, resource.owed(), deficit, least - has});
  }
  Condition condition = WhenReturned(resource, wanted, until_us);
  condition.is_amount = true;
  return condition;
}

Outlook::Condition Outlook::WhenRepaid(const Resource& resource, InstantUs until_us) {
  const Amount of_family =
      OwedUntilFree(future_.books(), resource.number, FamilyOf(request_.labels));
  const Amount past_limit =
      resource.is_past_debt_limit()
          ? resource.owed() - Amount::FromMicros(resource.settings->debt_limit())
          : Amount();
  const Amount repaid = std::max(of_family, past_limit);
  if (repaid.is_zero()) return WhenReturned(resource, repaid, until_us);
  return WhenReturned(resource, SumOf({resource.shortfall, repaid}), until_us);
}

Outlook::Condition Outlook::WhenThawed() const {
  Condition condition;
  condition.at_us = future_.now_us();
  for (const stored::Freeze* freeze : FindFreezes(future_.books(), request_)) {
    if (freeze->until_us() == 0) condition.at_us.reset();
    if (!condition.at_us.has_value()) break;
    condition.at_us = std::max(*condition.at_us, freeze->until_us());
  }
  return condition;
}

std::vector<Outlook::Condition> Outlook::FindConditions(InstantUs until_us) {
  std::vector<Condition> conditions = {WhenThawed()};
  if (conditions.front().at_us.has_value() && *conditions.front().at_us >= until_us) {
    conditions.front().at_us.reset();
  }
  for (const auto& [name, asked] : request_.amounts) {
    conditions.push_back(WhenEnough(*future_.books().FindByName(name), asked, until_us));
  }
  if (PassesDebts(request_.purpose)) return conditions;
  for (const uint32_t number : resources_) {
    conditions.push_back(WhenRepaid(*future_.books().Find(number), until_us));
  }
  return conditions;
}

void Outlook::Assume(const Condition& condition, Assumptions* assumptions) const {
  if (condition.resource == 0) {
    for (const stored::Freeze* freeze : FindFreezes(*state_.books, request_)) {
      Explanation::Assumption& assumption = *assumptions->Add();
      assumption.set_kind(Explanation::Assumption::FREEZE_ENDS);
      assumption.set_name(freeze->id());
      assumption.set_at_us(freeze->until_us());
    }
    return;
  }
  const Resource& resource = *future_.books().Find(condition.resource);
  if (const auto boundary_us = future_.LastBoundary(condition.resource)) {
    Explanation::Assumption& assumption = *assumptions->Add();
    assumption.set_kind(Explanation::Assumption::PERIOD_ENDS);
    assumption.set_name(resource.name());
    assumption.set_at_us(*boundary_us);
  }
  if (!condition.by_leases) return;
  const int64_t shift_us = state_.books->lease_shift_us();
  const auto question = future_.ReturnsOf(resource, *condition.at_us + 1);
  for (const ExpiryKey& key :
       state_.returns->FindLast(question, kLeasesNamedMax, kLeasesLookedAtMax)) {
    Explanation::Assumption& assumption = *assumptions->Add();
    assumption.set_kind(Explanation::Assumption::LEASE_ENDS);
    assumption.set_at_us(key.lease_end_us + shift_us);
    assumption.set_create_sequence(key.grant_sequence);
    assumption.set_create_index(key.grant_index);
  }
}

void Outlook::NoteOutlooks(const std::vector<Condition>& conditions, Explanation* explanation) {
  const bool is_first = !short_at_first_.has_value();
  if (is_first) short_at_first_.emplace();
  for (const Condition& condition : conditions) {
    if (!condition.is_amount) continue;
    const bool has_now = condition.at_us.has_value() && !condition.by_leases;
    if (is_first && !has_now) short_at_first_->insert(condition.resource);
    if (!condition.at_us.has_value() || short_at_first_->erase(condition.resource) == 0) continue;
    Explanation::Outlook& outlook = *explanation->add_outlooks();
    outlook.set_resource(future_.books().Find(condition.resource)->name());
    outlook.set_earliest_start_us(*condition.at_us);
    Assume(condition, outlook.mutable_assumptions());
  }
}

bool Outlook::IsHopeless(const std::vector<Condition>& conditions) const {
  const bool never = std::any_of(conditions.begin(), conditions.end(), [&](const Condition& each) {
    if (each.at_us.has_value()) return false;
    if (each.resource != 0) return future_.IsAtRest(each.resource);
    const auto freezes = FindFreezes(future_.books(), request_);
    return std::any_of(freezes.begin(), freezes.end(),
                       [](const stored::Freeze* freeze) { return freeze->until_us() == 0; });
  });
  return never && std::all_of(short_at_first_->begin(), short_at_first_->end(),
                              [this](uint32_t resource) { return future_.IsAtRest(resource); });
}

void Outlook::Find(Explanation* explanation) {
  while (complete_ && (steps_->left -= kStepsOfPeriod) > 0) {
    const InstantUs until_us = future_.NextBoundary();
    const std::vector<Condition> conditions = FindConditions(until_us);
    NoteOutlooks(conditions, explanation);
    const bool fits = std::all_of(conditions.begin(), conditions.end(),
                                  [](const Condition& each) { return each.at_us.has_value(); });
    if (fits) {
      NoteEarliest(conditions, explanation);
      break;
    }
    if (until_us == INT64_MAX || until_us - state_.now_us > kOutlookMaxUs) break;
    if (IsHopeless(conditions)) break;
    future_.PassBoundary(until_us, steps_);
    complete_ = complete_ && future_.complete();
  }
  explanation->set_complete(complete_ && steps_->left > 0);
}

const Books& Outlook::WaitUntil(InstantUs earliest_us) {
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  future_.AdvanceTo(earliest_us, &steps);
  steps_->left -= kOutlookStepsMax - steps.left;
  return future_.books();
}

void Outlook::NoteEarliest(const std::vector<Condition>& conditions, Explanation* explanation) {
  InstantUs earliest_us = future_.now_us();
  for (const Condition& each : conditions) earliest_us = std::max(earliest_us, *each.at_us);
  explanation->set_earliest_start_us(earliest_us);
  for (const Condition& each : conditions) {
    const bool was_awaited =
        each.resource == 0 ? *each.at_us > state_.now_us
                           : each.by_leases || future_.LastBoundary(each.resource).has_value();
    if (was_awaited) Assume(each, explanation->mutable_assumptions());
  }
}

}  // namespace purser
