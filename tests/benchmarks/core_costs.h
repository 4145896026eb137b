#ifndef PURSER_TESTS_BENCHMARKS_CORE_COSTS_H_
#define PURSER_TESTS_BENCHMARKS_CORE_COSTS_H_

// What an operation costs the processor without a socket or a disk: one thread, the best of many
// short rounds, so that a busy machine does not show.
#include <cstdint>

#include "tests/benchmarks/figures.h"

namespace purser {

// Of one hold in a batch of 1,000, in microseconds.
struct CoreCosts {
  double decode = 0;  // body to command
  double commit = 0;  // decided, applied, made rows; a store that takes them and does nothing
  double render = 0;  // result to answer
};
CoreCosts MeasureCore(int rounds);

// The JSON codec over one reservation of 450 bytes, in microseconds.
struct CodecCosts {
  double in = 0;   // text to message
  double out = 0;  // message to text
};
CodecCosts MeasureCodec(int rounds);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_CORE_COSTS_H_
