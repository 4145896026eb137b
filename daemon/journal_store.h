#ifndef PURSER_DAEMON_JOURNAL_STORE_H_
#define PURSER_DAEMON_JOURNAL_STORE_H_

// The store behind the commit pipeline: ordered tables of rows, written a group at a time. One of
// the three interfaces of the house. On one machine RocksDB's log is behind it (rocks_store.h), in
// the simulator a store that loses what was not synced (memory_store.h); nothing above may depend
// on which.
//
// Threads: Append, Probe and Reopen are called by the writer alone; TakeSnapshot and the snapshots
// by any thread.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace purser {

// stored as column family names; do not rename. What each holds is in FORMAT.md.
enum class Table {
  kMeta,           // format version, sign of life, one row for each population
  kSettings,       // populations' and resources' settings, a row a version
  kJournal,        // a row for each population and group
  kBalances,       // balance rows, a row for each population, resource and group; never overwritten
  kReservations,   // record of each reservation that ended, or was denied
  kOpen,           // current record of each open reservation: what start-up reads
  kCharges,        // charges and refunds by id
  kByTime,         // ids of reservations and of charges, a row for each population and group
  kKeys,           // idempotency keys
  kDebts,          // open debts
  kFreezes,        // freezes in force
  kLimits,         // limits in force
  kRateCards,      // rate cards, those that have ended as well
  kGuardrails,     // guardrails, and what each counts
  kBudgets,        // budgets, and what each counts
  kPeriods,        // months that were closed
  kCosts,          // what the charges and refunds of each group cost; a row for each such group
  kUsage,          // what principals and limited label values were granted and charged
  kModels,         // current record of each model, PURGED ones included: what start-up reads
  kModelVersions,  // models as a group left them, a row for each that it changed; never overwritten
  kActiveModels,   // who is ACTIVE: what a group changed, now and then everybody
  kProposals,      // proposals as of the newest group
  kProposalVersions,  // a row for each proposal and group that changed it; never overwritten
  kModelState,        // pending approvals, loans of the reserve, the month of the budget's step
};
inline constexpr int kTableCount = static_cast<int>(Table::kModelState) + 1;  // the last
const char* TableName(Table table);
// Whether single rows are looked up that may well not be there: a filter saves the reading.
bool IsLookedUpById(Table table);

struct Row {
  Table table;
  std::string key;
  std::string value;
  bool erase = false;
};

enum class Appended {
  kDurable,  // every row is on disk; nothing of it can be lost
  kRefused,  // another writer was faster (expected_group is stale), nothing was written
  kUnknown,  // the disk said no: all of it or nothing of it is there; the store must be reopened
};

// A consistent view of everything that was durable when it was taken. Thread-compatible.
class StoreSnapshot {
 public:
  virtual ~StoreSnapshot() = default;

  // nullopt when there is no such row. Any status means that the disk could not be read.
  virtual absl::Status Get(Table table, std::string_view key,
                           std::optional<std::string>* value) = 0;

  // Walks rows in key order, bytewise. Not to outlive its snapshot.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    virtual void SeekFirstAtOrAfter(std::string_view key) = 0;
    virtual void SeekLastAtOrBefore(std::string_view key) = 0;
    virtual bool valid() const = 0;  // false at either end, and after an error: see status()
    virtual void Next() = 0;
    virtual void Previous() = 0;
    virtual std::string_view key() const = 0;    // until the cursor moves
    virtual std::string_view value() const = 0;  // until the cursor moves
    virtual absl::Status status() const = 0;
  };
  virtual std::unique_ptr<Cursor> NewCursor(Table table) = 0;
};

class JournalStore {
 public:
  virtual ~JournalStore() = default;

  // Writes all rows in one synced batch, in order (a later row wins), if the number of groups
  // appended so far equals expected_group; that number is kept durably with the batch.
  virtual Appended Append(uint64_t expected_group, const std::vector<Row>& rows) = 0;
  // How many groups have been appended, from the disk.
  virtual uint64_t GroupCount() const = 0;
  virtual std::unique_ptr<StoreSnapshot> TakeSnapshot() = 0;
  // Whether the disk takes writes again, as many as Reopen needs: Unavailable with its words while
  // it does not. Closes nothing, reads go on.
  virtual absl::Status Probe() = 0;
  // Closes and opens again after kUnknown: what the log kept is then there. Every snapshot must be
  // gone.
  virtual absl::Status Reopen() = 0;
  // The disk's words for the last kUnknown, for the log line.
  virtual std::string LastError() const = 0;
};

}  // namespace purser

#endif  // PURSER_DAEMON_JOURNAL_STORE_H_
