#ifndef PURSER_API_BULLETIN_H_
#define PURSER_API_BULLETIN_H_

// Who waits for what is published, and the waking of those and no others. The writer only
// announces that something was published (a lock and at most one notification); one thread of the
// daemon's then finds out what it was, once for all, and posts it here.
//
// Nothing is missed: a listener hears of all that is published after it was made. It may be woken
// for nothing, so it looks for itself what is there. Thread-safe.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace purser::api {

enum class Heard { kNews, kTimeUp, kClosed };

class Bulletin {
 public:
  Bulletin() = default;
  Bulletin(const Bulletin&) = delete;
  Bulletin& operator=(const Bulletin&) = delete;

  // Somebody who waits for a reservation to be touched, or ("") for any entry of a population.
  // Thread-compatible. What it reads after it was made, and again after each kNews, is never older
  // than what it was told of.
  class Listener {
   public:
    Listener(Bulletin* bulletin, std::string population, std::string reservation);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Returns at once when something was posted since it was made or last returned kNews. The
    // limit is real time, also on a test clock: it bounds how long a thread is held.
    Heard Wait(std::chrono::steady_clock::time_point until);

   private:
    friend class Bulletin;
    Bulletin* const bulletin_;
    const std::string population_;
    const std::string reservation_;
    bool news_ = false;  // guarded by bulletin_->mutex_
    std::condition_variable told_;
    std::list<Listener*>::iterator place_;
  };

  // By the writer, after it published.
  void Announce();

  // Of one population: whether any of its listeners waits for a reservation.
  using Round = std::map<std::string, bool>;
  // By the thread that posts: waits for an announcement while somebody listens. nullopt: closed.
  std::optional<Round> NextRound();
  // Tells those who wait for any entry and, of the others, those whose reservation is `touched`
  // (nullptr: all of them).
  void Post(const std::string& population, const std::set<std::string>* touched);

  bool closed() const { return closed_.load(); }
  // For good: every Wait, now and later, returns kClosed at once. Idempotent.
  void Close();

 private:
  // The writer takes the first lock only, under which nobody is woken but the thread that posts.
  // Neither is taken under the other.
  std::mutex announcing_mutex_;
  std::condition_variable announced_changed_;
  size_t listening_ = 0;    // guarded by announcing_mutex_; how many there are in the list
  bool announced_ = false;  // guarded by announcing_mutex_
  std::mutex mutex_;
  std::list<Listener*> listeners_;   // guarded by mutex_
  std::atomic<bool> closed_{false};  // whoever waits is woken after it is set
};

}  // namespace purser::api

#endif  // PURSER_API_BULLETIN_H_
