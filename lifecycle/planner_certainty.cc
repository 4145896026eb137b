// Whether limits, budgets, or the order of what comes in one instant, may make untrue what a plan
// tells.
#include <algorithm>

#include "lifecycle/limit_outlook.h"
#include "lifecycle/planner.h"
#include "reservations/reservations_draft.h"

namespace purser {

// Whom a limit or a budget stands in the way of now has no start, and holds up nobody.
void Planner::NoteLimits() {
  if (state_.books->limits().size() == 0 && state_.books->budgets().empty()) return;
  const BooksDraft books(state_.books, state_.sequence + 1, state_.now_us);
  const UsageDraft usage(&books, nullptr, state_.usage);
  const QueueRules with(&books, state_.policy, &usage, nullptr);
  LimitOutlook limits(state_);
  bool is_any_limited = question_.arrival != nullptr && with.IsLimited(*question_.arrival);
  if (question_.arrival != nullptr) limits.Count(*question_.arrival);
  for (Waiting& each : waiting_) {
    limits.Count(*each.picture);
    if (!with.MayBeLimited(*each.picture)) continue;
    is_any_limited = true;
    const bool is_queued = each.picture != question_.joining && each.picture != question_.changed;
    BudgetMemo* const memo = is_queued ? state_.budget_memo : nullptr;
    if (with.IsOverLimits(*each.picture, memo)) each.is_there = false;
  }
  is_any_limited =
      is_any_limited || std::any_of(bookings_.begin(), bookings_.end(),
                                    [&](const auto* booked) { return with.MayBeLimited(*booked); });
  if (!is_any_limited) return;
  if (state_.bookings != nullptr) {
    for (const auto& [key, booked] : state_.bookings->by_key()) limits.Count(*booked);
  }
  // Those behind use the same limits and budgets as they move up.
  const bool joins = std::any_of(waiting_.begin(), waiting_.end(), [this](const Waiting& each) {
    return each.picture == question_.joining;
  });
  const size_t planned = waiting_.size() - (joins ? 1 : 0);
  const bool is_any_behind = state_.queue != nullptr && state_.queue->size() > planned;
  if (is_any_behind || limits.MayBind()) plan_.is_exact = false;
}

// Leases that there are now and that end at this instant.
std::vector<ExpiryKey> Planner::FindEnds(uint32_t resource, size_t count) const {
  ReturnSchedule::Question question =
      future_.ReturnsOf(*future_.books().Find(resource), at_us_ + 1);
  question.from_us = at_us_ - state_.books->lease_shift_us();
  return state_.returns->FindLast(question, count, kLeasesLookedAtMax);
}

// Apart from those.
size_t Planner::CountHappened() const {
  return thaws_ + std::count_if(happened_.begin(), happened_.end(), [](const auto& each) {
           return each.kind() != stored::Explanation::Assumption::FREEZE_ENDS;
         });
}

size_t Planner::CountEnds(size_t most) const {
  std::set<ExpiryKey> ends;
  for (const uint32_t resource : resources_) {
    for (const ExpiryKey& key : FindEnds(resource, most)) ends.insert(key);
    if (ends.size() >= most) break;
  }
  return ends.size();
}

bool Planner::IsMoreThanLeast(const ReservationPicture& picture,
                              const QueueRules::Grant& granted) const {
  if (picture.booked()) return false;
  for (size_t i = 0; i < granted.size(); ++i) {
    const HoldLine& line = picture.lines[i];
    if (granted[i] > LeastOfLine(picture, line, *state_.books->Find(line.resource))) return true;
  }
  return false;
}

// Of several things of one instant each is an entry, which grants what it can.
bool Planner::IsOneOfSeveral(size_t happened) const {
  steps_->left -= static_cast<int>(resources_.size() / kResourcesAStep);
  return happened + CountEnds(2) > 1;
}

void Planner::NoteBlocked(InstantUs at_us) {
  blocked_.clear();
  for (const First& first : FindFirst()) {
    if (first.is_blocked) blocked_.push_back(waiting_[first.waiting].picture);
  }
  const auto& freezes = future_.books().freezes().all();
  thaws_ = std::count_if(freezes.begin(), freezes.end(), [at_us](const auto& each) {
    return each.second.until_us() != 0 && each.second.until_us() <= at_us;
  });
}

bool Planner::IsAnyFreed() const {
  if (blocked_.empty()) return false;
  const BooksDraft books(&future_.books(), 0, Now());
  const QueueRules rules(&books, state_.policy, nullptr, nullptr);
  return std::any_of(blocked_.begin(), blocked_.end(),
                     [&rules](const auto* picture) { return !rules.IsBlocked(*picture); });
}

}  // namespace purser
