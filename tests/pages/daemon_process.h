#ifndef PURSER_TESTS_PAGES_DAEMON_PROCESS_H_
#define PURSER_TESTS_PAGES_DAEMON_PROCESS_H_

// The real `purserd serve` as a child process on a free port of loopback. Thread-compatible.
#include <sys/types.h>

#include <string>
#include <vector>

namespace purser::pages {

class DaemonProcess {
 public:
  // Returns once it listens; `arguments` come after `serve`. Ends the test program when it does not
  // start.
  explicit DaemonProcess(const std::vector<std::string>& arguments);
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  // "127.0.0.1:PORT"
  const std::string& address() const { return address_; }
  // SIGTERM; the exit code. Idempotent.
  int Stop();

 private:
  pid_t pid_ = -1;
  int exit_code_ = 0;
  std::string address_;
};

}  // namespace purser::pages

#endif  // PURSER_TESTS_PAGES_DAEMON_PROCESS_H_
