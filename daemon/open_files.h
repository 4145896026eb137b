#ifndef PURSER_DAEMON_OPEN_FILES_H_
#define PURSER_DAEMON_OPEN_FILES_H_

// How many files this process may have open: each connection is one, each table of the store too.
#include <cstdint>

#include "absl/status/statusor.h"

namespace purser {

// Below this the store reads every other record from a file that it has to open first.
inline constexpr int kStoreFilesMin = 128;

// Raises the soft limit to the hard one, and returns it.
uint64_t RaiseOpenFilesLimit();

// How many files the store may keep open, at most `wanted`, where `limit` are allowed and
// `connections` may be open beside it. FailedPrecondition when fewer than kStoreFilesMin are left.
absl::StatusOr<int> StoreFilesWithin(uint64_t limit, uint64_t connections, int wanted);

}  // namespace purser

#endif  // PURSER_DAEMON_OPEN_FILES_H_
