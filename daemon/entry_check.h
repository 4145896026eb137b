#ifndef PURSER_DAEMON_ENTRY_CHECK_H_
#define PURSER_DAEMON_ENTRY_CHECK_H_

// Whether a journal entry may be applied. StateMachine::Apply trusts its entry and ends the process
// where it contradicts the state; what comes from a disk that nobody vouches for is tried here
// first, on copies of what it touches, with the ledger's rules written a second time.
//
// Checked: numbers and times; what is due comes first; facts that name what exists; postings that
// the table and the command allow; balances that are the fold of the postings (invariants 1 and 2);
// holds, occupation and debts that move as the facts say (3); who may lower a reserve (4); ids that
// take effect once (7). Given a state without faults, one that passed leaves none.
// Thread-compatible.
#include <string>

#include "lifecycle/population.h"

namespace purser {

// Empty, or what is wrong with the entry as the next of the population's. `population.reservations`
// must remember everything since the first entry (a fold that never trims does). Which purposes may
// draw on the reserve is the configuration's, and no old one is known: a draw is wrong when it is
// an experiment's.
std::string FindEntryFault(const Population& population, const stored::Entry& entry);

}  // namespace purser

#endif  // PURSER_DAEMON_ENTRY_CHECK_H_
