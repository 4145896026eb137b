#include "lifecycle/future.h"

#include <algorithm>

namespace purser {

using stored::HELD;
using stored::IN_USE;

Future::Future(const Books& books, const ReturnSchedule* returns,
               const MonthStartAfter* month_start_after, const std::set<uint32_t>& resources,
               InstantUs now_us)
    : books_(books),
      returns_(returns),
      month_start_after_(month_start_after),
      reached_us_(now_us),
      now_us_(now_us) {
  for (const uint32_t number : resources) resources_.try_emplace(number);
}

bool Future::IsAtRest(uint32_t resource) const {
  if (returns_->last_us() >= now_us_ - books_.lease_shift_us()) return false;
  return books_.Find(resource)->next_boundary_us == 0 || resources_.at(resource).as_before;
}

InstantUs Future::NextBoundary() const {
  InstantUs next_us = INT64_MAX;
  for (const auto& [number, passed] : resources_) {
    const InstantUs boundary_us = books_.Find(number)->next_boundary_us;
    if (boundary_us != 0 && !IsAtRest(number)) next_us = std::min(next_us, boundary_us);
  }
  return next_us;
}

std::optional<InstantUs> Future::LastBoundary(uint32_t resource) const {
  const InstantUs at_us = resources_.at(resource).at_us;
  return at_us == 0 ? std::nullopt : std::optional<InstantUs>(at_us);
}

ReturnSchedule::Question Future::ReturnsOf(const Resource& resource, InstantUs until_us) const {
  ReturnSchedule::Question question;
  question.resource = resource.number;
  const bool lapses = resource.consumable() && !resource.carries_all();
  if (lapses) question.period = resource.period;
  question.from_us = now_us_ - books_.lease_shift_us();
  question.until_us = until_us == INT64_MAX ? until_us : until_us - books_.lease_shift_us();
  question.wanted = Amount::Max();
  return question;
}

void Future::TakeReturns(InstantUs until_us, ReturnSchedule::Steps* steps) {
  BooksDraft draft(&books_, 0, now_us_);
  for (const auto& [number, passed] : resources_) {
    const Resource& resource = *books_.Find(number);
    const auto returned = returns_->Reach(ReturnsOf(resource, until_us), steps);
    complete_ = complete_ && returned.complete;
    const Amount from_use = std::min(returned.sum, resource[IN_USE]);
    draft.GiveBack(number, IN_USE, from_use, resource.period);
    draft.GiveBack(number, HELD, returned.sum - from_use, resource.period);
  }
  ApplyDraft(&draft, &books_);
}

void Future::Thaw(InstantUs at_us) {
  for (auto end = books_.freezes().NextEnd(); end.has_value() && end->at_us <= at_us;
       end = books_.freezes().NextEnd()) {
    BooksDraft thaw(&books_, 0, end->at_us);
    thaw.Thaw(end->id, true);
    ApplyDraft(&thaw, &books_);
  }
}

void Future::RollOver(uint32_t number, InstantUs until_us) {
  const Resource& resource = *books_.Find(number);
  const int64_t period_us = resource.settings->period_us();
  const int64_t too_long_us =
      period_us == 0 ? 0 : (until_us - resource.next_boundary_us) % period_us;
  const InstantUs next_us = purser::NextBoundary(*resource.settings, books_.settings().time_zone(),
                                                 until_us - too_long_us, *month_start_after_);
  BooksDraft draft(&books_, 0, resource.next_boundary_us);
  draft.RollOver(number, next_us);
  ApplyDraft(&draft, &books_);
}

void Future::PassBoundary(InstantUs boundary_us, ReturnSchedule::Steps* steps) {
  TakeReturns(boundary_us, steps);
  for (auto& [number, passed] : resources_) {
    const Resource& resource = *books_.Find(number);
    if (resource.next_boundary_us != boundary_us || IsAtRest(number)) continue;
    RollOver(number, boundary_us);
    passed.as_before = passed.at_us != 0 && passed.balances == resource.balances;
    passed.balances = resource.balances;
    passed.at_us = boundary_us;
  }
  Thaw(boundary_us);
  reached_us_ = boundary_us;
  now_us_ = boundary_us;
}

void Future::AdvanceTo(InstantUs at_us, ReturnSchedule::Steps* steps) {
  TakeReturns(at_us + 1, steps);
  Thaw(at_us);
  reached_us_ = at_us;
  now_us_ = at_us + 1;
}

void Future::AdvanceToJustBefore(InstantUs at_us, ReturnSchedule::Steps* steps) {
  TakeReturns(at_us, steps);
  Thaw(at_us);
  reached_us_ = at_us;
  now_us_ = std::max(now_us_, at_us);
}

// One stands for all that were not looked at, each of which left things as they were.
void Future::WakeAll() {
  for (auto& [number, passed] : resources_) {
    const InstantUs boundary_us = books_.Find(number)->next_boundary_us;
    if (boundary_us != 0 && boundary_us <= reached_us_) RollOver(number, reached_us_);
    passed.as_before = false;
  }
}

void Future::Change(const std::function<void(BooksDraft*)>& change) {
  WakeAll();  // what comes now is not as it was before
  BooksDraft draft(&books_, 0, now_us_);
  change(&draft);
  ApplyDraft(&draft, &books_);
}

}  // namespace purser
