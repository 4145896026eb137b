#ifndef PURSER_API_WAITING_ROOM_H_
#define PURSER_API_WAITING_ROOM_H_

// How many of a server's threads may be held by those who wait: half of them, so that the other
// half answers whatever comes. Thread-safe.
#include <atomic>
#include <memory>

namespace purser::api {

// A watcher follows the journal, a waiter waits for one reservation.
enum class WaitingKind { kWatcher, kWaiter };

class WaitingRoom {
 public:
  // `threads` of the server.
  explicit WaitingRoom(int threads) : seats_max_(threads / 2) {}
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  // A place in the room, given back when it goes away; before the room does.
  class Seat {
   public:
    Seat(WaitingRoom* room, WaitingKind kind);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

   private:
    WaitingRoom* const room_;
    const WaitingKind kind_;
  };

  // nullptr when every seat is taken.
  std::unique_ptr<Seat> Enter(WaitingKind kind);

  int watchers() const { return watchers_.load(std::memory_order_relaxed); }
  int waiters() const { return waiters_.load(std::memory_order_relaxed); }
  int seats_max() const { return seats_max_; }

 private:
  std::atomic<int>& CountOf(WaitingKind kind) {
    return kind == WaitingKind::kWatcher ? watchers_ : waiters_;
  }

  const int seats_max_;
  std::atomic<int> taken_{0};
  std::atomic<int> watchers_{0};
  std::atomic<int> waiters_{0};
};

}  // namespace purser::api

#endif  // PURSER_API_WAITING_ROOM_H_
