#include "api/decode_models.h"

#include <algorithm>
#include <map>
#include <set>

#include "api/decode.h"
#include "api/model_reference.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr size_t kArtifactUriLengthMax = 2'048;
constexpr char kReasonOfConstraints[] = "is required where constraints are set or lifted";

void CheckMoney(Amount amount, const std::string& path, Faults* faults) {
  if (amount.is_negative()) {
    faults->Add(stored::INVALID_ARGUMENT, path, "must not be below 0");
  } else if (amount > kModelAmountMax) {
    faults->Add(stored::INVALID_ARGUMENT, path, Concat("at most ", kModelAmountMax.ToString()));
  }
}

Amount ReadMoney(const v1::Amount& message, const std::string& path, Faults* faults) {
  const Amount amount = Amount::FromMicros(message.micros());
  CheckMoney(amount, path, faults);
  return amount;
}

// Ids or other names, each once; in order.
template <typename Values, typename Check>
std::vector<std::string> ReadNames(const Values& values, const std::string& path,
                                   std::string_view rule, Check is_good, Faults* faults) {
  std::set<std::string> names;
  int index = 0;
  for (const std::string& value : values) {
    const std::string at = Concat(path, "[", index++, "]");
    if (!is_good(value)) {
      faults->Add(stored::INVALID_ARGUMENT, at, rule);
    } else if (!names.insert(value).second) {
      faults->Add(stored::INVALID_ARGUMENT, at, "is named twice");
    }
  }
  if (names.size() > kModelItemsMax) {
    faults->Add(stored::INVALID_ARGUMENT, path, Concat("at most ", kModelItemsMax));
  }
  return {names.begin(), names.end()};
}

// In the order in which they are sent.
template <typename Values>
std::vector<std::string> ReadLeaving(const Values& values, const std::string& path,
                                     Faults* faults) {
  ReadNames(values, path, kIdRule, NamesModel, faults);
  if (static_cast<size_t>(values.size()) > kModelsLeavingMax) {
    faults->Add(stored::INVALID_ARGUMENT, path, Concat("at most ", kModelsLeavingMax));
  }
  return {values.begin(), values.end()};
}

std::map<stored::CostCategory, Amount> ReadCosts(const v1::Costs& costs, const std::string& path,
                                                 Faults* faults) {
  using Costs = v1::Costs;
  const std::tuple<bool, const v1::Amount&, stored::CostCategory, const char*> fields[] = {
      {costs.has_training(), costs.training(), stored::TRAINING_COST, "training"},
      {costs.has_evaluation(), costs.evaluation(), stored::EVALUATION_COST, "evaluation"},
      {costs.has_inference(), costs.inference(), stored::INFERENCE_COST, "inference"},
      {costs.has_residency(), costs.residency(), stored::RESIDENCY_COST, "residency"},
      {costs.has_cold_start(), costs.cold_start(), stored::COLD_START_COST, "cold_start"},
      {costs.has_storage(), costs.storage(), stored::STORAGE_COST, "storage"},
      {costs.has_network(), costs.network(), stored::NETWORK_COST, "network"},
      {costs.has_observability(), costs.observability(), stored::OBSERVABILITY_COST,
       "observability"},
      {costs.has_security_review(), costs.security_review(), stored::SECURITY_REVIEW_COST,
       "security_review"},
      {costs.has_compliance(), costs.compliance(), stored::COMPLIANCE_COST, "compliance"},
      {costs.has_incident(), costs.incident(), stored::INCIDENT_COST, "incident"},
      {costs.has_on_call(), costs.on_call(), stored::ON_CALL_COST, "on_call"},
      {costs.has_vendor_license(), costs.vendor_license(), stored::VENDOR_LICENSE_COST,
       "vendor_license"},
      {costs.has_rollback_reserve(), costs.rollback_reserve(), stored::ROLLBACK_RESERVE_COST,
       "rollback_reserve"}};
  static_assert(std::size(fields) == stored::CostCategory_ARRAYSIZE - 1);
  static_assert(int{Costs::kRollbackReserveFieldNumber} == int{stored::ROLLBACK_RESERVE_COST});
  std::map<stored::CostCategory, Amount> read;
  for (const auto& [present, amount, category, name] : fields) {
    if (present) read[category] = ReadMoney(amount, Concat(path, ".", name), faults);
  }
  return read;
}

