// What the long history does with models.
#include <algorithm>

#include "ledger/text.h"
#include "tests/books/long_history.h"

namespace purser {

// Mostly one in such a state.
std::string LongHistory::PickModel(const Population& population,
                                   std::initializer_list<stored::ModelState> states) {
  std::vector<std::string> fit;
  for (const auto& [id, model] : population.models.all()) {
    if (std::find(states.begin(), states.end(), model->state()) != states.end()) fit.push_back(id);
  }
  return fit.empty() || Chance(5) ? "model-of-nothing" : fit[Pick(fit.size())];
}

UpdateModel LongHistory::SayOfModel() {
  UpdateModel said;
  said.capabilities = std::vector<std::string>{Chance(50) ? "layout" : "ocr"};
  said.footprint = {{"memory", Amount::FromUnits(static_cast<int64_t>(Pick(12)))},
                    {"archive_storage", PickAmount(4)}};
  said.monthly_costs = {{stored::INFERENCE_COST, PickAmount(90)},
                        {stored::STORAGE_COST, PickAmount(5)}};
  said.cold_start_cost = PickAmount(3);
  return said;
}

void LongHistory::FillActivation(const Population& population, Command* command) {
  ActivateModel activate;
  activate.id = PickModel(population, {stored::MODEL_CANDIDATE, stored::MODEL_SHADOW,
                                       stored::MODEL_RETIRED, stored::MODEL_ROLLBACK_TARGET});
  const std::string active = PickModel(population, {stored::MODEL_ACTIVE});
  switch (Pick(5)) {
    case 0:
      activate.ground = Replaces{{active}};
      break;
    case 1:
      activate.ground = ReducesCost{{active}, {}};
      break;
    case 2:
      activate.ground = ReducesCost{{}, {{active, stored::INFERENCE_COST, Amount()}}};
      break;
    case 3:
      activate.ground = ConsumesReserve{
          "launch", now_us_ + static_cast<int64_t>(1 + Pick(40)) * 6 * 3'600 * kSecondUs};
      break;
    default:
      activate.ground = Vacancy();
  }
  command->body = std::move(activate);
}

void LongHistory::FillModels(const Population& population, Command* command) {
  const auto& approvals = population.models.approvals();
  if (!approvals.empty() && Chance(30)) {
    const auto any =
        std::next(approvals.begin(), static_cast<std::ptrdiff_t>(Pick(approvals.size())));
    // Never by who asked, half the time.
    if (Chance(70)) command->body = ApproveActivation{any->first};
    if (std::holds_alternative<Tick>(command->body)) {
      command->body = RejectActivation{any->first, "not now"};
    }
    return;
  }
  command->if_match = IfMatch{true, 0};
  switch (Pick(10)) {
    case 0:
    case 1: {
      RegisterModel registers;
      registers.operator_family = MakeLabels().back().second;
      registers.said = SayOfModel();
      registers.said.id = NewId("m");
      command->if_match.reset();
      command->body = std::move(registers);
      return;
    }
    case 2: {
      UpdateModel update = SayOfModel();
      update.id = PickModel(population, {stored::MODEL_CANDIDATE, stored::MODEL_RETIRED});
      command->body = std::move(update);
      return;
    }
    case 3:
      command->body = ShadowModel{PickModel(population, {stored::MODEL_CANDIDATE})};
      return;
    case 4:
      command->body = RetireModel{PickModel(population, {stored::MODEL_ACTIVE})};
      return;
    case 5:
      command->body = ArchiveModel{PickModel(population, {stored::MODEL_RETIRED})};
      return;
    case 6:
      command->body = PurgeModel{PickModel(population, {stored::MODEL_ARCHIVED})};
      return;
    case 7:
      command->body = RollBackModel{PickModel(population, {stored::MODEL_ACTIVE}), true};
      return;
    default:
      FillActivation(population, command);
  }
}

}  // namespace purser
