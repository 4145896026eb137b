#include "api/openapi_operations_models.h"

#include "api/v1/model.pb.h"
#include "api/v1/proposal.pb.h"
#include "api/v1/reservation.pb.h"
#include "api/v1/selection.pb.h"

namespace purser::api {
namespace {

using stored::ID_CONFLICT;
using stored::LIMIT_OF_THE_DAEMON;
using stored::RESERVE_PROTECTED;
using stored::UNKNOWN_RESOURCE;

// What may be in the way of occupying more.
const Reasons& Fulls() {
  static const auto* const fulls =
      new Reasons{stored::FROZEN, stored::POPULATION_FULL, stored::BEHIND_QUEUE};
  return *fulls;
}

// States and gates come before all numbers.
const Reasons& Gates() {
  static const auto* const gates =
      new Reasons{stored::WRONG_STATE, stored::CONSTRAINT_FORBIDS, stored::SOLE_PROVIDER};
  return *gates;
}

// What may be in the way of an activation.
const Reasons& Activations() {
  static const auto* const reasons =
      new Reasons(Joined(Joined(Gates(), Fulls()),
                         {stored::UNKNOWN_MODEL, stored::RESERVE_OVERDUE, stored::COST_NOT_REDUCED,
                          stored::COVERAGE_LOST, LIMIT_OF_THE_DAEMON}));
  return *reasons;
}

std::vector<Operation> RegistryOperations() {
  const auto* model = v1::Model::descriptor();
  const Reasons named = {stored::UNKNOWN_MODEL, stored::LINEAGE_CYCLE, UNKNOWN_RESOURCE};
  return {
      {Action::kListModels, "listModels", kModelsTag, "List models by id", nullptr,
       v1::ModelList::descriptor()},
      {Action::kRegisterModel,
       "registerModel",
       kModelsTag,
       "Register a model, as a CANDIDATE",
       model,
       model,
       {200, 201},
       Use::kRequest,
       Joined(Joined(named, Fulls()), {ID_CONFLICT, stored::WRONG_STATE, LIMIT_OF_THE_DAEMON})},
      {Action::kGetModel, "getModel", kModelsTag, "Read a model, now or as of a past moment",
       nullptr, model},
      {Action::kUpdateModel,
       "updateModel",
       kModelsTag,
       "Change a model: what is left out stays, what is 0 is taken away",
       model,
       model,
       {200},
       Use::kUpdate,
       Joined(Joined(named, Fulls()), {stored::WRONG_STATE, stored::SOLE_PROVIDER,
                                       stored::COVERAGE_LOST, LIMIT_OF_THE_DAEMON})},
  };
}

std::vector<Operation> TransitionOperations() {
  const auto* model = v1::Model::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kShadowModel,
       "shadowModel",
       kModelsTag,
       "Try a model out beside those that serve",
       none,
       model,
       {200},
       Use::kRequest,
       Joined(Gates(), Fulls())},
      {Action::kActivateModel,
       "activateModel",
       kModelsTag,
       "Activate a model on one ground; what consumes the reserve waits for an approval (202)",
       v1::ActivateRequest::descriptor(),
       model,
       {200, 202},
       Use::kRequest,
       Activations(),
       v1::Approval::descriptor()},
      {Action::kRetireModel,
       "retireModel",
       kModelsTag,
       "Retire a model",
       none,
       model,
       {200},
       Use::kRequest,
       Joined(Gates(), {stored::ROLLBACK_WINDOW})},
      {Action::kArchiveModel,
       "archiveModel",
       kModelsTag,
       "Archive a retired model, which is never activated again",
       none,
       model,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE, stored::CONSTRAINT_FORBIDS, stored::ROLLBACK_WINDOW}},
      {Action::kPurgeModel,
       "purgeModel",
       kModelsTag,
       "Give up the artifact of an archived model; the record is kept",
       none,
       model,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE, stored::CONSTRAINT_FORBIDS}},
      {Action::kRollBackModel,
       "rollBackModel",
       kModelsTag,
       "Bring a model's rollback target back and take the failed one out, in one entry",
       none,
       model,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE, stored::CONSTRAINT_FORBIDS, stored::NO_ROLLBACK_TARGET,
        stored::POPULATION_FULL, RESERVE_PROTECTED}},
  };
}