template <typename Map, typename Check, typename Out>
void ReadAmounts(const Map& amounts, const std::string& field, std::string_view rule, Check is_good,
                 Faults* faults, Out put) {
  std::map<std::string_view, int64_t> ordered;
  for (const auto& [name, amount] : amounts) ordered[name] = amount.micros();
  for (const auto& [name, micros] : ordered) {
    const std::string path = Concat(field, ".", name);
    if (!is_good(name)) {
      faults->Add(stored::INVALID_ARGUMENT, path, rule);
      continue;
    }
    CheckMoney(Amount::FromMicros(micros), path, faults);
    put(std::string(name), Amount::FromMicros(micros));
  }
  if (ordered.size() > kModelItemsMax) {
    faults->Add(stored::INVALID_ARGUMENT, field, Concat("at most ", kModelItemsMax));
  }
}

void ReadForbidden(const v1::Constraint& message, const std::string& path, Faults* faults,
                   stored::Constraint* out) {
  std::set<stored::Constraint::Act> acts;
  for (int i = 0; i < message.forbids_size(); ++i) {
    stored::Constraint::Act act = stored::Constraint::NOTHING;
    const bool known = stored::Constraint::Act_Parse(message.forbids(i), &act);
    if (known && act != stored::Constraint::NOTHING && acts.insert(act).second) continue;
    faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".forbids[", i, "]"),
                "ACTIVATE, RETIRE, MERGE, ARCHIVE or PURGE, each once");
  }
  for (const stored::Constraint::Act act : acts) out->add_forbids(act);
  if (message.forbids().empty()) {
    faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".forbids"), "is required");
  }
}

std::vector<stored::Constraint> ReadConstraints(const v1::ConstraintList& list, Faults* faults) {
  std::map<std::string, stored::Constraint> by_name;
  int index = 0;
  for (const v1::Constraint& message : list.values()) {
    const std::string path = Concat("constraints[", index++, "]");
    stored::Constraint constraint;
    stored::Constraint::Kind kind = stored::Constraint::KIND_UNSPECIFIED;
    if (!stored::Constraint::Kind_Parse(message.kind(), &kind) ||
        kind == stored::Constraint::KIND_UNSPECIFIED) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".kind"),
                  "SAFETY, LEGAL, DATA or PROTECTED");
    }
    constraint.set_kind(kind);
    constraint.set_name(message.name());
    if (!IsId(message.name())) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".name"), kIdRule);
    }
    if (message.has_set_time()) {
      faults->Add(stored::UNKNOWN_FIELD, Concat(path, ".set_time"), "is not sent");
    }
    ReadForbidden(message, path, faults, &constraint);
    if (!by_name.emplace(message.name(), constraint).second) {
      faults->Add(stored::INVALID_ARGUMENT, Concat(path, ".name"), "is named twice");
    }
  }
  if (by_name.size() > kModelItemsMax) {
    faults->Add(stored::INVALID_ARGUMENT, "constraints", Concat("at most ", kModelItemsMax));
  }
  std::vector<stored::Constraint> constraints;
  constraints.reserve(by_name.size());
  for (auto& [name, constraint] : by_name) constraints.push_back(std::move(constraint));
  return constraints;
}

void RefuseOutputs(const v1::Model& message, Faults* faults) {
  const std::pair<bool, const char*> outputs[] = {
      {!message.state().empty(), "state"},
      {message.generation() != 0, "generation"},
      {message.has_create_time(), "create_time"},
      {message.has_state_time(), "state_time"},
      {message.has_rollback_window_ends(), "rollback_window_ends"},
      {message.has_replaced_target(), "replaced_target"},
      {message.has_monthly_cost(), "monthly_cost"},
      {!message.occupies().empty(), "occupies"},
      {!message.uncoverable().empty(), "uncoverable"},
      {message.has_dry_run(), "dry_run"}};
  for (const auto& [present, field] : outputs) {
    if (present) faults->Add(stored::UNKNOWN_FIELD, field, "is not sent");
  }
}

