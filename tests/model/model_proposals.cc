// Proposals: how they are made, approved, executed and ended (daemon/decisions/0011). What they are
// worth is in model_proposal_values.cc.
#include <algorithm>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kExpireAfterUs = 30 * kDayUs;
constexpr int64_t kLongestUs = 400 * kDayUs;
constexpr int64_t kLiveMax = 1'000;
constexpr size_t kEverMax = 100'000;
constexpr int64_t kWatchersMax = 64;

// What `:activate` takes.
bool MayBecomeActive(const Artifact& artifact) {
  return artifact.state == "CANDIDATE" || artifact.state == "SHADOW" ||
         artifact.state == "RETIRED" || artifact.state == "ROLLBACK_TARGET";
}

Proposal NewProposal(const Action& action) {
  Proposal proposal;
  proposal.id = action.id;
  proposal.content = ContentOf(action);
  proposal.proposer = action.principal;
  proposal.kind = action.proposal.kind;
  proposal.models = action.proposal.models;
  proposal.result = action.proposal.result;
  return proposal;
}

// An activation of the result that the models leave for.
Action Replacing(const Proposal& proposal) {
  Action action;
  action.verb = Verb::kActivate;
  action.id = proposal.result;
  action.ground.replaces = true;
  action.ground.leaving = proposal.models;
  return action;
}

}  // namespace

Verdict Model::DispatchProposal(const Action& action) {
  if (action.verb == Verb::kPropose) return Propose(action);
  // As of other commands what is wrong with a body is told before what it is about is looked up.
  const bool amends = action.verb == Verb::kAmend;
  if (amends && !state_.zoo.artifacts.contains(action.proposal.result))
    return Refused("unknown_model");
  const auto found = state_.proposals.by_id.find(action.id);
  if (found == state_.proposals.by_id.end()) return Refused("not_found");
  Proposal* proposal = &found->second;
  if (amends) return Amend(action, proposal);
  if (action.verb == Verb::kApproveProposal) return ApproveProposal(action, proposal);
  if (action.verb == Verb::kExecute) return ExecuteProposal(proposal);
  return EndProposal(action, proposal);
}

bool Model::IsUnknown(const Proposal& proposal) const {
  const std::vector<std::string> all = proposal.All();
  return std::any_of(all.begin(), all.end(),
                     [this](const std::string& id) { return !state_.zoo.artifacts.contains(id); });
}

Verdict Model::Propose(const Action& action) {
  Proposal proposal = NewProposal(action);
  Proposals& all = state_.proposals;
  if (const auto known = all.by_id.find(action.id); known != all.by_id.end()) {
    Verdict verdict;
    verdict.replayed = known->second.content == proposal.content;
    return verdict.replayed ? verdict : Refused("id_conflict");
  }
  proposal.expires_us = action.proposal.expires_us.value_or(state_.now_us + kExpireAfterUs);
  const int64_t ahead_us = proposal.expires_us - state_.now_us;
  if (ahead_us <= 0 || ahead_us > kLongestUs) return Refused("invalid_argument");
  if (IsUnknown(proposal)) return Refused("unknown_model");
  if (Verdict closed = JudgeProposal(proposal); !closed.code.empty()) return closed;
  const int64_t live = std::count_if(all.by_id.begin(), all.by_id.end(),
                                     [](const auto& entry) { return entry.second.IsLive(); });
  if (live >= kLiveMax || all.by_id.size() >= kEverMax) return Refused("limit_of_the_daemon");
  proposal.order = all.next_order++;
  all.by_id[proposal.id] = proposal;
  ++all.sums[proposal.proposer].proposals;
  return Verdict();
}

Verdict Model::Amend(const Action& action, Proposal* proposal) {
  Proposal amended = *proposal;
  amended.result = action.proposal.result;
  amended.giver = action.principal;
  const auto& models = proposal->models;
  const bool takes_result = proposal->IsMerge() || proposal->kind == "REPLACE";
  const bool among = std::find(models.begin(), models.end(), amended.result) != models.end();
  if (!takes_result || among) return Refused("invalid_argument");
  if (proposal->state != "OPEN") return Refused("wrong_state");
  if (amended.result == proposal->result) return Verdict();
  Verdict closed = JudgeProposal(amended);
  if (closed.code.empty()) *proposal = amended;
  return closed;
}

Verdict Model::ApproveProposal(const Action& action, Proposal* proposal) {
  if (proposal->proposer == action.principal || proposal->giver == action.principal)
    return Refused("forbidden");
  const bool complete = !proposal->IsMerge() || !proposal->result.empty();
  if (!proposal->IsLive() || !complete) return Refused("wrong_state");
  if (Verdict closed = JudgeProposal(*proposal); !closed.code.empty()) return closed;
  proposal->state = "APPROVED";
  proposal->approver = action.principal;
  proposal->approved_of.clear();
  for (const std::string& id : proposal->All()) {
    proposal->approved_of[id] = state_.zoo.artifacts.at(id).generation;
  }
  return Verdict();
}

// By who rejects it, or takes it back.
Verdict Model::EndProposal(const Action& action, Proposal* proposal) {
  const bool withdraws = action.verb == Verb::kWithdrawProposal;
  const bool others = proposal->proposer != action.principal && !action.admin;
  if (withdraws && others) return Refused("forbidden");
  if (!proposal->IsLive()) return Refused("wrong_state");
  proposal->state = withdraws ? "WITHDRAWN" : "REJECTED";
  return Verdict();
}

