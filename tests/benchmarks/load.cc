#include "tests/benchmarks/load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <ctime>
#include <deque>
#include <string>
#include <string_view>

#include "ledger/check.h"

namespace purser {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kReadBytes = 256 * 1024;
constexpr size_t kHeadBytesMax = 16 * 1024;
constexpr int kEventsMax = 256;
constexpr int kTimerSlackNs = 1'000;  // Linux rounds sleeps up by 50 µs unless told
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "Content-Length: ";
constexpr std::string_view kProblem = "{\"problem\":";

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

Clock::duration ToDuration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

double CpuSeconds(clockid_t clock) {
  timespec used{};
  PURSER_CHECK(clock_gettime(clock, &used) == 0, "the process is there");
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

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
  fcntl(connection, F_SETFL, O_NONBLOCK);
  return connection;
}

// One answer as it comes in, of which only the end, the status and the problems matter.
class Answer {
 public:
  // Whether it is whole with `bytes`.
  bool Take(std::string_view bytes);
  bool ok() const { return status_ / 100 == 2; }
  uint64_t problems() const { return problems_; }

 private:
  void TakeHead(std::string_view* bytes);
  void CountProblems(std::string_view body);

  std::string head_;
  bool in_body_ = false;
  size_t rest_ = 0;  // of the body
  int status_ = 0;
  uint64_t problems_ = 0;
};

void Answer::TakeHead(std::string_view* bytes) {
  // Nearly always the whole head comes at once, and nothing is copied.
  std::string_view head = *bytes;
  const size_t kept = head_.size();
  if (kept > 0) head = head_ += *bytes;
  const size_t end = head.find(kHeadEnd);
  if (end == std::string_view::npos) {
    if (kept == 0) head_ = head;
    PURSER_CHECK(head_.size() < kHeadBytesMax, "a head ends");
    *bytes = {};
    return;
  }
  const size_t at = head.find(kLength);
  PURSER_CHECK(at < end, "an answer says how long it is");
  std::from_chars(head.data() + at + kLength.size(), head.data() + end, rest_);
  std::from_chars(head.data() + 9, head.data() + 12, status_);
  in_body_ = true;
  bytes->remove_prefix(end + kHeadEnd.size() - kept);
  head_.clear();
}

// One that lies across two reads is missed: what matters is whether there are any.
void Answer::CountProblems(std::string_view body) {
  for (size_t at = body.find(kProblem); at != std::string_view::npos;
       at = body.find(kProblem, at + kProblem.size())) {
    ++problems_;
  }
}

bool Answer::Take(std::string_view bytes) {
  if (!in_body_) TakeHead(&bytes);
  if (!in_body_) return false;
  PURSER_CHECK(bytes.size() <= rest_, "nothing follows an answer");
  rest_ -= bytes.size();
  CountProblems(bytes);
  return rest_ == 0;
}

struct Connection {
  int socket;  // -1 while the server has closed it
  RequestTemplate request;
  bool idle = true;
  std::string_view unsent{};
  bool waits_to_send = false;
  Clock::time_point due{};
  Answer answer{};
};

// One run. Thread-compatible.
class Load {
 public:
  Load(const LoadOptions& options, const RequestTemplate& request);
  ~Load();
  LoadResult Run();

 private:
  void Watch(Connection* connection, int operation, uint32_t events);
  void Begin(Connection* connection, Clock::time_point due);
  void Send(Connection* connection);
  void Receive(Connection* connection);
  void Count(Connection* connection);
  bool Ending() const;
  // Gives what has become due to idle connections; how long until the next.
  Clock::duration SendWhatIsDue();
  void Wait(Clock::duration at_most);

