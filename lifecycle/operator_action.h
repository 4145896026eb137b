#ifndef PURSER_LIFECYCLE_OPERATOR_ACTION_H_
#define PURSER_LIFECYCLE_OPERATOR_ACTION_H_

// What an operator could do now to have a request granted. Internal to explanations. Pure;
// thread-safe.
#include "lifecycle/outlook.h"

namespace purser {

// Adds the remedy that lifts the freezes in the request's way, and then grants what it, and those
// who are granted before it, lack: one entry after the other, by the names of resources. It is the
// least where nobody else waits for the same, and enough where others do; none where it does not
// help on a copy of the state.
// `waits` is the request as it stands, or would stand, in the queue; nullptr: it arrives after the
// operator has acted, and everybody who waits is granted before it. Takes what it looks at off
// `steps`.
void AddOperatorAction(const JudgedState& state, const RequestReservation& request,
                       const ReservationPicture* waits, ReturnSchedule::Steps* steps,
                       stored::Explanation* explanation);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_OPERATOR_ACTION_H_