Change Model::ChangeOf(const Proposal& proposal, Zoo* zoo) const {
  if (proposal.kind == "REPLACE") return Activation(Replacing(proposal), zoo);
  Change change;
  for (const std::string& id : proposal.models) {
    change[id] = state_.zoo.artifacts.at(id);
    change[id].state = proposal.IsArchive() ? "ARCHIVED" : "RETIRED";
  }
  if (proposal.result.empty()) return change;
  // The sources of a merge are no rollback targets: the result keeps what it has.
  Artifact result = state_.zoo.artifacts.at(proposal.result);
  result.state = "ACTIVE";
  result.window = 0;
  change[proposal.result] = result;
  return change;
}

Terms Model::TermsOf(const Proposal& proposal, const Change& change) const {
  return proposal.result.empty() ? Terms() : TermsOf(Replacing(proposal), change);
}

bool Model::IsOvertaken(const Proposal& proposal) const {
  const auto& artifacts = state_.zoo.artifacts;
  const std::string from = proposal.IsArchive() ? "RETIRED" : "ACTIVE";
  for (const std::string& id : proposal.models) {
    if (artifacts.at(id).state != from) return true;
  }
  return !proposal.result.empty() && !MayBecomeActive(artifacts.at(proposal.result));
}

Verdict Model::JudgeProposal(const Proposal& proposal) const {
  bool wrong = IsOvertaken(proposal);
  if (!proposal.result.empty()) {
    const Artifact& result = state_.zoo.artifacts.at(proposal.result);
    // Its own rollback target cannot be brought back any more.
    wrong = wrong || (result.target_window == 0 && IsGone(result.target));
  }
  if (wrong) return Refused("wrong_state");
  Zoo zoo = state_.zoo;
  Verdict closed = Gate(ChangeOf(proposal, &zoo), false, proposal.IsMerge());
  // Who is still to be named may provide what the sources do.
  const bool to_be_named = proposal.IsMerge() && proposal.result.empty();
  return to_be_named && closed.code == "sole_provider" ? Verdict() : closed;
}

// That the saving of so many others still depends on when one of its models is ACTIVE.
bool Model::IsWatchedByMany(const Proposal& proposal) const {
  if (proposal.IsArchive()) return false;
  const std::vector<std::string> all = proposal.All();
  return std::any_of(all.begin(), all.end(), [this](const std::string& artifact) {
    int64_t watching = 0;
    for (const auto& [id, other] : state_.proposals.by_id) {
      const std::vector<std::string> of = other.All();
      const bool watches = other.IsExecuted() && !other.IsArchive() && !other.realised &&
                           std::find(of.begin(), of.end(), artifact) != of.end();
      watching += watches ? 1 : 0;
    }
    return watching >= kWatchersMax;
  });
}

Verdict Model::ExecuteProposal(Proposal* proposal) {
  if (proposal->state != "APPROVED") return Refused("wrong_state");
  Verdict changed = Refused("premises_changed");
  for (const std::string& id : proposal->All()) {
    const bool same = state_.zoo.artifacts.at(id).generation == proposal->approved_of.at(id);
    if (!same) changed.changed.push_back(id);
  }
  if (!changed.changed.empty()) return changed;
  if (Verdict closed = JudgeProposal(*proposal); !closed.code.empty()) return closed;
  Zoo tried = state_.zoo;
  Verdict verdict =
      JudgeChange(ChangeOf(*proposal, &tried), TermsOf(*proposal, ChangeOf(*proposal, &tried)));
  if (!verdict.code.empty()) return verdict;
  if (IsWatchedByMany(*proposal)) return Refused("limit_of_the_daemon");
  for (const std::string& id : proposal->All()) {
    proposal->costs[id] = state_.zoo.artifacts.at(id).MonthlyCost();
    const bool comes = id == proposal->result;
    if (proposal->IsArchive()) continue;
    proposal->promised += comes ? -proposal->costs[id] : proposal->costs[id];
  }
  const Change change = ChangeOf(*proposal, &state_.zoo);
  Make(change, TermsOf(*proposal, change));
  proposal->state = "EXECUTED";
  proposal->executed_us = state_.now_us;
  proposal->executed_order = state_.proposals.next_executed++;
  ProposerSums& sums = state_.proposals.sums[proposal->proposer];
  ++sums.executed;
  sums.promised += proposal->promised;
  return verdict;
}

void Model::Supersede() {
  for (auto& [id, proposal] : state_.proposals.by_id) {
    if (proposal.IsLive() && IsOvertaken(proposal)) proposal.state = "SUPERSEDED";
  }
}

std::string Model::CheckProposals() const {
  std::map<std::string, ProposerSums> sums;
  for (const auto& [id, proposal] : state_.proposals.by_id) {
    ProposerSums& own = sums[proposal.proposer];
    ++own.proposals;
    own.executed += proposal.IsExecuted() ? 1 : 0;
    own.promised += proposal.promised;
    own.realised += proposal.realised.value_or(0);
    const bool counts = proposal.promised != 0 || proposal.realised;
    if (counts && !proposal.IsExecuted()) return id + ": has a promise, and is not executed";
    if (proposal.approver == proposal.proposer) return id + ": approved by who proposed it";
    const bool approved = proposal.state == "APPROVED" || proposal.IsExecuted();
    if (approved && proposal.approver.empty()) return id + ": approved by nobody";
    const int64_t books_us = proposal.executed_us + kRealisedAfterUs;
    const bool booked =
        !proposal.IsExecuted() || (books_us <= state_.now_us) == !!proposal.realised;
    if (!booked) return id + ": what it realised is booked too early or too late";
    if (!proposal.IsLive()) continue;
    if (proposal.expires_us <= state_.now_us) return id + ": is past its end";
    if (IsOvertaken(proposal)) return id + ": is overtaken";
  }
  return sums == state_.proposals.sums ? "" : "the sums of a proposer are not those of proposals";
}

}  // namespace purser::model
