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

// Mostly one in the state.
std::string LongHistory::PickProposal(const Population& population, stored::ProposalState state) {
  std::vector<std::string> fit;
  for (const auto& [id, proposal] : population.models.proposals().all()) {
    if (proposal->state() == state) fit.push_back(id);
  }
  return fit.empty() || Chance(5) ? "proposal-of-nothing" : fit[Pick(fit.size())];
}

void LongHistory::FillProposal(const Population& population, Command* command) {
  switch (Pick(8)) {
    case 0:
      command->body = UpdateProposal{PickProposal(population, stored::PROPOSAL_OPEN),
                                     PickModel(population, {stored::MODEL_CANDIDATE})};
      command->if_match = IfMatch{true, 0};
      return;
    case 1:
      command->body = RejectProposal{PickProposal(population, stored::PROPOSAL_OPEN), "no"};
      return;
    case 2:
      command->body = WithdrawProposal{PickProposal(population, stored::PROPOSAL_OPEN), ""};
      return;
    case 3:
    case 4:
      command->body = ApproveProposal{PickProposal(population, stored::PROPOSAL_OPEN)};
      return;
    case 5:
      command->body = ExecuteProposal{PickProposal(population, stored::PROPOSAL_APPROVED)};
      return;
    default:
      break;
  }
  Propose propose;
  propose.said.set_id(NewId("p"));
  const bool archives = Chance(40);
  propose.said.set_kind(archives     ? stored::ProposalSettings::ARCHIVE
                        : Chance(50) ? stored::ProposalSettings::RETIRE
                                     : stored::ProposalSettings::REPLACE);
  propose.said.add_models(
      PickModel(population, {archives ? stored::MODEL_RETIRED : stored::MODEL_ACTIVE}));
  if (propose.said.kind() == stored::ProposalSettings::REPLACE) {
    propose.said.set_result_model(PickModel(population, {stored::MODEL_CANDIDATE}));
  }
  if (Chance(50)) propose.said.set_expire_time_us(now_us_ + kDayUs);
  command->body = std::move(propose);
}

// What chance hardly ever brings about: one replaced and brought back, a merge that gets its result
// later, and one retired by a proposal, whose saving is booked in time.
void LongHistory::LiveOfModels(const std::string& population) {
  const SubmitBody submit = SubmitTo(population, "root");
  RegisterModel registers;
  registers.operator_family = "vision";
  registers.said.footprint = {{"memory", Amount::FromUnits(1)}};
  for (const std::string id : {"first", "second", "third"}) {
    registers.said.id = id;
    submit(registers);
  }
  submit(ActivateModel{"first", Vacancy()});
  submit(ActivateModel{"second", Replaces{{"first"}}});
  submit(RollBackModel{"second", true});
  submit(ActivateModel{"third", Vacancy()});
  Propose propose;
  propose.said.set_id("merging");
  propose.said.set_kind(stored::ProposalSettings::MERGE);
  propose.said.add_models("first");
  propose.said.add_models("third");
  submit(propose);
  submit(UpdateProposal{"merging", "second"});
  submit(RejectProposal{"merging", "both are needed"});
  propose.said.Clear();
  propose.said.set_id("retiring");
  propose.said.set_kind(stored::ProposalSettings::RETIRE);
  propose.said.add_models("third");
  submit(propose);
  SubmitTo(population, "second")(ApproveProposal{"retiring"});
  submit(ExecuteProposal{"retiring"});
}

// What stands at the end: a model, an approval that waits for it, what is proposed of another, a
// use, and a budget that was moved.
void LongHistory::LeaveModels(const SubmitBody& submit) {
  RegisterModel registers;
  registers.operator_family = "vision";
  for (const std::string id : {"standing", "leaving"}) {
    registers.said.id = id;
    submit(registers);
  }
  submit(RetireModel{"leaving"});
  submit(ActivateModel{"standing", ConsumesReserve{"launch", now_us_ + 30 * kDayUs}});
  Propose propose;
  propose.said.set_id("standing");
  propose.said.set_kind(stored::ProposalSettings::ARCHIVE);
  propose.said.add_models("leaving");
  submit(propose);
  Labels labels = MakeLabels();
  labels.emplace_back("model", "standing");
  submit(PostCharge{"used", {{"once", Amount::FromUnits(1)}}, labels, {}});
  EnterCost visits{"visits", {}, Amount::FromUnits(3), Rate::One(), stored::NETWORK_COST, labels,
                   "",       ""};
  visits.amount = *CostOf(*visits.count, *visits.rate);
  submit(visits);
  submit(GrantAmount{"active_models", Amount::FromUnits(1), "growth"});
}

void LongHistory::FillModels(const Population& population, Command* command) {
  if (Chance(30)) return FillProposal(population, command);
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

// Up to when the oldest hold was made, as nobody holds since before that.
void LongHistory::CloseAMonth(const std::string& population) {
  const Population& there = *sequencer_->machine().Find(population);
  const HoldsSince held = FindHoldsSince(there.reservations, INT64_MAX, 1);
  ClosePeriod close;
  close.period = "2026-01";
  close.until_us = held.count == 0 ? there.last_time_us : held.oldest_us;
  close.from_us = close.until_us - kDayUs;
  close.was_over = true;
  SubmitTo(population, "root")(std::move(close));
}

}  // namespace purser
