#include <gtest/gtest.h>

#include <string>

#include "api/json_scalar.h"

namespace purser::api {
namespace {

std::string Printed(int64_t micros) {
  const int64_t seconds = (micros >= 0 ? micros : micros - 999'999) / 1'000'000;
  std::string text;
  AppendTimestamp(seconds, static_cast<int32_t>(micros - seconds * 1'000'000) * 1000, &text);
  return text;
}

TEST(JsonTimestamps, AreReadInAnyOffsetAndPrintedInUtc) {
  const struct {
    const char* text;
    int64_t micros;
    const char* printed;
  } rows[] = {
      {"1970-01-01T00:00:00Z", 0, "\"1970-01-01T00:00:00Z\""},
      {"1969-12-31T23:59:59.999999Z", -1, "\"1969-12-31T23:59:59.999999Z\""},
      {"2026-11-22T14:00:00Z", 1'795'356'000'000'000, "\"2026-11-22T14:00:00Z\""},
      {"2026-11-22T15:30:00.25+01:30", 1'795'356'000'250'000, "\"2026-11-22T14:00:00.250Z\""},
      {"2026-11-22t13:00:00.000001-01:00", 1'795'356'000'000'001,
       "\"2026-11-22T14:00:00.000001Z\""},
      {"2026-11-22T14:00:00-00:00", 1'795'356'000'000'000, "\"2026-11-22T14:00:00Z\""},
      {"2000-02-29T00:00:00z", 951'782'400'000'000, "\"2000-02-29T00:00:00Z\""},
      {"0001-01-01T00:00:00Z", -62'135'596'800'000'000, "\"0001-01-01T00:00:00Z\""},
      {"9999-12-31T23:59:59.999999Z", 253'402'300'799'999'999, "\"9999-12-31T23:59:59.999999Z\""},
  };
  for (const auto& row : rows) {
    const auto micros = ParseTimestampMicros(row.text);
    ASSERT_TRUE(micros.ok()) << row.text << ": " << micros.status();
    EXPECT_EQ(*micros, row.micros) << row.text;
    EXPECT_EQ(Printed(*micros), row.printed);
  }
}

TEST(JsonTimestamps, RoundTripOverEveryMonthOfTenThousandYears) {
  for (int64_t seconds = kTimestampSecondsMin; seconds < kTimestampSecondsMax;
       seconds += 2'629'746) {
    const std::string text = Printed(seconds * 1'000'000);
    const auto back = ParseTimestampMicros(std::string_view(text).substr(1, text.size() - 2));
    ASSERT_TRUE(back.ok()) << text;
    ASSERT_EQ(*back, seconds * 1'000'000) << text;
  }
}

TEST(JsonTimestamps, RefuseWhatIsNoTime) {
  for (const char* text : {"",
                           "2026",
                           "2026-11-22",
                           "2026-11-22T14:00:00",
                           "2026-11-22 14:00:00Z",
                           "2026-11-22T14:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:60Z",
                           "2016-12-31T23:59:60Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00.1234567Z",
                           "2026-01-01T00:00:00,5Z",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00+01:60",
                           "2026-01-01T00:00:00+0100",
                           "2026-01-01T00:00:00+1:00",
                           "2026-01-01T00:00:00ZZ",
                           "2026-01-01T00:00:00Z ",
                           " 2026-01-01T00:00:00Z",
                           "0000-12-31T23:59:59Z",
                           "0001-01-01T00:00:00+00:01",
                           "9999-12-31T23:59:59-00:01",
                           "-001-01-01T00:00:00Z",
                           "12026-01-01T00:00:00Z",
                           "+2026-1-01T00:00:00Z"}) {
    EXPECT_FALSE(ParseTimestampMicros(text).ok()) << text;
  }
}

TEST(JsonDurations, AreExactToTheMicrosecond) {
  const struct {
    const char* text;
    int64_t micros;
    const char* printed;
  } rows[] = {
      {"3600s", 3'600'000'000, "\"3600s\""},
      {"0s", 0, "\"0s\""},
      {"-0s", 0, "\"0s\""},
      {"1.5s", 1'500'000, "\"1.500s\""},
      {"0.000001s", 1, "\"0.000001s\""},
      {"-0.5s", -500'000, "\"-0.500s\""},
      {"-7s", -7'000'000, "\"-7s\""},
      {"315576000000s", 315'576'000'000'000'000, "\"315576000000s\""},
      {"-315576000000s", -315'576'000'000'000'000, "\"-315576000000s\""},
  };
  for (const auto& row : rows) {
    const auto micros = ParseDurationMicros(row.text);
    ASSERT_TRUE(micros.ok()) << row.text;
    EXPECT_EQ(*micros, row.micros);
    std::string printed;
    AppendDuration(*micros / 1'000'000, static_cast<int32_t>(*micros % 1'000'000) * 1000, &printed);
    EXPECT_EQ(printed, row.printed);
  }
  for (const char* text : {"", "s", "-s", "1", "1S", "1ss", "1 s", "1m", ".5s", "1.s", "--1s",
                           "+1s", "1e3s", "0.0000001s", "315576000000.000001s", "315576000001s"}) {
    EXPECT_FALSE(ParseDurationMicros(text).ok()) << text;
  }
}

TEST(JsonNumbers, FollowTheGrammar) {
  for (const char* text : {"0", "-0", "1", "-12", "0.5", "1.50", "1e5", "1E+5", "1.5e-5", "0e0"}) {
    EXPECT_TRUE(IsJsonNumber(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.5.5", "1x", " 1",
                           "1 ", "0x1", "NaN", "--1", "1e5.5"}) {
    EXPECT_FALSE(IsJsonNumber(text)) << text;
  }
}

}  // namespace
}  // namespace purser::api