// What may be said of a model at its registration, and be changed later.
UpdateModel ReadModel(const v1::Model& message, Faults* faults) {
  UpdateModel read;
  if (message.has_capabilities()) {
    read.capabilities = ReadNames(message.capabilities().values(), "capabilities", kLabelValueRule,
                                  IsLabelValue, faults);
  }
  if (message.has_parents()) {
    read.parents = ReadNames(message.parents().values(), "parents", kIdRule, NamesModel, faults);
  }
  if (message.has_artifact_uri()) {
    read.artifact_uri = message.artifact_uri();
    if (!IsText(message.artifact_uri(), kArtifactUriLengthMax)) {
      faults->Add(stored::INVALID_ARGUMENT, "artifact_uri",
                  "at most 2048 characters without controls");
    }
  }
  ReadAmounts(message.footprint(), "footprint", kResourceNameRule, IsResourceName, faults,
              [&](const std::string& name, Amount amount) { read.footprint[name] = amount; });
  ReadAmounts(message.quality(), "quality", kLabelValueRule, IsLabelValue, faults,
              [&](const std::string& name, Amount value) { read.quality[name] = value; });
  read.monthly_costs = ReadCosts(message.monthly_costs(), "monthly_costs", faults);
  if (message.has_business_value_monthly()) {
    // Of one that does harm it is below 0.
    const Amount value = Amount::FromMicros(message.business_value_monthly().micros());
    CheckMoney(value.is_negative() ? -value : value, "business_value_monthly", faults);
    read.business_value_monthly = value;
  }
  if (message.has_expected_incident_cost_monthly()) {
    read.expected_incident_cost_monthly = ReadMoney(message.expected_incident_cost_monthly(),
                                                    "expected_incident_cost_monthly", faults);
  }
  if (message.has_cold_start_cost()) {
    read.cold_start_cost = ReadMoney(message.cold_start_cost(), "cold_start_cost", faults);
  }
  if (message.has_constraints()) read.constraints = ReadConstraints(message.constraints(), faults);
  if (message.has_rollback_target()) {
    read.rollback_target = message.rollback_target();
    if (!message.rollback_target().empty() && !NamesModel(message.rollback_target())) {
      faults->Add(stored::INVALID_ARGUMENT, "rollback_target", kIdRule);
    }
  }
  read.reason = message.reason();
  CheckReason(read.reason, "reason", faults);
  RefuseOutputs(message, faults);
  return read;
}

}  // namespace

void CheckReason(const std::string& reason, const std::string& path, Faults* faults) {
  if (IsText(reason, kReasonLengthMax)) return;
  faults->Add(stored::INVALID_ARGUMENT, path, "at most 500 characters without controls");
}

namespace {

void CheckIsAnother(const v1::Model& message, const std::string& id, Faults* faults) {
  if (id.empty() || !message.has_rollback_target() || message.rollback_target() != id) return;
  faults->Add(stored::INVALID_ARGUMENT, "rollback_target",
              "a model is not brought back for itself");
}

}  // namespace

RegisterModel DecodeModel(const v1::Model& message, Faults* faults) {
  RegisterModel command;
  const UpdateModel read = ReadModel(message, faults);
  if (!message.id().empty() && !IsId(message.id())) {
    faults->Add(stored::INVALID_ARGUMENT, "id", kIdRule);
  }
  if (!IsLabelValue(message.operator_family())) {
    faults->Add(stored::INVALID_ARGUMENT, "operator_family",
                message.operator_family().empty() ? "is required" : kLabelValueRule);
  }
  if (read.constraints.has_value() && !read.constraints->empty() && read.reason.empty()) {
    faults->Add(stored::INVALID_ARGUMENT, "reason", kReasonOfConstraints);
  }
  command.said = read;
  command.said.id = message.id();
  CheckIsAnother(message, message.id(), faults);
  command.operator_family = message.operator_family();
  return command;
}

