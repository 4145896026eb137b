#ifndef PURSER_TESTS_SIMULATOR_MODEL_WORKLOAD_H_
#define PURSER_TESTS_SIMULATOR_MODEL_WORKLOAD_H_

// Random commands on ML models, and proposals about them, in the simulator's world. The same seed
// gives the same commands. Thread-compatible.
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/model.h"
#include "tests/model/proposals_words.h"

namespace purser {

class ModelWorkload {
 public:
  ModelWorkload(uint64_t seed, const model::Model* model)
      : words_(seed, model, {"c", "e"}), model_(*model) {}

  // Makes the population budget and the storage.
  static std::vector<model::Action> Foundation();
  model::Action Next();

 private:
  model::Action Say(const std::string& command, const std::string& arguments);
  model::Action Operators();
  std::string Constraints();
  model::Action OnProposal();

  model::WordsOfProposals words_;
  const model::Model& model_;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_MODEL_WORKLOAD_H_
