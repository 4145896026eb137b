#ifndef PURSER_LIFECYCLE_COURT_H_
#define PURSER_LIFECYCLE_COURT_H_

// What a state, or what its books would be made to, says of requests. Internal to explanations. A
// value for one question; thread-compatible.
#include "lifecycle/outlook.h"
#include "lifecycle/schedule_foresight.h"
#include "reservations/reservations_draft.h"

namespace purser {

struct Court {
  // `of` and `state` outlive this.
  Court(const JudgedState& state, const Books& of)
      : foresight(&state, &steps),
        books(&of, state.sequence + 1, state.now_us),
        draft(&books, {nullptr, &nothing, state.policy, nullptr, std::nullopt, state.queue,
                       state.usage, &foresight, state.preemptibles}) {}
  explicit Court(const JudgedState& state) : Court(state, *state.books) {}

  const Lookup nothing;
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  ScheduleForesight foresight;
  BooksDraft books;
  ReservationsDraft draft;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_COURT_H_
