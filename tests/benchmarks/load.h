#ifndef PURSER_TESTS_BENCHMARKS_LOAD_H_
#define PURSER_TESTS_BENCHMARKS_LOAD_H_

// An HTTP load from one thread over many kept connections on loopback, cheap enough to leave most
// of a core to what it measures.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace purser {

struct LoadResult {
  uint64_t answers = 0;
  uint64_t refused = 0;  // answers that are not 2xx
  double seconds = 0;
  std::vector<uint32_t> latencies_us;  // rising; from when a request was due to its whole answer

  double PerSecond() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
  // `share` from 0 to 1; 0 when there are none.
  uint32_t Quantile(double share) const;
};

// Writes the whole n-th request, head and body, counted from 0.
using RequestMaker = std::function<void(uint64_t n, std::string* request)>;

struct LoadOptions {
  int port = 0;
  int connections = 64;
  double seconds = 5;
  // 0: closed loop, each connection sends as soon as it has its answer. Else open loop: so many a
  // second are due whatever comes back, and what waits for a free connection has been due since.
  double due_per_second = 0;
};

// Ends the process when the server closes a connection. Thread-safe.
LoadResult RunLoad(const LoadOptions& options, const RequestMaker& make);

// A POST with its head.
void AppendPost(std::string_view path, std::string_view body, std::string* request);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_LOAD_H_
