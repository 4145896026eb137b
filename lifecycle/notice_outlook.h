#ifndef PURSER_LIFECYCLE_NOTICE_OUTLOOK_H_
#define PURSER_LIFECYCLE_NOTICE_OUTLOOK_H_

// What a request would bring about by a notice, if it waited (daemon/decisions/0009). Internal to
// explanations. Pure; thread-safe.
#include <array>
#include <set>

#include "lifecycle/outlook.h"
#include "reservations/reservations_draft.h"

namespace purser {

struct NoticeOutlook {
  InstantUs preempt_at_us = 0;
  google::protobuf::RepeatedPtrField<stored::Explanation::Assumption> victims;
  // False where it may count on what others leave: of victims of those that gave notice before,
  // which may be fewer then, or where one that no claim binds waits, and comes first.
  bool is_certain = true;
};

// Gives `joining`, which would wait from now on, the notice that it would have given, and says when
// it is granted by that at the latest; nullopt: it would give none. Takes what it looks at off
// `steps`.
std::optional<NoticeOutlook> GiveNotice(const JudgedState& state, ReservationPicture* joining,
                                        ReturnSchedule::Steps* steps);

// Whether one that waits or is booked, and gave no notice, may find victims some time: what it
// lacks is held by some that would give way to it.
bool MayGiveNotice(const JudgedState& state, const ReservationPicture& queued);

// Whether somebody who has one of the resources gives way to one that gave notice: what becomes of
// that notice decides when it comes back.
bool IsFreedByNotice(const JudgedState& state, const std::set<uint32_t>& resources);

// Those that have some of the resources and would give way to others. A value for one state.
class Victims {
 public:
  Victims(const JudgedState& state, const std::set<uint32_t>& resources);
  // Whether one of the resources may come back earlier by a notice of this one, which may give one
  // for something else.
  bool MayGiveWayTo(const ReservationPicture& other) const {
    return has_[other.tier] && MayGiveNotice(state_, other);
  }

 private:
  const JudgedState& state_;
  std::array<bool, kTierFlex + 1> has_ = {};  // by the tier of the other
};

// Whether one of them may come back earlier, when somebody finds that those who have it give way.
bool MayBeFreedByNotice(const JudgedState& state, const std::set<uint32_t>& resources);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_NOTICE_OUTLOOK_H_
