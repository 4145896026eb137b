#ifndef PURSER_TESTS_BENCHMARKS_POSTGRES_YARDSTICK_H_
#define PURSER_TESTS_BENCHMARKS_POSTGRES_YARDSTICK_H_

// The same hold in PostgreSQL 15: five balances with what is protected kept apart, a reservation's
// row and a journal's row, all or nothing and durable before the answer. Written as one would who
// wants it fast: one round trip, prepared, decided inside the server. The only file that names
// libpq is postgres_yardstick.cc.
#include <atomic>
#include <memory>
#include <string>

#include "tests/benchmarks/child_process.h"
#include "tests/benchmarks/load.h"

namespace purser {

enum class PostgresHolds {
  kSingle,  // one a transaction
  // One a transaction that gives up its locks before it is flushed; a second transaction in the
  // same round trip waits for the flush, so that many holds share one.
  kSingleFlushedTogether,
  kHundreds,  // 100 a transaction, decided one by one
};

// A cluster of its own in `directory`, behind a Unix socket, with durable settings. Ends it when it
// goes away. Thread-compatible.
class PostgresYardstick {
 public:
  // Whether Debian's server is there.
  static bool Installed();

  explicit PostgresYardstick(const std::string& directory);

  // `answers` counts holds, `latencies_us` are of transactions.
  LoadResult Run(PostgresHolds holds, int clients, double seconds);

 private:
  std::string sockets_;
  std::unique_ptr<ChildProcess> server_;
  std::atomic<uint64_t> next_{0};
};

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_POSTGRES_YARDSTICK_H_
