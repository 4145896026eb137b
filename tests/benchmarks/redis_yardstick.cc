#include "tests/benchmarks/redis_yardstick.h"

#include <hiredis/hiredis.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <filesystem>
#include <vector>

#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kServer[] = "/usr/bin/redis-server";

// KEYS: balances, reservation, journal. ARGV: the five amounts in millionths, labels, lease.
// The numbers stay below 2^53, where Lua's are exact.
constexpr char kScript[] = R"(
local have = redis.call('HMGET', KEYS[1], 'a1', 'a2', 'a3', 'a4', 'a5',
  'h1', 'h2', 'h3', 'h4', 'h5')
for k = 1, 5 do
  have[k] = tonumber(have[k]) - tonumber(ARGV[k])
  if have[k] < 0 then return {err = 'insufficient_capacity'} end
  have[k + 5] = tonumber(have[k + 5]) + tonumber(ARGV[k])
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {err = 'id_conflict'} end
for k = 1, 10 do have[k] = string.format('%.0f', have[k]) end
redis.call('HSET', KEYS[1], 'a1', have[1], 'a2', have[2], 'a3', have[3], 'a4', have[4],
  'a5', have[5], 'h1', have[6], 'h2', have[7], 'h3', have[8], 'h4', have[9], 'h5', have[10])
local time = redis.call('TIME')
local amounts = table.concat(ARGV, ',', 1, 5)
redis.call('HSET', KEYS[2], 'state', 'GRANTED', 'purpose', 'TRAINING', 'amounts', amounts,
  'labels', ARGV[6], 'created', time[1], 'expires', time[1] + ARGV[7])
redis.call('XADD', KEYS[3], '*', 'held', KEYS[2], 'amounts', amounts,
  'available', table.concat(have, ',', 1, 5))
return 1
)";

struct Connection {
  redisContext* context = nullptr;
  std::deque<Clock::time_point> sent;  // oldest first
};

// Thread-compatible.
class Clients {
 public:
  Clients(const std::string& socket, int connections, int depth, uint64_t* next);
  ~Clients();
  LoadResult Run(double seconds);

 private:
  void Append(Connection* connection);
  void Flush(Connection* connection);
  void Receive(Connection* connection);

  const int depth_;
  uint64_t* const next_;
  std::deque<Connection> connections_;
  int events_ = epoll_create1(EPOLL_CLOEXEC);
  std::string digest_;
  LoadResult result_;
  Clock::time_point end_;
};

Clients::Clients(const std::string& socket, int connections, int depth, uint64_t* next)
    : depth_(depth), next_(next) {
  for (int i = 0; i < connections; ++i) {
    Connection& connection = connections_.emplace_back();
    connection.context = redisConnectUnix(socket.c_str());
    PURSER_CHECK(connection.context != nullptr && connection.context->err == 0,
                 "the server takes connections");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    epoll_ctl(events_, EPOLL_CTL_ADD, connection.context->fd, &event);
  }
  auto* const reply = static_cast<redisReply*>(
      redisCommand(connections_.front().context, "SCRIPT LOAD %s", kScript));
  PURSER_CHECK(reply != nullptr && reply->type == REDIS_REPLY_STRING, "the script is well-formed");
  digest_.assign(reply->str, reply->len);
  freeReplyObject(reply);
}

Clients::~Clients() {
  for (const Connection& connection : connections_) redisFree(connection.context);
  close(events_);
}

void Clients::Append(Connection* connection) {
  const std::string id =
      WithNumber(Concat("reservation:bench-reservation-", kNumberMark), (*next_)++);
  const std::array<std::string_view, 13> parts = {
      "EVALSHA",  digest_,
      "3",        "balances",
      id,         "journal",
      "40000000", "12500000",
      "1250000",  "12000000",
      "2000000",  "operator_family=vision-specialists,capability=ocr,team=docs,project=invoices",
      "86400"};
  std::array<const char*, parts.size()> texts{};
  std::array<size_t, parts.size()> lengths{};
  for (size_t i = 0; i < parts.size(); ++i) {
    texts[i] = parts[i].data();
    lengths[i] = parts[i].size();
  }
  redisAppendCommandArgv(connection->context, static_cast<int>(parts.size()), texts.data(),
                         lengths.data());
  connection->sent.push_back(Clock::now());
}

void Clients::Flush(Connection* connection) {
  for (int done = 0; done == 0;) {
    PURSER_CHECK(redisBufferWrite(connection->context, &done) == REDIS_OK, "the server listens");
  }
}

void Clients::Receive(Connection* connection) {
  PURSER_CHECK(redisBufferRead(connection->context) == REDIS_OK, "the server answers");
  const auto now = Clock::now();
  while (true) {
    void* got = nullptr;
    PURSER_CHECK(redisGetReplyFromReader(connection->context, &got) == REDIS_OK, "answers parse");
    if (got == nullptr) break;
    auto* const reply = static_cast<redisReply*>(got);
    result_.refused += reply->type == REDIS_REPLY_INTEGER ? 0 : 1;
    freeReplyObject(reply);
    ++result_.answers;
    result_.latencies_us.push_back(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - connection->sent.front())
            .count()));
    connection->sent.pop_front();
    if (now < end_) Append(connection);
  }
  Flush(connection);
}

LoadResult Clients::Run(double seconds) {
  const double cpu_before = ProcessCpuSeconds(getpid());
  const auto begin = Clock::now();
  end_ =
      begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (Connection& connection : connections_) {
    for (int i = 0; i < depth_; ++i) Append(&connection);
    Flush(&connection);
  }
  const auto waits = [](const Connection& connection) { return !connection.sent.empty(); };
  std::array<epoll_event, 256> ready;
  while (std::any_of(connections_.begin(), connections_.end(), waits)) {
    const int count = epoll_wait(events_, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) Receive(static_cast<Connection*>(ready[i].data.ptr));
  }
  result_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  result_.client_cpu_seconds = ProcessCpuSeconds(getpid()) - cpu_before;
  std::sort(result_.latencies_us.begin(), result_.latencies_us.end());
  return std::move(result_);
}

}  // namespace

bool RedisYardstick::Installed() { return CanRun(kServer); }

RedisYardstick::RedisYardstick(const std::string& directory) : socket_(directory + "/redis.sock") {
  const std::string files = directory + "/redis";
  std::filesystem::create_directory(files);
  server_ = std::make_unique<ChildProcess>(ChildOptions{
      {kServer, "--port", "0", "--unixsocket", socket_, "--dir", files, "--save", "",
       "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"},
      directory + "/redis.log"});
  redisContext* context = nullptr;
  PURSER_CHECK(Eventually([&] {
                 if (context != nullptr) redisFree(context);
                 context = redisConnectUnix(socket_.c_str());
                 return context != nullptr && context->err == 0;
               }),
               "the server starts");
  constexpr char kPlenty[] = "4000000000000000";  // below 2^53
  for (int k = 1; k <= 5; ++k) {
    freeReplyObject(
        redisCommand(context, "HSET balances a%d %s r%d %s h%d 0", k, kPlenty, k, kPlenty, k));
  }
  redisFree(context);
}

LoadResult RedisYardstick::Run(int connections, int depth, double seconds) {
  LoadResult result = Clients(socket_, connections, depth, &next_).Run(seconds);
  PURSER_CHECK(result.refused == 0, "every hold is granted");
  return result;
}

}  // namespace purser
