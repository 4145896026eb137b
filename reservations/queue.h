#ifndef PURSER_RESERVATIONS_QUEUE_H_
#define PURSER_RESERVATIONS_QUEUE_H_

// The requests of a population that wait, in the order in which they are granted, with the instants
// at which they stop waiting, and how many each principal has. It owns none of them: they stay
// where they are while they wait. Thread-compatible.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "reservations/reservation.h"

namespace purser {

// So many requests of a population, and of one principal, wait at most.
inline constexpr size_t kQueueLengthMax = 10'000;
inline constexpr size_t kQueueLengthOfPrincipalMax = 1'000;
// So many of the first that nothing blocks are looked at: these may be granted, and these hold
// others up.
inline constexpr size_t kQueuePlanDepth = 100;
// And so many of all of the first: one principal alone cannot keep others from being looked at.
inline constexpr size_t kQueueLookedAtMax = kQueueLengthOfPrincipalMax + kQueuePlanDepth;
// So many are granted by one entry; the next go on.
inline constexpr size_t kQueueGrantsAnEntryMax = 256;

// How far the queue is looked at, from its head on.
class QueueReach {
 public:
  // `depth`: of those that nothing blocks.
  explicit QueueReach(size_t depth = kQueuePlanDepth) : left_free_(depth) {}

  bool is_over() const { return left_free_ == 0 || left_ == 0; }
  // The next was looked at.
  void Count(bool is_blocked) {
    --left_;
    if (!is_blocked) --left_free_;
  }

 private:
  size_t left_free_;
  size_t left_ = kQueueLookedAtMax;
};

// A request began to wait, or stopped.
struct QueueChange {
  QueueKey key;
  std::shared_ptr<const Reservation> waits;  // nullptr: no more
};

class Queue {
 public:
  using ByKey = absl::btree_map<QueueKey, const Reservation*>;

  // `reservation` is QUEUED, and is removed before it changes.
  void Insert(const Reservation& reservation);
  void Remove(const Reservation& reservation);

  // Whether another stands in its place, or gave notice in it.
  bool Contains(const Reservation& reservation) const;
  const ByKey& by_key() const { return by_key_; }
  size_t size() const { return by_key_.size(); }
  size_t CountOf(const std::string& principal) const;
  // The first to have waited long enough (among equals the one that came first), and when.
  struct TimeOut {
    InstantUs at_us = 0;
    const std::string* id = nullptr;
  };
  std::optional<TimeOut> NextTimeOut() const;
  // The request whose notice is executed first (among equals the one that gave it first); nullptr:
  // nobody gave notice.
  const Reservation* NextNotice() const;

 private:
  // When it ends, then the order of arrival.
  struct TimeOutKey {
    InstantUs at_us;
    uint64_t create_sequence;
    uint32_t create_index;
    friend auto operator<=>(const TimeOutKey&, const TimeOutKey&) = default;
  };
  static TimeOutKey TimeOutKeyOf(const Reservation& reservation);

  static std::pair<InstantUs, uint64_t> NoticeKeyOf(const Reservation& reservation) {
    return {reservation.notice->preempt_end_us, reservation.notice->order};
  }

  ByKey by_key_;
  absl::btree_map<std::pair<InstantUs, uint64_t>, const Reservation*> notices_;
  absl::btree_map<TimeOutKey, const Reservation*> time_outs_;
  absl::flat_hash_map<std::string, size_t> of_principals_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_QUEUE_H_
