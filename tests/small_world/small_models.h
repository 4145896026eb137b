#ifndef PURSER_TESTS_SMALL_WORLD_SMALL_MODELS_H_
#define PURSER_TESTS_SMALL_WORLD_SMALL_MODELS_H_

// The models of a state of the small world, and what is proposed of them. Pure functions;
// thread-safe.
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/model.h"
#include "tests/small_world/small_state.h"

namespace purser::small {

// What can matter to what follows; without sequences, generations and absolute times.
void AddModels(const SmallState& state, std::vector<int64_t>* words);

// "" or where models, proposals or the population as a whole differ.
std::string CompareModels(const SmallState& product, const model::Model& model);

// While the reserve brings back the largest target, each model that has one is rolled back: "" or
// the one that is not. A constraint may forbid it.
std::string FindLostRollback(const SmallState& state);

}  // namespace purser::small

#endif  // PURSER_TESTS_SMALL_WORLD_SMALL_MODELS_H_
