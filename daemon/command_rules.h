#ifndef PURSER_DAEMON_COMMAND_RULES_H_
#define PURSER_DAEMON_COMMAND_RULES_H_

// What the entry of each command may hold: the table of ledger.md, read from the commands' side.
// Pure functions, thread-safe.
#include <cstdint>

#include "lifecycle/population.h"

namespace purser {

// A set of operations of postings.
template <typename... Operations>
constexpr uint32_t Mask(Operations... operations) {
  return ((uint32_t{1} << operations) | ... | 0u);
}

// The postings that it may make.
uint32_t OperationsOf(stored::CommandKind command);
bool HasReservationFacts(stored::CommandKind command);
// Whether the fact may be in the entry of such a command.
bool FollowsReservations(const stored::LedgerFact& fact);
bool HasModelFacts(stored::CommandKind command);
bool IsDueCommand(stored::CommandKind command);
// Whether the entry does what was due.
bool Does(const stored::Entry& entry, const Due& due);

}  // namespace purser

#endif  // PURSER_DAEMON_COMMAND_RULES_H_
