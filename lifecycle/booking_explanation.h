#ifndef PURSER_LIFECYCLE_BOOKING_EXPLANATION_H_
#define PURSER_LIFECYCLE_BOOKING_EXPLANATION_H_

// What would help a request that advance reservations stand in the way of, and what is told of
// these (daemon/decisions/0008). Internal to explanation.h. Pure; thread-safe.
#include "lifecycle/explanation.h"
#include "reservations/reservations_draft.h"

namespace purser {

// The first start, not before the one that is asked for, with which the request would be booked
// now. Sets the earliest start, and whether all was looked at.
void FindLaterStart(const JudgedState& state, const ReservationsDraft& draft,
                    const RequestReservation& request, ReturnSchedule::Steps* steps,
                    stored::Explanation* explanation);

// The longest lease with which a request that is asked for now leaves what is booked; 0: there is
// none of a second at least, or bookings are not what it lacks.
int64_t FindShorterLease(const ReservationsDraft& draft, const Books& books,
                         const RequestReservation& request, InstantUs now_us);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_BOOKING_EXPLANATION_H_
