// Months and clock hours of time zones, whose clocks are changed.
#include "daemon/time_zones.h"

#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace purser {
namespace {

constexpr int64_t kMinuteUs = 60'000'000;

InstantUs At(const std::string& utc) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, utc, &time, &error)) << error;
  return absl::ToUnixMicros(time);
}

std::string Text(InstantUs instant) {
  return absl::FormatTime("%m-%dT%H:%M", absl::FromUnixMicros(instant), absl::UTCTimeZone());
}

// "hour of day, after day", by UTC.
std::string HourOf(const std::string& zone, const std::string& utc) {
  const stored::ClockHour hour = ClockHourOf(zone, At(utc));
  return Text(hour.hour_us()) + " of " + Text(hour.day_us()) + ", after " +
         Text(hour.day_before_us());
}

TEST(ClockHours, AreThoseOfUtc) {
  EXPECT_EQ(HourOf("UTC", "2026-03-01T00:00:00Z"), "03-01T00:00 of 03-01T00:00, after 02-28T00:00");
  EXPECT_EQ(HourOf("UTC", "2026-03-01T00:59:59.999999Z"),
            "03-01T00:00 of 03-01T00:00, after 02-28T00:00");
  EXPECT_EQ(HourOf("UTC", "1969-12-31T23:59:59.999999Z"),
            "12-31T23:00 of 12-31T00:00, after 12-30T00:00");
  for (InstantUs instant = At("2026-01-01T00:00:00Z"); instant < At("2026-01-03T00:00:00Z");
       instant += 7 * kMinuteUs + 1) {
    EXPECT_EQ(ClockHourOf("UTC", instant).SerializeAsString(),
              ClockHourOfUtc("UTC", instant).SerializeAsString());
  }
}

TEST(ClockHours, BeginAtTheFullHourOfTheZone) {
  EXPECT_EQ(HourOf("Asia/Kolkata", "2026-05-02T10:45:00Z"),
            "05-02T10:30 of 05-01T18:30, after 04-30T18:30");
  EXPECT_EQ(HourOf("Asia/Kathmandu", "2026-05-02T10:10:00Z"),
            "05-02T09:15 of 05-01T18:15, after 04-30T18:15");
}

// The 29th of March has 23 hours in Berlin, the 25th of October 25: its hour from 2 comes twice.
TEST(ClockHours, AreTwoWhereTheClocksAreSetBack) {
  EXPECT_EQ(HourOf("Europe/Berlin", "2026-03-29T00:59:59Z"),
            "03-29T00:00 of 03-28T23:00, after 03-27T23:00");
  EXPECT_EQ(HourOf("Europe/Berlin", "2026-03-29T01:00:00Z"),
            "03-29T01:00 of 03-28T23:00, after 03-27T23:00");
  EXPECT_EQ(HourOf("Europe/Berlin", "2026-03-29T22:00:00Z"),
            "03-29T22:00 of 03-29T22:00, after 03-28T23:00");
  EXPECT_EQ(HourOf("Europe/Berlin", "2026-10-25T00:30:00Z"),
            "10-25T00:00 of 10-24T22:00, after 10-23T22:00");
  EXPECT_EQ(HourOf("Europe/Berlin", "2026-10-25T01:30:00Z"),
            "10-25T01:00 of 10-24T22:00, after 10-23T22:00");
  EXPECT_EQ(HourOf("Europe/Berlin", "2026-10-25T23:00:00Z"),
            "10-25T23:00 of 10-25T23:00, after 10-24T22:00");
}

// Lord Howe Island moves its clocks by half an hour: from 2:00 to 2:30, and from 2:00 back to 1:30.
TEST(ClockHours, BeginAnewWhereTheClocksAreMovedByHalfAnHour) {
  EXPECT_EQ(HourOf("Australia/Lord_Howe", "2026-10-03T15:45:00Z"),
            "10-03T15:30 of 10-03T13:30, after 10-02T13:30");
  EXPECT_EQ(HourOf("Australia/Lord_Howe", "2026-10-03T16:05:00Z"),
            "10-03T16:00 of 10-03T13:30, after 10-02T13:30");
  EXPECT_EQ(HourOf("Australia/Lord_Howe", "2026-04-04T14:59:59Z"),
            "04-04T14:00 of 04-04T13:00, after 04-03T13:00");
  EXPECT_EQ(HourOf("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
            "04-04T15:00 of 04-04T13:00, after 04-03T13:00");
  EXPECT_EQ(HourOf("Australia/Lord_Howe", "2026-04-04T14:59:59.999999Z"),
            "04-04T14:00 of 04-04T13:00, after 04-03T13:00");
  EXPECT_EQ(HourOf("Australia/Lord_Howe", "2026-04-04T15:10:00Z"),
            "04-04T15:00 of 04-04T13:00, after 04-03T13:00");
  EXPECT_EQ(HourOf("Australia/Lord_Howe", "2026-04-04T15:40:00Z"),
            "04-04T15:30 of 04-04T13:00, after 04-03T13:00");
}

// Whatever a zone does, one that leaves a day out too: an hour is at most one long, begins with
// itself, and hours follow each other.
TEST(ClockHours, FollowEachOther) {
  for (const char* zone : {"Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns",
                           "America/Santiago", "Pacific/Apia", "Africa/Cairo"}) {
    stored::ClockHour before;
    for (InstantUs instant = At("2011-12-20T00:00:00Z"); instant < At("2012-12-20T00:00:00Z");
         instant += 5 * kMinuteUs) {
      const stored::ClockHour hour = ClockHourOf(zone, instant);
      ASSERT_LE(hour.hour_us(), instant) << zone;
      ASSERT_LT(instant - hour.hour_us(), 60 * kMinuteUs) << zone << " " << Text(instant);
      ASSERT_LE(hour.day_us(), hour.hour_us()) << zone << " " << Text(instant);
      ASSERT_LT(hour.day_before_us(), hour.day_us()) << zone;
      ASSERT_EQ(ClockHourOf(zone, hour.hour_us()).SerializeAsString(), hour.SerializeAsString())
          << zone << " " << Text(instant);
      ASSERT_GE(hour.hour_us(), before.hour_us()) << zone;
      if (before.day_us() != 0 && before.day_us() != hour.day_us()) {
        ASSERT_EQ(hour.day_before_us(), before.day_us()) << zone << " " << Text(instant);
      }
      before = hour;
    }
  }
}

}  // namespace
}  // namespace purser
