#include "lifecycle/models_draft.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {

namespace {

constexpr std::string_view kNoSuchModel = "the population has no such model";

// The names of what one list has and the other lacks, or has otherwise.
template <typename Constraints>
std::vector<std::string> NamesOnlyIn(const Constraints& list, const Constraints& other) {
  std::vector<std::string> names;
  for (const stored::Constraint& each : list) {
    const bool is_there = std::any_of(other.begin(), other.end(), [&](const auto& one) {
      return one.SerializeAsString() == each.SerializeAsString();
    });
    if (!is_there) names.push_back(each.name());
  }
  return names;
}

void ChangeCosts(const std::map<stored::CostCategory, Amount>& changes,
                 stored::ModelSettings* settings) {
  std::map<stored::CostCategory, int64_t> costs;
  for (const auto& cost : settings->monthly_costs()) costs[cost.category()] = cost.amount();
  for (const auto& [category, amount] : changes) costs[category] = amount.micros();
  settings->clear_monthly_costs();
  for (const auto& [category, amount] : costs) {
    if (amount == 0) continue;
    auto& cost = *settings->add_monthly_costs();
    cost.set_category(category);
    cost.set_amount(amount);
  }
}

void ChangeQuality(const std::map<std::string, Amount>& changes, stored::ModelSettings* settings) {
  std::map<std::string, int64_t> values;
  for (const auto& each : settings->quality()) values[each.capability()] = each.value();
  for (const auto& [capability, value] : changes) values[capability] = value.micros();
  settings->clear_quality();
  for (const auto& [capability, value] : values) {
    if (value == 0) continue;
    auto& each = *settings->add_quality();
    each.set_capability(capability);
    each.set_value(value);
  }
}

// What a PATCH names is bounded; what it is added to has to be as well.
absl::Status CheckQuality(const stored::ModelSettings& settings) {
  if (static_cast<size_t>(settings.quality_size()) <= kModelItemsMax) return absl::OkStatus();
  return Refuse(stored::LIMIT_OF_THE_DAEMON,
                Concat("a model has a quality in at most ", kModelItemsMax, " capabilities"));
}

}  // namespace

const ModelRecord* ModelsDraft::Find(std::string_view id) const {
  const auto it = touched_.find(id);
  return it == touched_.end() ? context_.book->Find(id) : &it->second;
}

absl::StatusOr<const ModelRecord*> ModelsDraft::FindFor(const std::string& id) const {
  const ModelRecord* const model = Find(id);
  if (model != nullptr) return model;
  if (context_.book->FindCreateSequence(id).has_value()) {
    return Refuse(stored::WRONG_STATE, Concat("the model \"", id, "\" is PURGED"));
  }
  return Refuse(stored::NOT_FOUND, Concat("there is no model \"", id, "\""));
}

absl::StatusOr<const ModelRecord*> ModelsDraft::FindIn(
    const std::string& id, std::string_view verb,
    std::initializer_list<stored::ModelState> states) const {
  const auto model = FindFor(id);
  if (!model.ok()) return model.status();
  if (std::find(states.begin(), states.end(), (*model)->state()) == states.end()) {
    std::string wanted;
    for (const stored::ModelState state : states) {
      wanted += Concat(wanted.empty() ? "" : ", ", ModelStateName(state));
    }
    return Refuse(stored::WRONG_STATE,
                  Concat("the model \"", id, "\" is ", ModelStateName((*model)->state()), "; ",
                         verb, " takes one that is ", wanted));
  }
  auto status = CheckIfMatch(context_.if_match, (*model)->generation(), Match::kOptional);
  if (!status.ok()) return status;
  return *model;
}

