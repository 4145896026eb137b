#include "api/waiting_room.h"

namespace purser::api {

WaitingRoom::Seat::Seat(WaitingRoom* room, WaitingKind kind) : room_(room), kind_(kind) {
  room_->CountOf(kind_).fetch_add(1, std::memory_order_relaxed);
}

WaitingRoom::Seat::~Seat() {
  room_->CountOf(kind_).fetch_sub(1, std::memory_order_relaxed);
  room_->taken_.fetch_sub(1, std::memory_order_relaxed);
}

std::unique_ptr<WaitingRoom::Seat> WaitingRoom::Enter(WaitingKind kind) {
  int taken = taken_.load(std::memory_order_relaxed);
  do {
    if (taken >= seats_max_) return nullptr;
  } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
  return std::make_unique<Seat>(this, kind);
}

}  // namespace purser::api