UpdateModel DecodeModelUpdate(const v1::Model& message, const std::string& id, Faults* faults) {
  UpdateModel command = ReadModel(message, faults);
  command.id = id;
  CheckIsAnother(message, id, faults);
  if (command.constraints.has_value() && command.reason.empty()) {
    faults->Add(stored::INVALID_ARGUMENT, "reason", kReasonOfConstraints);
  }
  if (!message.id().empty()) faults->Add(stored::IMMUTABLE, "id", "never changes");
  if (!message.operator_family().empty()) {
    faults->Add(stored::IMMUTABLE, "operator_family", "never changes");
  }
  return command;
}

ActivateModel DecodeActivation(const v1::ActivateRequest& message, const std::string& id,
                               Faults* faults) {
  ActivateModel command;
  command.id = id;
  switch (message.ground_case()) {
    case v1::ActivateRequest::kVacancy:
      command.ground = Vacancy();
      break;
    case v1::ActivateRequest::kReplaces: {
      Replaces ground;
      ground.models = ReadLeaving(message.replaces().models(), "replaces.models", faults);
      if (ground.models.empty()) {
        faults->Add(stored::INVALID_ARGUMENT, "replaces.models", "is required");
      }
      command.ground = std::move(ground);
      break;
    }
    case v1::ActivateRequest::kReducesCost: {
      ReducesCost ground;
      const v1::ReducesCost& reduces = message.reduces_cost();
      ground.retire = ReadLeaving(reduces.retire(), "reduces_cost.retire", faults);
      std::map<std::string, const v1::Costs*> changes;
      for (const auto& [model, costs] : reduces.cost_changes()) changes[model] = &costs;
      for (const auto& [model, costs] : changes) {
        const std::string path = Concat("reduces_cost.cost_changes.", model);
        if (!NamesModel(model)) faults->Add(stored::INVALID_ARGUMENT, path, kIdRule);
        const auto read = ReadCosts(*costs, path, faults);
        if (read.empty()) faults->Add(stored::INVALID_ARGUMENT, path, "names no category");
        for (const auto& [category, amount] : read) {
          ground.cost_changes.push_back({model, category, amount});
        }
      }
      if (changes.size() > kModelsLeavingMax) {
        faults->Add(stored::INVALID_ARGUMENT, "reduces_cost.cost_changes",
                    Concat("at most ", kModelsLeavingMax));
      }
      if (ground.retire.empty() && changes.empty()) {
        faults->Add(stored::INVALID_ARGUMENT, "reduces_cost", "retire or cost_changes is required");
      }
      command.ground = std::move(ground);
      break;
    }
    case v1::ActivateRequest::kConsumesReserve: {
      ConsumesReserve ground;
      ground.reason = message.consumes_reserve().reason();
      CheckReason(ground.reason, "consumes_reserve.reason", faults);
      if (ground.reason.empty()) {
        faults->Add(stored::INVALID_ARGUMENT, "consumes_reserve.reason", "is required");
      }
      if (!message.consumes_reserve().has_due_back()) {
        faults->Add(stored::INVALID_ARGUMENT, "consumes_reserve.due_back", "is required");
      } else {
        const auto& due = message.consumes_reserve().due_back();
        ground.due_back_us = due.seconds() * kSecondUs + due.nanos() / 1'000;
      }
      command.ground = std::move(ground);
      break;
    }
    case v1::ActivateRequest::GROUND_NOT_SET:
      faults->Add(stored::INVALID_ARGUMENT, "",
                  "one of vacancy, replaces, reduces_cost, consumes_reserve is required");
  }
  return command;
}

ApproveRequest DecodeApproval(const v1::ApproveRequest& message, const std::string& id,
                              Faults* faults) {
  CheckReason(message.reason(), "reason", faults);
  return {id, message.reason()};
}

RejectRequest DecodeRejection(const v1::RejectRequest& message, const std::string& id,
                              Faults* faults) {
  CheckReason(message.reason(), "reason", faults);
  return {id, message.reason()};
}

}  // namespace purser::api
