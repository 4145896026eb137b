#ifndef PURSER_DAEMON_STORE_ERRORS_H_
#define PURSER_DAEMON_STORE_ERRORS_H_

// What the library's words mean to whoever started the daemon. `corrupt`: it calls the files
// damaged. Pure functions, thread-safe.
#include <string>

#include "absl/status/status.h"

namespace purser {

// DataLoss when the files are damaged, else Unavailable.
absl::Status StoreReadError(const std::string& words, bool corrupt);
// The same of opening; FailedPrecondition when another process has the directory, or when it has
// tables that this version does not know.
absl::Status StoreOpenError(const std::string& path, const std::string& words, bool corrupt);

}  // namespace purser

#endif  // PURSER_DAEMON_STORE_ERRORS_H_
