#include "lifecycle/outlook.h"

#include <algorithm>
#include <string>

#include "reservations/reservations_draft.h"

namespace purser {

using stored::Explanation;

namespace {

constexpr int kStepsOfPeriod = 10;     // its end moves the books, which takes as long
constexpr size_t kLeasesNamedMax = 5;  // of one resource

}  // namespace

std::set<uint32_t> NamedResources(const Books& books, const RequestReservation& request) {
  std::set<uint32_t> resources;
  for (const auto& [name, amount] : request.amounts) {
    resources.insert(books.FindByName(name)->number);
  }
  return resources;
}

void AddOwed(const Books& books, stored::Purpose purpose, std::string_view family,
             std::set<uint32_t>* resources) {
  if (PassesDebts(purpose)) return;
  if (const auto* owed = books.debts().OfFamily(family)) {
    for (const auto& [resource, order] : *owed) resources->insert(resource);
  }
  for (const auto& [name, number] : books.numbers_by_name()) {
    if (books.Find(number)->is_past_debt_limit()) resources->insert(number);
  }
}

std::set<uint32_t> FindResources(const Books& books, const RequestReservation& request) {
  std::set<uint32_t> resources = NamedResources(books, request);
  AddOwed(books, request.purpose, FamilyOf(request.labels), &resources);
  return resources;
}

Outlook::Outlook(const JudgedState& state, const RequestReservation& request,
                 ReturnSchedule::Steps* steps)
    : state_(state),
      request_(request),
      resources_(FindResources(*state.books, request)),
      future_(*state.books, state.returns, state.month_start_after, resources_, state.now_us),
      search_(&future_, state.policy, steps),
      steps_(steps) {}

Prospect Outlook::WhenThawed() const {
  Prospect condition;
  condition.at_us = future_.now_us();
  for (const stored::Freeze* freeze : FindFreezes(future_.books(), request_)) {
    if (freeze->until_us() == 0) condition.at_us.reset();
    if (!condition.at_us.has_value()) break;
    condition.at_us = std::max(*condition.at_us, freeze->until_us());
  }
  return condition;
}

std::vector<Prospect> Outlook::FindConditions(InstantUs until_us) {
  std::vector<Prospect> conditions = {WhenThawed()};
  if (conditions.front().at_us.has_value() && *conditions.front().at_us >= until_us) {
    conditions.front().at_us.reset();
  }
  for (const auto& [name, asked] : request_.amounts) {
    const Resource& resource = *future_.books().FindByName(name);
    conditions.push_back(search_.WhenEnough(resource, LeastOf(request_, resource, asked),
                                            request_.purpose, until_us));
  }
  if (PassesDebts(request_.purpose)) return conditions;
  for (const uint32_t number : resources_) {
    conditions.push_back(
        search_.WhenRepaid(*future_.books().Find(number), FamilyOf(request_.labels), until_us));
  }
  return conditions;
}

void Outlook::Assume(const Prospect& condition, Assumptions* assumptions) const {
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
    assumption.set_kind(key.by_notice ? Explanation::Assumption::PREEMPTED
                                      : Explanation::Assumption::LEASE_ENDS);
    assumption.set_at_us(key.end_us + shift_us);
    assumption.set_create_sequence(key.grant_sequence);
    assumption.set_create_index(key.grant_index);
  }
}

void Outlook::NoteOutlooks(const std::vector<Prospect>& conditions, Explanation* explanation) {
  const bool is_first = !short_at_first_.has_value();
  if (is_first) short_at_first_.emplace();
  for (const Prospect& condition : conditions) {
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

bool Outlook::IsHopeless(const std::vector<Prospect>& conditions) const {
  const bool never = std::any_of(conditions.begin(), conditions.end(), [&](const Prospect& each) {
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
  while (complete() && (steps_->left -= kStepsOfPeriod) > 0) {
    const InstantUs until_us = future_.NextBoundary();
    const std::vector<Prospect> conditions = FindConditions(until_us);
    NoteOutlooks(conditions, explanation);
    const bool fits = std::all_of(conditions.begin(), conditions.end(),
                                  [](const Prospect& each) { return each.at_us.has_value(); });
    if (fits) {
      NoteEarliest(conditions, explanation);
      break;
    }
    if (until_us == INT64_MAX || until_us - state_.now_us > kOutlookMaxUs) break;
    if (IsHopeless(conditions)) break;
    future_.PassBoundary(until_us, steps_);
  }
  explanation->set_complete(complete() && steps_->left > 0);
}

const Books& Outlook::WaitUntil(InstantUs earliest_us) {
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  future_.AdvanceTo(earliest_us, &steps);
  steps_->left -= kOutlookStepsMax - steps.left;
  return future_.books();
}

void Outlook::NoteEarliest(const std::vector<Prospect>& conditions, Explanation* explanation) {
  InstantUs earliest_us = future_.now_us();
  for (const Prospect& each : conditions) earliest_us = std::max(earliest_us, *each.at_us);
  explanation->set_earliest_start_us(earliest_us);
  for (const Prospect& each : conditions) {
    const bool was_awaited =
        each.resource == 0 ? *each.at_us > state_.now_us
                           : each.by_leases || future_.LastBoundary(each.resource).has_value();
    if (was_awaited) Assume(each, explanation->mutable_assumptions());
  }
}

}  // namespace purser
