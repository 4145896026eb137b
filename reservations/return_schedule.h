#ifndef PURSER_RESERVATIONS_RETURN_SCHEDULE_H_
#define PURSER_RESERVATIONS_RETURN_SCHEDULE_H_

// What comes back, and when, if every lease ends as it stands: of each open reservation what it
// holds or occupies, in the order in which leases end. A copy for those who look ahead, smaller
// than the reservations themselves and told of every change; no part of the state.
//
// Instants are as in ReturnSums. Thread-compatible.
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "reservations/return_sums.h"

namespace purser {

// One reservation was made, changed or ended: absent before, or after.
struct ReturnChange {
  std::optional<ExpiryKey> before;
  std::optional<ExpiryKey> after;
  ReturnLines lines;  // after
};

class ReturnSchedule {
 public:
  void Apply(const ReturnChange& change);
  size_t size() const { return entries_.size(); }
  friend bool operator==(const ReturnSchedule& a, const ReturnSchedule& b);
  // The end of the last lease; INT64_MIN: there is none.
  InstantUs last_us() const {
    return entries_.empty() ? INT64_MIN : entries_.rbegin()->first.end_us;
  }

  using Steps = ReturnSteps;
  using Question = ReturnQuestion;
  using Answer = ReturnAnswer;
  Answer Reach(const Question& question, Steps* steps) const;

  // The last reservations that give back something in the question's interval, the latest first: at
  // most `count`, found by looking at no more than `look_max`.
  std::vector<ExpiryKey> FindLast(const Question& question, size_t count, size_t look_max) const;
  // Whether one gives back something in the question's interval otherwise than by a notice; true
  // also where more than `look_max` would have to be looked at.
  bool AnyEndsByLease(const Question& question, size_t look_max) const;

 private:
  struct Lines {
    uint32_t count = 0;
    std::unique_ptr<ReturnLine[]> lines;
    ReturnSpan span() const { return {lines.get(), count}; }
  };

  void Insert(const ExpiryKey& key, Lines lines);
  void Erase(const ExpiryKey& key);
  absl::btree_map<ExpiryKey, Lines> entries_;
  ReturnSums sums_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_RETURN_SCHEDULE_H_
