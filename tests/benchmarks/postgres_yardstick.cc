#include "tests/benchmarks/postgres_yardstick.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <thread>
#include <vector>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

using Clock = std::chrono::steady_clock;

const std::string kPrograms = "/usr/lib/postgresql/15/bin/";
constexpr int kHoldsATransaction = 100;
constexpr char kAmounts[] = "{40000000,12500000,1250000,12000000,2000000}";
constexpr char kLabels[] = "{vision-specialists,ocr,docs,invoices}";

// One lock for the population comes first: without it 64 clients either wait for the five rows in
// turns of their own, which deadlocks, or wake one another in vain.
constexpr char kSchema[] = R"(
CREATE TABLE balance (
  resource smallint PRIMARY KEY,
  available bigint NOT NULL CHECK (available >= 0),
  reserve bigint NOT NULL CHECK (reserve >= 0),
  held bigint NOT NULL CHECK (held >= 0)
) WITH (fillfactor = 10);
INSERT INTO balance
  SELECT k, 750000000000000000, 250000000000000000, 0 FROM generate_series(1, 5) k;
CREATE TABLE reservation (
  id text PRIMARY KEY, state smallint NOT NULL, purpose smallint NOT NULL,
  amounts bigint[] NOT NULL, labels text[] NOT NULL,
  created timestamptz NOT NULL, expires timestamptz NOT NULL);
CREATE TABLE journal (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, time timestamptz NOT NULL,
  reservation text NOT NULL, amounts bigint[] NOT NULL, available bigint[] NOT NULL);

CREATE FUNCTION hold(the_id text, asked bigint[], the_labels text[]) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  remaining bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(1);
  WITH moved AS (
    UPDATE balance SET available = available - asked[resource], held = held + asked[resource]
    WHERE available >= asked[resource] RETURNING resource, available)
  SELECT array_agg(available ORDER BY resource) INTO remaining FROM moved;
  IF cardinality(remaining) < 5 THEN RAISE EXCEPTION 'insufficient_capacity'; END IF;
  INSERT INTO reservation
    VALUES (the_id, 1, 1, asked, the_labels, now(), now() + interval '1 day');
  INSERT INTO journal (time, reservation, amounts, available)
    VALUES (now(), the_id, asked, remaining);
  RETURN 1;
END $$;

CREATE FUNCTION hold_unflushed(the_id text, asked bigint[], the_labels text[]) RETURNS int
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN hold(the_id, asked, the_labels);
END $$;

CREATE FUNCTION hold_many(ids text[], asked bigint[], the_labels text[]) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  balances bigint[];
  a1 bigint := asked[1]; a2 bigint := asked[2]; a3 bigint := asked[3];
  a4 bigint := asked[4]; a5 bigint := asked[5];
  b1 bigint; b2 bigint; b3 bigint; b4 bigint; b5 bigint;
  granted text[];
  remaining bigint[];
  n int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(1);
  SELECT array_agg(available ORDER BY resource) INTO balances FROM balance;
  b1 := balances[1]; b2 := balances[2]; b3 := balances[3]; b4 := balances[4]; b5 := balances[5];
  FOR i IN 1 .. cardinality(ids) LOOP
    CONTINUE WHEN b1 < a1 OR b2 < a2 OR b3 < a3 OR b4 < a4 OR b5 < a5;
    b1 := b1 - a1; b2 := b2 - a2; b3 := b3 - a3; b4 := b4 - a4; b5 := b5 - a5;
    n := n + 1;
    granted[n] := ids[i];
    remaining := remaining || ARRAY[ARRAY[b1, b2, b3, b4, b5]];
  END LOOP;
  UPDATE balance
    SET available = available - n * asked[resource], held = held + n * asked[resource];
  INSERT INTO reservation
    SELECT id, 1, 1, asked, the_labels, now(), now() + interval '1 day' FROM unnest(granted) id;
  INSERT INTO journal (time, reservation, amounts, available)
    SELECT now(), granted[k], asked, ARRAY[remaining[k][1], remaining[k][2], remaining[k][3],
                                           remaining[k][4], remaining[k][5]]
    FROM generate_series(1, n) k;
  RETURN n;
