#include "api/bulletin.h"

#include <utility>

namespace purser::api {

// First into the list: an announcement that counts this one finds it there.
Bulletin::Listener::Listener(Bulletin* bulletin, std::string population, std::string reservation)
    : bulletin_(bulletin),
      population_(std::move(population)),
      reservation_(std::move(reservation)) {
  {
    std::lock_guard<std::mutex> lock(bulletin_->mutex_);
    place_ = bulletin_->listeners_.insert(bulletin_->listeners_.end(), this);
  }
  std::lock_guard<std::mutex> lock(bulletin_->announcing_mutex_);
  ++bulletin_->listening_;
}

Bulletin::Listener::~Listener() {
  {
    std::lock_guard<std::mutex> lock(bulletin_->announcing_mutex_);
    --bulletin_->listening_;
  }
  std::lock_guard<std::mutex> lock(bulletin_->mutex_);
  bulletin_->listeners_.erase(place_);
}

Heard Bulletin::Listener::Wait(std::chrono::steady_clock::time_point until) {
  std::unique_lock<std::mutex> lock(bulletin_->mutex_);
  const bool told = told_.wait_until(lock, until, [this] { return news_ || bulletin_->closed_; });
  if (bulletin_->closed_) return Heard::kClosed;
  news_ = false;
  return told ? Heard::kNews : Heard::kTimeUp;
}

// Under the lock also when nobody listens: one who comes later reads what was published before.
void Bulletin::Announce() {
  std::lock_guard<std::mutex> lock(announcing_mutex_);
  if (listening_ == 0 || announced_) return;
  announced_ = true;
  announced_changed_.notify_one();
}

std::optional<Bulletin::Round> Bulletin::NextRound() {
  {
    std::unique_lock<std::mutex> lock(announcing_mutex_);
    announced_changed_.wait(lock, [this] { return announced_ || closed_; });
    if (closed_) return std::nullopt;
    announced_ = false;
  }
  Round round;
  std::lock_guard<std::mutex> lock(mutex_);
  for (const Listener* listener : listeners_) {
    round[listener->population_] |= !listener->reservation_.empty();
  }
  return round;
}

void Bulletin::Post(const std::string& population, const std::set<std::string>* touched) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (Listener* listener : listeners_) {
    if (listener->population_ != population) continue;
    const bool meant = listener->reservation_.empty() || touched == nullptr ||
                       touched->count(listener->reservation_) > 0;
    if (!meant) continue;
    listener->news_ = true;
    listener->told_.notify_one();
  }
}

void Bulletin::Close() {
  {
    std::lock_guard<std::mutex> lock(announcing_mutex_);
    closed_ = true;
    announced_changed_.notify_all();
  }
  std::lock_guard<std::mutex> lock(mutex_);
  for (Listener* listener : listeners_) listener->told_.notify_one();
}

}  // namespace purser::api
