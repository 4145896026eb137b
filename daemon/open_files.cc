#include "daemon/open_files.h"

#include <sys/resource.h>

#include <algorithm>

#include "ledger/text.h"

namespace purser {
namespace {

// The store's log and manifest, the standard streams, libraries that read something.
constexpr uint64_t kOtherFiles = 64;

}  // namespace

uint64_t RaiseOpenFilesLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t soft = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : soft;
}

absl::StatusOr<int> StoreFilesWithin(uint64_t limit, uint64_t connections, int wanted) {
  const uint64_t needed = connections + kOtherFiles + kStoreFilesMin;
  if (limit < needed) {
    return absl::FailedPreconditionError(
        Concat("server.threads takes ", needed,
               " open files (a connection each, and the store's), the limit here is ", limit,
               ": raise it (ulimit -Hn, LimitNOFILE= of systemd) or have fewer threads"));
  }
  const uint64_t left = limit - connections - kOtherFiles;
  return static_cast<int>(std::min<uint64_t>(left, static_cast<uint64_t>(wanted)));
}

}  // namespace purser
