#ifndef PURSER_DAEMON_LEDGER_TEXT_H_
#define PURSER_DAEMON_LEDGER_TEXT_H_

// Entries as plain-text double-entry accounting, which Debian's `ledger` and `hledger` both read:
// so the books can be added up by two programs that nobody here wrote. Thread-safe: pure functions.
//
//   2026/07/01 (42) RELEASE_RESERVATION alice
//       ; 2026-07-01T12:00:00.000000Z GIVE_BACK
//       default:gpu_hours:held       -40.000000 "gpu_hours"
//       default:gpu_hours:available   40.000000 "gpu_hours"
//
// A transaction an entry, with its sequence as the code; two lines a posting; accounts are named
// population:resource:account, each resource is a commodity. Amounts are exact, with 6 digits. What
// posts nothing is a comment.
#include <string>
#include <string_view>

#include "lifecycle/population.h"

namespace purser {

// `directory` has the resources that the entry names.
std::string LedgerText(std::string_view population, const stored::Entry& entry,
                       const ResourceDirectory& directory);

}  // namespace purser

#endif  // PURSER_DAEMON_LEDGER_TEXT_H_
