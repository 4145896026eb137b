// The trial of facts about models.
#include <algorithm>
#include <map>
#include <set>

#include "daemon/entry_trial.h"

namespace purser {

namespace {

using State = stored::ModelState;

// The table of daemon/decisions/0010.
const std::map<State, std::set<State>>& NextStates() {
  static const std::map<State, std::set<State>> next = {
      {stored::MODEL_CANDIDATE,
       {stored::MODEL_SHADOW, stored::MODEL_ACTIVE, stored::MODEL_RETIRED}},
      {stored::MODEL_SHADOW, {stored::MODEL_ACTIVE, stored::MODEL_RETIRED}},
      {stored::MODEL_ACTIVE, {stored::MODEL_ROLLBACK_TARGET, stored::MODEL_RETIRED}},
      {stored::MODEL_ROLLBACK_TARGET, {stored::MODEL_ACTIVE, stored::MODEL_RETIRED}},
      {stored::MODEL_RETIRED, {stored::MODEL_ACTIVE, stored::MODEL_ARCHIVED}},
      {stored::MODEL_ARCHIVED, {stored::MODEL_PURGED}}};
  return next;
}

bool MayPass(State from, State to) {
  const auto next = NextStates().find(from);
  return next != NextStates().end() && next->second.contains(to);
}

}  // namespace

const ModelRecord* EntryTrial::FindModel(const std::string& id) const {
  const auto touched = models_.find(id);
  return touched == models_.end() ? population_.models.Find(id) : &touched->second;
}

bool EntryTrial::TryModels() {
  for (const auto& fact : entry_.model_facts()) {
    if (!TryFact(fact)) return false;
  }
  if (!NoteOccupied()) return false;
  return CheckTargets();
}

bool EntryTrial::TryFact(const stored::ModelFact& fact) {
  switch (fact.fact_case()) {
    case stored::ModelFact::kRegistered:
      return Try(fact.registered());
    case stored::ModelFact::kChanged:
      return Try(fact.changed());
    case stored::ModelFact::kMoved:
      return Try(fact.moved());
    case stored::ModelFact::kReplacedTargetSet:
      return Try(fact.replaced_target_set());
    case stored::ModelFact::kCostPromised:
      return Try(fact.cost_promised());
    case stored::ModelFact::kApprovalRequested: {
      const std::string& id = fact.approval_requested().id();
      if (approvals_.emplace(id, true).second && !population_.models.approvals().contains(id)) {
        return true;
      }
      return Fail("it asks for the approval ", id, ", which is asked for already");
    }
    case stored::ModelFact::kApprovalEnded: {
      const std::string& id = fact.approval_ended().id();
      approvals_.try_emplace(id, population_.models.approvals().contains(id));
      if (std::exchange(approvals_[id], false)) return true;
      return Fail("it ends the approval ", id, ", which is not asked for");
    }
    case stored::ModelFact::kLoanMade:
      return fact.loan_made().sequence() == entry_.sequence() ||
             Fail("it makes a loan of another entry");
    case stored::ModelFact::kLoanRepaid: {
      const uint64_t sequence = fact.loan_repaid().sequence();
      if (population_.models.loans().contains(sequence) && repaid_.insert(sequence).second) {
        return true;
      }
      return Fail("it pays back the loan of entry ", sequence, ", which does not stand");
    }
    case stored::ModelFact::kBudgetMonth:
      return fact.budget_month().ends_us() > entry_.time_us() ||
             Fail("it counts the budget's step from a month that is over");
    case stored::ModelFact::kProposal:
      return Try(fact.proposal());
    case stored::ModelFact::FACT_NOT_SET:
      break;
  }
  return Fail("it has a fact of models that this version does not know");
}

bool EntryTrial::CheckSettings(const stored::ModelSettings& settings) {
  for (const auto& line : settings.footprint()) {
    const Resource* const resource = Touch(line.resource());
    if (resource == nullptr || resource->consumable() || line.amount() <= 0 ||
        line.amount() > kModelAmountMax.micros()) {
      return Fail("the model ", settings.id(), " has a footprint that it cannot have");
    }
  }
  for (const auto& cost : settings.monthly_costs()) {
    if (cost.amount() <= 0 || cost.amount() > kModelAmountMax.micros()) {
      return Fail("the model ", settings.id(), " has a cost that it cannot have");
    }
  }
  const int64_t cold_start = settings.cold_start_cost();
  if (cold_start < 0 || cold_start > kModelAmountMax.micros()) {
    return Fail("the model ", settings.id(), " has a cost of cold starts that it cannot have");
  }
  std::set<std::string_view> capabilities;
  for (const std::string& capability : settings.capabilities()) {
    if (capabilities.insert(capability).second) continue;
    return Fail("the model ", settings.id(), " has a capability twice");
  }
  return true;
}

template <typename Fact>
bool EntryTrial::FoldModel(const std::string& id, const Fact& fact) {
  const ModelRecord* const before = FindModel(id);
  if (before == nullptr || before->state() == stored::MODEL_PURGED) {
    return Fail("it changes the model ", id, ", there is none");
  }
  models_[id] = Fold(fact, ModelContext{entry_.sequence(), entry_.time_us()}, *before);
  return true;
}

bool EntryTrial::Try(const stored::ModelRegistered& fact) {
  const std::string& id = fact.settings().id();
  if (id.empty() || models_.contains(id) || population_.models.FindCreateSequence(id).has_value()) {
    return Fail("invariant 7: it registers the model ", id, " again");
  }
  if (!CheckSettings(fact.settings())) return false;
  models_[id] = Fold(fact, ModelContext{entry_.sequence(), entry_.time_us()});
  return true;
}

bool EntryTrial::Try(const stored::ModelChanged& fact) {
  if (!CheckSettings(fact.settings())) return false;
  return FoldModel(fact.settings().id(), fact);
}

bool EntryTrial::Try(const stored::ModelMoved& fact) {
  const ModelRecord* const before = FindModel(fact.id());
  if (before == nullptr || before->state() != fact.from() || !MayPass(fact.from(), fact.to())) {
    return Fail("it moves the model ", fact.id(), " to ", ModelStateName(fact.to()),
                ", where it cannot come");
  }
  const bool has_window = fact.window_ends_us() != 0;
  if (has_window != (fact.to() == stored::MODEL_ROLLBACK_TARGET) || fact.window_ends_us() < 0) {
    return Fail("it moves the model ", fact.id(), " with a window that it cannot have");
  }
  const int64_t cost = fact.to() == stored::MODEL_ACTIVE ? before->settings().cold_start_cost() : 0;
  if (fact.cold_start_cost() != cost) {
    return Fail("it moves the model ", fact.id(), " at a cost of cold starts that is not its own");
  }
  draws_on_reserve_ = draws_on_reserve_ || fact.ground() == stored::ModelMoved::ROLLBACK ||
                      fact.ground() == stored::ModelMoved::CONSUMES_RESERVE;
  return FoldModel(fact.id(), fact);
}

bool EntryTrial::Try(const stored::ReplacedTargetSet& fact) { return FoldModel(fact.id(), fact); }

bool EntryTrial::Try(const stored::CostPromised& fact) {
  const ModelRecord* const before = FindModel(fact.id());
  const bool is_there =
      before != nullptr &&
      std::any_of(before->settings().monthly_costs().begin(),
                  before->settings().monthly_costs().end(), [&fact](const auto& cost) {
                    return cost.category() == fact.category() && cost.amount() == fact.before();
                  });
  if (!is_there || fact.after() < 0 || fact.after() >= fact.before()) {
    return Fail("it lowers a cost of the model ", fact.id(), " that it does not have");
  }
  return FoldModel(fact.id(), fact);
}

// What they occupy more, or less: to be compared with the postings.
bool EntryTrial::NoteOccupied() {
  ModelResources resources = ModelResources::Of(population_.books);
  for (const auto& [number, resource] : resources_) {
    if (resource.name() == kSlotsResource) resources.slots = number;
    if (resource.name() == kStorageResource) resources.storage = number;
  }
  Occupied effect;
  for (const auto& [id, model] : models_) {
    const ModelRecord* const before = population_.models.Find(id);
    if (before != nullptr) AddOccupied(*before, resources, -1, &effect);
    AddOccupied(model, resources, 1, &effect);
  }
  for (const auto& [number, amount] : effect) {
    Said& said = said_[number];
    said.in_use += amount.micros();
    if (draws_on_reserve_ && amount.is_positive()) {
      said.held_for_reserve_purposes += amount.micros();
    }
  }
  return true;
}

// Nobody who is ACTIVE has a rollback target that was purged under it.
bool EntryTrial::CheckTargets() {
  for (const auto& [id, model] : models_) {
    const bool leaves =
        model.state() == stored::MODEL_ARCHIVED || model.state() == stored::MODEL_PURGED;
    if (leaves && population_.models.CountRollingBackTo(id) > 0) {
      return Fail("it takes away the model ", id, ", to which others are rolled back");
    }
  }
  return true;
}

}  // namespace purser
