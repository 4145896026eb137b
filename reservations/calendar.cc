#include "reservations/calendar.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace purser {

using stored::AVAILABLE;

void CalendarDraft::CountLease(const ReservationPicture& open, int64_t lease_shift_us, int sign) {
  const InstantUs end_us = open.end_us() + lease_shift_us;
  for (const HoldLine& line : open.lines) {
    if (line.consumable) continue;
    const Amount amount = line.held + line.in_use;
    CountReturn(line.resource, end_us, sign > 0 ? amount : -amount);
  }
}

void CalendarDraft::CountReturn(uint32_t resource, InstantUs end_us, Amount amount) {
  Amount& change = returns_[resource][end_us];
  change = change + amount;
}

void CalendarDraft::CountBooking(const ReservationPicture& booked, int sign) {
  for (const HoldLine& line : booked.lines) {
    if (line.consumable || line.granted.is_zero()) continue;
    const auto [it, is_new] = booked_.try_emplace(line.resource);
    const BookedSteps* const before =
        is_new && foresight_ != nullptr ? foresight_->FindBooked(line.resource) : nullptr;
    if (before != nullptr) it->second = *before;
    Book(booked, line, sign, &it->second);
  }
}

const BookedSteps* CalendarDraft::FindBooked(uint32_t resource) const {
  const auto it = booked_.find(resource);
  if (it != booked_.end()) return it->second.empty() ? nullptr : &it->second;
  return foresight_ == nullptr ? nullptr : foresight_->FindBooked(resource);
}

Amount CalendarDraft::ReturnedWithin(uint32_t resource, InstantUs after_us,
                                     InstantUs until_us) const {
  Amount sum;
  if (foresight_ != nullptr) sum = foresight_->ReturnedWithin(resource, after_us, until_us);
  const auto changes = returns_.find(resource);
  if (changes == returns_.end()) return sum;
  const auto end = changes->second.upper_bound(until_us);
  for (auto it = changes->second.upper_bound(after_us); it != end; ++it) sum += it->second;
  return sum;
}

namespace {

// What of all that comes back is not available.
Amount GoesFirst(const Resource& resource) {
  return resource.shortfall + resource.reserve_deficit();
}

}  // namespace

namespace {

// What has come back of a resource by rising instants: up to a whole minute added up once, the rest
// looked at for each.
class Returned {
 public:
  using Within = std::function<Amount(InstantUs after_us, InstantUs until_us)>;
  Returned(const Foresight* foresight, Within within)
      : foresight_(foresight), within_(std::move(within)) {}

  Amount By(InstantUs at_us) {
    const InstantUs minute_us = foresight_ == nullptr ? at_us : foresight_->MinuteStart(at_us);
    if (minute_us - 1 > whole_us_) {
      whole_ += within_(whole_us_, minute_us - 1);
      whole_us_ = minute_us - 1;
    }
    return whole_ + within_(whole_us_, at_us);
  }

 private:
  const Foresight* const foresight_;
  const Within within_;
  InstantUs whole_us_ = Foresight::kFromNow;
  Amount whole_;
};

}  // namespace

void CalendarDraft::ForEachStep(const Resource& resource, InstantUs from_us, InstantUs until_us,
                                const std::function<bool(const Step&)>& visit) const {
  static const BookedSteps nothing;
  const BookedSteps* const found = FindBooked(resource.number);
  const BookedSteps& steps = found == nullptr ? nothing : *found;
  Returned returned(foresight_, [&](InstantUs after_us, InstantUs at_us) {
    return ReturnedWithin(resource.number, after_us, at_us);
  });
  Step step;
  Amount ended;
  auto it = steps.begin();
  const auto take = [&] {
    step.booked += it->second.begins - it->second.ends;
    ended += it->second.ends;
    ++it;
  };
  const auto tell = [&](InstantUs at_us) {
    const Amount came = returned.By(at_us);
    step.at_us = at_us;
    const Amount gone = std::min(GoesFirst(resource), came + ended);
    step.free = resource[AVAILABLE] + came - step.booked - gone;
    step.goes_first = GoesFirst(resource) - gone;
    return visit(step);
  };
  while (it != steps.end() && it->first <= from_us) take();
  if (from_us >= until_us || !tell(from_us)) return;
  while (it != steps.end() && it->first < until_us) {
    const InstantUs at_us = it->first;
    take();
    if (!tell(at_us)) return;
  }
}

Room CalendarDraft::FindTightest(const Resource& resource, InstantUs from_us, InstantUs until_us,
                                 bool everywhere) const {
  Room room;
  ForEachStep(resource, from_us, until_us, [&](const Step& step) {
    const bool counts = everywhere || !step.booked.is_zero();
    if (counts && step.free < room.amount) room = {step.free, step.at_us, step.booked};
    return true;
  });
  return room;
}

Room CalendarDraft::RoomUntil(const Resource& resource, InstantUs until_us) const {
  return RoomBeside(resource, books_->now_us(), until_us);
}

Room CalendarDraft::RoomToBook(const Resource& resource, InstantUs from_us,
                               InstantUs until_us) const {
  return FindTightest(resource, from_us, until_us, true);
}

Room CalendarDraft::RoomBeside(const Resource& resource, InstantUs from_us,
                               InstantUs until_us) const {
  if (FindBooked(resource.number) == nullptr) return {};
  return FindTightest(resource, from_us, until_us, false);
}

}  // namespace purser
