#ifndef PURSER_DAEMON_STORE_FILES_H_
#define PURSER_DAEMON_STORE_FILES_H_

// The check of a store's directory that comes before RocksDB opens it, and that RocksDB lacks:
// damage that it would take for a torn tail, torn tails that it would take for damage
// (record_log.h), and a directory with data but without the file CURRENT, which it would fill with
// a new, empty store.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace purser {

struct StoreFiles {
  uint64_t last_group = 0;  // that the write-ahead logs hold completely; 0: they hold none
  struct Torn {
    std::string path;
    uint64_t whole_bytes = 0;
    uint64_t torn_bytes = 0;
    // Where the file is kept as it was, if there are records behind the hole; empty: nowhere.
    std::string kept;
  };
  std::vector<Torn> torn;  // files whose torn tail has a hole
};

// What the directory holds. DataLoss names the file, the offset, the last good group, and of each
// population that the logs name the last good sequence. A directory that does not exist holds none.
// Logs that RocksDB no longer needs but has not yet deleted are checked as well: damage in one of
// those refuses the start although nothing is lost. Thread-safe.
absl::StatusOr<StoreFiles> CheckStoreFiles(const std::string& directory);

// Cuts the torn tails off, which nobody was told of, and says so, if `log` is not empty. With
// `read_only` those of logs stay, and one of the MANIFEST is a FailedPrecondition. Unavailable: the
// disk said no.
absl::Status CutTornTails(const StoreFiles& files, bool read_only,
                          const std::function<void(const std::string&)>& log);
// After they were cut off: where the store is not whole without them, as `why` says, puts back the
// file that was kept, and returns that with its name. OK is returned as it is.
absl::Status PutTailsBack(const StoreFiles& files, const absl::Status& why);

// How many bytes the write-ahead logs have together: about what an opening writes into tables. 0
// when they cannot be listed.
uint64_t LogBytes(const std::string& directory);

// DataLoss in the words of CheckStoreFiles: groups are missing at the beginning of the log `file`
// or before it; `what` says which.
absl::Status GroupsMissing(const std::string& directory, const std::string& file,
                           uint64_t last_good_group, const std::string& what);

}  // namespace purser

#endif  // PURSER_DAEMON_STORE_FILES_H_
