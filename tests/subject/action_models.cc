#include "tests/subject/action_models.h"

#include <algorithm>

#include "api/decode_models.h"
#include "api/render.h"
#include "ledger/text.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {

// A category that there is none of makes the message one that no route would read.
void SetCosts(const model::Amounts& amounts, v1::Costs* costs, Faults* faults) {
  for (const auto& [category, micros] : amounts) {
    const auto* const field = v1::Costs::descriptor()->FindFieldByName(category);
    if (field == nullptr) {
      faults->Add(stored::INVALID_ARGUMENT, category, "no such category");
      continue;
    }
    auto* const amount =
        static_cast<v1::Amount*>(costs->GetReflection()->MutableMessage(costs, field));
    amount->set_micros(micros);
  }
}

v1::Model ModelMessage(const Action& action, Faults* faults) {
  const model::ArtifactParts& parts = action.artifact;
  v1::Model out;
  if (action.verb == Verb::kRegister) {
    out.set_id(action.id);
    const auto family = action.labels.find("operator_family");
    if (family != action.labels.end()) out.set_operator_family(family->second);
  }
  if (parts.capabilities) {
    out.mutable_capabilities()->mutable_values()->Assign(parts.capabilities->begin(),
                                                         parts.capabilities->end());
  }
  if (parts.parents) {
    out.mutable_parents()->mutable_values()->Assign(parts.parents->begin(), parts.parents->end());
  }
  for (const auto& [resource, micros] : parts.footprint.value_or(model::Amounts())) {
    (*out.mutable_footprint())[resource].set_micros(micros);
  }
  if (parts.monthly_costs) SetCosts(*parts.monthly_costs, out.mutable_monthly_costs(), faults);
  for (const auto& [capability, micros] : parts.quality.value_or(model::Amounts())) {
    (*out.mutable_quality())[capability].set_micros(micros);
  }
  if (parts.constraints) {
    out.mutable_constraints();
    for (const model::Constraint& constraint : *parts.constraints) {
      v1::Constraint& message = *out.mutable_constraints()->add_values();
      message.set_kind(constraint.kind);
      message.set_name(constraint.name);
      for (const std::string& act : constraint.forbids) message.add_forbids(act);
    }
  }
  if (parts.rollback_target) out.set_rollback_target(*parts.rollback_target);
  if (parts.business_value) out.mutable_business_value_monthly()->set_micros(*parts.business_value);
  if (parts.cold_cost) out.mutable_cold_start_cost()->set_micros(*parts.cold_cost);
  if (parts.incident_cost) {
    out.mutable_expected_incident_cost_monthly()->set_micros(*parts.incident_cost);
  }
  out.set_reason(action.reason);
  return out;
}

v1::ActivateRequest GroundMessage(const Action& action, Faults* faults) {
  const model::Grounds& ground = action.ground;
  v1::ActivateRequest out;
  const int grounds = static_cast<int>(ground.vacancy) + static_cast<int>(ground.replaces) +
                      static_cast<int>(ground.reduces_cost) +
                      static_cast<int>(ground.consumes_reserve);
  if (grounds > 1) {
    // The codec refuses a second member of a oneof.
    faults->Add(stored::INVALID_ARGUMENT, "", "exactly one ground");
    return out;
  }
  const bool has_others = !ground.cost_changes.empty() || !ground.leaving.empty();
  if ((ground.vacancy && has_others) || (ground.replaces && !ground.cost_changes.empty())) {
    faults->Add(stored::INVALID_ARGUMENT, "", "of another ground");
  }
  if (ground.vacancy) out.mutable_vacancy();
  if (ground.replaces) {
    out.mutable_replaces()->mutable_models()->Assign(ground.leaving.begin(), ground.leaving.end());
  }
  if (ground.reduces_cost) {
    v1::ReducesCost& reduces = *out.mutable_reduces_cost();
    reduces.mutable_retire()->Assign(ground.leaving.begin(), ground.leaving.end());
    for (const auto& [model, costs] : ground.cost_changes) {
      SetCosts(costs, &(*reduces.mutable_cost_changes())[model], faults);
    }
  }
  if (ground.consumes_reserve) {
    out.mutable_consumes_reserve()->set_reason(action.reason);
    if (ground.due_back_us) {
      api::SetTime(*ground.due_back_us, out.mutable_consumes_reserve()->mutable_due_back());
    }
  }
  return out;
}

}  // namespace

bool LacksModelScope(const Action& action) {
  switch (action.verb) {
    case Verb::kRegister:
      return action.artifact.constraints.has_value() && !action.artifact.constraints->empty() &&
             !action.constraints_write;
    case Verb::kPatch:
      return action.artifact.constraints.has_value() && !action.constraints_write;
    case Verb::kApprove:
      return !action.approvals_write || !action.reserve_spend;
    case Verb::kReject:
      return !action.approvals_write;
    case Verb::kRequire:
      return !action.admin;
    default:
      return false;
  }
}

