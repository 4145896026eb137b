#include "tests/cli/fake_daemon.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr char kNothingPrepared[] =
    R"({"type":"/problems/not_found","title":"Not found","status":404,"code":"not_found"})";

std::string HttpText(int status, const std::string& body, const std::string& more_headers) {
  return Concat("HTTP/1.1 ", status, " Said\r\nContent-Type: application/json\r\n", more_headers,
                "Content-Length: ", body.size(), "\r\nConnection: close\r\n\r\n", body);
}

// "" when the peer went away first.
std::string ReadUntil(int connection, std::string* buffer, const std::string& end) {
  while (true) {
    const size_t found = buffer->find(end);
    if (found != std::string::npos) {
      std::string text = buffer->substr(0, found + end.size());
      buffer->erase(0, found + end.size());
      return text;
    }
    char bytes[4096];
    const ssize_t count = read(connection, bytes, sizeof(bytes));
    if (count <= 0) return "";
    buffer->append(bytes, static_cast<size_t>(count));
  }
}

std::string LowerHeaderNames(std::string head) {
  bool in_name = false;
  for (char& c : head) {
    if (c == '\n') {
      in_name = true;
    } else if (c == ':') {
      in_name = false;
    } else if (in_name) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return head;
}

}  // namespace

std::string ReceivedRequest::Header(const std::string& name) const {
  const std::string wanted = Concat("\r\n", name, ": ");
  const size_t start = head.find(wanted);
  if (start == std::string::npos) return "";
  const size_t value = start + wanted.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

FakeDaemon::FakeDaemon() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  PURSER_CHECK(bind(listener_, generic, length) == 0, "a test may bind a free port");
  PURSER_CHECK(listen(listener_, 16) == 0, "a test may listen");
  PURSER_CHECK(getsockname(listener_, generic, &length) == 0, "a socket has a name");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

FakeDaemon::~FakeDaemon() {
  shutdown(listener_, SHUT_RDWR);  // wakes the thread
  thread_.join();
  close(listener_);
}

std::string FakeDaemon::url() const { return Concat("http://127.0.0.1:", port_); }

void FakeDaemon::Answer(const std::string& request, int status, const std::string& body,
                        const std::string& more_headers) {
  AnswerRaw(request, HttpText(status, body, more_headers));
}

void FakeDaemon::AnswerRaw(const std::string& request, const std::string& bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  answers_[request].push_back(bytes);
}

std::vector<ReceivedRequest> FakeDaemon::received() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return received_;
}

void FakeDaemon::Serve() {
  while (true) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    ServeOne(connection);
    close(connection);
  }
}

void FakeDaemon::ServeOne(int connection) {
  std::string buffer;
  ReceivedRequest request;
  request.head = LowerHeaderNames(ReadUntil(connection, &buffer, "\r\n\r\n"));
  if (request.head.empty()) return;
  const size_t first = request.head.find(' ');
  const size_t second = request.head.find(' ', first + 1);
  request.method = request.head.substr(0, first);
  request.target = request.head.substr(first + 1, second - first - 1);
  const size_t length = std::strtoul(request.Header("content-length").c_str(), nullptr, 10);
  while (buffer.size() < length) {
    char bytes[4096];
    const ssize_t count = read(connection, bytes, sizeof(bytes));
    if (count <= 0) return;
    buffer.append(bytes, static_cast<size_t>(count));
  }
  request.body = buffer;
  const std::string answer = Choose(Concat(request.method, " ", request.target));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    received_.push_back(std::move(request));
  }
  for (size_t sent = 0; sent < answer.size();) {
    const ssize_t count =
        send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<size_t>(count);
  }
}

std::string FakeDaemon::Choose(const std::string& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto prepared = answers_.find(request);
  if (prepared == answers_.end()) return HttpText(404, kNothingPrepared, "");
  std::vector<std::string>& answers = prepared->second;
  const std::string answer = answers.front();
  if (answers.size() > 1) answers.erase(answers.begin());
  return answer;
}

}  // namespace purser
