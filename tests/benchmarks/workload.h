#ifndef PURSER_TESTS_BENCHMARKS_WORKLOAD_H_
#define PURSER_TESTS_BENCHMARKS_WORKLOAD_H_

// What every benchmark does: holds of the same five resources in a population `bench` that has
// plenty of each. Pure functions but for MakeBenchPopulation.
#include <cstdint>
#include <string>

#include "daemon/sequencer.h"

namespace purser {

inline constexpr char kBenchPopulation[] = "bench";

// The body of `POST /v1/populations` that makes it.
std::string PopulationBody();
// The n-th reservation: about 450 bytes.
std::string HoldBody(uint64_t n);
// A batch of `count` creations from the n-th on; and of their charges, and of their settlements.
std::string HoldBatch(uint64_t first, int count);
std::string ChargeBatch(uint64_t first, int count);
std::string SettleBatch(uint64_t first, int count);

// The same without HTTP and JSON.
void MakeBenchPopulation(Sequencer* sequencer, InstantUs now_us);
Command MakeHold(uint64_t n, const Sequencer* sequencer);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_WORKLOAD_H_
