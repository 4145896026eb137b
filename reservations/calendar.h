#ifndef PURSER_RESERVATIONS_CALENDAR_H_
#define PURSER_RESERVATIONS_CALENDAR_H_

// How much of a capacity is free at each instant to come: what is available now, more what leases
// give back until then as they stand, less what is booked then, less what of all that comes back
// goes to a shortfall and to the reserve first (daemon/decisions/0008). Said once for the writer,
// which grants, and for whoever looks ahead. Thread-compatible.
#include <cstdint>
#include <functional>
#include <map>

#include "ledger/books_draft.h"
#include "reservations/bookings.h"

namespace purser {

// What is known of the time to come.
class Foresight {
 public:
  virtual ~Foresight() = default;
  // nullptr: nothing of it is booked.
  virtual const BookedSteps* FindBooked(uint32_t resource) const = 0;
  // What comes back of it by leases that end after one instant (kFromNow: whatever has not come
  // back) and at the latest at another.
  static constexpr InstantUs kFromNow = INT64_MIN;
  virtual Amount ReturnedWithin(uint32_t resource, InstantUs after_us,
                                InstantUs until_us) const = 0;
  // The last instant, at or before this, up to which leases are added up whole, so that no single
  // one has to be looked at.
  virtual InstantUs MinuteStart(InstantUs at_us) const = 0;
};

// What a resource has to spare over some time: at the worst instant, the earliest of these.
struct Room {
  Amount amount = Amount::Max();
  InstantUs at_us = 0;
  Amount booked;  // then
};

// The calendar as one undecided command would leave it. A value for one command.
class CalendarDraft {
 public:
  // Both outlive this. nullptr: nothing is booked, as far as is known here.
  CalendarDraft(const BooksDraft* books, const Foresight* foresight)
      : books_(books), foresight_(foresight) {}
  // The other on other books and with another foresight of the same; both outlive this.
  CalendarDraft(const CalendarDraft& other, const BooksDraft* books, const Foresight* foresight)
      : books_(books), foresight_(foresight), booked_(other.booked_), returns_(other.returns_) {}

  // What of capacity the open reservation gives back at its end, as it is (sign 1), or was (-1).
  void CountLease(const ReservationPicture& open, int64_t lease_shift_us, int sign);
  // So much of a capacity more.
  void CountReturn(uint32_t resource, InstantUs end_us, Amount amount);
  // What it has booked: it is SCHEDULED now (sign 1), or was (-1).
  void CountBooking(const ReservationPicture& booked, int sign);

  // For who begins now and ends at `until_us`: what it may have so that nobody who booked has less.
  Room RoomUntil(const Resource& resource, InstantUs until_us) const;
  // For who books from one instant until another.
  Room RoomToBook(const Resource& resource, InstantUs from_us, InstantUs until_us) const;
  // What is to spare where something is booked: below 0, somebody who booked has less. For a lease
  // that ends later, which does not count here as it is.
  Room RoomBeside(const Resource& resource, InstantUs from_us, InstantUs until_us) const;

  // What is free from an instant on, until the next one or until a lease ends.
  struct Step {
    InstantUs at_us = 0;
    Amount free;        // below 0: less than is booked
    Amount booked;      // from now on
    Amount goes_first;  // of what comes back later
  };
  // Of `from_us`, then of each instant before `until_us` at which another amount is booked, until
  // told false.
  void ForEachStep(const Resource& resource, InstantUs from_us, InstantUs until_us,
                   const std::function<bool(const Step&)>& visit) const;

 private:
  // `everywhere`: also where nothing is booked.
  Room FindTightest(const Resource& resource, InstantUs from_us, InstantUs until_us,
                    bool everywhere) const;
  const BookedSteps* FindBooked(uint32_t resource) const;
  Amount ReturnedWithin(uint32_t resource, InstantUs after_us, InstantUs until_us) const;

  const BooksDraft* const books_;
  const Foresight* const foresight_;
  std::map<uint32_t, BookedSteps> booked_;  // whole, of resources of which the command changed it
  // By end, what leases give back more or, below 0, less.
  std::map<uint32_t, absl::btree_map<InstantUs, Amount>> returns_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_CALENDAR_H_
