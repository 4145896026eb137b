#ifndef PURSER_TESTS_CLI_FAKE_DAEMON_H_
#define PURSER_TESTS_CLI_FAKE_DAEMON_H_

// Answers HTTP on a port of its own with what a test prepared, and keeps what it was asked. It is
// no HTTP server of ours on purpose: it can also say what ours never would. Thread-safe.
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace purser {

struct ReceivedRequest {
  std::string method;
  std::string target;
  std::string head;  // all of it, header names in lower case
  std::string body;

  // The value of a header given by its lower-case name; "" when it is not there.
  std::string Header(const std::string& name) const;
};

class FakeDaemon {
 public:
  FakeDaemon();
  ~FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;

  std::string url() const;

  // What `METHOD target` is answered: each call adds an answer, the last one is repeated. What was
  // not prepared is answered by a 404 problem.
  void Answer(const std::string& request, int status, const std::string& body,
              const std::string& more_headers = "");
  // Any bytes, "" closes the connection without a word.
  void AnswerRaw(const std::string& request, const std::string& bytes);

  std::vector<ReceivedRequest> received() const;

 private:
  void Serve();
  void ServeOne(int connection);
  std::string Choose(const std::string& request);

  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> answers_;
  std::vector<ReceivedRequest> received_;
  std::thread thread_;
};

}  // namespace purser

#endif  // PURSER_TESTS_CLI_FAKE_DAEMON_H_
