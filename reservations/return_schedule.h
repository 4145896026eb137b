#ifndef PURSER_RESERVATIONS_RETURN_SCHEDULE_H_
#define PURSER_RESERVATIONS_RETURN_SCHEDULE_H_

// What comes back, and when, if every lease ends as it stands: of each open reservation what it
// holds or occupies, in the order in which leases end. A copy for those who look ahead, smaller
// than the reservations themselves and told of every change; no part of the state.
//
// Instants are ends of leases less the downtime given back (Reservation::lease_end_us), so that a
// Resumed entry changes nothing here; intervals are half-open. Sums over an interval go over whole
// hours and minutes, and over single reservations only at its edges. Thread-compatible.
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/inlined_vector.h"
#include "ledger/amount.h"
#include "reservations/reservation.h"

namespace purser {

// What one open reservation would give back. `period` is that of its hold.
struct ReturnLine {
  uint32_t resource = 0;
  uint32_t period = 0;
  Amount amount;

  friend bool operator==(const ReturnLine&, const ReturnLine&) = default;
};
using ReturnLines = absl::InlinedVector<ReturnLine, 8>;

// One reservation was made, changed or ended: absent before, or after.
struct ReturnChange {
  std::optional<ExpiryKey> before;
  std::optional<ExpiryKey> after;
  ReturnLines lines;  // after
};

// What of the reservation comes back at its expiry; lines of zero are left out.
ReturnLines ReturnLinesOf(const ReservationPicture& reservation);

class ReturnSchedule {
 public:
  void Apply(const ReturnChange& change);
  size_t size() const { return entries_.size(); }
  friend bool operator==(const ReturnSchedule& a, const ReturnSchedule& b);
  // The end of the last lease; INT64_MIN: there is none.
  InstantUs last_us() const {
    return entries_.empty() ? INT64_MIN : entries_.rbegin()->first.lease_end_us;
  }

  // How much may be looked at: single reservations and sums, each a step.
  struct Steps {
    int left = 0;
  };
  struct Question {
    uint32_t resource = 0;
    std::optional<uint64_t> period;  // of holds from this period alone
    InstantUs from_us = 0;
    InstantUs until_us = 0;
    Amount wanted;  // > 0: stops where the sum reaches it
  };
  struct Answer {
    Amount sum;                      // of what comes back in the interval, or until it stopped
    std::optional<InstantUs> at_us;  // where the sum reached what was wanted
    bool complete = true;  // false: there were no steps left. Then `sum` is less than comes back,
                           // and `at_us` absent or up to a minute late
  };
  Answer Reach(const Question& question, Steps* steps) const;

  // The last reservations that give back something in the question's interval, the latest first: at
  // most `count`, found by looking at no more than `look_max`.
  std::vector<ExpiryKey> FindLast(const Question& question, size_t count, size_t look_max) const;

 private:
  struct Sum {
    uint32_t resource;
    uint32_t period;
    Amount amount;
  };
  struct Bucket {
    uint32_t entries = 0;
    absl::InlinedVector<Sum, 4> sums;
  };
  // Of one width; by number, which is the instant divided by the width.
  using Buckets = absl::btree_map<int64_t, Bucket>;
  struct Lines {
    uint32_t count = 0;
    std::unique_ptr<ReturnLine[]> lines;
  };

  static Sum* FindSum(const ReturnLine& line, Bucket* bucket);  // nullptr: there is none
  static void Add(Buckets* buckets, int64_t number, const Lines& lines);
  static void Remove(Buckets* buckets, int64_t number, const Lines& lines);
  static Amount SumOf(const Bucket& bucket, const Question& question);
  void Insert(const ExpiryKey& key, Lines lines);
  void Erase(const ExpiryKey& key);
  // The sum of a whole bucket of this width that begins at `*at_us`, or where the next one with
  // anything in it begins. False: it has to be looked into.
  static bool PassBucket(const Buckets& buckets, int64_t width_us, const Question& question,
                         InstantUs* at_us, Answer* answer);
  void WalkEntries(const Question& question, InstantUs* at_us, Answer* answer, Steps* steps) const;

  absl::btree_map<ExpiryKey, Lines> entries_;
  Buckets minutes_;
  Buckets hours_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_RETURN_SCHEDULE_H_
