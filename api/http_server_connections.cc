#include "api/http_server_connections.h"

#include <algorithm>

namespace purser::api {
namespace {

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void HttpConnection::Begin(HttpDoing doing, int limit_ms) {
  const int64_t now_ms = NowMs();
  since_ms_.store(now_ms, std::memory_order_relaxed);
  until_ms_.store(limit_ms == 0 ? 0 : now_ms + limit_ms, std::memory_order_relaxed);
  doing_.store(doing, std::memory_order_relaxed);
}

int64_t HttpConnection::elapsed_ms() const {
  return NowMs() - since_ms_.load(std::memory_order_relaxed);
}

HttpConnections::~HttpConnections() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void HttpConnections::Start(uint16_t port) {
  port_ = port;
  thread_ = std::thread([this] { Run(); });
}

HttpConnection* HttpConnections::Add() {
  std::lock_guard<std::mutex> lock(mutex_);
  HttpConnection& added = connections_.emplace_back();
  added.place_ = std::prev(connections_.end());
  added.Begin(HttpDoing::kWaiting, 0);
  return &added;
}

void HttpConnections::Name(HttpConnection* connection, const HttpConnectionKey& key) {
  connection->named = true;
  std::lock_guard<std::mutex> lock(mutex_);
  connection->key_ = key;
  if (unnamed_ended_.erase(key) > 0) connection->ended_.store(true, std::memory_order_relaxed);
}

void HttpConnections::Remove(HttpConnection* connection) {
  std::lock_guard<std::mutex> lock(mutex_);
  connections_.erase(connection->place_);
}

// The thread wakes by the tick, not by the connection: waking it for each request would cost more
// than most requests.
void HttpConnections::Run() {
  const std::chrono::milliseconds tick(patience_.tick_ms);
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_changed_.wait_for(lock, tick, [this] { return stopping_; })) Look();
}

// Under the lock, so that none of the connections can be closed while it works.
void HttpConnections::Look() {
  const int64_t now_ms = NowMs();
  const bool any_late =
      std::any_of(connections_.begin(), connections_.end(), [now_ms](const HttpConnection& each) {
        const int64_t until_ms = each.until_ms_.load(std::memory_order_relaxed);
        return until_ms != 0 && now_ms >= until_ms && !each.ended();
      });
  const bool full = connections_.size() >= threads_;
  if (!full) unnamed_since_.clear();
  if (!full) unnamed_ended_.clear();
  if (!any_late && !full) return;
  const HttpSockets found = FindHttpSockets(port_);
  Sockets sockets;
  for (const HttpSocket& each : found.connected) sockets.emplace(each.key, each.socket);
  if (any_late) EndLate(sockets, now_ms);
  if (full) MakeRoom(found, sockets, now_ms);
}

void HttpConnections::EndLate(const Sockets& sockets, int64_t now_ms) {
  for (HttpConnection& each : connections_) {
    const int64_t until_ms = each.until_ms_.load(std::memory_order_relaxed);
    if (until_ms == 0 || now_ms < until_ms || each.ended()) continue;
    const auto socket = sockets.find(each.key_);
    if (socket != sockets.end()) End({0, each.key_, socket->second, &each});
  }
}

void HttpConnections::MakeRoom(const HttpSockets& found, const Sockets& sockets, int64_t now_ms) {
  const bool crowded = found.listening >= 0 && HasInput(found.listening);
  size_t waiting = sockets.size() - std::min(sockets.size(), connections_.size());
  if (crowded) waiting = sockets.size();
  if (waiting == 0) return;
  std::erase_if(unnamed_ended_, [&](const auto& key) { return !sockets.contains(key); });
  std::vector<Candidate> candidates = FindCandidates(sockets, crowded, now_ms);
  std::sort(candidates.begin(), candidates.end(),
            [](const Candidate& a, const Candidate& b) { return a.since_ms < b.since_ms; });
  if (candidates.size() > waiting) candidates.resize(waiting);
  for (const Candidate& each : candidates) End(each);
}

std::vector<HttpConnections::Candidate> HttpConnections::FindCandidates(const Sockets& sockets,
                                                                        bool crowded,
                                                                        int64_t now_ms) {
  std::map<HttpConnectionKey, HttpConnection*> named;
  for (HttpConnection& each : connections_) {
    if (each.key_.local_port != 0) named.emplace(each.key_, &each);
  }
  const int silent_ms = crowded ? patience_.silent_crowded_ms : patience_.silent_ms;
  std::vector<Candidate> candidates;
  std::map<HttpConnectionKey, int64_t> unnamed_since;
  for (const auto& [key, socket] : sockets) {
    const auto it = named.find(key);
    if (it != named.end()) {
      // What has sent a request just now is read next.
      if (!MayGo(*it->second, now_ms) || HasInput(socket)) continue;
      candidates.push_back({it->second->since_ms_.load(), key, socket, it->second});
      continue;
    }
    const auto before = unnamed_since_.find(key);
    const int64_t since_ms = before == unnamed_since_.end() ? now_ms : before->second;
    unnamed_since.emplace(key, since_ms);
    if (now_ms - since_ms < silent_ms || HasInput(socket)) continue;
    candidates.push_back({since_ms, key, socket, nullptr});
  }
  unnamed_since_ = std::move(unnamed_since);
  return candidates;
}

bool HttpConnections::MayGo(const HttpConnection& connection, int64_t now_ms) const {
  if (connection.ended()) return false;
  const int64_t took_ms = now_ms - connection.since_ms_.load(std::memory_order_relaxed);
  switch (connection.doing_.load(std::memory_order_relaxed)) {
    case HttpDoing::kWaiting:
      return took_ms >= patience_.idle_ms;
    case HttpDoing::kReading:
    case HttpDoing::kWriting:
      return took_ms >= patience_.slow_ms;
    case HttpDoing::kAnswering:
      break;
  }
  return false;
}

void HttpConnections::End(const Candidate& candidate) {
  HttpConnection* const connection = candidate.connection;
  if (connection == nullptr) {
    unnamed_ended_.insert(candidate.key);
    return EndReading(candidate.socket);
  }
  connection->ended_.store(true, std::memory_order_relaxed);
  if (connection->doing_.load() != HttpDoing::kWriting) return EndReading(candidate.socket);
  EndBoth(candidate.socket);
}

}  // namespace purser::api
