#ifndef PURSER_LIFECYCLE_PROPOSAL_REMEDY_H_
#define PURSER_LIFECYCLE_PROPOSAL_REMEDY_H_

// Which proposals would have a request granted, were they approved and executed now. Internal to
// explanations. Pure; thread-safe.
#include <string>
#include <vector>

#include "lifecycle/outlook.h"
#include "lifecycle/proposal_book.h"

namespace purser {

// Of those that would free what it needs, the oldest first, for one request: how many are looked at
// whether they can be executed, and of these tried whether it would fit.
inline constexpr size_t kProposalsLookedAtMax = 64;
inline constexpr size_t kProposalsTriedMax = 16;

// Adds a remedy for each of the state's proposals that alone makes it fit, tried on a copy; `waits`
// as of AddOperatorAction. Takes what it looks at off `steps`.
void AddProposals(const JudgedState& state, const RequestReservation& request,
                  const ReservationPicture* waits, ReturnSchedule::Steps* steps,
                  stored::Explanation* explanation);

// Who of those that wait would be granted in the entry that executes the proposal. Empty also where
// that is not certain, or it could not be executed now.
std::vector<std::string> FindUnblocked(const JudgedState& state, const ProposalRecord& proposal,
                                       ReturnSchedule::Steps* steps);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PROPOSAL_REMEDY_H_
