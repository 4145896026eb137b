#include "tests/subject/action_proposals.h"

#include <utility>

#include "api/decode_proposals.h"
#include "api/render.h"
#include "ledger/text.h"
#include "lifecycle/proposal_findings.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {

v1::Proposal ProposalMessage(const Action& action) {
  const model::ProposalParts& parts = action.proposal;
  v1::Proposal out;
  out.set_id(action.id);
  out.set_kind(parts.kind);
  for (const std::string& id : parts.models) out.add_models(id);
  if (!parts.result.empty()) out.set_result_model(parts.result);
  if (parts.expires_us) api::SetTime(*parts.expires_us, out.mutable_expire_time());
  for (const auto& [name, text] : parts.evidence) (*out.mutable_evidence())[name] = text;
  out.set_reason(action.reason);
  return out;
}

}  // namespace

bool LacksProposalScope(const Action& action) {
  switch (action.verb) {
    case Verb::kPropose:
    case Verb::kAmend:
      return !action.proposals_write;
    case Verb::kApproveProposal:
    case Verb::kRejectProposal:
      return !action.proposals_approve;
    case Verb::kExecute:
      return !action.proposals_approve && !action.models_write;
    default:
      return false;
  }
}

void TranslateProposals(const Action& action, Faults* faults, Translated* out) {
  switch (action.verb) {
    case Verb::kPropose: {
      const v1::Proposal message = ProposalMessage(action);
      out->command.body = api::DecodeProposal(message, faults);
      out->request = std::make_shared<v1::Proposal>(message);
      return;
    }
    case Verb::kAmend: {
      v1::UpdateProposal message;
      message.set_result_model(action.proposal.result);
      out->command.body = api::DecodeProposalUpdate(message, action.id, faults);
      out->command.if_match = IfMatch{true, 0};
      return;
    }
    case Verb::kApproveProposal:
      out->command.body = ApproveProposal{action.id};
      return;
    case Verb::kRejectProposal: {
      v1::RejectProposal message;
      message.set_reason(action.reason);
      out->command.body = api::DecodeProposalRejection(message, action.id, faults);
      return;
    }
    case Verb::kWithdrawProposal:
      out->command.body = WithdrawProposal{action.id, action.reason};
      return;
    default:
      out->command.body = ExecuteProposal{action.id};
  }
}

model::ProposalView ViewOfProposal(const ProposalRecord& proposal, const Population& population) {
  const stored::ProposalSettings& settings = proposal.settings();
  model::ProposalView view;
  view.state = std::string(ProposalStateName(proposal.state()));
  view.kind = stored::ProposalSettings::Kind_Name(settings.kind());
  view.proposer = proposal.proposer();
  view.approver = proposal.approver();
  view.result = settings.result_model();
  view.expires_us = settings.expire_time_us();
  if (proposal.state() == stored::PROPOSAL_EXECUTED) {
    view.promised = proposal.promised();
    if (proposal.saving_due_us() == 0) view.realised = proposal.realised();
  }
  if (!IsPending(proposal)) return view;
  const ProposalFindings findings =
      Examine(settings, population.models, ModelResources::Of(population.books));
  model::ProposalView::Shown shown;
  for (const auto& [number, amount] : findings.effect) {
    if (!amount.is_negative()) continue;
    shown.frees[std::string(population.directory.Find(number).name)] = (-amount).micros();
  }
  const NetValue& value = findings.net_value;
  shown.terms = {{"business_value", static_cast<int64_t>(value.business_value)},
                 {"incremental_inference", static_cast<int64_t>(value.incremental_inference)},
                 {"lifecycle_maintenance", static_cast<int64_t>(value.lifecycle_maintenance)},
                 {"expected_incident", static_cast<int64_t>(value.expected_incident)},
                 {"opportunity_cost", static_cast<int64_t>(value.opportunity_cost)}};
  shown.net_value = static_cast<int64_t>(value.Sum());
  for (const auto& each : findings.constraints) {
    shown.constraints.push_back(
        Concat(each.model, " ", stored::Constraint::Kind_Name(each.constraint.kind()), ":",
               each.constraint.name(), each.forbids ? " forbids" : " allows"));
  }
  view.shown = std::move(shown);
  return view;
}

model::ProposerView ViewOfProposer(const ProposalBook::Proposer& proposer) {
  model::ProposerView view;
  view.proposals = static_cast<int64_t>(proposer.proposals);
  view.executed = static_cast<int64_t>(proposer.executed);
  view.promised = static_cast<int64_t>(proposer.promised_micros);
  view.realised = static_cast<int64_t>(proposer.realised_micros);
  return view;
}

}  // namespace purser
