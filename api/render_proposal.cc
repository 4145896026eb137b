#include "api/render_proposal.h"

#include <algorithm>

#include "api/render.h"

namespace purser::api {

namespace {

void SetMicros(absl::int128 micros, v1::Amount* out) { out->set_micros(ShownMicros(micros)); }

}  // namespace

v1::Proposal RenderProposal(const ProposalRecord& proposal) {
  const stored::ProposalSettings& settings = proposal.settings();
  v1::Proposal out;
  out.set_id(settings.id());
  out.set_kind(stored::ProposalSettings::Kind_Name(settings.kind()));
  *out.mutable_models() = settings.models();
  if (!settings.result_model().empty()) out.set_result_model(settings.result_model());
  out.set_reason(settings.reason());
  for (const auto& evidence : settings.evidence()) {
    (*out.mutable_evidence())[evidence.name()] = evidence.text();
  }
  SetTime(settings.expire_time_us(), out.mutable_expire_time());
  out.set_state(std::string(ProposalStateName(proposal.state())));
  out.set_proposer(proposal.proposer());
  if (!proposal.approver().empty()) out.set_approver(proposal.approver());
  if (proposal.by_policy()) out.set_approved_by_policy(true);
  out.set_generation(proposal.generation());
  SetTime(proposal.create_time_us(), out.mutable_create_time());
  SetTime(proposal.state_time_us(), out.mutable_state_time());
  if (!proposal.end_principal().empty()) out.set_ended_by(proposal.end_principal());
  if (!proposal.end_reason().empty()) out.set_end_reason(proposal.end_reason());
  if (proposal.state() != stored::PROPOSAL_EXECUTED) return out;
  out.mutable_promised_saving()->set_micros(proposal.promised());
  if (proposal.saving_due_us() == 0) {
    out.mutable_realised_saving()->set_micros(proposal.realised());
  }
  return out;
}

v1::NetValue RenderNetValue(const NetValue& value) {
  v1::NetValue out;
  SetMicros(value.business_value, out.mutable_business_value());
  SetMicros(value.incremental_inference, out.mutable_incremental_inference());
  SetMicros(value.lifecycle_maintenance, out.mutable_lifecycle_maintenance());
  SetMicros(value.expected_incident, out.mutable_expected_incident());
  SetMicros(value.opportunity_cost, out.mutable_opportunity_cost());
  SetMicros(value.Sum(), out.mutable_sum());
  return out;
}

void AddFindings(const ProposalFindings& findings, const ResourceDirectory& directory,
                 v1::Proposal* out) {
  for (const auto& [number, amount] : findings.effect) {
    const std::string name(directory.Find(number).name);
    if (amount.is_negative()) {
      (*out->mutable_frees())[name].set_micros((-amount).micros());
    } else {
      (*out->mutable_occupies())[name].set_micros(amount.micros());
    }
  }
  *out->mutable_net_value() = RenderNetValue(findings.net_value);
  for (const auto& each : findings.constraints) {
    v1::ProposalConstraint& shown = *out->add_constraints();
    shown.set_model(each.model);
    shown.set_kind(stored::Constraint::Kind_Name(each.constraint.kind()));
    shown.set_name(each.constraint.name());
    shown.set_forbids(each.forbids);
  }
  for (const std::string& id : findings.unblocks) out->add_unblocks(id);
}

v1::Proposer RenderProposer(const std::string& principal, const ProposalBook::Proposer& proposer) {
  v1::Proposer out;
  out.set_principal(principal);
  out.set_proposals(proposer.proposals);
  out.set_executed(proposer.executed);
  out.set_booked(proposer.booked);
  SetMicros(proposer.promised_micros, out.mutable_promised_saving());
  SetMicros(proposer.realised_micros, out.mutable_realised_saving());
  return out;
}

}  // namespace purser::api