absl::Status ModelsDraft::ChangeFootprint(const NamedAmounts& changes,
                                          stored::ModelSettings* settings) const {
  Faults faults;
  std::map<uint32_t, int64_t> amounts;
  for (const auto& line : settings->footprint()) amounts[line.resource()] = line.amount();
  for (const auto& [name, amount] : changes) {
    const std::string path = Concat("footprint.", name);
    const Resource* const resource = books_->FindByName(name);
    if (resource == nullptr) {
      faults.Add(stored::UNKNOWN_RESOURCE, path, kNoSuchResource);
    } else if (resource->consumable()) {
      faults.Add(stored::INVALID_ARGUMENT, path,
                 "is a budget: a model occupies capacity, and costs are monthly_costs");
    } else if (resource->number == resources().slots) {
      faults.Add(stored::INVALID_ARGUMENT, path, "each ACTIVE model occupies one by itself");
    } else {
      amounts[resource->number] = amount.micros();
    }
  }
  settings->clear_footprint();
  for (const auto& [resource, amount] : amounts) {
    if (amount == 0) continue;
    auto& line = *settings->add_footprint();
    line.set_resource(resource);
    line.set_amount(amount);
  }
  if (static_cast<size_t>(settings->footprint_size()) > kModelItemsMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a footprint names at most ", kModelItemsMax, " resources"));
  }
  return faults.ToStatus();
}

// Parents were registered before it, by the entry `created`.
absl::Status ModelsDraft::CheckParents(const stored::ModelSettings& settings,
                                       uint64_t created) const {
  Faults faults;
  for (int i = 0; i < settings.parents_size(); ++i) {
    const std::string& parent = settings.parents(i);
    const std::string path = Concat("parents[", i, "]");
    const auto registered = context_.book->FindCreateSequence(parent);
    if (parent == settings.id()) {
      faults.Add(stored::LINEAGE_CYCLE, path, "a model is no parent of itself");
    } else if (!registered.has_value()) {
      faults.Add(stored::UNKNOWN_MODEL, path, kNoSuchModel);
    } else if (*registered >= created) {
      faults.Add(stored::LINEAGE_CYCLE, path, "was registered after it: a parent comes before");
    }
  }
  return faults.ToStatus();
}

absl::Status ModelsDraft::CheckTarget(const stored::ModelSettings& settings) const {
  const std::string& target = settings.rollback_target();
  if (target.empty()) return absl::OkStatus();
  Faults faults;
  const ModelRecord* const found = Find(target);
  if (target == settings.id()) {
    faults.Add(stored::INVALID_ARGUMENT, "rollback_target",
               "a model is not brought back for itself");
  } else if (found == nullptr && !context_.book->FindCreateSequence(target).has_value()) {
    faults.Add(stored::UNKNOWN_MODEL, "rollback_target", kNoSuchModel);
  } else if (found == nullptr ? !context_.book->WasActive(target) : !found->was_active()) {
    faults.Add(stored::INVALID_ARGUMENT, "rollback_target",
               "has never been ACTIVE: a rollback brings back what served before");
  }
  return faults.ToStatus();
}

absl::Status ModelsDraft::CheckNotArchived(const stored::ModelSettings& settings) const {
  const std::string& target = settings.rollback_target();
  if (target.empty()) return absl::OkStatus();
  const ModelRecord* const found = Find(target);
  if (found != nullptr && found->state() != stored::MODEL_ARCHIVED) return absl::OkStatus();
  return Refuse(stored::WRONG_STATE, Concat("the rollback target \"", target, "\" is ",
                                            found == nullptr ? "PURGED" : "ARCHIVED",
                                            ", and cannot be brought back; name another"));
}

