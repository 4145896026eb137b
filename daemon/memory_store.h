#ifndef PURSER_DAEMON_MEMORY_STORE_H_
#define PURSER_DAEMON_MEMORY_STORE_H_

// The simulator's journal store: in memory, with faults on demand and a power switch.
// Deterministic: the same calls give the same rows and the same digest. Each key holds its versions
// by group, so a snapshot costs nothing; versions that no snapshot can see are dropped as the key
// is written.
//
// Life: open -> (Append answers kUnknown) failed -> Reopen -> open; or open/failed -> Crash ->
// closed -> Reopen -> open. While failed, snapshots read the last durable group; while closed, and
// after a failed Reopen, they answer Unavailable. Every Append is kUnknown until Reopen succeeds.
//
// Threads: as journal_store.h; the knobs, Copy, Dump and Digest are the writer's.
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/journal_store.h"

namespace purser {

class MemoryStore : public JournalStore {
 public:
  enum class Fault {
    kUnknownRowsKept,  // kUnknown; the log kept the rows: they are there after Reopen
    kUnknownRowsLost,  // kUnknown; nothing of it is there after Reopen
    kRefused,          // kRefused although expected_group was right
  };
  // kLoseUnsynced is a planted bug, to prove that a simulator catches it: Append answers kDurable a
  // group too early, and Crash drops the last one.
  enum class Syncing { kHonest, kLoseUnsynced };

  MemoryStore();
  ~MemoryStore() override;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  Appended Append(uint64_t expected_group, const std::vector<Row>& rows) override;
  uint64_t GroupCount() const override;
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override;
  absl::Status Probe() override { return absl::OkStatus(); }
  absl::Status Reopen() override;
  std::string LastError() const override;

  // The next Append that would have succeeded has this fault. Several calls queue up.
  void FailNext(Fault fault);
  // The next `count` calls of Reopen answer Unavailable and leave the store closed.
  void FailReopens(int count);
  // The next Append whose answer is kDurable is the first that is affected.
  void SetSyncing(Syncing syncing);
  // Power failure: everything that was not durable is gone, the store is closed. No snapshot may be
  // held.
  void Crash();

  // An open store with the rows that Reopen would show now; knobs are not copied. Values are
  // shared.
  std::unique_ptr<MemoryStore> Copy() const;
  // A line a row, "table hex(key) hex(value)", in table and key order, after a line with the group
  // count.
  std::string Dump() const;
  // SHA-256 of what Dump shows, as 64 hexadecimal digits.
  std::string Digest() const;

 private:
  class Rows;
  class Snapshot;
  class VersionCursor;
  struct Undo;

  const std::shared_ptr<Rows> rows_;
  Syncing syncing_ = Syncing::kHonest;
  std::deque<Fault> faults_;
  int failing_reopens_ = 0;
  std::optional<std::vector<Row>> kept_by_log_;  // of a group answered kUnknown
  std::unique_ptr<Undo> unsynced_;               // the last group under kLoseUnsynced
};

}  // namespace purser

#endif  // PURSER_DAEMON_MEMORY_STORE_H_
