// The bytes of a record against the message that they are.
#include "reservations/record_bytes.h"

#include <random>

#include "gtest/gtest.h"

namespace purser {
namespace {

constexpr int kRounds = 2'000;

// Numbers of every length, both signs, and often 0.
class Chance {
 public:
  uint64_t Unsigned() { return random_() % 3 == 0 ? 0 : random_() >> random_() % 64; }
  int64_t Signed() { return static_cast<int64_t>(Unsigned() >> 1) * (random_() % 2 == 0 ? 1 : -1); }
  Amount AnyAmount() { return Amount::FromMicros(Signed()); }
  size_t Below(size_t bound) { return random_() % bound; }
  std::string Text() { return std::string(Below(3) * 70, 'x'); }

 private:
  std::mt19937_64 random_{20'261'127};
};

Reservation AnyReservation(Chance* chance) {
  Reservation made;
  made.id = chance->Text();
  made.state = static_cast<stored::ReservationState>(chance->Below(10));
  made.purpose = static_cast<stored::Purpose>(chance->Below(8));
  made.overrun_policy = static_cast<stored::OverrunPolicy>(chance->Below(3));
  made.stopped = chance->Below(2) == 0;
  made.tier = static_cast<uint8_t>(chance->Below(5));
  made.priority = static_cast<int32_t>(chance->Signed());
  made.create_index = static_cast<uint32_t>(chance->Unsigned());
  auto labels = std::make_shared<Labels>();
  for (size_t i = chance->Below(4); i > 0; --i) {
    labels->emplace_back(chance->Text(), chance->Text());
  }
  made.labels = labels;
  made.principal = std::make_shared<std::string>(chance->Text());
  for (size_t i = chance->Below(6); i > 0; --i) {
    HoldLine& line = made.lines.emplace_back();
    line.resource = static_cast<uint32_t>(chance->Unsigned());
    line.asked = chance->AnyAmount();
    if (chance->Below(2) == 0) line.minimum = chance->AnyAmount();
    line.granted = chance->AnyAmount();
    line.held = chance->AnyAmount();
    line.in_use = chance->AnyAmount();
    line.charged = chance->AnyAmount();
    line.overrun = chance->AnyAmount();
    line.period = chance->Unsigned();
  }
  made.lease_us = chance->Signed();
  made.lease_asked_us = chance->Signed();
  made.create_time_us = chance->Signed();
  made.grant_time_us = chance->Signed();
  made.start_time_us = chance->Signed();
  made.end_time_us = chance->Signed();
  made.lease_end_us = chance->Signed();
  made.final_shift_us = chance->Signed();
  made.create_sequence = chance->Unsigned();
  made.generation = chance->Unsigned();
  for (size_t i = chance->Below(40); i > 0; --i) made.sequences.push_back(chance->Unsigned());
  for (size_t i = chance->Below(3); i > 0; --i) made.denied_before.push_back(chance->Unsigned());
  return made;
}

TEST(RecordBytes, AreThoseOfTheMessage) {
  Chance chance;
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    const Reservation reservation = AnyReservation(&chance);
    EXPECT_EQ(RecordBytes(reservation), ToRecord(reservation).SerializeAsString());
  }
}

}  // namespace
}  // namespace purser
