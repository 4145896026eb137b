#ifndef PURSER_TESTS_END_TO_END_PURSERD_PROCESS_H_
#define PURSER_TESTS_END_TO_END_PURSERD_PROCESS_H_

// The real purserd as a child process: started, killed, stopped.
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace purser {

// One run of purserd. Ends it (SIGKILL) when it goes away. Thread-compatible.
class PurserdProcess {
 public:
  // Starts `purserd ARGUMENTS` and waits until it listens or ends. What it says on the standard
  // error goes to the file `err_path`. Its environment is this process's, with what
  // `environment` adds or replaces, each as NAME=VALUE.
  PurserdProcess(const std::vector<std::string>& arguments, std::string err_path,
                 const std::vector<std::string>& environment = {});
  ~PurserdProcess();
  PurserdProcess(const PurserdProcess&) = delete;
  PurserdProcess& operator=(const PurserdProcess&) = delete;

  // 0 when it ended before it listened.
  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  // Reads on: the port of the second listener, that the next line names; 0 when it names none.
  int ReadAdminPort();
  // What it has said on the standard error so far.
  std::string Err() const;

  // kill -9, and waits until it is gone.
  void Kill();
  // Sends SIGTERM and returns at once.
  void Terminate();
  // Waits for its end: the exit code, or -1 when a signal ended it.
  int Wait();
  // Whether kill -9 ended it, and not it itself before that.
  bool was_killed() const { return was_killed_; }

 private:
  void ReadPort();
  // The number behind `mark`, which begins the next line on the standard output; 0 for another.
  int ReadNumber(std::string_view mark);

  std::string err_path_;
  pid_t pid_ = -1;
  int out_ = -1;
  int port_ = 0;
  int exit_code_ = -1;
  bool was_killed_ = false;
};

struct PurserdRun {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Runs an offline sub-command to its end, or a `serve` that is to refuse. `arguments` is shell
// text, `before` a command for the shell that it is started from.
PurserdRun RunPurserd(const std::string& arguments, const std::string& before = ":");

std::string ReadWholeFile(const std::string& path);

}  // namespace purser

#endif  // PURSER_TESTS_END_TO_END_PURSERD_PROCESS_H_
