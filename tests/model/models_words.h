#ifndef PURSER_TESTS_MODEL_MODELS_WORDS_H_
#define PURSER_TESTS_MODEL_MODELS_WORDS_H_

// The words of random commands on ML models, as they stand in scenario files.
//
// Thread-compatible.
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/model.h"

namespace purser::model {

// Of a population that breeds and replaces, beside reservations.
class Words {
 public:
  using States = std::vector<std::string>;

  // Two capacity resources that models occupy.
  struct Names {
    std::string memory = "memory";
    std::string risk = "risk";
  };
  Words(uint64_t seed, const Model* model) : Words(seed, model, Names()) {}
  Words(uint64_t seed, const Model* model, Names names)
      : random_(seed), model_(model), names_(std::move(names)) {}

  uint64_t Pick(uint64_t n) { return random_() % n; }
  std::string Number(uint64_t n) { return std::to_string(Pick(n)); }
  std::string Capability() { return Pick(2) == 0 ? "ocr" : "layout"; }

  // Mostly one in such a state, else any, or one that is not there.
  std::string Of(const States& states) {
    std::vector<std::string> fit;
    for (const auto& [id, artifact] : model_->state().zoo.artifacts) {
      const bool fits = std::find(states.begin(), states.end(), artifact.state) != states.end();
      if (fits) fit.push_back(id);
    }
    if (!fit.empty() && Pick(8) != 0) return fit[Pick(fit.size())];
    return "m" + Number(made_ + 2);
  }
  std::string Active() { return Of({"ACTIVE"}); }
  std::string Target() { return Of({"RETIRED", "ACTIVE", "ROLLBACK_TARGET"}); }
  std::string Any() { return Of({"CANDIDATE", "RETIRED", "ACTIVE", "ROLLBACK_TARGET"}); }

  std::string Footprint() {
    // Now and then more than the reserve could cover.
    const std::string memory = Number(Pick(5) == 0 ? 30 : 13);
    return " fp:" + names_.memory + "=" + memory + " fp:" + names_.risk + "=" + Number(5) +
           " fp:archive_storage=0." + Number(10);
  }

  std::string Register() {
    // Now and then one that is known.
    const std::string number = Pick(12) == 0 ? Number(made_ + 1) : std::to_string(made_++);
    return "m" + number + Footprint() + " caps=" + Capability() + " cost:inference=" + Number(100) +
           " cold_cost=0.0000" + number.substr(number.size() - std::min<size_t>(2, number.size())) +
           (Pick(4) == 0 ? " target=" + Target() : "");
  }

  std::string Patch() {
    switch (Pick(5)) {
      case 0:
      case 1:
        return Any() + Footprint();
      case 2:
        return Any() + " caps=" + Capability();
      case 3:
        return Active() + " cost:inference=" + Number(100);
      default:
        return Active() + " target=" + (Pick(4) == 0 ? "-" : Target());
    }
  }

  std::string Activate() {
    const std::string id = Of({"CANDIDATE", "SHADOW", "RETIRED", "ROLLBACK_TARGET"});
    switch (Pick(6)) {
      case 0:
        return id + " vacancy";
      case 1:
        return id + " reduces_cost leaving=" + Active();
      case 2:
        return id + " reduces_cost change:" + Active() + ":inference=" + Number(20);
      case 3:
        return id + " consumes_reserve reason=r due_back=+" + std::to_string(1 + Pick(30)) + "h";
      default:
        return id + " replaces leaving=" + Active() + (Pick(4) == 0 ? "," + Active() : "");
    }
  }

  std::string Reserve(const std::string& purpose) {
    std::string text = "r" + std::to_string(reserved_++) + " " + purpose;
    // What draws on the reserve does so at once, so that it is seen which command did.
    const bool draws = purpose == "ROLLBACK";
    const bool queues = !draws && Pick(3) == 0;
    if (queues) text += " queue";
    text += " " + names_.memory + "=" + std::to_string(1 + Pick(6)) +
            " tier=" + std::to_string(1 + Pick(4)) + " lease=" + std::to_string(1 + Pick(24)) + "h";
    const bool books = !draws && !queues && Pick(4) == 0;
    return books ? text + " start_at=+" + std::to_string(1 + Pick(40)) + "h" : text;
  }

  std::string Reservation() { return "r" + std::to_string(reserved_ - Pick(8) - 1); }

 private:
  std::mt19937_64 random_;
  const Model* model_;
  const Names names_;
  uint64_t made_ = 0;
  uint64_t reserved_ = 100;
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_MODELS_WORDS_H_
