#ifndef PURSER_TESTS_MODEL_CALENDAR_H_
#define PURSER_TESTS_MODEL_CALENDAR_H_

// The UTC calendar of the reference model, counted naively, year by year and month by month.
//
// Instants are microseconds since 1970-01-01T00:00:00Z. Plain functions, safe from any thread.
#include <cstdint>
#include <optional>
#include <string>

namespace purser::model {

// "2026-02-01T00:00:00Z" or with a fraction "…:00.000001Z".
std::optional<int64_t> ParseInstant(const std::string& text);

std::string FormatInstant(int64_t instant_us);

// The first instant of the first month that begins after `instant_us` (never `instant_us` itself).
int64_t NextMonth(int64_t instant_us);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_CALENDAR_H_
