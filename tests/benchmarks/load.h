#ifndef PURSER_TESTS_BENCHMARKS_LOAD_H_
#define PURSER_TESTS_BENCHMARKS_LOAD_H_

// An HTTP load from one thread over many kept connections on loopback, cheap enough to leave most
// of a core to what it measures: requests lie ready but for their numbers, answers are counted and
// not kept, and it sleeps whenever nothing is due.
#include <cstdint>
#include <vector>

#include "tests/benchmarks/request_template.h"

namespace purser {

struct LoadResult {
  uint64_t answers = 0;
  uint64_t refused = 0;  // answers that are not 2xx, and members that are problems
  double seconds = 0;
  double client_cpu_seconds = 0;
  double longest_gap_seconds = 0;      // between two answers, whatever the connection
  std::vector<uint32_t> latencies_us;  // rising; from when a request was due to its whole answer

  double PerSecond() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
  // `share` from 0 to 1; 0 when there are none.
  uint32_t Quantile(double share) const;
};

struct LoadOptions {
  int port = 0;
  int connections = 64;
  double seconds = 5;
  // 0: closed loop, each connection sends as soon as it has its answer. Else open loop: so many a
  // second are due whatever comes back, and what waits for a free connection has been due since.
  double due_per_second = 0;
  uint64_t first = 0;                  // the number of the first member
  uint64_t requests_max = UINT64_MAX;  // ends early when all are answered
};

// Request n is `request` with the numbers from first + n * members on. Ends the process when the
// server closes a connection. Thread-safe.
LoadResult RunLoad(const LoadOptions& options, const RequestTemplate& request);

// How much processor time this process, or another one, has used.
double ProcessCpuSeconds(int pid);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_LOAD_H_
