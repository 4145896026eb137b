#ifndef PURSER_TESTS_BENCHMARKS_BENCH_DAEMON_H_
#define PURSER_TESTS_BENCHMARKS_BENCH_DAEMON_H_

// The daemon under measurement: on a directory of its own, over REST. Thread-compatible.
#include <cstdint>
#include <memory>
#include <string>

#include "tests/benchmarks/load.h"
#include "tests/end_to_end/purserd_process.h"
#include "tests/end_to_end/rest_client.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {

inline constexpr int kBatchOperations = 1'000;
inline constexpr int kBatchClients = 4;

// One load, and what it cost.
struct Cost {
  LoadResult load;
  double operations = 0;
  double server_cpu_seconds = 0;
  double bytes_on_disk = 0;  // by which the data directory grew
  double bytes_written = 0;  // that the daemon gave to the disk

  double PerSecond() const { return operations / load.seconds; }
};

class BenchDaemon {
 public:
  // Started, with the population of the workload.
  BenchDaemon();

  // Everything has to be granted. Each request counts as its members.
  Cost Run(LoadOptions options, const RequestTemplate& request);
  // Holds one by one, with numbers that were not used before.
  Cost RunHolds(int connections, double seconds, double due_per_second);
  // As many as fit into the time, at most `batches_max`.
  Cost RunBatches(uint64_t first, const RequestTemplate& request, double seconds,
                  uint64_t batches_max);

  // Holds and settlements in batches, from the next number on.
  Cost Hold(uint64_t count);
  Cost Settle(uint64_t first, uint64_t count);

  // Stops it and starts it on the same directory; seconds until it answers.
  double Restart();

  // Resident, in bytes.
  double Memory() const;
  double DirectoryBytes() const;
  RestClient Connect() const { return RestClient(process_->port()); }

  int port() const { return process_->port(); }
  uint64_t next() const { return next_; }

 private:
  void Start();
  double WrittenBytes() const;

  TempDirectory directory_;
  std::unique_ptr<PurserdProcess> process_;
  uint64_t next_ = 0;
};

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_BENCH_DAEMON_H_