absl::Status ModelsDraft::Register(const RegisterModel& command) {
  stored::ModelRegistered fact;
  stored::ModelSettings& settings = *fact.mutable_settings();
  settings.set_id(command.said.id.empty() ? Concat("_", books_->sequence()) : command.said.id);
  settings.set_operator_family(command.operator_family);
  subject_ = settings.id();
  auto status = ChangeFootprint(command.said.footprint, &settings);
  ChangeSettings(command.said, ModelRecord(), &settings);
  const auto registered = context_.book->FindCreateSequence(subject_);
  if (registered.has_value()) return SayAgain(settings, status);
  if (status.ok()) status = CheckParents(settings, books_->sequence());
  if (status.ok()) status = CheckTarget(settings);
  if (status.ok()) status = CheckNotArchived(settings);
  if (!status.ok()) return status;
  if (context_.book->CountEver() >= kModelsMax || context_.book->all().size() >= kModelsKeptMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON, Concat("a population keeps at most ", kModelsKeptMax,
                                                      " models, and ", kModelsMax, " ever"));
  }
  *fact.mutable_uncoverable() = FindUncoverable(settings);
  fact.set_reason(command.said.reason);
  Fold(subject_, purser::Fold(fact, MakeContext()));
  *NewFact().mutable_registered() = std::move(fact);
  is_new_ = true;
  return Settle(*Find(subject_), Way(Way::kGrowth));
}

// The id is used: of a model that is still as it is said to be, that is no conflict.
absl::Status ModelsDraft::SayAgain(stored::ModelSettings settings, const absl::Status& status) {
  const ModelRecord* const there = context_.book->Find(subject_);
  if (there != nullptr && status.ok()) {
    KeepSetTimes(*there, &settings);
    if (settings.SerializeAsString() == there->settings().SerializeAsString()) {
      return absl::OkStatus();
    }
  }
  if (there == nullptr) {
    return Refuse(stored::ID_CONFLICT,
                  Concat("the model \"", subject_, "\" is PURGED; its id is not used again"));
  }
  return Refuse(stored::ID_CONFLICT,
                Concat("there is a model \"", subject_,
                       "\" already, with other content; PATCH changes a model"));
}

void ModelsDraft::Change(const stored::ModelSettings& settings, const UpdateModel& command) {
  const stored::ModelSettings& before = Find(command.id)->settings();
  stored::ModelChanged fact;
  *fact.mutable_settings() = settings;
  for (std::string& name : NamesOnlyIn(settings.constraints(), before.constraints())) {
    fact.add_constraints_set(std::move(name));
  }
  for (std::string& name : NamesOnlyIn(before.constraints(), settings.constraints())) {
    fact.add_constraints_lifted(std::move(name));
  }
  fact.set_reason(command.reason);
  fact.set_says_target(command.rollback_target.has_value());
  if (fact.says_target()) *fact.mutable_uncoverable() = FindUncoverable(settings);
  Fold(command.id, purser::Fold(fact, MakeContext(), *Find(command.id)));
  *NewFact().mutable_changed() = std::move(fact);
}

// What stood before stands since then.
void ModelsDraft::KeepSetTimes(const ModelRecord& before, stored::ModelSettings* settings) const {
  for (stored::Constraint& each : *settings->mutable_constraints()) {
    each.set_set_time_us(books_->now_us());
    for (stored::Constraint was : before.settings().constraints()) {
      const int64_t set_us = was.set_time_us();
      was.set_set_time_us(books_->now_us());
      if (was.SerializeAsString() == each.SerializeAsString()) each.set_set_time_us(set_us);
    }
  }
}

void ModelsDraft::ChangeSettings(const UpdateModel& command, const ModelRecord& before,
                                 stored::ModelSettings* settings) const {
  const auto replace = [](const auto& from, auto* to) {
    if (from.has_value()) to->Assign(from->begin(), from->end());
  };
  const auto set = [](const std::optional<Amount>& from, auto setter) {
    if (from.has_value()) setter(from->micros());
  };
  replace(command.capabilities, settings->mutable_capabilities());
  replace(command.parents, settings->mutable_parents());
  replace(command.constraints, settings->mutable_constraints());
  if (command.constraints.has_value()) KeepSetTimes(before, settings);
  if (command.artifact_uri.has_value()) settings->set_artifact_uri(*command.artifact_uri);
  if (command.rollback_target.has_value()) {
    settings->set_rollback_target(*command.rollback_target);
  }
  set(command.business_value_monthly,
      [&](int64_t micros) { settings->set_business_value_monthly(micros); });
  set(command.expected_incident_cost_monthly,
      [&](int64_t micros) { settings->set_expected_incident_cost_monthly(micros); });
  set(command.cold_start_cost, [&](int64_t micros) { settings->set_cold_start_cost(micros); });
  ChangeCosts(command.monthly_costs, settings);
  ChangeQuality(command.quality, settings);
}

