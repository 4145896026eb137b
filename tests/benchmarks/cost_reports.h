#ifndef PURSER_TESTS_BENCHMARKS_COST_REPORTS_H_
#define PURSER_TESTS_BENCHMARKS_COST_REPORTS_H_

// How long a report of what a month cost takes, by two labels, read from a store on disk: what the
// daemon does between a request and its answer.
#include <string>

namespace purser {

// In seconds, the best of some rounds, over so many charges in groups of 1,000. The store is made
// in the directory.
double MeasureCostReport(const std::string& directory, int charges, int rounds);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_COST_REPORTS_H_
