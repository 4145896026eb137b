#ifndef PURSER_RESERVATIONS_RETURN_SUMS_H_
#define PURSER_RESERVATIONS_RETURN_SUMS_H_

// What comes back by the ends of leases, added up over whole minutes and hours, so that a sum over
// any time looks at single leases only at its edges. Whoever has the leases walks those.
//
// Instants are ends of leases less the downtime given back (Reservation::lease_end_us), so that a
// Resumed entry changes nothing here; intervals are half-open. Thread-compatible.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
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
using ReturnSpan = absl::Span<const ReturnLine>;

// What of the reservation comes back at its expiry; lines of zero are left out.
ReturnLines ReturnLinesOf(const ReservationPicture& reservation);

// How much may be looked at: single reservations and sums, each a step.
struct ReturnSteps {
  int left = 0;
};
struct ReturnQuestion {
  uint32_t resource = 0;
  std::optional<uint64_t> period;  // of holds from this period alone
  InstantUs from_us = 0;
  InstantUs until_us = 0;
  Amount wanted;  // > 0: stops where the sum reaches it

  bool Counts(const ReturnLine& line) const {
    return line.resource == resource && (!period.has_value() || line.period == *period);
  }
};
struct ReturnAnswer {
  Amount sum;                      // of what comes back in the interval, or until it stopped
  std::optional<InstantUs> at_us;  // where the sum reached what was wanted
  bool complete = true;  // false: there were no steps left. Then `sum` is less than comes back, and
                         // `at_us` absent or up to a minute late
};

class ReturnSums {
 public:
  void Add(InstantUs end_us, ReturnSpan lines);
  void Remove(InstantUs end_us, ReturnSpan lines);

  // `walk(end_us, &at_us, &answer, steps)` takes in what single leases give back from `at_us` up
  // to `end_us`, both in one minute, and moves `at_us` there; or says where the wanted is reached.
  template <typename Walk>
  ReturnAnswer Reach(const ReturnQuestion& question, ReturnSteps* steps, Walk walk) const;

 public:
  // Where the minute begins in which the instant lies.
  static InstantUs MinuteStart(InstantUs end_us) { return end_us - end_us % kMinuteUs; }

 private:
  // Powers of two, so that one is made of whole others: 67 seconds and 4.8 hours. 400 days are
  // 2,012 of the wide ones, one of which is 256 of the narrow ones.
  static constexpr int64_t kMinuteUs = int64_t{1} << 26;
  static constexpr int64_t kHoursUs = int64_t{1} << 34;
  struct Bucket {
    uint32_t entries = 0;
    absl::InlinedVector<ReturnLine, 4> sums;
  };
  // Of one width; by number, which is the instant divided by the width.
  using Buckets = absl::btree_map<int64_t, Bucket>;

  static ReturnLine* FindSum(const ReturnLine& line, Bucket* bucket);  // nullptr: there is none
  static void AddTo(Buckets* buckets, int64_t number, ReturnSpan lines);
  static void RemoveFrom(Buckets* buckets, int64_t number, ReturnSpan lines);
  static Amount SumOf(const Bucket& bucket, const ReturnQuestion& question);
  // The sum of a whole bucket of this width that begins at `*at_us`, or where the next one with
  // anything in it begins. False: it has to be looked into.
  static bool PassBucket(const Buckets& buckets, int64_t width_us, const ReturnQuestion& question,
                         InstantUs* at_us, ReturnAnswer* answer);

  Buckets minutes_;
  Buckets hours_;
};

template <typename Walk>
ReturnAnswer ReturnSums::Reach(const ReturnQuestion& question, ReturnSteps* steps,
                               Walk walk) const {
  ReturnAnswer answer;
  InstantUs at_us = question.from_us;
  while (at_us < question.until_us && !answer.at_us.has_value() && answer.complete) {
    if (--steps->left < 0) {
      answer.complete = false;
      break;
    }
    const bool passed_hours =
        at_us % kHoursUs == 0 && PassBucket(hours_, kHoursUs, question, &at_us, &answer);
    if (passed_hours) continue;
    const bool whole_minute = at_us % kMinuteUs == 0;
    if (whole_minute && PassBucket(minutes_, kMinuteUs, question, &at_us, &answer)) continue;
    const InstantUs minute_us = at_us + kMinuteUs;
    const bool is_in_it = whole_minute && minute_us <= question.until_us;
    walk(std::min((at_us / kMinuteUs + 1) * kMinuteUs, question.until_us), &at_us, &answer, steps);
    // The sum is reached in this minute: its end is late, but true.
    if (!answer.complete && is_in_it) answer.at_us = minute_us;
  }
  return answer;
}

}  // namespace purser

#endif  // PURSER_RESERVATIONS_RETURN_SUMS_H_