void TranslateModels(const Action& action, const std::string& approval_id, Faults* faults,
                     Translated* out) {
  const std::string approval = approval_id.empty() ? "of-nothing" : approval_id;
  switch (action.verb) {
    case Verb::kRegister: {
      const auto message = ModelMessage(action, faults);
      out->command.body = api::DecodeModel(message, faults);
      return Keep(message, out);
    }
    case Verb::kPatch:
      out->command.body = api::DecodeModelUpdate(ModelMessage(action, faults), action.id, faults);
      out->command.if_match = IfMatch{true, 0};
      return;
    case Verb::kActivate: {
      const auto message = GroundMessage(action, faults);
      out->command.body = api::DecodeActivation(message, action.id, faults);
      return Keep(message, out);
    }
    case Verb::kShadow:
      out->command.body = ShadowModel{action.id};
      return;
    case Verb::kApprove:
      out->command.body = ApproveActivation{approval};
      return;
    case Verb::kReject: {
      v1::RejectRequest message;
      message.set_reason(action.reason);
      const RejectRequest said = api::DecodeRejection(message, approval, faults);
      out->command.body = RejectActivation{said.reservation, said.reason};
      return Keep(message, out);
    }
    case Verb::kRetire:
      out->command.body = RetireModel{action.id};
      return;
    case Verb::kArchive:
      out->command.body = ArchiveModel{action.id};
      return;
    case Verb::kPurge:
      out->command.body = PurgeModel{action.id};
      return;
    case Verb::kRollback:
      out->command.body = RollBackModel{action.id, action.reserve_spend};
      return;
    default: {
      UpdatePopulation update;
      std::vector<std::string> required = action.capabilities;
      std::sort(required.begin(), required.end());
      if (std::adjacent_find(required.begin(), required.end()) != required.end()) {
        faults->Add(stored::INVALID_ARGUMENT, "required_capabilities", "named twice");
      }
      update.required_capabilities = std::move(required);
      out->command.body = std::move(update);
      out->command.if_match = IfMatch{true, 0};
    }
  }
}

model::ArtifactView ViewOfModel(const ModelRecord& model, const Population& population) {
  const auto name = [&](uint32_t number) {
    return std::string(population.directory.Find(number).name);
  };
  const stored::ModelSettings& settings = model.settings();
  model::ArtifactView view;
  view.state = std::string(ModelStateName(model.state()));
  view.generation = static_cast<int64_t>(model.generation());
  view.target = RollbackTargetOf(model);
  const bool by_window = settings.rollback_target().empty() && !model.replaced_target().empty();
  if (by_window) {
    const ModelRecord* const target = population.models.Find(model.replaced_target());
    if (target != nullptr) view.target_until_us = target->window_ends_us();
  }
  view.window_until_us = model.window_ends_us();
  const ModelResources resources = ModelResources::Of(population.books);
  for (const auto& [number, amount] : OccupiedIn(model.state(), settings, resources)) {
    view.occupies[name(number)] = amount.micros();
  }
  for (const auto& line : settings.footprint())
    view.footprint[name(line.resource())] = line.amount();
  view.monthly_cost = MonthlyCost(settings).micros();
  for (const auto& each : settings.quality()) view.quality[each.capability()] = each.value();
  for (const stored::Constraint& constraint : settings.constraints()) {
    view.constraints.push_back(
        Concat(stored::Constraint::Kind_Name(constraint.kind()), ":", constraint.name()));
  }
  return view;
}

model::PopulationView ViewOfModels(const Population& population) {
  const ModelsSummary summary = Summarise(population.models, population.books, 1);
  model::PopulationView view;
  view.active = static_cast<int64_t>(summary.active.size());
  for (const auto& [name, of] : summary.resources) {
    if (name == kSlotsResource || name == kStorageResource) continue;
    view.coverage[name] = of.coverage;
  }
  view.smallest_coverage = summary.coverage;
  for (const stored::ReserveLoan& loan : summary.loans) {
    model::LoanView& shown = view.loans.emplace_back();
    shown.model = loan.model();
    shown.due_back_us = loan.due_back_us();
    for (const auto& line : loan.drawn()) {
      shown.amounts[std::string(population.directory.Find(line.resource()).name)] = line.amount();
    }
  }
  std::map<uint64_t, model::ApprovalView> pending;
  for (const auto& [id, approval] : population.models.approvals()) {
    pending[approval.sequence()] = {approval.model(), approval.principal(),
                                    approval.expire_time_us()};
  }
  for (const auto& [sequence, approval] : pending) view.pending.push_back(approval);
  const Resource* const slots = population.books.FindByName(kSlotsResource);
  if (slots != nullptr) view.lent = slots->shortfall.micros();
  view.forbidden = summary.blocked;
  return view;
}

}  // namespace purser