// What is wrong with what is said, whether the model is there or not.
absl::Status ModelsDraft::CheckSaid(const UpdateModel& command) const {
  stored::ModelSettings said;
  said.set_id(command.id);
  if (auto status = ChangeFootprint(command.footprint, &said); !status.ok()) return status;
  ChangeSettings(command, ModelRecord(), &said);
  // What was named before stays, whatever became of it.
  if (command.parents.has_value()) {
    const ModelRecord* const model = Find(command.id);
    auto status = CheckParents(said, model == nullptr ? UINT64_MAX : model->create_sequence());
    if (!status.ok()) return status;
  }
  return command.rollback_target.has_value() ? CheckTarget(said) : absl::OkStatus();
}

absl::Status ModelsDraft::Update(const UpdateModel& command) {
  subject_ = command.id;
  if (auto status = CheckSaid(command); !status.ok()) return status;
  const auto found = FindFor(command.id);
  if (!found.ok()) return found.status();
  const ModelRecord before = **found;
  stored::ModelSettings settings = before.settings();
  if (auto status = ChangeFootprint(command.footprint, &settings); !status.ok()) return status;
  ChangeSettings(command, before, &settings);
  if (auto status = CheckQuality(settings); !status.ok()) return status;
  if (command.rollback_target.has_value()) {
    if (auto status = CheckNotArchived(settings); !status.ok()) return status;
  }
  auto status = CheckIfMatch(context_.if_match, before.generation(), Match::kRequired);
  if (!status.ok()) return status;
  const bool ends_target = command.rollback_target.has_value() && !before.replaced_target().empty();
  if (!ends_target && settings.SerializeAsString() == before.settings().SerializeAsString()) {
    return absl::OkStatus();
  }
  Change(settings, command);
  if (status = CheckProviders(); !status.ok()) return status;
  return Settle(before, Way(Way::kChange));
}

void ModelsDraft::Move(const std::string& id, stored::ModelState to,
                       stored::ModelMoved::Ground ground, std::string_view for_model) {
  const ModelRecord& before = *Find(id);
  stored::ModelMoved fact;
  fact.set_id(id);
  fact.set_from(before.state());
  fact.set_to(to);
  fact.set_ground(ground);
  fact.set_for_model(std::string(for_model));
  if (to == stored::MODEL_ROLLBACK_TARGET) {
    fact.set_window_ends_us(books_->now_us() + context_.policy->rollback_window_us);
  }
  if (to == stored::MODEL_ACTIVE) {
    const Amount cost = Amount::FromMicros(before.settings().cold_start_cost());
    fact.set_cold_start_cost(cost.micros());
    for (const auto& [labels, part] : ColdStartParts(before.settings(), cost)) {
      reservations_->NoteCost(labels, part);
    }
  }
  const bool was_target = before.state() == stored::MODEL_ROLLBACK_TARGET;
  Fold(id, purser::Fold(fact, MakeContext(), before));
  *NewFact().mutable_moved() = std::move(fact);
  if (was_target) EndReplaced(id);
}

