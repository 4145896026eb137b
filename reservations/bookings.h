#ifndef PURSER_RESERVATIONS_BOOKINGS_H_
#define PURSER_RESERVATIONS_BOOKINGS_H_

// The advance reservations of a population that have not started yet, in the order in which they
// start, and what capacity they have booked, and when (daemon/decisions/0008). It owns none of
// them. Thread-compatible.
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "reservations/reservation.h"

namespace purser {

inline constexpr int64_t kAdvanceMaxUs = 400 * kDayUs;
// So many of a population, and of one principal, are booked at most.
inline constexpr size_t kBookingsMax = 1'000;
inline constexpr size_t kBookingsOfPrincipalMax = 500;
// So many are named by an entry that endangers them.
inline constexpr size_t kEndangeredNamedMax = 100;

// By start, then in the order in which they were made.
struct BookingKey {
  InstantUs start_at_us = 0;
  uint64_t create_sequence = 0;
  uint32_t create_index = 0;

  friend auto operator<=>(const BookingKey&, const BookingKey&) = default;
};
inline BookingKey BookingKeyOf(const ReservationPicture& reservation) {
  return {reservation.start_at_us, reservation.create_sequence, reservation.create_index};
}

// An advance reservation was made, or is SCHEDULED no more.
struct BookingChange {
  BookingKey key;
  std::shared_ptr<const Reservation> booked;  // nullptr: no more
};

// What is booked of a resource from an instant on, and what is no more.
struct BookedStep {
  Amount begins;
  Amount ends;
};
using BookedSteps = absl::btree_map<InstantUs, BookedStep>;

// Books what the reservation has of the resource of `line` (sign 1), or no more (-1).
void Book(const ReservationPicture& booked, const HoldLine& line, int sign, BookedSteps* steps);

class Bookings {
 public:
  using ByKey = absl::btree_map<BookingKey, const Reservation*>;

  // `reservation` is SCHEDULED, and is removed before it changes.
  void Insert(const Reservation& reservation);
  void Remove(const Reservation& reservation);

  const ByKey& by_key() const { return by_key_; }
  size_t size() const { return by_key_.size(); }
  size_t CountOf(const std::string& principal) const;
  // nullptr: nothing of it is booked.
  const BookedSteps* FindSteps(uint32_t resource) const;

 private:
  void Count(const Reservation& reservation, int sign);

  ByKey by_key_;
  std::map<uint32_t, BookedSteps> steps_;
  absl::flat_hash_map<std::string, size_t> of_principals_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_BOOKINGS_H_
