#ifndef PURSER_TESTS_BENCHMARKS_WORKLOAD_H_
#define PURSER_TESTS_BENCHMARKS_WORKLOAD_H_

// What every benchmark does: holds of the same five resources in a population `bench` that has
// plenty of each. Pure functions but for MakeBenchPopulation.
#include <cstdint>
#include <string>

#include "daemon/sequencer.h"
#include "tests/benchmarks/request_template.h"

namespace purser {

inline constexpr char kBenchPopulation[] = "bench";

// The body of `POST /v1/populations` that makes one.
std::string PopulationBody(std::string_view name);
// One reservation, about 460 bytes, with the mark for its number.
std::string HoldBody();
// One hold, in one of `populations`: bench, or bench000000 and so on.
RequestTemplate HoldRequest(uint64_t populations = 1);
// A batch of `count` creations; and of their charges, and of their settlements.
RequestTemplate HoldBatch(int count, uint64_t populations = 1);
// The same as protobuf, and asking for it.
RequestTemplate HoldBatchInProtobuf(int count);
RequestTemplate ChargeBatch(int count);
RequestTemplate SettleBatch(int count);

// The same without HTTP and JSON.
void MakeBenchPopulation(Sequencer* sequencer, InstantUs now_us);
Command MakeHold(uint64_t n, const Sequencer* sequencer);

}  // namespace purser

#endif  // PURSER_TESTS_BENCHMARKS_WORKLOAD_H_