// Its window is over. Where that is not by time, an ACTIVE model still goes back to it.
void ModelsDraft::EndReplaced(const std::string& target) {
  const bool by_time = Find(target)->state() == stored::MODEL_RETIRED;
  for (const std::string& replacing : context_.book->ListReplacing(target)) {
    const ModelRecord& before = *Find(replacing);
    stored::ReplacedTargetSet fact;
    fact.set_id(replacing);
    fact.set_is_kept(!by_time && IsActive(before));
    Fold(replacing, purser::Fold(fact, MakeContext(), before));
    *NewFact().mutable_replaced_target_set() = std::move(fact);
  }
}

absl::Status ModelsDraft::Shadow(const ShadowModel& command) {
  subject_ = command.id;
  const auto model = FindIn(command.id, ":shadow", {stored::MODEL_CANDIDATE});
  if (!model.ok()) return model.status();
  NoteForbidden(**model, stored::Constraint::ACTIVATE);
  if (auto status = CheckConstraints(); !status.ok()) return status;
  Move(command.id, stored::MODEL_SHADOW, stored::ModelMoved::NONE, "");
  return Settle(*Find(command.id), Way(Way::kGrowth));
}

absl::Status ModelsDraft::Retire(const RetireModel& command) {
  subject_ = command.id;
  const auto model = FindIn(command.id, ":retire",
                            {stored::MODEL_CANDIDATE, stored::MODEL_SHADOW, stored::MODEL_ACTIVE});
  if (!model.ok()) {
    const ModelRecord* const found = Find(command.id);
    if (found == nullptr || found->state() != stored::MODEL_ROLLBACK_TARGET) return model.status();
    return Refuse(stored::ROLLBACK_WINDOW,
                  Concat("the model \"", command.id,
                         "\" is a ROLLBACK_TARGET; it is RETIRED by itself as its window ends"));
  }
  if (IsActive(**model)) NoteForbidden(**model, stored::Constraint::RETIRE);
  Move(command.id, stored::MODEL_RETIRED, stored::ModelMoved::NONE, "");
  if (auto status = CheckGates(); !status.ok()) return status;
  return Settle(*Find(command.id), Way(Way::kGrowth));
}

absl::Status ModelsDraft::Archive(const ArchiveModel& command) {
  subject_ = command.id;
  const auto model = FindIn(command.id, ":archive", {stored::MODEL_RETIRED});
  if (!model.ok()) return model.status();
  NoteForbidden(**model, stored::Constraint::ARCHIVE);
  auto status = CheckConstraints();
  if (status.ok()) status = CheckNoTarget(**model, "archived");
  if (!status.ok()) return status;
  Move(command.id, stored::MODEL_ARCHIVED, stored::ModelMoved::NONE, "");
  return absl::OkStatus();
}

absl::Status ModelsDraft::Purge(const PurgeModel& command) {
  subject_ = command.id;
  const auto model = FindIn(command.id, ":purge", {stored::MODEL_ARCHIVED});
  if (!model.ok()) return model.status();
  NoteForbidden(**model, stored::Constraint::PURGE);
  if (auto status = CheckConstraints(); !status.ok()) return status;
  Move(command.id, stored::MODEL_PURGED, stored::ModelMoved::NONE, "");
  return Settle(*Find(command.id), Way(Way::kGrowth));
}

void ModelsDraft::EndWindow(const std::string& id) {
  subject_ = id;
  Move(id, stored::MODEL_RETIRED, stored::ModelMoved::NONE, "");
}

void ModelsDraft::ExpireApproval(const std::string& id) {
  EndApproval(context_.book->approvals().at(id), stored::ApprovalEnded::EXPIRED, "");
}

void ModelsDraft::EndLoans() {
  for (const auto& [sequence, loan] : context_.book->loans()) {
    const bool is_whole =
        std::all_of(loan.drawn().begin(), loan.drawn().end(), [this](const auto& line) {
          const Resource* const resource = books_->Find(line.resource());
          return resource == nullptr || resource->reserve_deficit().is_zero();
        });
    if (is_whole) NewFact().mutable_loan_repaid()->set_sequence(sequence);
  }
}

}  // namespace purser
