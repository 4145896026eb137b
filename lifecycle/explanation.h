#ifndef PURSER_LIFECYCLE_EXPLANATION_H_
#define PURSER_LIFECYCLE_EXPLANATION_H_

// Why a request is not granted, when it would be, and what would help (ledger.md 3, "Explained").
// Each remedy was carried out on a copy of the state before it is offered. Pure; thread-safe.
#include "absl/status/statusor.h"
#include "ledger/refusal.h"
#include "lifecycle/outlook.h"
#include "lifecycle/queue_plan.h"

namespace purser {

struct Explained {
  Refusal refusal;  // without a reason: it would be granted now
  stored::Explanation explanation;
  NamedAmounts granted;  // what would be, where it fits
};

// A Status that is not OK: the request is malformed, and refused as the command would be. Of a
// lease among the assumptions only the entry that made its reservation is known here; whoever can
// read the journal adds the id. Takes what it looks at off `steps`: several explanations may share
// kOutlookStepsMax.
absl::StatusOr<Explained> Explain(const JudgedState& state, const RequestReservation& request,
                                  ReturnSchedule::Steps* steps);

// Whether the request may be granted at once though others wait for the same: nothing else is in
// its way, and it delays none of them.
bool MayArrive(const JudgedState& state, const RequestReservation& request,
               ReturnSchedule::Steps* steps);

// Why one that waits is not granted yet, where it stands and, of the first in `plan`, when it will
// be. It is in the state's queue.
Explained ExplainQueued(const JudgedState& state, const ReservationPicture& queued,
                        const QueuePlan& plan);

// What would help it, in addition. Takes what it looks at off `steps`.
void AddRemedies(const JudgedState& state, const ReservationPicture& queued,
                 ReturnSchedule::Steps* steps, Explained* explained);

// Why one that is SCHEDULED will start later than it booked, and when; without a reason: it will
// not. It is among the state's bookings.
Explained ExplainScheduled(const JudgedState& state, const ReservationPicture& booked,
                           ReturnSchedule::Steps* steps);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_EXPLANATION_H_
