#include "api/render_model.h"

#include <algorithm>

#include "api/render.h"

namespace purser::api {

namespace {

v1::Amount* CostOf(stored::CostCategory category, v1::Costs* costs) {
  const auto* const field = v1::Costs::descriptor()->FindFieldByNumber(category);
  return static_cast<v1::Amount*>(costs->GetReflection()->MutableMessage(costs, field));
}

void SetMoney(int64_t micros, v1::Amount* out) { out->set_micros(micros); }

void RenderConstraints(const stored::ModelSettings& settings, v1::ConstraintList* out) {
  for (const stored::Constraint& constraint : settings.constraints()) {
    v1::Constraint& shown = *out->add_values();
    shown.set_kind(stored::Constraint::Kind_Name(constraint.kind()));
    shown.set_name(constraint.name());
    for (const int act : constraint.forbids()) {
      shown.add_forbids(stored::Constraint::Act_Name(static_cast<stored::Constraint::Act>(act)));
    }
    SetTime(constraint.set_time_us(), shown.mutable_set_time());
  }
}

}  // namespace

ModelResources ResourcesOf(const PopulationView& view) {
  const auto number = [&view](std::string_view name) {
    const auto it = view.resources.find(std::string(name));
    return it == view.resources.end() ? 0 : it->second->number;
  };
  return {number(kStorageResource), number(kSlotsResource)};
}

v1::Model RenderModel(const ModelRecord& model, const PopulationView& view) {
  const ResourceDirectory& directory = *view.directory;
  const stored::ModelSettings& settings = model.settings();
  v1::Model out;
  out.set_id(settings.id());
  out.set_operator_family(settings.operator_family());
  *out.mutable_capabilities()->mutable_values() = settings.capabilities();
  *out.mutable_parents()->mutable_values() = settings.parents();
  if (!settings.artifact_uri().empty()) out.set_artifact_uri(settings.artifact_uri());
  for (const auto& line : settings.footprint()) {
    const std::string name(directory.Find(line.resource()).name);
    (*out.mutable_footprint())[name].set_micros(line.amount());
  }
  const Occupied occupied = OccupiedIn(model.state(), settings, ResourcesOf(view));
  for (const auto& [resource, amount] : occupied) {
    (*out.mutable_occupies())[std::string(directory.Find(resource).name)].set_micros(
        amount.micros());
  }
  for (const auto& cost : settings.monthly_costs()) {
    CostOf(cost.category(), out.mutable_monthly_costs())->set_micros(cost.amount());
  }
  for (const auto& each : settings.quality()) {
    (*out.mutable_quality())[each.capability()].set_micros(each.value());
  }
  SetMoney(settings.business_value_monthly(), out.mutable_business_value_monthly());
  SetMoney(settings.expected_incident_cost_monthly(), out.mutable_expected_incident_cost_monthly());
  SetMoney(settings.cold_start_cost(), out.mutable_cold_start_cost());
  SetMoney(MonthlyCost(settings).micros(), out.mutable_monthly_cost());
  RenderConstraints(settings, out.mutable_constraints());
  if (!settings.rollback_target().empty()) out.set_rollback_target(settings.rollback_target());
  for (const uint32_t number : model.uncoverable()) {
    out.add_uncoverable(std::string(directory.Find(number).name));
  }
  if (!model.replaced_target().empty()) out.set_replaced_target(model.replaced_target());
  out.set_state(std::string(ModelStateName(model.state())));
  out.set_generation(model.generation());
  SetTime(model.create_time_us(), out.mutable_create_time());
  SetTime(model.state_time_us(), out.mutable_state_time());
  if (model.window_ends_us() != 0) {
    SetTime(model.window_ends_us(), out.mutable_rollback_window_ends());
  }
  return out;
}

v1::Approval RenderApproval(const stored::Approval& approval) {
  v1::Approval out;
  out.set_id(approval.id());
  out.set_model(approval.model());
  out.set_principal(approval.principal());
  out.set_reason(approval.reason());
  SetTime(approval.due_back_us(), out.mutable_due_back());
  SetTime(approval.create_time_us(), out.mutable_create_time());
  SetTime(approval.expire_time_us(), out.mutable_expire_time());
  return out;
}

v1::Approval RenderApproval(const ReservationPicture& request,
                            const std::vector<std::string>& budgets) {
  v1::Approval out;
  out.set_id(request.id);
  out.set_reservation(request.id);
  out.set_principal(*request.principal);
  SetTime(request.create_time_us, out.mutable_create_time());
  SetTime(request.give_up_us(), out.mutable_expire_time());
  for (const std::string& budget : budgets) out.add_budgets(budget);
  return out;
}

v1::PopulationState RenderPopulationState(const ModelsSummary& summary, const PopulationView& view,
                                          InstantUs now_us) {
  v1::PopulationState out;
  const auto count = [&](stored::ModelState state) {
    const auto it = summary.counts.find(state);
    return it == summary.counts.end() ? 0 : it->second;
  };
  out.set_candidates(count(stored::MODEL_CANDIDATE));
  out.set_shadow(count(stored::MODEL_SHADOW));
  out.set_active(count(stored::MODEL_ACTIVE));
  out.set_rollback_targets(count(stored::MODEL_ROLLBACK_TARGET));
  out.set_retired(count(stored::MODEL_RETIRED));
  out.set_archived(count(stored::MODEL_ARCHIVED));
  const auto slots = view.resources.find(std::string(kSlotsResource));
  if (slots != view.resources.end()) {
    out.mutable_budget()->set_micros(slots->second->settings->amount());
    out.mutable_lent_slots()->set_micros(slots->second->shortfall.micros());
  }
  out.mutable_monthly_cost()->set_micros(ShownMicros(summary.monthly_cost_micros));
  for (const auto& [name, of] : summary.resources) {
    v1::Residency& residency = *out.add_residency();
    residency.set_resource(name);
    residency.mutable_occupied()->set_micros(of.occupied.micros());
    const auto resource = view.resources.find(name);
    if (resource != view.resources.end()) {
      residency.mutable_headroom()->set_micros((*resource->second)[stored::AVAILABLE].micros());
    }
    if (of.coverage.has_value()) residency.set_coverage(*of.coverage);
    residency.mutable_needed()->set_micros(ShownMicros(of.needed_micros));
    residency.mutable_reserve()->set_micros(of.reserve.micros());
  }
  if (summary.coverage.has_value()) out.set_coverage(*summary.coverage);
  for (const stored::ReserveLoan& loan : summary.loans) {
    v1::Loan& shown = *out.add_loans();
    shown.set_model(loan.model());
    for (const auto& line : loan.drawn()) {
      const std::string name(view.directory->Find(line.resource()).name);
      (*shown.mutable_drawn())[name].set_micros(line.amount());
    }
    SetTime(loan.due_back_us(), shown.mutable_due_back());
    shown.set_reason(loan.reason());
    shown.set_overdue(loan.due_back_us() <= now_us);
  }
  for (const std::string& id : summary.active) out.add_active_models(id);
  for (const std::string& id : summary.blocked) out.add_rollback_blocked(id);
  return out;
}

}  // namespace purser::api
