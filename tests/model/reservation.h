#ifndef PURSER_TESTS_MODEL_RESERVATION_H_
#define PURSER_TESTS_MODEL_RESERVATION_H_

// Reservations of the reference model, who waits, and what is played forward for them. Plain data,
// thread-compatible.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "tests/model/action.h"

namespace purser::model {

inline constexpr int64_t kDefaultQueueWaitUs = 86'400'000'000;  // 24 h
inline constexpr int64_t kDefaultLeaseUs = 3'600'000'000;       // 1 h

inline constexpr int64_t kDefaultGraceUs = 30'000'000;  // 30 s

// One look at the queue from its head on: at the first 100 in whose way nothing stands, and at no
// more than 1,100 in all.
class Look {
 public:
  bool IsOver() const { return free_ == 100 || all_ == 1'100; }
  // The next is looked at; whether it is passed over since something stands in its way.
  bool Passes(bool barred) {
    ++all_;
    if (!barred) ++free_;
    return barred;
  }

 private:
  int free_ = 0;
  int all_ = 0;
};

struct ReservationLine {
  int64_t asked = 0;
  int64_t granted = 0;
  int64_t held = 0;
  int64_t in_use = 0;
  int64_t charged = 0;
  int64_t overrun = 0;
  int64_t period = 0;  // Of the book, when the hold was made.
  int64_t incarnation = 0;
  // Of a consumable that is priced: of its rate, when the hold was made.
  std::optional<int64_t> picos = std::nullopt;
};

struct Reservation {
  std::string principal;
  std::string purpose;
  std::string policy;
  std::string family;
  std::map<std::string, std::string> labels;
  std::string state;
  std::map<std::string, ReservationLine> lines;
  int64_t expires_us = 0;
  int64_t order = 0;       // Of the grant.
  int64_t denied_us = -1;  // When it was denied at once, which is forgotten after the retention.
  bool stopped = false;
  bool booked = false;  // It was made with a start to come.
  int tier = 2;         // As Action::tier.
  int64_t grace_us = 0;
  // Of a quote: what each resource costs, whatever comes.
  std::optional<std::map<std::string, std::optional<int64_t>>> quoted;
  int64_t held_us = 0;     // When its consumables became its own.
  int64_t held_entry = 0;  // By which entry.
  int64_t since_us = 0;    // Its start, or its grant while it has not started.
  // That it has to give way, or had to when it ended: when, and for which request; 0 and "" else.
  int64_t preempt_at_us = 0;
  std::string preempted_for;
  std::string approver;  // Who decided on what a budget asked for; "" nobody.

  bool IsOpen() const { return state == "GRANTED" || state == "ACTIVE"; }
  // A booking has been promised its resources, also where it could not start in time.
  bool IsPromised() const { return IsOpen() || (booked && (IsScheduled() || state == "QUEUED")); }
  bool IsScheduled() const { return state == "SCHEDULED"; }
  bool HasNotice() const { return IsOpen() && !preempted_for.empty(); }
  // When what it holds comes back, as far as is known.
  int64_t EndsUs() const { return HasNotice() ? std::min(expires_us, preempt_at_us) : expires_us; }
};

// A request that waits, for room (its reservation is QUEUED) or for its start (SCHEDULED).
struct Waiting {
  std::string id;
  Action request;
  int64_t arrived_us = 0;
  int64_t order = 0;  // Of the arrival: the smaller the earlier.
  // Of a booking: what it gets, neither less nor more.
  std::optional<Amounts> booked = std::nullopt;

  int64_t GivesUpUs() const;
  int64_t BookedUntilUs() const;
};

// That who waits will be granted what others, its victims, give up then. They are the open
// reservations that are preempted for it.
struct Notice {
  std::string id;  // Of who waits.
  int64_t preempt_at_us = 0;
};

// What a resource is from an instant on, up to the next one of the list.
struct Moment {
  int64_t at_us = 0;
  int64_t free = 0;    // For a booking. Below 0 where more is booked than there will be.
  int64_t booked = 0;  // At this instant.
};

// The instants at which something must be free: from one up to another.
struct Span {
  int64_t from_us = 0;
  int64_t until_us = 0;
  bool where_booked = false;  // Only those at which anything is booked.
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_RESERVATION_H_
