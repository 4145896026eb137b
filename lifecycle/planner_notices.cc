// Notices in a plan: whether what was given, or may be, leaves what is told of the others exact
// (daemon/decisions/0009).
#include <algorithm>

#include "lifecycle/notice_outlook.h"
#include "lifecycle/planner.h"

namespace purser {

using stored::HELD;
using stored::IN_USE;

namespace {

constexpr size_t kLeasesLookedAtMax = 100;
constexpr size_t kVictimsLookedAtMax = 20;

}  // namespace

// What will be by notices is known where those that were given are executed as they stand, and
// nobody can give another.
void Planner::NoteNotices() {
  // Whom no claim binds takes what is left of some victims before others have gone.
  const bool is_any_unbound =
      std::any_of(waiting_.begin(), waiting_.end(), [this](const Waiting& each) {
        return each.picture->notice == nullptr &&
               state_.policy->MayDrawOnReserve(each.picture->purpose);
      });
  // What the victims of one leave may do for another, whose own go on then.
  const auto gave = std::count_if(waiting_.begin(), waiting_.end(), [](const Waiting& each) {
    return each.key.notice_order != kNoNotice;
  });
  plan_.is_exact = plan_.is_exact && gave <= 1;
  if (question_.joining != nullptr && question_.joining->notice != nullptr) return;
  plan_.is_exact = plan_.is_exact && !MayAnyBehindGiveNotice();
  for (const Waiting& each : waiting_) {
    if (!each.is_there || !plan_.is_exact) continue;
    plan_.is_exact = each.picture->notice == nullptr
                         ? !MayPreempt(*each.picture)
                         : !is_any_unbound && IsSettled(each) && NeedsAllVictims(*each.picture);
  }
}

// Those that are not planned for are looked at for notices as others leave.
bool Planner::MayAnyBehindGiveNotice() const {
  const bool may_find_victims = state_.preemptibles != nullptr && !state_.preemptibles->empty();
  if (state_.queue == nullptr || !may_find_victims || waiting_.size() < question_.depth) {
    return false;
  }
  const Queue::ByKey& queue = state_.queue->by_key();
  return std::any_of(queue.upper_bound(waiting_.back().key), queue.end(),
                     [this](const auto& each) { return MayGiveNotice(state_, *each.second); });
}

// Whether one that waits, or will, and gave no notice may find victims later.
bool Planner::MayPreempt(const ReservationPicture& picture) const {
  if (TierGivesWay(picture.tier)) return false;
  if (MayGiveNotice(state_, picture)) return true;
  std::set<uint32_t> resources;
  AddResourcesOf(picture, &resources);
  const auto gives_way = [&](const ReservationPicture& other) {
    return TierGivesWay(other.tier, picture.tier) && NamesAny(other, resources);
  };
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const Waiting& other) { return gives_way(*other.picture); }) ||
         std::any_of(bookings_.begin(), bookings_.end(),
                     [&](const ReservationPicture* other) { return gives_way(*other); });
}

// Whether nothing that comes before its notice is executed makes some of it superfluous.
bool Planner::IsSettled(const Waiting& noticed) const {
  const InstantUs preempt_end_us = noticed.picture->notice->preempt_end_us;
  if (future_.NextBoundary() <= preempt_end_us + state_.books->lease_shift_us()) return false;
  return std::none_of(noticed.picture->lines.begin(), noticed.picture->lines.end(),
                      [&](const HoldLine& line) {
                        ReturnSchedule::Question question =
                            future_.ReturnsOf(*future_.books().Find(line.resource), INT64_MAX);
                        question.until_us = preempt_end_us + 1;
                        return state_.returns->AnyEndsByLease(question, kLeasesLookedAtMax);
                      });
}

// Whether it would lack something if any one of those that give way to it did not: else that one
// goes on when its notice is executed.
bool Planner::NeedsAllVictims(const ReservationPicture& noticed) const {
  if (state_.preemptibles == nullptr) return true;
  const Preemptibles::ByKey* const victims = state_.preemptibles->FindVictims(noticed.id);
  if (victims == nullptr) return true;
  if (victims->size() > kVictimsLookedAtMax) return false;
  return std::none_of(victims->begin(), victims->end(), [&](const auto& goes_on) {
    BooksDraft books(state_.books, 0, state_.now_us);
    for (const auto& [key, victim] : *victims) {
      if (victim == goes_on.second) continue;
      for (const HoldLine& line : victim->lines) {
        books.GiveBack(line.resource, HELD, line.held, line.period);
        books.GiveBack(line.resource, IN_USE, line.in_use, line.period);
      }
    }
    const QueueRules rules(&books, state_.policy, nullptr, nullptr);
    return rules.FindGrant(noticed, {}).has_value();
  });
}

// One that gave notice and is not granted by its time makes others go on, and may give another.
void Planner::NoteFailures(InstantUs until_us) {
  for (const Waiting& each : waiting_) {
    if (each.key.notice_order == kNoNotice) break;
    // Of whom it would be given for, nobody here gives way.
    if (each.picture == question_.joining) continue;
    if (each.is_there && PreemptAt(*each.picture) <= until_us) plan_.is_exact = false;
  }
}

}  // namespace purser
