#include "lifecycle/proposals_draft.h"

#include <algorithm>

#include "ledger/text.h"
#include "lifecycle/proposal_findings.h"

namespace purser {

const ProposalRecord* ProposalsDraft::Find(std::string_view id) const {
  const auto it = touched_.find(id);
  return it == touched_.end() ? context_.book->proposals().Find(id) : &it->second;
}

void ProposalsDraft::Add(stored::ProposalFact fact) {
  const std::string id = ProposalOf(fact);
  const ProposalRecord* const before = Find(id);
  touched_[id] =
      fact.has_made() ? Fold(fact.made(), MakeContext()) : Fold(fact, MakeContext(), *before);
  *models_->facts().Add()->mutable_proposal() = std::move(fact);
}

void ProposalsDraft::Move(stored::ProposalMoved moved) {
  stored::ProposalFact fact;
  *fact.mutable_moved() = std::move(moved);
  Add(std::move(fact));
}

absl::StatusOr<const ProposalRecord*> ProposalsDraft::FindFor(const std::string& id) {
  subject_ = id;
  const ProposalRecord* const proposal = Find(id);
  if (proposal != nullptr) return proposal;
  return Refuse(stored::NOT_FOUND, Concat("there is no proposal \"", id, "\""));
}

absl::StatusOr<const ProposalRecord*> ProposalsDraft::FindPending(const std::string& id,
                                                                  std::string_view verb) {
  const auto found = FindFor(id);
  if (!found.ok()) return found.status();
  const ProposalRecord* const proposal = *found;
  if (!IsPending(*proposal)) {
    return Refuse(stored::WRONG_STATE,
                  Concat("the proposal \"", id, "\" is ", ProposalStateName(proposal->state()),
                         "; ", verb, " takes one that is OPEN or APPROVED"));
  }
  return proposal;
}

// After all that its state forbids.
absl::Status ProposalsDraft::CheckMatch(const ProposalRecord& proposal, Match match) const {
  return CheckIfMatch(context_.if_match, proposal.generation(), match);
}

absl::StatusOr<bool> ProposalsDraft::CheckExpiry(InstantUs expire_us) const {
  if (expire_us == 0) return false;
  if (expire_us <= books_.now_us()) {
    return RefuseField(stored::INVALID_ARGUMENT, "expire_time", "must be in the future");
  }
  if (expire_us - books_.now_us() > kProposalMaxUs) {
    return RefuseField(stored::INVALID_ARGUMENT, "expire_time", "must be within 400 days");
  }
  return false;
}

absl::StatusOr<bool> ProposalsDraft::IsSaidAgain(const Propose& command) {
  subject_ = command.said.id().empty() ? Concat("_", books_.sequence()) : command.said.id();
  const ProposalRecord* const there = Find(subject_);
  if (there == nullptr) return CheckExpiry(command.said.expire_time_us());
  if (command.said.SerializeAsString() == SaidFirst(*there).SerializeAsString()) return true;
  return Refuse(stored::ID_CONFLICT,
                Concat("there is a proposal \"", subject_, "\" already, with other content"));
}

absl::Status ProposalsDraft::Make(const Propose& command, const Caller& caller) {
  stored::ProposalFact fact;
  stored::ProposalSettings& settings = *fact.mutable_made()->mutable_settings();
  settings = command.said;
  settings.set_id(subject_);
  if (settings.expire_time_us() == 0) {
    settings.set_expire_time_us(books_.now_us() + kProposalUs);
    fact.mutable_made()->set_expires_by_default(true);
  }
  const ProposalBook& book = context_.book->proposals();
  if (book.CountPending() >= kProposalsOpenMax || book.all().size() >= kProposalsMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a population has at most ", kProposalsOpenMax,
                         " proposals that are OPEN or APPROVED, and ", kProposalsMax, " ever"));
  }
  fact.mutable_made()->set_proposer(caller.principal);
  if (command.prices.has_value() && MayApprove(settings.kind())) {
    *fact.mutable_made()->mutable_judged_by() = ToStored(*command.prices);
  }
  const stored::ProposalSettings made = settings;
  Add(std::move(fact));
  is_new_ = true;
  ApproveByPolicy(made, command.prices);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<stored::ProposalSettings>> ProposalsDraft::FindUpdated(
    const UpdateProposal& command) {
  if (!context_.book->FindCreateSequence(command.result_model).has_value()) {
    return RefuseField(stored::UNKNOWN_MODEL, "result_model", "the population has no such model");
  }
  const auto known = FindFor(command.id);
  if (!known.ok()) return known.status();
  stored::ProposalSettings settings = (*known)->settings();
  if (settings.kind() != stored::ProposalSettings::MERGE &&
      settings.kind() != stored::ProposalSettings::REPLACE) {
    return RefuseField(stored::INVALID_ARGUMENT, "result_model",
                       "only a MERGE or a REPLACE has a result");
  }
  const auto& models = settings.models();
  if (std::find(models.begin(), models.end(), command.result_model) != models.end()) {
    return RefuseField(stored::INVALID_ARGUMENT, "result_model", "is one of the models");
  }
  const auto found = FindPending(command.id, "PATCH");
  if (!found.ok()) return found.status();
  if ((*found)->state() != stored::PROPOSAL_OPEN) {
    return Refuse(stored::WRONG_STATE, Concat("the proposal \"", command.id,
                                              "\" is APPROVED; PATCH takes one that is OPEN"));
  }
  if (auto status = CheckMatch(**found, Match::kRequired); !status.ok()) return status;
  if (settings.result_model() == command.result_model) return std::nullopt;
  settings.set_result_model(command.result_model);
  return settings;
}

