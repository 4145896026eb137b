#include "tests/benchmarks/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <deque>
#include <string_view>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = 256 * 1024;
constexpr int kEventsMax = 256;

int Connect(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PURSER_CHECK(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0,
               "the server takes connections");
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return connection;
}

struct Connection {
  int socket = -1;
  Clock::time_point due;
  std::string answer;

  // Whether the answer is whole, and its status; keeps nothing of it then.
  bool Take(int* status);
};

bool Connection::Take(int* status) {
  constexpr std::string_view kLength = "Content-Length: ";
  const size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const size_t at = answer.find(kLength);
  size_t length = 0;
  PURSER_CHECK(at < head, "an answer says how long it is");
  std::from_chars(answer.data() + at + kLength.size(), answer.data() + head, length);
  if (answer.size() < head + 4 + length) return false;
  std::from_chars(answer.data() + 9, answer.data() + 12, *status);
  answer.clear();
  return true;
}

// One run. Thread-compatible.
class Load {
 public:
  Load(const LoadOptions& options, const RequestMaker& make);
  ~Load();
  LoadResult Run();

 private:
  void Send(Connection* connection, Clock::time_point due);
  void Receive(Connection* connection);
  // Gives what has become due to idle connections; how long until the next, in milliseconds.
  int SendWhatIsDue();

  const LoadOptions& options_;
  const RequestMaker& make_;
  int events_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections_;
  std::deque<Connection*> idle_;
  LoadResult result_;
  std::string request_;
  uint64_t sent_ = 0;
  bool ending_ = false;
  Clock::time_point begin_;
};

Load::Load(const LoadOptions& options, const RequestMaker& make)
    : options_(options), make_(make), connections_(static_cast<size_t>(options.connections)) {
  for (Connection& connection : connections_) {
    connection.socket = Connect(options.port);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    epoll_ctl(events_, EPOLL_CTL_ADD, connection.socket, &event);
    idle_.push_back(&connection);
  }
}

Load::~Load() {
  for (const Connection& connection : connections_) close(connection.socket);
  close(events_);
}

void Load::Send(Connection* connection, Clock::time_point due) {
  connection->due = due;
  request_.clear();
  make_(sent_++, &request_);
  for (std::string_view rest = request_; !rest.empty();) {
    const ssize_t taken = send(connection->socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    PURSER_CHECK(taken > 0, "the server keeps its connections");
    rest.remove_prefix(static_cast<size_t>(taken));
  }
}

void Load::Receive(Connection* connection) {
  static thread_local std::array<char, kReadBytes> bytes;
  const ssize_t got = recv(connection->socket, bytes.data(), bytes.size(), 0);
  PURSER_CHECK(got > 0, "the server keeps its connections");
  connection->answer.append(bytes.data(), static_cast<size_t>(got));
  int status = 0;
  if (!connection->Take(&status)) return;
  const auto now = Clock::now();
  ++result_.answers;
  result_.refused += status / 100 == 2 ? 0 : 1;
  result_.latencies_us.push_back(static_cast<uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now - connection->due).count()));
  idle_.push_back(connection);
}

int Load::SendWhatIsDue() {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  ending_ = elapsed >= options_.seconds;
  if (ending_) return 1;
  while (!idle_.empty()) {
    auto due = now;
    if (options_.due_per_second > 0) {
      const double at = static_cast<double>(sent_) / options_.due_per_second;
      if (at > elapsed) return std::max(0, static_cast<int>((at - elapsed) * 1'000));
      due = begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(at));
    }
    Connection* const connection = idle_.front();
    idle_.pop_front();
    Send(connection, due);
  }
  return 1'000;
}

LoadResult Load::Run() {
  std::array<epoll_event, kEventsMax> ready;
  begin_ = Clock::now();
  while (true) {
    const int wait_ms = SendWhatIsDue();
    if (ending_ && idle_.size() == connections_.size()) break;
    const int count = epoll_wait(events_, ready.data(), kEventsMax, wait_ms);
    for (int i = 0; i < count; ++i) Receive(static_cast<Connection*>(ready[i].data.ptr));
  }
  result_.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  std::sort(result_.latencies_us.begin(), result_.latencies_us.end());
  return std::move(result_);
}

}  // namespace

uint32_t LoadResult::Quantile(double share) const {
  if (latencies_us.empty()) return 0;
  const auto last = static_cast<double>(latencies_us.size() - 1);
  return latencies_us[static_cast<size_t>(share * last)];
}

LoadResult RunLoad(const LoadOptions& options, const RequestMaker& make) {
  return Load(options, make).Run();
}

void AppendPost(std::string_view path, std::string_view body, std::string* request) {
  *request += Concat("POST ", path,
                     " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     "Content-Length: ",
                     body.size(), "\r\n\r\n", body);
}

}  // namespace purser
