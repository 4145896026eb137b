#ifndef PURSER_TESTS_MODEL_DECIMAL_H_
#define PURSER_TESTS_MODEL_DECIMAL_H_

// Decimal texts of the reference model: amounts in millionths of a unit, durations in microseconds.
//
// Deliberately written without the product's amount type: the model shares no logic with the code.
// Plain functions, safe from any thread. Errors: an empty optional.
#include <cstdint>
#include <optional>
#include <string>

namespace purser::model {

inline constexpr int64_t kOne = 1'000'000;  // Millionths in one unit, microseconds in one second.
inline constexpr int64_t kHourUs = 3'600 * kOne;
inline constexpr int64_t kDayUs = 24 * kHourUs;

__extension__ typedef __int128 Wide;

// "12.5" -> 12500000; at most six fractional digits; "-5" is read as well.
std::optional<int64_t> ParseDecimal(const std::string& text);

// 12500000 -> "12.5": no trailing zeros, no exponent, never "-0".
std::string FormatDecimal(int64_t millionths);
// A whole number, however large.
std::string FormatWide(Wide number);

// "3600s", "90m", "2h", "7d", "0.5s" -> microseconds.
std::optional<int64_t> ParseDuration(const std::string& text);

// Microseconds -> "3600s".
std::string FormatDuration(int64_t microseconds);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_DECIMAL_H_
