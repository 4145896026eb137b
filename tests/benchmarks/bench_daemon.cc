#include "tests/benchmarks/bench_daemon.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/benchmarks/workload.h"

namespace purser {
namespace {

constexpr double kAsLongAsItTakes = 1e9;  // seconds

// The number behind `name` in a file of /proc.
double ReadNumber(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    double value = 0;
    if (word == name && file >> value) return value;
  }
  return 0;
}

}  // namespace

BenchDaemon::BenchDaemon() {
  Start();
  const RestAnswer made = Connect().Post("/v1/populations", PopulationBody(kBenchPopulation));
  PURSER_CHECK(made.status == 201, "the population is made");
}

void BenchDaemon::Start() {
  process_ = std::make_unique<PurserdProcess>(
      std::vector<std::string>{"serve", "--data-dir", directory_.path() + "/data", "--listen",
                               "127.0.0.1:0", "--quiet"},
      directory_.path() + "/err");
  PURSER_CHECK(process_->port() != 0, "the daemon starts");
}

double BenchDaemon::Restart() {
  process_->Terminate();
  PURSER_CHECK(process_->Wait() == 0, "the daemon stops");
  const auto begin = std::chrono::steady_clock::now();
  Start();
  PURSER_CHECK(Connect().Get("/readyz").status == 200, "the daemon is ready");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Cost BenchDaemon::Run(LoadOptions options, const RequestTemplate& request) {
  options.port = process_->port();
  const double cpu = ProcessCpuSeconds(process_->pid());
  const double bytes = DirectoryBytes();
  const double written = WrittenBytes();
  Cost cost;
  cost.load = RunLoad(options, request);
  PURSER_CHECK(cost.load.refused == 0, "everything of the benchmark is granted");
  cost.operations = static_cast<double>(cost.load.answers) * request.members();
  cost.server_cpu_seconds = ProcessCpuSeconds(process_->pid()) - cpu;
  cost.bytes_on_disk = DirectoryBytes() - bytes;
  cost.bytes_written = WrittenBytes() - written;
  return cost;
}

Cost BenchDaemon::RunHolds(int connections, double seconds, double due_per_second) {
  LoadOptions options;
  options.connections = connections;
  options.seconds = seconds;
  options.due_per_second = due_per_second;
  options.first = next_;
  Cost cost = Run(options, HoldRequest());
  next_ += cost.load.answers;
  return cost;
}

Cost BenchDaemon::RunBatches(uint64_t first, const RequestTemplate& request, double seconds,
                             uint64_t batches_max) {
  LoadOptions options;
  options.connections = kBatchClients;
  options.seconds = seconds;
  options.first = first;
  options.requests_max = batches_max;
  Cost cost = Run(options, request);
  next_ = std::max(next_, first + cost.load.answers * static_cast<uint64_t>(request.members()));
  return cost;
}

Cost BenchDaemon::Hold(uint64_t count) {
  return RunBatches(next_, HoldBatch(kBatchOperations), kAsLongAsItTakes, count / kBatchOperations);
}

Cost BenchDaemon::Settle(uint64_t first, uint64_t count) {
  return RunBatches(first, SettleBatch(kBatchOperations), kAsLongAsItTakes,
                    count / kBatchOperations);
}

double BenchDaemon::Memory() const {
  return ReadNumber(Concat("/proc/", process_->pid(), "/status"), "VmRSS:") * 1024;
}

double BenchDaemon::WrittenBytes() const {
  return ReadNumber(Concat("/proc/", process_->pid(), "/io"), "write_bytes:");
}

double BenchDaemon::DirectoryBytes() const {
  double bytes = 0;
  // Files come and go while we look.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path() + "/data")) {
    const auto size = entry.file_size(ignored);
    if (!ignored) bytes += static_cast<double>(size);
  }
  return bytes;
}

}  // namespace purser
