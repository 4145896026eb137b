#include "reservations/bookings.h"

#include "ledger/check.h"

namespace purser {

void Book(const ReservationPicture& booked, const HoldLine& line, int sign, BookedSteps* steps) {
  const auto change = [&](InstantUs at_us, Amount BookedStep::*what) {
    BookedStep& step = (*steps)[at_us];
    step.*what = sign > 0 ? step.*what + line.granted : step.*what - line.granted;
    if (step.begins.is_zero() && step.ends.is_zero()) steps->erase(at_us);
  };
  change(booked.start_at_us, &BookedStep::begins);
  change(booked.start_at_us + booked.lease_us, &BookedStep::ends);
}

void Bookings::Count(const Reservation& reservation, int sign) {
  for (const HoldLine& line : reservation.lines) {
    if (line.consumable || line.granted.is_zero()) continue;
    const auto it = steps_.try_emplace(line.resource).first;
    Book(reservation, line, sign, &it->second);
    if (it->second.empty()) steps_.erase(it);
  }
}

void Bookings::Insert(const Reservation& reservation) {
  PURSER_CHECK(reservation.scheduled(), "what is booked has not started");
  const bool is_new = by_key_.emplace(BookingKeyOf(reservation), &reservation).second;
  PURSER_CHECK(is_new, "the order of bookings is unique");
  ++of_principals_[*reservation.principal];
  Count(reservation, 1);
}

void Bookings::Remove(const Reservation& reservation) {
  PURSER_CHECK(by_key_.erase(BookingKeyOf(reservation)) == 1, "what is removed was booked");
  const auto of = of_principals_.find(*reservation.principal);
  if (--of->second == 0) of_principals_.erase(of);
  Count(reservation, -1);
}

size_t Bookings::CountOf(const std::string& principal) const {
  const auto of = of_principals_.find(principal);
  return of == of_principals_.end() ? 0 : of->second;
}

const BookedSteps* Bookings::FindSteps(uint32_t resource) const {
  const auto it = steps_.find(resource);
  return it == steps_.end() ? nullptr : &it->second;
}

}  // namespace purser
