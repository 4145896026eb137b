#ifndef PURSER_RESERVATIONS_IF_MATCH_H_
#define PURSER_RESERVATIONS_IF_MATCH_H_

// The condition a request may carry: it counts only while the thing it changes still has the
// generation that the sender saw. Pure functions, thread-safe.
#include <cstdint>
#include <optional>

#include "absl/status/status.h"

namespace purser {

struct IfMatch {
  bool any = false;  // "*"
  uint64_t generation = 0;
};

enum class Match { kOptional, kRequired };

// PRECONDITION_REQUIRED when there has to be a condition and there is none; PRECONDITION_FAILED
// when it names another generation.
absl::Status CheckIfMatch(const std::optional<IfMatch>& condition, uint64_t generation,
                          Match match);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_IF_MATCH_H_
