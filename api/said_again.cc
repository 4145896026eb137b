#include "api/said_again.h"

#include "api/render.h"
#include "api/render_budget.h"
#include "api/render_guardrail.h"
#include "api/render_model.h"
#include "api/render_proposal.h"
#include "api/render_rate_card.h"
#include "api/same_content.h"

namespace purser::api {

namespace {

// What a model would have been, but for its footprint, of which the names are known alone.
ModelRecord RecordOf(const RegisterModel& command) {
  ModelRecord model;
  stored::ModelSettings& settings = *model.mutable_settings();
  const UpdateModel& said = command.said;
  const auto assign = [](const auto& from, auto* to) {
    if (from.has_value()) to->Assign(from->begin(), from->end());
  };
  settings.set_id(said.id);
  settings.set_operator_family(command.operator_family);
  assign(said.capabilities, settings.mutable_capabilities());
  assign(said.parents, settings.mutable_parents());
  assign(said.constraints, settings.mutable_constraints());
  settings.set_artifact_uri(said.artifact_uri.value_or(""));
  settings.set_rollback_target(said.rollback_target.value_or(""));
  for (const auto& [category, amount] : said.monthly_costs) {
    if (amount.is_zero()) continue;
    auto& cost = *settings.add_monthly_costs();
    cost.set_category(category);
    cost.set_amount(amount.micros());
  }
  for (const auto& [capability, value] : said.quality) {
    if (value.is_zero()) continue;
    auto& each = *settings.add_quality();
    each.set_capability(capability);
    each.set_value(value.micros());
  }
  const Amount none;
  settings.set_business_value_monthly(said.business_value_monthly.value_or(none).micros());
  settings.set_expected_incident_cost_monthly(
      said.expected_incident_cost_monthly.value_or(none).micros());
  settings.set_cold_start_cost(said.cold_start_cost.value_or(none).micros());
  return model;
}

// As a client would say it.
v1::Model MessageOf(const ModelRecord& model, const PopulationView& view) {
  ModelRecord said;
  *said.mutable_settings() = model.settings();
  v1::Model message = RenderModel(said, view);
  for (v1::Constraint& each : *message.mutable_constraints()->mutable_values()) {
    each.clear_set_time();
  }
  message.clear_state();
  message.clear_generation();
  message.clear_create_time();
  message.clear_state_time();
  message.clear_monthly_cost();
  message.clear_occupies();
  return message;
}

v1::Proposal MessageOf(const stored::ProposalSettings& settings) {
  v1::Proposal message;
  message.set_id(settings.id());
  message.set_kind(stored::ProposalSettings::Kind_Name(settings.kind()));
  *message.mutable_models() = settings.models();
  message.set_result_model(settings.result_model());
  message.set_reason(settings.reason());
  for (const auto& each : settings.evidence()) {
    (*message.mutable_evidence())[each.name()] = each.text();
  }
  if (settings.expire_time_us() != 0) {
    SetTime(settings.expire_time_us(), message.mutable_expire_time());
  }
  return message;
}

// The view is of the population.
Refusal FindDifferences(const RegisterModel& command, const ModelRecord& there,
                        const PopulationView& view) {
  v1::Model now = MessageOf(RecordOf(command), view);
  for (const auto& [name, amount] : command.said.footprint) {
    if (!amount.is_zero()) (*now.mutable_footprint())[name].set_micros(amount.micros());
  }
  return MakeConflict(stored::ID_CONFLICT, MessageOf(there, view), now);
}

Refusal FindDifferences(const Propose& command, const ProposalRecord& there) {
  return MakeConflict(stored::ID_CONFLICT, MessageOf(SaidFirst(there)), MessageOf(command.said));
}

// As a client would say it; when it was made stands for an instant that nobody said.
v1::RateCard MessageOf(const stored::RateCard& card) {
  v1::RateCard message = RenderRateCard(card);
  message.clear_generation();
  message.clear_create_time();
  return message;
}

Refusal FindDifferences(const CreateRateCard& command, const stored::RateCard& there) {
  stored::RateCard said = command.card;
  if (said.valid_from_us() == 0) said.set_valid_from_us(there.create_time_us());
  return MakeConflict(stored::ID_CONFLICT, MessageOf(there), MessageOf(said));
}

v1::Guardrail MessageOf(const stored::Guardrail& guardrail) {
  stored::GuardrailRecord record;
  *record.mutable_guardrail() = guardrail;
  v1::Guardrail message = RenderGuardrail(record, nullptr);
  message.clear_state();
  message.clear_generation();
  message.clear_create_time();
  return message;
}

}  // namespace

void NameConflict(const Command& command, Controller* controller, absl::Status* status) {
  if (status->ok()) return;
  Refusal refusal = RefusalOf(*status);
  const View view = controller->Peek(command.population);
  if (refusal.reason() != stored::ID_CONFLICT || view == nullptr) return;
  if (const auto* model = std::get_if<RegisterModel>(&command.body)) {
    const auto read = controller->FindModel(view, model->said.id, AsOf());
    if (!read.ok() || !read->model.has_value()) return;
    *refusal.mutable_faults() = FindDifferences(*model, *read->model, *read->view).faults();
  } else if (const auto* proposal = std::get_if<Propose>(&command.body)) {
    const auto read = controller->FindProposal(view, proposal->said.id());
    if (!read.ok() || read->proposal == nullptr) return;
    *refusal.mutable_faults() = FindDifferences(*proposal, *read->proposal).faults();
  } else if (const auto* made = std::get_if<CreateRateCard>(&command.body)) {
    const RateCard card = view->rates->Find(made->card.id());
    if (card == nullptr) return;
    *refusal.mutable_faults() = FindDifferences(*made, *card).faults();
  } else if (const auto* guard = std::get_if<CreateGuardrail>(&command.body)) {
    const auto there = view->guardrails->find(guard->guardrail.id());
    if (there == view->guardrails->end()) return;
    *refusal.mutable_faults() =
        MakeConflict(stored::ID_CONFLICT, MessageOf(there->second.guardrail()),
                     MessageOf(guard->guardrail))
            .faults();
  } else if (const auto* budget = std::get_if<CreateBudget>(&command.body)) {
    const BudgetState* const there = view->budgets->Find(budget->budget.id());
    if (there == nullptr) return;
    *refusal.mutable_faults() =
        MakeConflict(stored::ID_CONFLICT, RenderBudgetSettings(*there->settings),
                     RenderBudgetSettings(budget->budget))
            .faults();
  } else {
    return;
  }
  *status = Refuse(refusal);
}

}  // namespace purser::api
