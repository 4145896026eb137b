// What limits count, and that a start has it again.
#include "reservations/usage.h"

#include <gtest/gtest.h>

namespace purser {
namespace {

constexpr InstantUs kDay = 1'768'003'200'000'000;  // 2026-01-10T00:00:00Z

Reservation Granted(int64_t units) {
  Reservation reservation;
  HoldLine& line = reservation.lines.emplace_back();
  line.resource = 3;
  line.granted = line.held = Amount::FromUnits(units);
  return reservation;
}

EntryContext At(uint64_t sequence, InstantUs time_us) { return {sequence, time_us, 0, 0}; }

TEST(Usage, CountsMonthsByTheCivilCalendar) {
  EXPECT_EQ(MonthOf(0), 0);
  EXPECT_EQ(MonthOf(-1), -1);
  EXPECT_EQ(MonthOf(kDay), 12 * 56);
  for (int64_t month = -12'000; month < 24'000; ++month) {
    const InstantUs start = MonthStart(month);
    ASSERT_EQ(MonthOf(start), month);
    ASSERT_EQ(MonthOf(start - 1), month - 1);
    const int64_t days = (MonthStart(month + 1) - start) / kDayUs;
    ASSERT_TRUE(days >= 28 && days <= 31) << month;
  }
  // 2024 has a leap day, 2100 has none.
  EXPECT_EQ((MonthStart(12 * 54 + 2) - MonthStart(12 * 54 + 1)) / kDayUs, 29);
  EXPECT_EQ((MonthStart(12 * 130 + 2) - MonthStart(12 * 130 + 1)) / kDayUs, 28);
}

TEST(Usage, CountsADayAndAMonthOfWhatIsGranted) {
  Usage usage;
  usage.NoteGranted(Granted(5), At(1, kDay + 1));
  usage.NoteGranted(Granted(7), At(2, kDay + kDayUs));
  EXPECT_EQ(usage.GrantedOfDay(3, DayOf(kDay)), Amount());
  EXPECT_EQ(usage.GrantedOfDay(3, DayOf(kDay) + 1), Amount::FromUnits(7));
  EXPECT_EQ(usage.GrantedOfMonth(3, MonthOf(kDay)), Amount::FromUnits(12));
  EXPECT_EQ(usage.GrantedOfMonth(3, MonthOf(kDay) + 1), Amount());
}

TEST(Usage, SaturatesWhatOnlyGrows) {
  Usage usage;
  Reservation all = Granted(1);
  all.lines[0].granted = Amount::Max();
  usage.NoteGranted(all, At(1, kDay));
  usage.NoteGranted(all, At(2, kDay));
  EXPECT_EQ(usage.GrantedOfDay(3, DayOf(kDay)), Amount::Max());
}

TEST(Usage, TakesBackOnlyRefundsOfWhatCounted) {
  Usage usage;
  stored::ChargeRecord charge;
  stored::Charged::Line& line = *charge.mutable_charged()->add_lines();
  line.set_resource(3);
  line.set_amount(50);
  line.set_posted_in_period(2);
  stored::Refunded refund;
  refund.add_lines()->set_resource(3);
  refund.mutable_lines(0)->set_amount(20);
  charge.set_sequence(4);
  usage.NoteRefunded(refund, charge, At(5, kDay));
  EXPECT_EQ(usage.since_sequence, 0u);
  usage.NoteCharged(charge.charged(), At(6, kDay));
  usage.NoteRefunded(refund, charge, At(7, kDay));  // of the charge before
  EXPECT_EQ(usage.Find(3)->charged.micros(), 50);
  charge.set_sequence(6);
  usage.NoteRefunded(refund, charge, At(8, kDay));
  EXPECT_EQ(usage.Find(3)->charged.micros(), 30);
}

// A day with nothing granted was in the fold and not in the record, and came back with the next
// charge: seed 208 of the simulator.
TEST(Usage, RecordsWhatARestartMakesOfIt) {
  Usage usage;
  usage.NoteGranted(Granted(0), At(1, kDay));
  stored::UsageRecord subject;
  subject.set_principal("alice");
  Usage restored;
  RestoreRecord(ToRecord(subject, usage), &restored);
  stored::Charged charged;
  charged.add_lines()->set_resource(3);
  charged.mutable_lines(0)->set_amount(5);
  charged.mutable_lines(0)->set_posted_in_period(1);
  usage.NoteCharged(charged, At(2, kDay));
  restored.NoteCharged(charged, At(2, kDay));
  EXPECT_EQ(ToRecord(subject, usage).SerializeAsString(),
            ToRecord(subject, restored).SerializeAsString());
}

}  // namespace
}  // namespace purser
