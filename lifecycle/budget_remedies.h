#ifndef PURSER_LIFECYCLE_BUDGET_REMEDIES_H_
#define PURSER_LIFECYCLE_BUDGET_REMEDIES_H_

// What would help a request that budgets keep from its grant (daemon/decisions/0015). Internal to
// explanations. Thread-safe: pure functions.
#include <functional>
#include <vector>

#include "lifecycle/outlook.h"

namespace purser {

// Whether a budget is among what stands in its way, or it is all.
bool HasBudgets(const Refusal& refusal);
bool HasOnlyBudgets(const Refusal& refusal);

// Whether budgets would let it through at a later instant, if nothing else is spent or held by
// then: rates and overrides may change.
bool PassesBudgetsAt(const JudgedState& state, const RequestReservation& request, InstantUs at_us);

// Makes what it asks for less, of what is priced each by the same share, until `fits` says so.
// False: that is not known to help.
bool ReduceForBudgets(const JudgedState& state,
                      const std::function<bool(const RequestReservation&)>& fits,
                      RequestReservation* request);

// An approval, where it waits or may wait for one, or an override, where that frees nobody else who
// waits: nothing but budgets is in its way, so that it is granted by that. `waits`: itself;
// nullptr: it does not wait.
void AddBudgetRemedies(const JudgedState& state, const Refusal& refusal, bool may_wait,
                       const ReservationPicture* waits, stored::Explanation* explanation);

// An approval of `picture`, which waits (`is_queued`) or would, where more than budgets is in its
// way: when it is granted then, if that is known. Takes what it looks at off `steps`.
void AddLaterApproval(const JudgedState& state, const Refusal& refusal,
                      const ReservationPicture& picture, bool is_queued,
                      ReturnSchedule::Steps* steps, stored::Explanation* explanation);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_BUDGET_REMEDIES_H_
