#ifndef PURSER_TESTS_BENCHMARKS_SIZES_H_
#define PURSER_TESTS_BENCHMARKS_SIZES_H_

// What sizes do to memory, to the start and to the rates.
#include <cstdint>

#include "tests/benchmarks/figures.h"

namespace purser {

struct SizeOptions {
  uint64_t open = 0;      // reservations open at once, in thousands
  uint64_t finished = 0;  // that many have ended in the end, beside the open ones
  double seconds = 5;     // of each rate
};

// With 1,000 open, `open` open, and `finished` finished beside them; then with 1 and with 1,000
// populations.
void MeasureSizes(const SizeOptions& options, Figures* figures);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_SIZES_H_
