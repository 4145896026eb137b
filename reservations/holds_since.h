#ifndef PURSER_RESERVATIONS_HOLDS_SINCE_H_
#define PURSER_RESERVATIONS_HOLDS_SINCE_H_

// Who still holds consumables since before an instant, so that what it charges within its hold is
// of a time before that (ledger.md 2). New holds are of later instants, renewals keep theirs, and
// what is held only becomes less: as of a state that is at or after the instant, whoever looks
// later finds the same or fewer. Pure function, thread-safe.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reservations/reservation_book.h"

namespace purser {

struct HoldsSince {
  std::vector<std::string> first = {};  // ids, in order
  uint64_t count = 0;
  InstantUs oldest_us = 0;  // since when the one that holds longest does; 0: nobody does

  // `most`: how many are named.
  void Add(std::string_view id, InstantUs since_us, size_t most);
};

bool HoldsSinceBefore(const Reservation& reservation, InstantUs before_us);
// Looks at all that are open, booked or wait.
HoldsSince FindHoldsSince(const ReservationBook& reservations, InstantUs before_us, size_t most);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_HOLDS_SINCE_H_
