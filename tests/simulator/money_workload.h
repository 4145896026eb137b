#ifndef PURSER_TESTS_SIMULATOR_MONEY_WORKLOAD_H_
#define PURSER_TESTS_SIMULATOR_MONEY_WORKLOAD_H_

// Random commands about money in the simulator's world, now and then one. The same seed gives the
// same commands. Thread-compatible.
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "tests/model/model.h"

namespace purser {

class MoneyWorkload {
 public:
  MoneyWorkload(uint64_t seed, const model::Model* model)
      : random_(seed ^ 0x6d6f6e6579), model_(*model) {}

  // nullopt: something else is to be done.
  std::optional<model::Action> Next();
  // Of a charge: mostly none, now and then one that there is not. `pick(n)`: below n.
  template <typename PickBelow>
  static std::string Category(PickBelow pick) {
    static constexpr const char* kSome[] = {"storage", "network", "rollback_reserve", "gpu",
                                            "Network"};
    if (pick(4) != 0) return "";
    return kSome[pick(pick(9) == 0 ? 5 : 3)];
  }

 private:
  uint64_t Pick(uint64_t n) { return random_() % n; }
  bool OneIn(uint64_t n) { return Pick(n) == 0; }
  model::Action RateCard();

  std::mt19937_64 random_;
  const model::Model& model_;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_MONEY_WORKLOAD_H_