END $$;
)";

// Thread-compatible.
class Client {
 public:
  explicit Client(const std::string& sockets)
      : connection_(PQconnectdb(Concat("host=", sockets, " dbname=postgres user=",
                                       geteuid() == 0 ? "postgres" : "purser")
                                    .c_str())) {
    Check(PQstatus(connection_) == CONNECTION_OK);
  }
  ~Client() { PQfinish(connection_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Of one or more statements the last one's first value, 0 when it has none.
  int64_t Execute(const char* statements) {
    PGresult* const result = PQexec(connection_, statements);
    Check(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK);
    const int64_t value = PQntuples(result) > 0 ? std::stoll(PQgetvalue(result, 0, 0)) : 0;
    PQclear(result);
    return value;
  }

  void Prepare(PostgresHolds holds) {
    holds_ = holds;
    const char* const function = holds == PostgresHolds::kSingle                  ? "hold"
                                 : holds == PostgresHolds::kSingleFlushedTogether ? "hold_unflushed"
                                                                                  : "hold_many";
    const char* const type = holds == PostgresHolds::kHundreds ? "text[]" : "text";
    Execute(
        Concat("PREPARE hold AS SELECT ", function, "($1::", type, ", $2::bigint[], $3::text[])")
            .c_str());
    Execute("PREPARE flush AS SELECT pg_logical_emit_message(true, '', '')");
    if (holds == PostgresHolds::kSingleFlushedTogether) PQenterPipelineMode(connection_);
  }

  // How many were granted.
  uint64_t Hold(uint64_t first) {
    const std::string ids = Ids(first);
    const char* const values[] = {ids.c_str(), kAmounts, kLabels};
    if (holds_ != PostgresHolds::kSingleFlushedTogether) {
      PGresult* const result =
          PQexecPrepared(connection_, "hold", 3, values, nullptr, nullptr, /*resultFormat=*/0);
      return Granted(result);
    }
    Check(PQsendQueryPrepared(connection_, "hold", 3, values, nullptr, nullptr, 0) == 1);
    Check(PQpipelineSync(connection_) == 1);
    Check(PQsendQueryPrepared(connection_, "flush", 0, nullptr, nullptr, nullptr, 0) == 1);
    Check(PQpipelineSync(connection_) == 1);
    const uint64_t granted = Granted(PQgetResult(connection_));
    SkipToSync();
    Granted(PQgetResult(connection_));
    SkipToSync();
    return granted;
  }

 private:
  void Check(bool good) const {
    const std::string error = good ? "" : PQerrorMessage(connection_);
    PURSER_CHECK(good, error.c_str());
  }

  std::string Ids(uint64_t first) const {
    if (holds_ != PostgresHolds::kHundreds) {
      return WithNumber(Concat("bench-reservation-", kNumberMark), first);
    }
    std::string ids = "{";
    for (int i = 0; i < kHoldsATransaction; ++i) {
      ids += i == 0 ? "" : ",";
      ids += WithNumber(Concat("bench-reservation-", kNumberMark), first + i);
    }
    ids += "}";
    return ids;
  }

  uint64_t Granted(PGresult* result) const {
    Check(PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1);
    uint64_t granted = 0;
    const std::string_view value = PQgetvalue(result, 0, 0);
    std::from_chars(value.data(), value.data() + value.size(), granted);
    PQclear(result);
    return granted;
  }

  void SkipToSync() const {
    while (true) {
      PGresult* const result = PQgetResult(connection_);
      const bool done = result != nullptr && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
      PQclear(result);
      if (done) return;
    }
  }

  PGconn* const connection_;
  PostgresHolds holds_ = PostgresHolds::kSingle;
};

std::unique_ptr<ChildProcess> StartCluster(const std::string& directory,
                                           const std::string& sockets) {
  const std::string user = geteuid() == 0 ? "postgres" : "";  // it refuses to be root
  const std::string superuser = geteuid() == 0 ? "postgres" : "purser";
  const std::string files = directory + "/postgres";
  const std::string log = directory + "/postgres.log";
  for (const std::string& path : {files, sockets}) {
    std::filesystem::create_directory(path);
    GiveDirectory(path, user);
  }
  ChildProcess init({{kPrograms + "initdb", "-D", files, "-A", "trust", "-U", superuser,
                      "--encoding=UTF8", "--locale=C", "--no-instructions"},
                     log,
                     user});
  PURSER_CHECK(init.Wait() == 0, "initdb makes a cluster");
  std::vector<std::string> argv = {kPrograms + "postgres", "-D", files, "-k", sockets};
  // Durable; otherwise sized for the machine, with checkpoints beyond a short run.
  for (const char* setting :
       {"listen_addresses=", "fsync=on", "synchronous_commit=on", "full_page_writes=on",
        "wal_sync_method=fdatasync", "shared_buffers=1GB", "wal_buffers=64MB", "max_wal_size=16GB",
        "checkpoint_timeout=30min", "max_connections=100", "jit=off", "autovacuum_naptime=5s"}) {
    argv.insert(argv.end(), {"-c", setting});
  }
  constexpr int kFastShutdown = 2;  // SIGINT
  return std::make_unique<ChildProcess>(ChildOptions{argv, log, user, kFastShutdown});
}

}  // namespace

bool PostgresYardstick::Installed() {
  return CanRun(kPrograms + "initdb") && CanRun(kPrograms + "postgres");
}

PostgresYardstick::PostgresYardstick(const std::string& directory)
    : sockets_(directory + "/sockets") {
  // So that its user can come to what is its own.
  std::filesystem::permissions(
      directory, std::filesystem::perms::others_exec | std::filesystem::perms::group_exec,
      std::filesystem::perm_options::add);
  server_ = StartCluster(directory, sockets_);
  const std::string where = Concat("host=", sockets_, " dbname=postgres");
  PURSER_CHECK(Eventually([&] { return PQping(where.c_str()) == PQPING_OK; }),
               "the cluster starts");
  Client(sockets_).Execute(kSchema);
}

LoadResult PostgresYardstick::Run(PostgresHolds holds, int clients, double seconds) {
  struct One {
    uint64_t granted = 0;
    std::vector<uint32_t> latencies_us;
  };
  Client administrator(sockets_);
  const int64_t before = administrator.Execute("SELECT count(*) FROM reservation");
  const double cpu_before = ProcessCpuSeconds(getpid());
  std::vector<One> ones(static_cast<size_t>(clients));
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration<double>(seconds);
  const uint64_t step = holds == PostgresHolds::kHundreds ? kHoldsATransaction : 1;
  const auto drive = [&](One* one) {
    Client client(sockets_);
    client.Prepare(holds);
    for (auto now = Clock::now(); now < end;) {
      one->granted += client.Hold(next_.fetch_add(step));
      const auto after = Clock::now();
      one->latencies_us.push_back(static_cast<uint32_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(after - now).count()));
      now = after;
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(ones.size());
  for (One& one : ones) threads.emplace_back(drive, &one);
  for (std::thread& thread : threads) thread.join();
  LoadResult result;
  result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  result.client_cpu_seconds = ProcessCpuSeconds(getpid()) - cpu_before;
  for (const One& one : ones) {
    result.answers += one.granted;
    result.latencies_us.insert(result.latencies_us.end(), one.latencies_us.begin(),
                               one.latencies_us.end());
  }
  std::sort(result.latencies_us.begin(), result.latencies_us.end());
  const int64_t after = administrator.Execute("SELECT count(*) FROM reservation");
  PURSER_CHECK(after - before == static_cast<int64_t>(result.answers), "each grant is a row");
  return result;
}

}  // namespace purser