void ProposalsDraft::Update(const UpdateProposal& command, const Caller& caller) {
  stored::ProposalFact fact;
  fact.mutable_changed()->set_id(command.id);
  fact.mutable_changed()->set_result_model(command.result_model);
  fact.mutable_changed()->set_principal(caller.principal);
  const stored::ProposalSettings::Kind kind = Find(command.id)->settings().kind();
  if (command.prices.has_value() && MayApprove(kind)) {
    *fact.mutable_changed()->mutable_judged_by() = ToStored(*command.prices);
  }
  Add(std::move(fact));
  ApproveByPolicy(Find(command.id)->settings(), command.prices);
}

absl::StatusOr<stored::ProposalSettings> ProposalsDraft::FindApproved(
    const ApproveProposal& command, const Caller& caller) {
  const auto known = FindFor(command.id);
  if (!known.ok()) return known.status();
  const ProposalRecord& proposal = **known;
  if (proposal.proposer() == caller.principal || proposal.result_principal() == caller.principal) {
    return Refuse(
        stored::FORBIDDEN,
        "whoever proposes, or gives the result, does not approve: a second principal does");
  }
  const auto found = FindPending(command.id, ":approve");
  if (!found.ok()) return found.status();
  const stored::ProposalSettings& settings = proposal.settings();
  if (settings.kind() == stored::ProposalSettings::MERGE && settings.result_model().empty()) {
    return Refuse(stored::WRONG_STATE,
                  Concat("the proposal \"", command.id, "\" names no result_model yet; PATCH one"));
  }
  if (auto status = CheckMatch(**found, Match::kOptional); !status.ok()) return status;
  return settings;
}

// Of its models as they are now.
stored::ProposalMoved ProposalsDraft::Approval(const stored::ProposalSettings& settings) const {
  stored::ProposalMoved moved;
  moved.set_id(settings.id());
  moved.set_to(stored::PROPOSAL_APPROVED);
  for (const std::string& id : ModelsOf(settings)) {
    stored::BoundModel& bound = *moved.add_bound();
    bound.set_model(id);
    bound.set_generation(models_->Find(id)->generation());
  }
  return moved;
}

void ProposalsDraft::Approve(const ApproveProposal& command, const Caller& caller) {
  stored::ProposalMoved moved = Approval(Find(command.id)->settings());
  moved.set_principal(caller.principal);
  Move(std::move(moved));
}

void ProposalsDraft::ApproveByPolicy(const stored::ProposalSettings& settings,
                                     const std::optional<ShadowPrices>& prices) {
  if (!MayApprove(settings.kind())) return;
  const bool lacks_result =
      settings.kind() == stored::ProposalSettings::MERGE && settings.result_model().empty();
  if (lacks_result) return;
  for (const std::string& id : ModelsOf(settings)) {
    if (!models_->Find(id)->settings().constraints().empty()) return;
  }
  const NetValue value = NetValueOf(settings, *context_.book, ModelResources::Of(books_),
                                    prices.value_or(ShadowPrices()));
  if (value.Sum() < context_.policy->auto_approve_net_value_min.micros()) return;
  stored::ProposalMoved moved = Approval(settings);
  moved.set_by_policy(true);
  Move(std::move(moved));
}

absl::Status ProposalsDraft::Reject(const RejectProposal& command, const Caller& caller) {
  const auto found = FindPending(command.id, ":reject");
  if (!found.ok()) return found.status();
  if (auto status = CheckMatch(**found, Match::kOptional); !status.ok()) return status;
  stored::ProposalMoved moved;
  moved.set_id(command.id);
  moved.set_to(stored::PROPOSAL_REJECTED);
  moved.set_principal(caller.principal);
  moved.set_reason(command.reason);
  Move(std::move(moved));
  return absl::OkStatus();
}

absl::Status ProposalsDraft::Withdraw(const WithdrawProposal& command, const Caller& caller) {
  const auto known = FindFor(command.id);
  if (!known.ok()) return known.status();
  if ((*known)->proposer() != caller.principal && !caller.admin) {
    return Refuse(stored::FORBIDDEN, "only its proposer, or an admin, withdraws a proposal");
  }
  const auto found = FindPending(command.id, ":withdraw");
  if (!found.ok()) return found.status();
  if (auto status = CheckMatch(**found, Match::kOptional); !status.ok()) return status;
  stored::ProposalMoved moved;
  moved.set_id(command.id);
  moved.set_to(stored::PROPOSAL_WITHDRAWN);
  moved.set_principal(caller.principal);
  moved.set_reason(command.reason);
  Move(std::move(moved));
  return absl::OkStatus();
}

