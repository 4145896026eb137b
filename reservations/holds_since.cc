#include "reservations/holds_since.h"

#include <algorithm>

namespace purser {

void HoldsSince::Add(std::string_view id, InstantUs since_us, size_t most) {
  if (first.size() < most) first.emplace_back(id);
  oldest_us = count == 0 ? since_us : std::min(oldest_us, since_us);
  ++count;
}

bool HoldsSinceBefore(const Reservation& reservation, InstantUs before_us) {
  const InstantUs since_us = reservation.held_since_us();
  const auto& lines = reservation.lines;
  return since_us != 0 && since_us < before_us &&
         std::any_of(lines.begin(), lines.end(), [](const HoldLine& line) {
           return line.consumable && line.held.is_positive();
         });
}

HoldsSince FindHoldsSince(const ReservationBook& reservations, InstantUs before_us, size_t most) {
  HoldsSince found;
  for (const auto& [id, reservation] : reservations.ListOpen()) {
    if (!HoldsSinceBefore(*reservation, before_us)) continue;
    found.Add(id, reservation->held_since_us(), most);
  }
  return found;
}

}  // namespace purser
