#include "tests/benchmarks/parts.h"

#include <algorithm>
#include <cstdio>

#include "ledger/text.h"
#include "tests/benchmarks/bare_limits.h"
#include "tests/benchmarks/bench_daemon.h"
#include "tests/benchmarks/core_costs.h"
#include "tests/benchmarks/cost_reports.h"
#include "tests/benchmarks/model_costs.h"
#include "tests/benchmarks/workload.h"
#include "tests/fixtures/temp_directory.h"

#ifdef PURSER_HAVE_POSTGRES
#include "tests/benchmarks/postgres_yardstick.h"
#endif
#ifdef PURSER_HAVE_REDIS
#include "tests/benchmarks/redis_yardstick.h"
#endif

namespace purser {
namespace {

constexpr int kConnections = 64;
constexpr double kOpenLoopPerSecond = 5'000;
constexpr int kStoreGroups = 200;
constexpr int kCoreRounds = 60;

constexpr char kSync[] = "fdatasync of 512 bytes, p50";
constexpr char kHttp[] = "bare CivetWeb, 200 bytes, 64 connections";
constexpr char kStore[] = "RocksDB, the same rows, groups of 1,000";
constexpr char kSingles[] = "single holds, JSON, 64 connections";
constexpr char kOneClient[] = "single holds, JSON, 1 connection";
constexpr char kOpen[] = "single holds, open loop at 5,000/s";
constexpr char kHolds[] = "holds, JSON batches of 1,000, 4 clients";
constexpr char kProtobuf[] = "holds, protobuf batches of 1,000, 4 clients";
constexpr char kCharges[] = "charges, the same";
constexpr char kSettles[] = "settlements, the same";
constexpr char kActivateFew[] = "an activation that replaces, among 100 ACTIVE models, one thread";
constexpr char kActivateMany[] = "the same among 10,000";
constexpr char kRollBackFew[] = "its rollback, among 100";
constexpr char kRollBackMany[] = "its rollback, among 10,000";
constexpr char kStall[] = "longest gap between answers at 5,000/s";
constexpr char kSyncBeside[] = "longest fdatasync beside it";
constexpr char kPostgres1[] = "PostgreSQL, single holds, 1 client";
constexpr char kPostgres64[] = "PostgreSQL, single holds, 64 clients";
constexpr char kPostgresTogether[] = "PostgreSQL, the same, locks given up before the flush";
constexpr char kPostgres100[] = "PostgreSQL, 100 a transaction, 1 client";
constexpr char kPostgres400[] = "PostgreSQL, 100 a transaction, 4 clients";
constexpr char kRedis64[] = "Redis, single holds, 64 connections";
constexpr char kRedisPipelined[] = "Redis, 64 connections, 16 under way on each";

std::string P50(const char* what) { return Concat(what, ", p50"); }
std::string P99(const char* what) { return Concat(what, ", p99"); }

void SetLatencies(const char* what, const LoadResult& load, Figures* figures) {
  figures->Set(P50(what), "µs", load.Quantile(0.5));
  figures->Set(P99(what), "µs", load.Quantile(0.99));
}

void SetCpu(const char* what, const Cost& cost, Figures* figures) {
  figures->Set(Concat(what, ", processor time of the daemon"), "µs/op",
               cost.server_cpu_seconds * 1e6 / cost.operations);
  figures->Set(Concat(what, ", of the client"), "µs/op",
               cost.load.client_cpu_seconds * 1e6 / cost.operations);
}

void RunSyncs(const PartOptions& options, Figures* figures) {
  TempDirectory directory;
  const auto syncs = MeasureSyncs(directory.path(), 512, options.seconds / 2);
  figures->Set(kSync, "µs", syncs[syncs.size() / 2]);
  figures->Set("fdatasync of 512 bytes, p99", "µs", syncs[syncs.size() * 99 / 100]);
}

void RunHttp(const PartOptions& options, Figures* figures) {
  const LoadResult http = MeasureBareHttp(kConnections, options.seconds);
  figures->Set(kHttp, "/s", http.PerSecond());
}

void RunStore(const PartOptions&, Figures* figures) {
  TempDirectory directory;
  const StoreRate store = MeasureBareStore(directory.path(), kStoreGroups, kBatchOperations);
  figures->Set(kStore, "op/s", store.operations_per_second);
  figures->Set("bytes of rows a hold", "bytes", store.bytes_per_operation);
}

void RunSingles(const PartOptions& options, Figures* figures) {
  BenchDaemon daemon;
  const Cost one = daemon.RunHolds(1, options.seconds, 0);
  figures->Set(kOneClient, "op/s", one.PerSecond());
  SetLatencies(kOneClient, one.load, figures);
  const Cost many = daemon.RunHolds(kConnections, options.seconds, 0);
  figures->Set(kSingles, "op/s", many.PerSecond());
  SetLatencies(kSingles, many.load, figures);
  SetCpu(kSingles, many, figures);
}

// With a bare loop of syncs beside it.
void RunOpenLoop(const PartOptions& options, Figures* figures) {
  TempDirectory directory;
  BenchDaemon daemon;
  const Cost open = daemon.RunHolds(kConnections, options.seconds, kOpenLoopPerSecond);
  figures->Set(kOpen, "op/s", open.PerSecond());
  SetLatencies(kOpen, open.load, figures);
  SyncsBeside beside(directory.path());
  const Cost watched = daemon.RunHolds(kConnections, options.seconds, kOpenLoopPerSecond);
  figures->Set(kStall, "ms", watched.load.longest_gap_seconds * 1e3);
  figures->Set(kSyncBeside, "ms", beside.Stop() * 1e3);
}

void RunBatches(const PartOptions& options, Figures* figures) {
  BenchDaemon daemon;
  const Cost holds = daemon.RunBatches(0, HoldBatch(kBatchOperations), options.seconds, UINT64_MAX);
  figures->Set(kHolds, "op/s", holds.PerSecond());
  SetLatencies(kHolds, holds.load, figures);
  SetCpu(kHolds, holds, figures);
  figures->Set("bytes on disk a hold", "bytes", holds.bytes_on_disk / holds.operations);
  figures->Set("bytes written a hold", "bytes", holds.bytes_written / holds.operations);
  constexpr double kAllOfThem = 3'600;
  const Cost charges =
      daemon.RunBatches(0, ChargeBatch(kBatchOperations), kAllOfThem, holds.load.answers);
  figures->Set(kCharges, "op/s", charges.PerSecond());
  const Cost settles = daemon.Settle(0, holds.load.answers * kBatchOperations);
  figures->Set(kSettles, "op/s", settles.PerSecond());
  const double operations = holds.operations + charges.operations + settles.operations;
  figures->Set("bytes on disk an operation, over all three", "bytes",
               (holds.bytes_on_disk + charges.bytes_on_disk + settles.bytes_on_disk) / operations);
}

void RunProtobuf(const PartOptions& options, Figures* figures) {
  BenchDaemon daemon;
  const Cost holds =
      daemon.RunBatches(0, HoldBatchInProtobuf(kBatchOperations), options.seconds, UINT64_MAX);
  figures->Set(kProtobuf, "op/s", holds.PerSecond());
  SetCpu(kProtobuf, holds, figures);
}

void RunCore(const PartOptions&, Figures* figures) {
  const CoreCosts core = MeasureCore(kCoreRounds);
  figures->Set("a hold of a batch, one thread: JSON to command", "µs", core.decode);
  figures->Set("the same: command to rows", "µs", core.commit);
  figures->Set("the same: result to JSON", "µs", core.render);
  const CodecCosts codec = MeasureCodec(kCoreRounds);
  figures->Set("JSON codec, a reservation of 450 bytes, in", "µs", codec.in);
  figures->Set("JSON codec, a reservation of 450 bytes, out", "µs", codec.out);
}

void RunModels(const PartOptions&, Figures* figures) {
  const ModelCosts few = MeasureModels(100, kCoreRounds);
  const ModelCosts many = MeasureModels(10'000, kCoreRounds);
  figures->Set(kActivateFew, "µs", few.activate);
  figures->Set(kActivateMany, "µs", many.activate);
  figures->Set(kRollBackFew, "µs", few.roll_back);
  figures->Set(kRollBackMany, "µs", many.roll_back);
}

void RunCosts(const PartOptions&, Figures* figures) {
  TempDirectory directory;
  constexpr int kReported = 1'000'000;
  constexpr int kReports = 5;
  figures->Set("a report of a month by two labels, over 1,000,000 charges", "s",
               MeasureCostReport(directory.path(), kReported, kReports));
}

void Tell(const char* what) { std::fprintf(stderr, "left out: %s is not installed\n", what); }

void RunPostgres([[maybe_unused]] const PartOptions& options, [[maybe_unused]] Figures* figures) {
#ifdef PURSER_HAVE_POSTGRES
  if (!PostgresYardstick::Installed()) return Tell("postgresql-15");
  TempDirectory directory;
  PostgresYardstick postgres(directory.path());
  const auto run = [&](const char* what, PostgresHolds holds, int clients) {
    const LoadResult load = postgres.Run(holds, clients, options.seconds);
    figures->Set(what, "op/s", load.PerSecond());
    SetLatencies(what, load, figures);
  };
  run(kPostgres1, PostgresHolds::kSingle, 1);
  run(kPostgres64, PostgresHolds::kSingle, kConnections);
  run(kPostgresTogether, PostgresHolds::kSingleFlushedTogether, kConnections);
  run(kPostgres100, PostgresHolds::kHundreds, 1);
  run(kPostgres400, PostgresHolds::kHundreds, 4);
#else
  Tell("libpq-dev");
#endif
}

void RunRedis([[maybe_unused]] const PartOptions& options, [[maybe_unused]] Figures* figures) {
#ifdef PURSER_HAVE_REDIS
  if (!RedisYardstick::Installed()) return Tell("redis-server");
  TempDirectory directory;
  RedisYardstick redis(directory.path());
  const auto run = [&](const char* what, int depth) {
    const LoadResult load = redis.Run(kConnections, depth, options.seconds);
    figures->Set(what, "op/s", load.PerSecond());
    SetLatencies(what, load, figures);
  };
  run(kRedis64, 1);
  run(kRedisPipelined, 16);
#else
  Tell("libhiredis-dev");
#endif
}

}  // namespace

const std::vector<Part>& Parts() {
  static const auto& parts = *new std::vector<Part>{
      {"syncs", RunSyncs},       {"http", RunHttp},     {"store", RunStore},
      {"singles", RunSingles},   {"open", RunOpenLoop}, {"batches", RunBatches},
      {"protobuf", RunProtobuf}, {"core", RunCore},     {"redis", RunRedis},
      {"postgres", RunPostgres}, {"models", RunModels}, {"costs", RunCosts}};
  return parts;
}

void SetRatios(Figures* figures) {
  figures->SetRatio(kSingles, kHttp);
  figures->SetRatio(kSingles, kPostgres64);
  figures->SetRatio(kSingles, kPostgresTogether);
  figures->SetRatio(kSingles, kRedis64);
  figures->SetRatio(kOneClient, kPostgres1);
  figures->SetRatio(P99(kOpen), kSync);
  figures->SetRatio(kStall, kSyncBeside);
  figures->SetRatio(kHolds, kStore);
  figures->SetRatio(kProtobuf, kStore);
  figures->SetRatio(kHolds, kPostgres100);
  figures->SetRatio(kHolds, kPostgres400);
  figures->SetRatio(kHolds, kRedisPipelined);
  figures->SetRatio(kCharges, kHolds);
  figures->SetRatio(kSettles, kHolds);
  figures->SetRatio(kActivateMany, kActivateFew);
  figures->SetRatio(kRollBackMany, kRollBackFew);
}

}  // namespace purser
