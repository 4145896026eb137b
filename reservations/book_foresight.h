#ifndef PURSER_RESERVATIONS_BOOK_FORESIGHT_H_
#define PURSER_RESERVATIONS_BOOK_FORESIGHT_H_

// What a reservation book knows of the time to come: for one command, which may look at so many
// leases. A value; thread-compatible.
#include "reservations/calendar.h"
#include "reservations/reservation_book.h"

namespace purser {

class BookForesight : public Foresight {
 public:
  BookForesight(const ReservationBook* book, int64_t lease_shift_us)
      : book_(book), lease_shift_us_(lease_shift_us) {}

  const BookedSteps* FindBooked(uint32_t resource) const override {
    return book_->bookings().FindSteps(resource);
  }
  Amount ReturnedWithin(uint32_t resource, InstantUs after_us, InstantUs until_us) const override {
    const bool from_now = after_us == kFromNow;
    return book_->ReturnedWithin(resource, from_now ? -1 : after_us - lease_shift_us_,
                                 until_us - lease_shift_us_, &looks_left_);
  }

  InstantUs MinuteStart(InstantUs at_us) const override {
    return ReturnSums::MinuteStart(at_us - lease_shift_us_) + lease_shift_us_;
  }

 private:
  static constexpr int kLooksMax = 20'000;

  const ReservationBook* book_;
  int64_t lease_shift_us_;
  mutable int looks_left_ = kLooksMax;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_BOOK_FORESIGHT_H_
