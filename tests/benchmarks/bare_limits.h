#ifndef PURSER_TESTS_BENCHMARKS_BARE_LIMITS_H_
#define PURSER_TESTS_BENCHMARKS_BARE_LIMITS_H_

// What the machine, the HTTP server and the store do with nothing of ours between them: measured in
// the same run, because such machines are shared and noisy.
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "tests/benchmarks/load.h"

namespace purser {

// How long each fdatasync of a bare loop took, which appends `bytes` before it: rising,
// microseconds.
std::vector<uint32_t> MeasureSyncs(const std::string& directory, size_t bytes, double seconds);

// A bare loop of syncs beside something else, one a millisecond, so that it shows what the disk
// does without being what it does. Thread-compatible.
class SyncsBeside {
 public:
  explicit SyncsBeside(const std::string& directory);
  ~SyncsBeside();
  SyncsBeside(const SyncsBeside&) = delete;
  SyncsBeside& operator=(const SyncsBeside&) = delete;

  // Ends it; the longest, in seconds.
  double Stop();

 private:
  std::atomic<bool> ends_{false};
  double longest_seconds_ = 0;
  std::thread thread_;
};

// CivetWeb answering every request with 200 bytes.
LoadResult MeasureBareHttp(int connections, double seconds);

struct StoreRate {
  double operations_per_second = 0;
  double bytes_per_operation = 0;  // of the rows
};
// RocksDB writing the rows that `groups` groups of `operations` holds each made, in the same
// groups.
StoreRate MeasureBareStore(const std::string& directory, int groups, int operations);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_BARE_LIMITS_H_
