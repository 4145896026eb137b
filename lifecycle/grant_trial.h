#ifndef PURSER_LIFECYCLE_GRANT_TRIAL_H_
#define PURSER_LIFECYCLE_GRANT_TRIAL_H_

// Whether a request is granted once somebody has done something, tried on a copy of the state.
// Internal to explanations. A value for one request; thread-compatible.
#include <functional>
#include <vector>

#include "lifecycle/outlook.h"

namespace purser {

class GrantTrial {
 public:
  // An entry that somebody makes; false: it cannot be made.
  using Act = std::function<bool(BooksDraft*)>;

  // `waits` is the request as it stands, or would stand, in the queue; nullptr: it arrives after
  // the acts, and everybody who waits is granted before it. All outlive this.
  GrantTrial(const JudgedState& state, const RequestReservation& request,
             const ReservationPicture* waits);

  // Whether the acts let nobody else take what it needs: nobody waits for the same, or uses the
  // same limit. Of an advance reservation that is looked at before.
  bool is_alone() const { return is_alone_; }
  // One entry after the other, each with what it grants. False also where it is not certain. Takes
  // what it looks at off `steps`.
  bool IsGrantedAfter(const std::vector<Act>& acts, ReturnSchedule::Steps* steps) const;

 private:
  bool FindAlone() const;
  bool IsGrantedAlone(const std::vector<Act>& acts) const;

  const JudgedState& state_;
  const RequestReservation& request_;
  const ReservationPicture* const waits_;
  const bool is_alone_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_GRANT_TRIAL_H_
