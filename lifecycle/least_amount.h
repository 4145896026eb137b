#ifndef PURSER_LIFECYCLE_LEAST_AMOUNT_H_
#define PURSER_LIFECYCLE_LEAST_AMOUNT_H_

// Thread-safe: pure.
#include <optional>

#include "ledger/amount.h"

namespace purser {

// The least amount above zero, to the millionth, that is enough where every larger one is; nullopt:
// none is. Asks at most some 126 times.
template <typename IsEnough>
std::optional<Amount> LeastAmount(const IsEnough& is_enough) {
  Amount too_little;
  Amount enough = Amount::FromMicros(1);
  while (!is_enough(enough)) {
    too_little = enough;
    const auto more = Add(enough, enough);
    if (!more.has_value()) return std::nullopt;
    enough = *more;
  }
  while (enough.micros() - too_little.micros() > 1) {
    const Amount middle =
        Amount::FromMicros(too_little.micros() + (enough.micros() - too_little.micros()) / 2);
    (is_enough(middle) ? enough : too_little) = middle;
  }
  return enough;
}

}  // namespace purser

#endif  // PURSER_LIFECYCLE_LEAST_AMOUNT_H_
