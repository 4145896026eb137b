#ifndef PURSER_DAEMON_RECOVERY_H_
#define PURSER_DAEMON_RECOVERY_H_

// Start-up: the state from its records, without replaying history. Checks invariants 1 to 3 and 5
// on the records and 8 for the newest entries. Thread-compatible.
#include <map>

#include "absl/status/statusor.h"
#include "daemon/group_writer.h"
#include "daemon/journal_store.h"
#include "lifecycle/state_machine.h"

namespace purser {

struct Recovered {
  std::map<uint32_t, Hash> hashes;
  InstantUs last_time_us = 0;  // of the newest entry of all
  InstantUs sign_of_life_us = 0;
  bool fresh = false;  // there was no data yet
};

// Fills `machine`, which is empty. DataLoss names the table, the key and what is wrong with it.
absl::StatusOr<Recovered> Recover(StoreSnapshot* snapshot, StateMachine* machine);

// All rows of a table that begin with `prefix`, in order. Stops at the first status that is not OK.
absl::Status ForEachRow(
    StoreSnapshot* snapshot, Table table, std::string_view prefix,
    const std::function<absl::Status(std::string_view key, std::string_view value)>& visit);

// The balances of a row as a resource has them; false when the row is not whole.
bool RestoreBalances(const stored::Balances& row, Resource* resource);

}  // namespace purser

#endif  // PURSER_DAEMON_RECOVERY_H_
