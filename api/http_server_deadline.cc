#include "api/http_server_deadline.h"

#include <algorithm>
#include <vector>

namespace purser::api {

using Clock = std::chrono::steady_clock;

HttpDeadlines::Watch::Watch(HttpDeadlines* deadlines, const HttpConnectionKey& connection,
                            int limit_ms)
    : deadlines_(deadlines),
      connection_(connection),
      start_(Clock::now()),
      end_(start_ + std::chrono::milliseconds(limit_ms)) {
  std::lock_guard<std::mutex> lock(deadlines_->mutex_);
  place_ = deadlines_->watches_.insert(deadlines_->watches_.end(), this);
}

HttpDeadlines::Watch::~Watch() {
  std::lock_guard<std::mutex> lock(deadlines_->mutex_);
  deadlines_->watches_.erase(place_);
}

bool HttpDeadlines::Watch::fired() const {
  std::lock_guard<std::mutex> lock(deadlines_->mutex_);
  return fired_;
}

int64_t HttpDeadlines::Watch::elapsed_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_).count();
}

// The thread wakes by the tick, not by the body: waking it for each would cost more than most
// bodies.
HttpDeadlines::HttpDeadlines(int deadline_ms)
    : tick_(std::clamp(deadline_ms / 8, 5, 1'000)), thread_([this] { Run(); }) {}

HttpDeadlines::~HttpDeadlines() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  thread_.join();
}

void HttpDeadlines::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_changed_.wait_for(lock, tick_, [this] { return stopping_; })) EndLate();
}

// Under the lock, so that none of the connections can be closed while it works.
void HttpDeadlines::EndLate() {
  const Clock::time_point now = Clock::now();
  std::vector<HttpConnectionKey> late;
  for (Watch* watch : watches_) {
    if (watch->fired_ || now < watch->end_) continue;
    watch->fired_ = true;
    late.push_back(watch->connection_);
  }
  EndReading(late);
}

}  // namespace purser::api