absl::Status ProposalsDraft::CheckPremises(const ProposalRecord& proposal) const {
  Refusal refusal;
  for (const stored::BoundModel& bound : proposal.bound()) {
    const ModelRecord* const model = models_->Find(bound.model());
    const uint64_t now = model == nullptr ? 0 : model->generation();
    if (now == bound.generation()) continue;
    Refusal::Blocking& blocking = *refusal.add_blocking();
    blocking.set_kind("PREMISE");
    blocking.set_name(bound.model());
    blocking.set_model(bound.model());
    blocking.set_detail(Concat("was approved at generation ", bound.generation(), ", and has ",
                               now == 0 ? "none" : Concat(now)));
  }
  if (refusal.blocking().empty()) return absl::OkStatus();
  refusal.set_reason(stored::PREMISES_CHANGED);
  refusal.set_detail(Concat("the model \"", refusal.blocking(0).name(), "\" ",
                            refusal.blocking(0).detail(), "; approve the proposal anew"));
  return Refuse(refusal);
}

// Each change of a model is noted in all that watch it.
absl::Status ProposalsDraft::CheckWatchers(const stored::ProposalSettings& settings) const {
  const std::string id = context_.book->proposals().FindWatchedByMany(settings);
  if (id.empty()) return absl::OkStatus();
  return Refuse(stored::LIMIT_OF_THE_DAEMON,
                Concat("the model \"", id, "\" is watched for the savings of ", kWatchersMax,
                       " proposals of the last 28 days"));
}

absl::Status ProposalsDraft::Execute(const ExecuteProposal& command, const Caller& caller) {
  const auto found = FindPending(command.id, ":execute");
  if (!found.ok()) return found.status();
  const ProposalRecord proposal = **found;
  if (proposal.state() != stored::PROPOSAL_APPROVED) {
    return Refuse(stored::WRONG_STATE, Concat("the proposal \"", command.id,
                                              "\" is OPEN; :execute takes one that is APPROVED"));
  }
  if (auto status = CheckMatch(proposal, Match::kOptional); !status.ok()) return status;
  if (auto status = CheckPremises(proposal); !status.ok()) return status;
  if (auto status = models_->Execute(proposal.settings()); !status.ok()) return status;
  if (auto status = CheckWatchers(proposal.settings()); !status.ok()) return status;
  stored::ProposalFact fact;
  *fact.mutable_executed() = Execution(proposal, caller);
  Add(std::move(fact));
  return absl::OkStatus();
}

// With what it promises, and what is watched of that. Archiving changes no cost.
stored::ProposalExecuted ProposalsDraft::Execution(const ProposalRecord& proposal,
                                                   const Caller& caller) const {
  stored::ProposalExecuted executed;
  executed.set_id(proposal.settings().id());
  executed.set_principal(caller.principal);
  executed.set_saving_due_us(books_.now_us() + kSavingUs);
  if (proposal.settings().kind() == stored::ProposalSettings::ARCHIVE) return executed;
  Amount promised;
  for (const std::string& id : ModelsOf(proposal.settings())) {
    const bool is_result = id == proposal.settings().result_model();
    const Amount cost = MonthlyCost(models_->Find(id)->settings());
    promised += is_result ? -cost : cost;
    stored::WatchedModel& watched = *executed.add_watched();
    watched.set_model(id);
    watched.set_monthly_cost(cost.micros());
    watched.set_is_result(is_result);
    watched.set_counts_since_us(books_.now_us());
  }
  executed.set_promised(promised.micros());
  return executed;
}

void ProposalsDraft::Expire(const std::string& id) {
  subject_ = id;
  stored::ProposalMoved moved;
  moved.set_id(id);
  moved.set_to(stored::PROPOSAL_EXPIRED);
  Move(std::move(moved));
}

void ProposalsDraft::BookSaving(const std::string& id) {
  subject_ = id;
  stored::ProposalFact fact;
  fact.mutable_saving_booked()->set_id(id);
  fact.mutable_saving_booked()->set_realised(RealisedUntil(*Find(id), books_.now_us()).micros());
  Add(std::move(fact));
}

void ProposalsDraft::Supersede() {
  for (const auto& [model, record] : models_->touched()) {
    for (const std::string& id : context_.book->proposals().ListPendingOf(model)) {
      const ProposalRecord& proposal = *Find(id);
      if (!IsPending(proposal)) continue;
      const std::string wrong = models_->FindWrongState(proposal.settings());
      if (wrong.empty()) continue;
      stored::ProposalMoved moved;
      moved.set_id(id);
      moved.set_to(stored::PROPOSAL_SUPERSEDED);
      moved.set_reason(wrong);
      Move(std::move(moved));
    }
  }
}

}  // namespace purser
