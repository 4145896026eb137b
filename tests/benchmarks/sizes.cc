#include "tests/benchmarks/sizes.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/benchmarks/bench_daemon.h"
#include "tests/benchmarks/workload.h"

namespace purser {
namespace {

constexpr uint64_t kFew = 1'000;
constexpr uint64_t kPopulations = 1'000;
constexpr int kConnections = 64;
constexpr int kReads = 1'000;
constexpr int kRounds = 5;

std::string Count(uint64_t count) {
  return count % 1'000'000 == 0 ? Concat(count / 1'000'000, " million")
                                : Concat(count / 1'000, " thousand");
}

// Holds and settles, so that as many stay open as were; the medians of a few times, because the
// machine is shared. `what` names the state of the daemon.
void MeasureRates(const std::string& what, double seconds, BenchDaemon* daemon, Figures* figures) {
  std::vector<double> holds_per_second;
  std::vector<double> settles_per_second;
  for (int i = 0; i < kRounds; ++i) {
    const uint64_t first = daemon->next();
    const Cost holds =
        daemon->RunBatches(first, HoldBatch(kBatchOperations), seconds / kRounds, UINT64_MAX);
    const Cost settles = daemon->Settle(first, holds.load.answers * kBatchOperations);
    holds_per_second.push_back(holds.PerSecond());
    settles_per_second.push_back(settles.PerSecond());
  }
  const auto set_median = [&](std::string_view of, std::vector<double> rates) {
    std::sort(rates.begin(), rates.end());
    figures->Set(Concat(of, " in batches, ", what), "op/s", rates[rates.size() / 2]);
  };
  set_median("holds", std::move(holds_per_second));
  set_median("settlements", std::move(settles_per_second));
}

// After a restart, so that nothing of the filling is in it.
double MeasureStart(const std::string& what, BenchDaemon* daemon, Figures* figures) {
  figures->Set(Concat("start, ", what), "s", daemon->Restart());
  const double memory = daemon->Memory();
  figures->Set(Concat("memory after the start, ", what), "MiB", memory / (1 << 20));
  return memory;
}

// Reads of a balance at sequence numbers spread over the whole journal.
void MeasurePast(BenchDaemon* daemon, Figures* figures) {
  RestClient client = daemon->Connect();
  const std::string path = Concat("/v1/populations/", kBenchPopulation, "/resources/gpu_hours");
  const uint64_t last = std::stoull(client.Get(path).Header("Ledger-Sequence"));
  std::vector<double> took_us;
  took_us.reserve(kReads);
  for (uint64_t i = 0; i < kReads; ++i) {
    constexpr uint64_t kStride = 7'919;  // prime: jumps about
    const uint64_t sequence = 1 + i * kStride % kReads * (last - 1) / kReads;
    const auto begin = std::chrono::steady_clock::now();
    const RestAnswer answer = client.Get(Concat(path, "?as_of=", sequence));
    took_us.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
    PURSER_CHECK(answer.status == 200, "the past can be read");
  }
  std::sort(took_us.begin(), took_us.end());
  const std::string of = Concat("a balance as of any of ", last, " entries");
  figures->Set(Concat(of, ", p50"), "µs", took_us[kReads / 2]);
  figures->Set(Concat(of, ", p99"), "µs", took_us[kReads * 99 / 100]);
}

void MeasureOpenAndFinished(const SizeOptions& options, Figures* figures) {
  BenchDaemon daemon;
  daemon.Hold(kFew);
  const std::string few = Concat("with ", Count(kFew), " open");
  const double little = MeasureStart(few, &daemon, figures);
  MeasureRates(few, options.seconds, &daemon, figures);

  const Cost fill = daemon.Hold(options.open - kFew);
  figures->Set(Concat("filling to ", Count(options.open), " open"), "op/s", fill.PerSecond());
  const std::string many = Concat("with ", Count(options.open), " open");
  const double much = MeasureStart(many, &daemon, figures);
  figures->Set("memory an open reservation", "bytes",
               (much - little) / static_cast<double>(options.open - kFew));
  MeasureRates(many, options.seconds, &daemon, figures);
  MeasurePast(&daemon, figures);

  for (uint64_t finished = 0; finished < options.finished;) {
    const uint64_t from = daemon.next();
    const uint64_t some = std::min<uint64_t>(options.finished - finished, 100 * kFew);
    daemon.Hold(some);
    daemon.Settle(from, some);
    finished += some;
  }
  const std::string ended = Concat("with ", Count(options.finished), " finished beside them");
  const double most = MeasureStart(ended, &daemon, figures);
  figures->Set("memory after the start, beside that without the finished", "×", most / much);
  MeasureRates(ended, options.seconds, &daemon, figures);
  MeasurePast(&daemon, figures);
  figures->Set("bytes on disk, all of it", "MiB", daemon.DirectoryBytes() / (1 << 20));
}

void MeasurePopulations(const SizeOptions& options, Figures* figures) {
  BenchDaemon daemon;
  RestClient client = daemon.Connect();
  for (uint64_t i = 0; i < kPopulations - 2; ++i) {  // beside `bench` and `default`
    const std::string digits = Concat(1'000'000 + i).substr(1);
    const RestAnswer made =
        client.Post("/v1/populations", PopulationBody(Concat(kBenchPopulation, digits)));
    PURSER_CHECK(made.status == 201, "1,000 populations are made");
  }
  LoadOptions load;
  load.connections = kConnections;
  load.seconds = options.seconds;
  for (const uint64_t populations : {uint64_t{1}, kPopulations - 2}) {
    const std::string where = populations == 1 ? "one of 1,000 populations" : "1,000 populations";
    load.connections = kConnections;
    const Cost singles = daemon.Run(load, HoldRequest(populations));
    figures->Set(Concat("single holds into ", where), "op/s", singles.PerSecond());
    load.first += singles.load.answers;
    load.connections = kBatchClients;
    load.first = (load.first / kBatchOperations + 1) * kBatchOperations;
    const Cost batches = daemon.Run(load, HoldBatch(kBatchOperations, populations));
    figures->Set(Concat("holds in batches into ", where), "op/s", batches.PerSecond());
    load.first += batches.load.answers * kBatchOperations;
  }
  MeasureStart("with 1,000 populations", &daemon, figures);
}

}  // namespace

void MeasureSizes(const SizeOptions& options, Figures* figures) {
  MeasureOpenAndFinished(options, figures);
  MeasurePopulations(options, figures);
}

}  // namespace purser