std::vector<Operation> PopulationOperations() {
  const auto* model = v1::Model::descriptor();
  const auto* approval = v1::Approval::descriptor();
  return {
      {Action::kReadModels, "readPopulation", kModelsTag,
       "Read the population of models: budget, residency, headroom, coverage; of a past moment who "
       "was ACTIVE",
       nullptr, v1::PopulationState::descriptor()},
      {Action::kListApprovals, "listApprovals", kModelsTag,
       "List the activations and requests that wait for a second principal", nullptr,
       v1::ApprovalList::descriptor()},
      {Action::kApprove,
       "approve",
       kModelsTag,
       "Approve an activation that consumes the reserve, and carry it out; or a request of which a "
       "budget asks for an approval",
       v1::ApproveRequest::descriptor(),
       model,
       {200},
       Use::kRequest,
       Activations(),
       approval},
      {Action::kReject,
       "reject",
       kModelsTag,
       "Reject what waits for an approval",
       v1::RejectRequest::descriptor(),
       approval,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE}},
  };
}

// Of proposals also.
const Reasons& ProposalGates() {
  static const auto* const gates = new Reasons(Joined(Gates(), {stored::ROLLBACK_WINDOW}));
  return *gates;
}

std::vector<Operation> ProposalTexts() {
  const auto* proposal = v1::Proposal::descriptor();
  return {
      {Action::kListProposals, "listProposals", kProposalsTag, "List proposals by id", nullptr,
       v1::ProposalList::descriptor()},
      {Action::kPropose,
       "propose",
       kProposalsTag,
       "Propose to retire, merge, replace or archive models",
       proposal,
       proposal,
       {200, 201},
       Use::kRequest,
       Joined(ProposalGates(), {stored::UNKNOWN_MODEL, ID_CONFLICT, LIMIT_OF_THE_DAEMON})},
      {Action::kGetProposal,
       "getProposal",
       kProposalsTag,
       "Read a proposal, and what executing it now would do",
       nullptr,
       proposal,
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
      {Action::kUpdateProposal,
       "updateProposal",
       kProposalsTag,
       "Name the result of a MERGE, or another one",
       v1::UpdateProposal::descriptor(),
       proposal,
       {200},
       Use::kRequest,
       Joined(ProposalGates(), {stored::UNKNOWN_MODEL, LIMIT_OF_THE_DAEMON})},
  };
}

std::vector<Operation> ProposalVerbs() {
  const auto* proposal = v1::Proposal::descriptor();
  const auto* none = v1::ReleaseRequest::descriptor();
  return {
      {Action::kApproveProposal,
       "approveProposal",
       kProposalsTag,
       "Approve a proposal as its models are now; by another principal than the proposer",
       none,
       proposal,
       {200},
       Use::kRequest,
       ProposalGates()},
      {Action::kRejectProposal,
       "rejectProposal",
       kProposalsTag,
       "Reject a proposal",
       v1::RejectProposal::descriptor(),
       proposal,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE}},
      {Action::kWithdrawProposal,
       "withdrawProposal",
       kProposalsTag,
       "Take one's own proposal back",
       v1::WithdrawRequest::descriptor(),
       proposal,
       {200},
       Use::kRequest,
       {stored::WRONG_STATE}},
      {Action::kExecuteProposal,
       "executeProposal",
       kProposalsTag,
       "Carry an approved proposal out, in one entry",
       none,
       proposal,
       {200},
       Use::kRequest,
       Joined(Joined(ProposalGates(), Fulls()), {stored::PREMISES_CHANGED, stored::RESERVE_OVERDUE,
                                                 stored::COVERAGE_LOST, LIMIT_OF_THE_DAEMON})},
      {Action::kReviewModels,
       "reviewModels",
       kProposalsTag,
       "Have the daemon's reviewer look at all models now, and propose what it finds",
       v1::ReviewRequest::descriptor(),
       v1::ReviewAnswer::descriptor(),
       {200},
       Use::kRequest,
       {LIMIT_OF_THE_DAEMON}},
      {Action::kSelectModels,
       "evaluateSelection",
       kProposalsTag,
       "Tell which candidates would best become ACTIVE, and which models would leave for them",
       v1::SelectionRequest::descriptor(),
       v1::SelectionReport::descriptor(),
       {200},
       Use::kRequest,
       {stored::UNKNOWN_MODEL, LIMIT_OF_THE_DAEMON}},
      {Action::kListProposers, "listProposers", kProposalsTag,
       "List what proposers have promised, and what came of it", nullptr,
       v1::ProposerList::descriptor()},
  };
}

std::vector<Operation> Together(const std::vector<std::vector<Operation>>& parts) {
  std::vector<Operation> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

std::vector<Operation> ModelOperations() {
  return Together({RegistryOperations(), TransitionOperations(), PopulationOperations()});
}

std::vector<Operation> ProposalOperations() { return Together({ProposalTexts(), ProposalVerbs()}); }

}  // namespace purser::api
