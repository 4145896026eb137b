#ifndef PURSER_TESTS_BENCHMARKS_PARTS_H_
#define PURSER_TESTS_BENCHMARKS_PARTS_H_

// What the benchmarks are made of. Each part sets figures of one round; ratios are taken of what
// the same round measured, because the machine is shared and its disk changes its mind.
#include <string>
#include <vector>

#include "tests/benchmarks/figures.h"

namespace purser {

struct PartOptions {
  double seconds = 5;  // of each load
};

struct Part {
  const char* name;
  void (*run)(const PartOptions& options, Figures* figures);
};

// In the order in which they run.
const std::vector<Part>& Parts();
// After all parts of a round.
void SetRatios(Figures* figures);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_PARTS_H_
