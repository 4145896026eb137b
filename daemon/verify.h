#ifndef PURSER_DAEMON_VERIFY_H_
#define PURSER_DAEMON_VERIFY_H_

// Proof that the books are what the journal says: from entry 1 on, numbers are dense, times never
// fall, the hashes chain from the population's name, each entry follows from the state before it
// (entry_check.h), and the fold equals every record (record_check.h) and the state that a start
// would read. Nothing is written; what is broken is reported, whatever it is, and never ends the
// process.
//
// A single stored hash covers the entries of one group: where bytes were changed so that they still
// make sense, the first entry of the group is named, and the detail says which ones it can be.
//
// Memory grows with the journal: every reservation and charge ever made is kept until the end.
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/controller.h"
#include "daemon/journal_store.h"

namespace purser {

struct PopulationVerdict {
  std::string name;
  api::VerifyResult result;  // of a bad one, up to the last good entry
};

// One population of a snapshot, by its number: journal and records. nullopt: `abandon` said so; it
// is asked at each row. Thread-safe.
std::optional<api::VerifyResult> VerifyPopulation(StoreSnapshot* snapshot, uint32_t population,
                                                  const std::function<bool()>& abandon);

// All of them, and what a start would make of them. A status only when the store as a whole is not
// readable: its format is another, or its list of populations cannot be read.
absl::StatusOr<std::vector<PopulationVerdict>> Verify(JournalStore* store);

// `purserd verify`: a line a population. 0: all is well, 1: something is not.
int RunVerify(JournalStore* store, std::ostream& out);

}  // namespace purser

#endif  // PURSER_DAEMON_VERIFY_H_
