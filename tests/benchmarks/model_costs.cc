#include "tests/benchmarks/model_costs.h"

#include <string>
#include <utility>

#include "daemon/sequencer.h"
#include "daemon/time_zones.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "tests/benchmarks/best_round.h"

namespace purser {
namespace {

constexpr InstantUs kNowUs = 1'800'000'000'000'000;
constexpr int kOperations = 50;
constexpr int kCapabilities = 50;
constexpr char kZoo[] = "zoo";

class Zoo {
 public:
  explicit Zoo(int active) : active_(active), sequencer_(Options(), &store_, FirstOfNextMonth) {
    PURSER_CHECK(sequencer_.Open(kNowUs).ok(), "an empty store opens");
    Make();
    for (int i = 0; i < active + kOperations; ++i) Register(i);
    for (int i = 0; i < active; ++i) Do(ActivateModel{IdOf(i), Vacancy()});
  }

  // Each of some replaces one that is ACTIVE, anywhere among all.
  void Replace() {
    for (int i = 0; i < kOperations; ++i) {
      Do(ActivateModel{IdOf(active_ + i), Replaces{{IdOf(i * (active_ / kOperations))}}});
    }
  }
  void RollBack() {
    for (int i = 0; i < kOperations; ++i) Do(RollBackModel{IdOf(active_ + i), true});
  }

 private:
  static SequencerOptions Options() {
    SequencerOptions options;
    options.resume_leases = false;
    return options;
  }
  static std::string IdOf(int number) { return Concat("m", number); }

  template <typename Body>
  void Do(Body body) {
    Command command;
    command.population = kZoo;
    command.caller = {"local", true};
    command.body = std::move(body);
    api::CommandResult result;
    PURSER_CHECK(sequencer_.Commit({{&command, &result}}, kNowUs), "nothing is written");
    PURSER_CHECK(result.status.ok(), "what the benchmark asks fits");
  }
  void Make() {
    CreatePopulation create;
    create.settings.set_name(kZoo);
    create.settings.set_time_zone("UTC");
    for (const char* name : {"memory", "active_models", "archive_storage"}) {
      stored::ResourceSettings& resource = create.resources.emplace_back();
      resource.set_name(name);
      resource.set_unit("unit");
      resource.set_kind(stored::CAPACITY);
      resource.set_amount(Amount::FromUnits(1'000'000).micros());
      resource.set_reserve_percent(Amount::FromUnits(10).micros());
    }
    Do(std::move(create));
  }
  void Register(int number) {
    RegisterModel model;
    model.operator_family = Concat("family-", number % 20);
    model.said.id = IdOf(number);
    const std::string capability = Concat("capability-", number % kCapabilities);
    model.said.capabilities = std::vector<std::string>{capability};
    model.said.quality = {{capability, Amount::FromUnits(number % 97)}};
    model.said.footprint = {{"archive_storage", Amount::FromUnits(1)},
                            {"memory", Amount::FromUnits(1 + number % 8)}};
    model.said.monthly_costs = {{stored::INFERENCE_COST, Amount::FromUnits(number % 89)}};
    Do(std::move(model));
  }

  const int active_;
  Discard store_;
  Sequencer sequencer_;
};

}  // namespace

ModelCosts MeasureModels(int active, int rounds) {
  Zoo zoo(active);
  Best activate(kOperations);
  Best roll_back(kOperations);
  for (int round = 0; round < rounds; ++round) {
    activate.Time([&] { zoo.Replace(); });
    roll_back.Time([&] { zoo.RollBack(); });
  }
  return {activate.best(), roll_back.best()};
}

}  // namespace purser
