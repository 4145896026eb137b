#ifndef PURSER_DAEMON_ROCKS_STORE_H_
#define PURSER_DAEMON_ROCKS_STORE_H_

// The journal store on one machine: a RocksDB database, a column family a table (FORMAT.md
// describes the bytes). Guarantees beyond journal_store.h: 1 Append answers kDurable only after
// fsync of the log. 2 A snapshot never shows a group that is not durable, also while a group is
// being written and after kUnknown. 3 Open never starts from less than what was acknowledged as far
// as the files can tell: a damaged log is refused, only a torn tail is cut off. 4 What is read was
// checksummed: a flipped byte gives an error, not other bytes.
//
// After kUnknown every Append is kUnknown until Reopen succeeds; snapshots still read the last
// durable group until Reopen begins. While Reopen runs, and after it failed, new snapshots answer
// Unavailable.
//
// Why a snapshot shows only what is durable (guarantee 2), read in RocksDB 7.8.3, db/db_impl/
// db_impl_write.cc, DBImpl::WriteImpl: with sync set, WriteToWAL appends the batch to the log *and*
// fsyncs it; only if that succeeded is the batch inserted into the memtables, and only then does
// SetLastSequence publish it; a snapshot is a sequence number at or below the published one. That
// order holds for the plain path, so none of enable_pipelined_write, two_write_queues,
// unordered_write and manual_wal_flush may ever be set, and nobody else may write without sync. A
// failed append or sync skips both later steps.
//
// Threads: as journal_store.h; Reopen by the writer. GroupCount and LastError by any thread.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/journal_store.h"

namespace purser {

struct RocksStoreOptions {
  std::string path;               // the data directory; its parent must exist
  bool create_if_missing = true;  // false: NotFound when there is no store
  bool read_only = false;  // nothing is written or made but the file LOCK; Append is then a bug
  size_t block_cache_bytes = size_t{64} << 20;  // of all tables, filters and indexes included
  int open_files_max = 512;
  // Whether a row of the table `keys` is past its retention: such rows go when compactions meet
  // them, at the latest after a day. Called on RocksDB's threads. Empty: every row stays.
  std::function<bool(std::string_view value)> is_key_over;
  // Each warning and error that the library reports, in its words. Called by any thread, also while
  // the store is locked: it must not call the store. Nothing of it is written to the directory.
  std::function<void(const std::string&)> log = nullptr;
  void* environment_for_test = nullptr;  // an Env of the library, which must outlive the store
};

class RocksStore : public JournalStore {
 public:
  // FailedPrecondition: another process, or another store of this one, uses the directory, or the
  // store has tables that this version does not know. DataLoss: a file is damaged or missing; the
  // message names the file, the offset and the last good group and sequences as far as they are
  // known. NotFound: there is no store and none may be made; the directory is left alone.
  // Unavailable: the disk said no.
  static absl::StatusOr<std::unique_ptr<RocksStore>> Open(const RocksStoreOptions& options);

  ~RocksStore() override;
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  Appended Append(uint64_t expected_group, const std::vector<Row>& rows) override;
  uint64_t GroupCount() const override;
  std::unique_ptr<StoreSnapshot> TakeSnapshot() override;
  // Whether the disk takes, synced, as much as an opening may write: a little more than the logs.
  absl::Status Probe() override;
  // Unavailable while snapshots are held. Any other error: as Open; call it again later. Closed
  // from the call on until it succeeds: see that Probe does first.
  absl::Status Reopen() override;
  std::string LastError() const override;

  // Moves everything to sorted tables, without keys that are over, and waits; for tests and before
  // a backup. Not during an Append; the next one deletes the files that are left over, which takes
  // its time. FailedPrecondition: nothing was appended since the opening, which moved it.
  absl::Status Flush();

 private:
  class Database;
  explicit RocksStore(std::unique_ptr<Database> database);

  const std::unique_ptr<Database> database_;
};

}  // namespace purser

#endif  // PURSER_DAEMON_ROCKS_STORE_H_
