// Notices in a plan: whether what was given, or may be, leaves what is told of the others exact
// (daemon/decisions/0009).
#include <algorithm>
#include <array>

#include "lifecycle/notice_outlook.h"
#include "lifecycle/planner.h"

namespace purser {

using stored::HELD;
using stored::IN_USE;

namespace {

constexpr size_t kVictimsLookedAtMax = 20;
constexpr size_t kBehindAStep = 100;  // of those that are not planned for

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
  plan_.is_exact = plan_.is_exact && !MayThoseBehindMatter();
  if (question_.joining != nullptr && question_.joining->notice != nullptr) {
    plan_.is_exact = plan_.is_exact && !MayOthersFree(*question_.joining);
    return;
  }
  for (const Waiting& each : waiting_) {
    if (!each.is_there || !plan_.is_exact) continue;
    plan_.is_exact = each.picture->notice == nullptr
                         ? !MayPreempt(*each.picture)
                         : !is_any_unbound && IsSettled(each) && NeedsAllVictims(*each.picture);
  }
}

// Those that are not planned for are looked at as others leave: they may give notice to somebody
// then, or take what nobody who is planned for claims from them.
bool Planner::MayThoseBehindMatter() {
  if (!leaves_out_ || question_.before.has_value()) return false;
  const Queue::ByKey& queue = state_.queue->by_key();
  const auto first = queue.upper_bound(waiting_.back().key);
  if (first == queue.end()) return false;
  steps_->left -= static_cast<int>((queue.size() - waiting_.size()) / kBehindAStep);
  const BooksDraft books(state_.books, state_.sequence + 1, state_.now_us);
  const QueueRules rules(&books, state_.policy, nullptr, nullptr);
  std::set<uint32_t> named;
  std::set<uint32_t> unclaimed;
  std::array<std::set<uint32_t>, kTierFlex + 1> left_to;  // by a tier, what others give up for it
  const auto look_at = [&](const ReservationPicture& planned) {
    const bool is_blocked = rules.IsBlocked(planned);
    for (const HoldLine& line : planned.lines) {
      named.insert(line.resource);
      if (is_blocked) unclaimed.insert(line.resource);
      for (int tier = kTierRealtime; tier <= kTierFlex; ++tier) {
        if (TierGivesWay(planned.tier, tier)) left_to[tier].insert(line.resource);
      }
    }
  };
  for (const Waiting& each : waiting_) look_at(*each.picture);
  for (const ReservationPicture* booked : bookings_) look_at(*booked);
  return std::any_of(first, queue.end(), [&](const auto& each) {
    const ReservationPicture& behind = *each.second;
    return MayGiveNotice(state_, behind) || NamesAny(behind, left_to[behind.tier]) ||
           NamesAny(behind, unclaimed) || (rules.MayDraw(behind) && NamesAny(behind, named));
  });
}

// Whether others that wait may give notice to somebody who has what this one names.
bool Planner::MayOthersFree(const ReservationPicture& joining) const {
  std::set<uint32_t> resources;
  AddResourcesOf(joining, &resources);
  const Victims victims(state_, resources);
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& each) {
    return each.picture != &joining && each.picture->notice == nullptr &&
           victims.MayGiveWayTo(*each.picture);
  });
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
                     [&](const ReservationPicture* other) { return gives_way(*other); }) ||
         std::any_of(leases_.begin(), leases_.end(),
                     [&](const auto& lease) { return gives_way(*lease.second.picture); });
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
