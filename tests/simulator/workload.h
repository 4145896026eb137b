#ifndef PURSER_TESTS_SIMULATOR_WORKLOAD_H_
#define PURSER_TESTS_SIMULATOR_WORKLOAD_H_

// Random commands of every kind over a small world, with weights that reach deep states: few
// resources, small amounts, short periods and leases, ids that are met again. The same seed gives
// the same commands. Thread-compatible.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/model/model.h"
#include "tests/simulator/model_workload.h"
#include "tests/simulator/money_workload.h"

namespace purser {

class Workload {
 public:
  // Names mostly what there is by `model`, which outlives this.
  Workload(uint64_t seed, const model::Model* model)
      : random_(seed),
        crowded_(seed % 3 == 0),
        has_models_(seed % 2 == 0),
        model_(*model),
        models_(seed, model),
        money_(seed, model) {}

  uint64_t Pick(uint64_t n) { return random_() % n; }
  bool OneIn(uint64_t n) { return Pick(n) == 0; }

  // What makes the world, in order.
  std::vector<model::Action> Foundation() const;
  // Any command but those of the clock.
  model::Action Next();
  // How far the clock moves; mostly forward.
  int64_t ClockStepUs();

 private:
  std::string Resource();
  int64_t Amount();
  model::Amounts SomeAmounts(uint64_t most);
  std::string Id();
  std::string NewId();
  std::string ChargeId();
  std::string Category() {
    return MoneyWorkload::Category([this](uint64_t n) { return Pick(n); });
  }
  // Mostly of what the reservation, or the charge, has.
  template <typename Lines>
  model::Amounts AmountsOf(const Lines& lines);
  void SetActor(model::Action* action);
  void SetLabels(model::Action* action);
  model::Action Reserve();
  void Crowd(model::Action* action);
  model::Action OnReservation();
  model::Action PostCharge();
  // Of a batch.
  model::Action Posting() { return OneIn(6) ? money_.Outcomes() : PostCharge(); }
  model::Action Refund();
  model::LimitParts SomeLimits();
  model::Action Limit();
  model::Action Operators();
  model::Action Freeze();
  model::Action Update();
  model::Action Batch();
  void RepeatId(model::Action* batch);
  // Remembers it, to be sent again.
  model::Action Sent(model::Action action);

  std::mt19937_64 random_;
  // Full of leases that give way, and of requests to which they do.
  const bool crowded_;
  const bool has_models_;  // ML models as well
  const model::Model& model_;
  ModelWorkload models_;
  MoneyWorkload money_;
  uint64_t next_id_ = 20;
  uint64_t next_charge_ = 20;
  std::vector<model::Action> sent_;
};

}  // namespace purser

#endif  // PURSER_TESTS_SIMULATOR_WORKLOAD_H_
