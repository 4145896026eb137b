// Advance reservations in a plan: what they book, and what becomes of them at their start.
#include <algorithm>

#include "lifecycle/notice_outlook.h"
#include "lifecycle/planner.h"

namespace purser {

using stored::HELD;
using Assumption = stored::Explanation::Assumption;

void Planner::AddBooking(const ReservationPicture& booked) {
  for (const HoldLine& line : booked.lines) {
    if (!line.consumable) Book(booked, line, 1, &booked_[line.resource]);
  }
}

std::vector<const ReservationPicture*> Planner::FindBookings() const {
  std::vector<const ReservationPicture*> found;
  if (state_.bookings == nullptr) return found;
  std::set<uint32_t> resources = ResourcesOfQuestion();
  // What shares a resource with those found before is found by a later look.
  for (size_t before = SIZE_MAX; found.size() != before;) {
    before = found.size();
    found.clear();
    const Victims victims(state_, resources);
    for (const auto& [key, booked] : state_.bookings->by_key()) {
      const bool matters = NamesAny(*booked, resources) || victims.MayGiveWayTo(*booked);
      if (!matters) continue;
      found.push_back(booked);
      AddResourcesOf(*booked, &resources);
    }
  }
  const ReservationPicture* const passing =
      question_.passing == nullptr ? nullptr : question_.passing->picture;
  if (passing != nullptr && passing->scheduled()) found.push_back(passing);
  std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return BookingKeyOf(*a) > BookingKeyOf(*b);
  });
  return found;
}

void Planner::HoldConsumables(const ReservationPicture& booked) {
  future_.Change([&](BooksDraft* books) {
    for (const HoldLine& line : booked.lines) {
      if (!line.consumable) continue;
      books->Hold(line.resource, line.granted, state_.policy->MayDrawOnReserve(booked.purpose));
    }
  });
}

void Planner::Delay(const ReservationPicture& booked) {
  plan_.is_exact = plan_.is_exact && !MayPreempt(booked);
  const QueueKey key = QueueKeyOf(booked);
  const auto place = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&key](const Waiting& each) { return key < each.key; });
  waiting_.insert(place, {key, &booked, booked.give_up_us()});
}

void Planner::StartBookings(InstantUs at_us) {
  while (!bookings_.empty() && bookings_.back()->start_at_us <= at_us) {
    const ReservationPicture& booked = *bookings_.back();
    bookings_.pop_back();
    for (const HoldLine& line : booked.lines) {
      if (line.consumable) continue;
      BookedSteps& steps = booked_[line.resource];
      Book(booked, line, -1, &steps);
      if (steps.empty()) booked_.erase(line.resource);
    }
    const BooksDraft books(&future_.books(), 0, Now());
    const QueueRules rules(&books, state_.policy, nullptr, nullptr);
    const auto granted = rules.IsBlocked(booked) ? std::nullopt : rules.FindGrant(booked, {});
    if (!granted.has_value()) {
      Delay(booked);
      AddAssumption(Assumption::BOOKING_WAITS, booked.id, at_us, &happened_);
      continue;
    }
    NoteStart({QueueKeyOf(booked), &booked, 0});
    TakeNow(booked, {granted->begin(), granted->end()}, at_us + booked.lease_us);
    AddAssumption(Assumption::BOOKING_STARTS, booked.id, at_us, &happened_);
  }
}

void Planner::GiveUpBooking(const ReservationPicture& booked) {
  NoteMoreIsThere();
  future_.Change([&](BooksDraft* books) {
    for (const HoldLine& line : booked.lines) {
      if (line.consumable) books->GiveBack(line.resource, HELD, line.granted, line.period);
    }
  });
}

}  // namespace purser
