#ifndef PURSER_TESTS_BENCHMARKS_REDIS_YARDSTICK_H_
#define PURSER_TESTS_BENCHMARKS_REDIS_YARDSTICK_H_

// The same hold in Redis, as a Lua script over a hash of balances, a reservation's hash and a
// stream, with `appendfsync always`: each answer comes after its log is synced. The only file that
// names hiredis is redis_yardstick.cc.
#include <memory>
#include <string>

#include "tests/benchmarks/child_process.h"
#include "tests/benchmarks/load.h"

namespace purser {

// A server of its own in `directory`, behind a Unix socket. Ends it when it goes away.
// Thread-compatible.
class RedisYardstick {
 public:
  // Whether Debian's server is there.
  static bool Installed();

  explicit RedisYardstick(const std::string& directory);

  // Each of `connections` has `depth` holds under way at a time.
  LoadResult Run(int connections, int depth, double seconds);

 private:
  std::string socket_;
  std::unique_ptr<ChildProcess> server_;
  uint64_t next_ = 0;
};

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_REDIS_YARDSTICK_H_
