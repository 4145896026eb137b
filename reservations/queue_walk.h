#ifndef PURSER_RESERVATIONS_QUEUE_WALK_H_
#define PURSER_RESERVATIONS_QUEUE_WALK_H_

// Those that wait, in their order, as a command leaves the queue, and as far as the queue is looked
// at. Goes on where what it walks over is granted, ends or moves to the front meanwhile.
// Thread-compatible.
#include <optional>

#include "reservations/queue.h"
#include "reservations/queue_rules.h"
#include "reservations/reservations_draft.h"

namespace purser {

class ReservationsDraft::QueueWalk {
 public:
  // Both outlive the walk.
  QueueWalk(const ReservationsDraft& draft, const QueueRules& rules);

  // nullptr: of those that are left none is looked at.
  const Reservation* Next();
  // Whether something stands in the way of the one that was found last.
  bool is_blocked() const { return is_blocked_; }
  // Whether those behind it are not looked at.
  bool is_over() const { return reach_.is_over(); }

 private:
  const Reservation* Step();
  bool Judge(const Reservation& queued, bool is_as_it_was);

  const ReservationsDraft& draft_;
  const QueueRules& rules_;
  Queue::ByKey::const_iterator waits_;
  std::optional<QueueKey> at_;
  bool is_moved_ = false;  // the one at hand: the command put it there
  QueueReach reach_;
  // The last of which it was asked whether it is blocked. Who grants it, and so changes what stands
  // in the way of those like it, begins a new walk.
  const Reservation* judged_ = nullptr;
  bool is_blocked_ = false;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_QUEUE_WALK_H_
