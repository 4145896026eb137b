#ifndef PURSER_DAEMON_STORE_FILES_H_
#define PURSER_DAEMON_STORE_FILES_H_

// The check of a store's directory that comes before RocksDB opens it, and that RocksDB lacks:
// damage that it would take for a torn tail (record_log.h), and a directory with data but without
// the file CURRENT, which it would fill with a new, empty store.
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace purser {

// The number of the last group that the write-ahead logs in the directory hold completely, 0 when
// they hold none. DataLoss names the file, the offset, the last good group, and of each population
// that the logs name the last good sequence. A directory that does not exist holds none. Logs that
// RocksDB no longer needs but has not yet deleted are checked as well: damage in one of those
// refuses the start although nothing is lost. Thread-safe.
absl::StatusOr<uint64_t> CheckStoreFiles(const std::string& directory);

// DataLoss in the words of CheckStoreFiles: groups are missing at the beginning of the log `file`
// or before it; `what` says which.
absl::Status GroupsMissing(const std::string& directory, const std::string& file,
                           uint64_t last_good_group, const std::string& what);

}  // namespace purser

#endif  // PURSER_DAEMON_STORE_FILES_H_
