#ifndef PURSER_TESTS_BENCHMARKS_CHILD_PROCESS_H_
#define PURSER_TESTS_BENCHMARKS_CHILD_PROCESS_H_

// Somebody else's server as a child of the benchmark.
#include <sys/types.h>

#include <string>
#include <vector>

namespace purser {

struct ChildOptions {
  std::vector<std::string> argv{};  // the program with its whole path
  std::string log_path{};           // what it says on both outputs
  std::string user{};               // runs as that user; "": as this one
  int stop_signal = 15;
};

// Thread-compatible.
class ChildProcess {
 public:
  explicit ChildProcess(ChildOptions options);
  // Asks it to stop, and waits until it is gone.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // Waits for its end: the exit code, or -1 when a signal ended it.
  int Wait();

 private:
  const ChildOptions options_;
  pid_t pid_ = -1;
};

// Whether the program is there and may be run.
bool CanRun(const std::string& program);

// The user who may own what `user` writes: makes the directory theirs. "": nothing.
void GiveDirectory(const std::string& path, const std::string& user);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_CHILD_PROCESS_H_
