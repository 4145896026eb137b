// Everything in one run, beside bare limits of the same run: build/bin/benchmarks [--seconds N].
// Numbers are for ratios; the machine is shared.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/benchmarks/bare_limits.h"
#include "tests/benchmarks/load.h"
#include "tests/benchmarks/workload.h"
#include "tests/end_to_end/purserd_process.h"
#include "tests/end_to_end/rest_client.h"
#include "tests/fixtures/temp_directory.h"

namespace purser {
namespace {

constexpr int kConnections = 64;
constexpr int kBatchOperations = 1'000;
constexpr int kBatchClients = 4;
constexpr double kOpenLoopPerSecond = 5'000;

struct Settings {
  double seconds = 5;
};

uint32_t Quantile(const std::vector<uint32_t>& rising, double share) {
  return rising.empty() ? 0 : rising[static_cast<size_t>(share * (rising.size() - 1))];
}

void Row(const char* what, double per_second, double ratio, const char* to, uint32_t p50_us,
         uint32_t p99_us) {
  std::printf("%-44s %12.0f/s  %6.2f × %-12s p50 %7u µs  p99 %7u µs\n", what, per_second, ratio, to,
              p50_us, p99_us);
  std::fflush(stdout);
}

// A daemon on a directory of its own, with the population made. Thread-compatible.
class Bench {
 public:
  explicit Bench(Settings settings)
      : settings_(settings),
        daemon_({"serve", "--data-dir", directory_.path() + "/data", "--listen", "127.0.0.1:0",
                 "--quiet"},
                directory_.path() + "/err") {
    PURSER_CHECK(daemon_.port() != 0, "the daemon starts");
    const RestAnswer made = RestClient(daemon_.port()).Post("/v1/populations", PopulationBody());
    PURSER_CHECK(made.status == 201, "the population is made");
  }

  LoadResult Singles(double due_per_second) {
    LoadOptions options{daemon_.port(), kConnections, settings_.seconds, due_per_second, next_};
    LoadResult result = Run(options, HoldRequest());
    next_ += result.answers;
    return result;
  }

  // Batches of one kind over the reservations from `first` on: as many as fit into the time, or
  // `batches_max`. `answers` counts operations.
  LoadResult Batches(uint64_t first, const RequestTemplate& request, uint64_t batches_max) {
    LoadOptions options{daemon_.port(), kBatchClients, settings_.seconds, 0, first, batches_max};
    LoadResult result = Run(options, request);
    result.answers *= kBatchOperations;
    return result;
  }

  uint64_t next() const { return next_; }

 private:
  LoadResult Run(const LoadOptions& options, const RequestTemplate& request) {
    const double before = ProcessCpuSeconds(daemon_.pid());
    LoadResult result = RunLoad(options, request);
    std::printf("    CPU seconds: client %.2f, daemon %.2f, of %.2f\n", result.client_cpu_seconds,
                ProcessCpuSeconds(daemon_.pid()) - before, result.seconds);
    PURSER_CHECK(result.refused == 0, "everything of the benchmark is granted");
    return result;
  }

  const Settings settings_;
  TempDirectory directory_;
  PurserdProcess daemon_;
  uint64_t next_ = 0;
};

void RunAll(const Settings& settings) {
  TempDirectory directory;
  const auto syncs = MeasureSyncs(directory.path(), 512, settings.seconds / 2);
  std::printf("%-44s p50 %u µs  p99 %u µs  longest %u µs\n", "fdatasync of 512 bytes",
              Quantile(syncs, 0.5), Quantile(syncs, 0.99), syncs.back());
  const LoadResult http = MeasureBareHttp(kConnections, settings.seconds);
  Row("bare CivetWeb, 200 bytes, 64 connections", http.PerSecond(), 1, "itself", http.Quantile(0.5),
      http.Quantile(0.99));
  const StoreRate store = MeasureBareStore(directory.path(), 200, kBatchOperations);
  std::printf("%-44s %12.0f/s  %.0f bytes an operation\n",
              "RocksDB, the same rows, groups of 1,000", store.operations_per_second,
              store.bytes_per_operation);

  Bench bench(settings);
  const LoadResult singles = bench.Singles(0);
  Row("single holds, JSON, 64 connections", singles.PerSecond(),
      singles.PerSecond() / http.PerSecond(), "CivetWeb", singles.Quantile(0.5),
      singles.Quantile(0.99));
  const LoadResult open = bench.Singles(kOpenLoopPerSecond);
  Row("single holds, open loop at 5,000/s", open.PerSecond(),
      static_cast<double>(open.Quantile(0.99)) / Quantile(syncs, 0.5), "p99/sync",
      open.Quantile(0.5), open.Quantile(0.99));
  const uint64_t first = bench.next();
  const LoadResult holds = bench.Batches(first, HoldBatch(kBatchOperations), UINT64_MAX);
  const uint64_t batches = holds.answers / kBatchOperations;
  Row("holds, JSON batches of 1,000, 4 clients", holds.PerSecond(),
      holds.PerSecond() / store.operations_per_second, "RocksDB", holds.Quantile(0.5),
      holds.Quantile(0.99));
  const LoadResult charges = bench.Batches(first, ChargeBatch(kBatchOperations), batches);
  Row("charges, the same", charges.PerSecond(), charges.PerSecond() / holds.PerSecond(), "holds",
      charges.Quantile(0.5), charges.Quantile(0.99));
  const LoadResult settles = bench.Batches(first, SettleBatch(kBatchOperations), batches);
  Row("settlements, the same", settles.PerSecond(), settles.PerSecond() / holds.PerSecond(),
      "holds", settles.Quantile(0.5), settles.Quantile(0.99));
}

}  // namespace
}  // namespace purser

int main(int argc, char** argv) {
  purser::Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string(argv[i]) == "--seconds") settings.seconds = std::strtod(argv[i + 1], nullptr);
  }
  purser::RunAll(settings);
  return 0;
}
