#ifndef PURSER_API_JSON_SCALAR_H_
#define PURSER_API_JSON_SCALAR_H_

// The texts of single JSON values: whole numbers, RFC 3339 times, durations, strings. Exact, by
// hand, in integers: no double comes near them. Thread-safe: pure functions. Errors are
// InvalidArgument with the reason that the caller of the API reads.
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace purser::api {

// Seconds of 0001-01-01T00:00:00Z and of 9999-12-31T23:59:59Z since 1970.
inline constexpr int64_t kTimestampSecondsMin = -62'135'596'800;
inline constexpr int64_t kTimestampSecondsMax = 253'402'300'799;
// protobuf's limit: 10,000 years.
inline constexpr int64_t kDurationSecondsMax = 315'576'000'000;

// Exactly the grammar of RFC 8259: no leading zeros, no '+', no bare point.
bool IsJsonNumber(std::string_view text);

// `-?digits` without leading zeros; "-0" is 0.
absl::StatusOr<int64_t> ParseInt64(std::string_view text);
absl::StatusOr<uint64_t> ParseUint64(std::string_view text);

// Microseconds since 1970. `2026-11-22T14:00:00.25+01:00`: at most 6 fractional digits, any offset,
// no leap second, year 0001–9999 in UTC.
absl::StatusOr<int64_t> ParseTimestampMicros(std::string_view text);
// Microseconds. `-?digits[.digits]s` with at most 6 fractional digits, at most kDurationSecondsMax.
absl::StatusOr<int64_t> ParseDurationMicros(std::string_view text);
// Standard alphabet, padded, nothing but the canonical text of the bytes.
absl::StatusOr<std::string> ParseBase64(std::string_view text);

// A moment or a length of time as protobuf has it.
struct SecondsAndNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};
// Of microseconds since 1970: rounded down, so that nanos are never negative.
SecondsAndNanos SplitInstant(int64_t instant_us);
// Of a duration in microseconds: both parts have its sign.
SecondsAndNanos SplitDuration(int64_t duration_us);

// A whole number, without quotes.
template <typename Number>
void AppendJsonNumber(Number value, std::string* out) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out->append(buffer, end.ptr);
}
// Each appends with its quotes. Fractions of a second have 0, 3 or 6 digits, what is finer is cut
// off.
void AppendTimestamp(int64_t seconds, int32_t nanos, std::string* out);
void AppendDuration(int64_t seconds, int32_t nanos, std::string* out);
// A label's value as text, one that is split by weights as the object that it is.
void AppendLabelJson(std::string_view value, std::string* out);
// Escapes what JSON wants escaped and nothing else; `text` is UTF-8.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace purser::api

#endif  // PURSER_API_JSON_SCALAR_H_
