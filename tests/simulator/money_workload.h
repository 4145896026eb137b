#ifndef PURSER_TESTS_SIMULATOR_MONEY_WORKLOAD_H_
#define PURSER_TESTS_SIMULATOR_MONEY_WORKLOAD_H_

// Random commands about money in the simulator's world, now and then one. The same seed gives the
// same commands. Thread-compatible.
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser {

class MoneyWorkload {
 public:
  MoneyWorkload(uint64_t seed, const model::Model* model)
      : random_(seed ^ 0x6d6f6e6579), model_(*model) {}

  // nullopt: something else is to be done.
  std::optional<model::Action> Next();
  model::Action Outcomes();
  // Mostly good still.
  int64_t QuotedAt() {
    return model_.NowUs() - static_cast<int64_t>(Pick(OneIn(9) ? 2'000 : 1'000)) * 60 * model::kOne;
  }
  // Gives a label several values, now and then wrong ones; `pick(n)`: below n.
  template <typename PickBelow>
  static void SplitLabels(PickBelow pick, model::Action* action) {
    static constexpr const char* kSplits[] = {
        R"({"any":"1","ocr":"2"})", R"({"layout":"0.5","ocr":"0","vision":"1"})",
        R"({"any":"3","layout":"3","ocr":"1"})", R"({"any":"0","ocr":"0"})", R"({"any"})"};
    if (pick(8) != 0) return;
    const std::string split = kSplits[pick(pick(20) == 0 ? 5 : 3)];
    action->labels[pick(5) == 0 ? "team" : "capability"] = split;
    if (pick(40) == 0) action->labels["operator_family"] = split;
  }
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
  model::Action ClosePeriod();
  model::Action RateCard();
  model::Action CostEntry();
  model::Action Guardrail();
  model::Action Budget();
  // Of who waits for an approval, mostly.
  model::Action Review();
  // Of about what is left of a budget.
  std::optional<model::Action> Request();
  void SetPrincipal(model::Action* action);
  // Of a charge or a cost entry, mostly one that is there.
  std::string Posted();

  std::mt19937_64 random_;
  const model::Model& model_;
  uint64_t next_entry_ = 0;
  uint64_t next_outcomes_ = 0;
  uint64_t next_request_ = 0;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_MONEY_WORKLOAD_H_
