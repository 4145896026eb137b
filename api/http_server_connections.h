#ifndef PURSER_API_HTTP_SERVER_CONNECTIONS_H_
#define PURSER_API_HTTP_SERVER_CONNECTIONS_H_

// The connections that hold a thread, and what ends them besides themselves. CivetWeb gives each
// connection a thread for as long as it lives, and its own time-outs start anew with every byte, so
// a few hundred clients that say nothing, or dripped bytes, would shut all others out. Here one
// thread looks at all connections and ends
// * what is late: a body, or an answer that nobody reads, beyond its deadline;
// * when every thread is taken and others wait, whoever has kept a thread idle or slow for longest,
//   as many as there are others.
// An end is that of the connection's reading side (a blocked read returns at once, what was sent
// before is still read and answered), while an answer is written that of both.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "api/http_server_sockets.h"

namespace purser::api {

// What a connection keeps its thread for.
enum class HttpDoing : uint8_t {
  kWaiting,    // for a request's head, or the rest of it
  kReading,    // a body
  kAnswering,  // in the handler
  kWriting,    // an answer
};

// One that holds a thread. Its thread calls everything; what it is doing is read by others.
class HttpConnection {
 public:
  // `limit_ms` 0: for as long as it takes.
  void Begin(HttpDoing doing, int limit_ms);
  // Ended by us: behind what has come already there is nothing more to read.
  bool ended() const { return ended_.load(std::memory_order_relaxed); }
  int64_t elapsed_ms() const;  // since Begin

  bool named = false;    // its thread's alone
  bool refused = false;  // the same: CivetWeb's refusal of the present request was answered

 private:
  friend class HttpConnections;
  std::atomic<HttpDoing> doing_{HttpDoing::kWaiting};
  std::atomic<bool> ended_{false};
  std::atomic<int64_t> since_ms_{0};
  std::atomic<int64_t> until_ms_{0};  // 0: no deadline
  HttpConnectionKey key_;             // guarded by the owner's mutex_; no port: not known yet
  std::list<HttpConnection>::iterator place_;
};

// Thread-safe.
class HttpConnections {
 public:
  // How long each may take before it makes room for others that wait. "Crowded" is when the
  // kernel's queue is in use as well. Deadlines are kept to within a tick.
  struct Patience {
    int tick_ms = 125;
    int idle_ms = 100;  // kept alive, with nothing sent since the last answer
    int silent_ms = 1'000;
    int silent_crowded_ms = 250;
    int slow_ms = 5'000;  // a body, or an answer that is not read
  };

  HttpConnections(int threads, const Patience& patience)
      : threads_(static_cast<size_t>(threads)), patience_(patience) {}
  ~HttpConnections();
  HttpConnections(const HttpConnections&) = delete;
  HttpConnections& operator=(const HttpConnections&) = delete;

  // Looks after the connections of the port from now on.
  void Start(uint16_t port);

  // A thread took it. Valid until Remove, which is called before its socket is closed: while this
  // looks at the sockets none of them can be closed, and no number be taken by another file.
  HttpConnection* Add();
  // Its ends, once they are known: CivetWeb tells them with the first request.
  void Name(HttpConnection* connection, const HttpConnectionKey& key);
  void Remove(HttpConnection* connection);

 private:
  using Sockets = std::map<HttpConnectionKey, int>;
  struct Candidate {
    int64_t since_ms;
    HttpConnectionKey key;
    int socket;
    HttpConnection* connection;  // nullptr: no request of it was read yet
  };

  void Run();
  void Look();
  void EndLate(const Sockets& sockets, int64_t now_ms);
  void MakeRoom(const HttpSockets& found, const Sockets& sockets, int64_t now_ms);
  std::vector<Candidate> FindCandidates(const Sockets& sockets, bool crowded, int64_t now_ms);
  bool MayGo(const HttpConnection& connection, int64_t now_ms) const;
  void End(const Candidate& candidate);

  const size_t threads_;
  const Patience patience_;
  uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;                  // guarded by mutex_
  std::list<HttpConnection> connections_;  // guarded by mutex_
  // The same, of those without a name: when each was first seen while others waited, and who of
  // them was ended.
  std::map<HttpConnectionKey, int64_t> unnamed_since_;
  std::set<HttpConnectionKey> unnamed_ended_;
  std::thread thread_;
};

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_CONNECTIONS_H_