  const LoadOptions& options_;
  int events_ = epoll_create1(EPOLL_CLOEXEC);
  std::deque<Connection> connections_;
  std::deque<Connection*> idle_;
  LoadResult result_;
  std::vector<char> bytes_ = std::vector<char>(kReadBytes);
  uint64_t sent_ = 0;
  Clock::time_point begin_;
  Clock::time_point now_;
  Clock::time_point last_answer_;
};

Load::Load(const LoadOptions& options, const RequestTemplate& request) : options_(options) {
  for (int i = 0; i < options.connections; ++i) {
    Connection& connection = connections_.emplace_back(Connection{Connect(options.port), request});
    Watch(&connection, EPOLL_CTL_ADD, EPOLLIN);
    idle_.push_back(&connection);
  }
  prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
}

Load::~Load() {
  for (const Connection& connection : connections_) {
    if (connection.socket >= 0) close(connection.socket);
  }
  close(events_);
}

void Load::Watch(Connection* connection, int operation, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = connection;
  epoll_ctl(events_, operation, connection->socket, &event);
}

void Load::Begin(Connection* connection, Clock::time_point due) {
  if (connection->socket < 0) {
    connection->socket = Connect(options_.port);
    Watch(connection, EPOLL_CTL_ADD, EPOLLIN);
  }
  connection->idle = false;
  connection->due = due;
  const auto members = static_cast<uint64_t>(connection->request.members());
  connection->request.SetNumbers(options_.first + sent_++ * members);
  connection->unsent = connection->request.bytes();
  connection->answer = {};
  Send(connection);
}

// As much as the socket takes: a long request must not keep the others from being sent.
void Load::Send(Connection* connection) {
  while (!connection->unsent.empty()) {
    const ssize_t taken = send(connection->socket, connection->unsent.data(),
                               connection->unsent.size(), MSG_NOSIGNAL);
    if (taken < 0 && errno == EAGAIN) break;
    PURSER_CHECK(taken > 0, "the server keeps its connections");
    connection->unsent.remove_prefix(static_cast<size_t>(taken));
  }
  const bool waits = !connection->unsent.empty();
  if (waits == connection->waits_to_send) return;
  connection->waits_to_send = waits;
  Watch(connection, EPOLL_CTL_MOD, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Load::Receive(Connection* connection) {
  while (true) {
    const ssize_t got = recv(connection->socket, bytes_.data(), bytes_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got == 0 && connection->idle) {  // it keeps idle ones for a while only
      close(connection->socket);
      connection->socket = -1;
      return;
    }
    PURSER_CHECK(got > 0 && !connection->idle, "the server answers what it was asked");
    if (connection->answer.Take({bytes_.data(), static_cast<size_t>(got)})) break;
    if (static_cast<size_t>(got) < bytes_.size()) return;  // there is no more yet
  }
  Count(connection);
}

void Load::Count(Connection* connection) {
  now_ = Clock::now();
  ++result_.answers;
  result_.refused += (connection->answer.ok() ? 0 : 1) + connection->answer.problems();
  result_.longest_gap_seconds = std::max(result_.longest_gap_seconds, Seconds(now_ - last_answer_));
  last_answer_ = now_;
  result_.latencies_us.push_back(static_cast<uint32_t>(Seconds(now_ - connection->due) * 1e6));
  connection->idle = true;
  idle_.push_back(connection);
}

bool Load::Ending() const {
  return sent_ >= options_.requests_max || Seconds(now_ - begin_) >= options_.seconds;
}

Clock::duration Load::SendWhatIsDue() {
  now_ = Clock::now();
  while (!idle_.empty() && !Ending()) {
    auto due = now_;
    if (options_.due_per_second > 0) {
      due = begin_ + ToDuration(static_cast<double>(sent_) / options_.due_per_second);
      if (due > now_) return due - now_;
    }
    Connection* const connection = idle_.front();
    idle_.pop_front();
    Begin(connection, due);
  }
  return std::chrono::seconds(1);
}

void Load::Wait(Clock::duration at_most) {
  std::array<epoll_event, kEventsMax> ready;
  timespec timeout{};
  timeout.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(at_most).count();
  timeout.tv_nsec =
      std::chrono::nanoseconds(at_most - std::chrono::seconds(timeout.tv_sec)).count();
  const int count = epoll_pwait2(events_, ready.data(), kEventsMax, &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    auto* const connection = static_cast<Connection*>(ready[i].data.ptr);
    if ((ready[i].events & EPOLLOUT) != 0) Send(connection);
    if ((ready[i].events & ~static_cast<uint32_t>(EPOLLOUT)) != 0) Receive(connection);
  }
}

LoadResult Load::Run() {
  const double cpu_before = CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
  begin_ = last_answer_ = Clock::now();
  while (true) {
    const auto at_most = SendWhatIsDue();
    if (Ending() && idle_.size() == connections_.size()) break;
    Wait(at_most);
  }
  result_.seconds = Seconds(Clock::now() - begin_);
  result_.client_cpu_seconds = CpuSeconds(CLOCK_THREAD_CPUTIME_ID) - cpu_before;
  std::sort(result_.latencies_us.begin(), result_.latencies_us.end());
  return std::move(result_);
}

}  // namespace

uint32_t LoadResult::Quantile(double share) const {
  if (latencies_us.empty()) return 0;
  const auto last = static_cast<double>(latencies_us.size() - 1);
  return latencies_us[static_cast<size_t>(share * last)];
}

LoadResult RunLoad(const LoadOptions& options, const RequestTemplate& request) {
  return Load(options, request).Run();
}

double ProcessCpuSeconds(int pid) {
  clockid_t clock{};
  PURSER_CHECK(clock_getcpuclockid(pid, &clock) == 0, "the process is there");
  return CpuSeconds(clock);
}

}  // namespace purser
