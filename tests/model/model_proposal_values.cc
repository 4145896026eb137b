// What proposals are worth, what they have saved, and what is shown of them
// (daemon/decisions/0011).
#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kMonthUs = 30LL * 86'400'000'000;

int64_t AmountOf(const Amounts& amounts, const std::string& name) {
  const auto found = amounts.find(name);
  return found == amounts.end() ? 0 : found->second;
}

bool Lists(const Artifact& artifact, const std::string& capability) {
  const auto& list = artifact.capabilities;
  return std::find(list.begin(), list.end(), capability) != list.end();
}

// Rounded down; neither is below 0.
int64_t ShareOfMonth(int64_t monthly, int64_t time_us) {
  return static_cast<int64_t>(static_cast<Wide>(monthly) * time_us / kMonthUs);
}

// What happens to a model by a proposal, as constraints name it.
std::set<std::string> Acts(const Proposal& proposal, bool result) {
  if (proposal.IsArchive()) return {"ARCHIVE"};
  std::set<std::string> acts = {result ? "ACTIVATE" : "RETIRE"};
  if (proposal.IsMerge()) acts.insert("MERGE");
  return acts;
}

}  // namespace

int64_t Model::ActiveUs(const std::string& artifact, int64_t from_us, int64_t until_us) const {
  int64_t sum_us = 0;
  int64_t since_us = until_us;  // It is not ACTIVE yet.
  for (const Switch& each : state_.proposals.switches) {
    if (each.artifact != artifact) continue;
    const int64_t at_us = std::clamp(each.at_us, from_us, until_us);
    if (!each.active) sum_us += at_us - since_us;
    since_us = each.active ? at_us : until_us;
  }
  return sum_us + until_us - since_us;
}

void Model::Realise(const std::string& id) {
  Proposal& proposal = state_.proposals.by_id.at(id);
  int64_t realised = 0;
  // Nothing was promised of an archive, and it stops nothing that costs.
  for (const std::string& model : proposal.All()) {
    if (proposal.IsArchive()) break;
    const int64_t active_us =
        ActiveUs(model, proposal.executed_us, proposal.executed_us + kRealisedAfterUs);
    const int64_t cost = proposal.costs.at(model);
    if (model == proposal.result) {
      realised -= ShareOfMonth(cost, active_us);
    } else {
      realised += ShareOfMonth(cost, kRealisedAfterUs - active_us);
    }
  }
  proposal.realised = realised;
  state_.proposals.sums.at(proposal.proposer).realised += realised;
}

// By the result, or one that is ACTIVE and stays so.
bool Model::IsProvidedWithout(const Proposal& proposal, const std::string& capability,
                              int64_t quality) const {
  const auto& models = proposal.models;
  return std::any_of(
      state_.zoo.artifacts.begin(), state_.zoo.artifacts.end(), [&](const auto& entry) {
        const auto& [id, artifact] = entry;
        const bool leaves = std::find(models.begin(), models.end(), id) != models.end();
        const bool serves = id == proposal.result || (artifact.IsActive() && !leaves);
        return serves && Lists(artifact, capability) &&
               AmountOf(artifact.quality, capability) >= quality;
      });
}

int64_t Model::LostValue(const Proposal& proposal, const Artifact& artifact) const {
  const int64_t value = artifact.business_value;
  const auto& capabilities = artifact.capabilities;
  if (value < 0 || capabilities.empty()) return value;
  int64_t lost = 0;
  for (const std::string& each : capabilities) {
    lost += IsProvidedWithout(proposal, each, AmountOf(artifact.quality, each)) ? 0 : 1;
  }
  const auto all = static_cast<int64_t>(capabilities.size());
  return static_cast<int64_t>((static_cast<Wide>(value) * lost + all - 1) / all);
}

std::map<std::string, int64_t> Model::NetValue(const Proposal& proposal) const {
  std::map<std::string, int64_t> terms = {{"business_value", 0},
                                          {"incremental_inference", 0},
                                          {"lifecycle_maintenance", 0},
                                          {"expected_incident", 0},
                                          {"opportunity_cost", 0}};
  if (proposal.IsArchive()) return terms;
  for (const std::string& id : proposal.All()) {
    const Artifact& artifact = state_.zoo.artifacts.at(id);
    const bool result = id == proposal.result;
    terms["business_value"] += result ? artifact.business_value : -LostValue(proposal, artifact);
    const int64_t sign = result ? -1 : 1;
    for (const auto& [category, cost] : artifact.monthly_costs) {
      const bool inference = category == "inference";
      // What incidents cost is a term of its own, of what is expected.
      if (category == "incident") continue;
      terms[inference ? "incremental_inference" : "lifecycle_maintenance"] += sign * cost;
    }
    terms["expected_incident"] += sign * artifact.incident_cost;
  }
  return terms;
}

std::vector<std::string> Model::ConstraintsOf(const Proposal& proposal) const {
  std::vector<std::string> said;
  for (const std::string& id : proposal.All()) {
    const std::set<std::string> acts = Acts(proposal, id == proposal.result);
    for (const Constraint& each : state_.zoo.artifacts.at(id).constraints) {
      const bool forbids = std::any_of(acts.begin(), acts.end(), [&each](const std::string& act) {
        return each.forbids.contains(act);
      });
      said.push_back(std::string(id).append(" ").append(each.kind).append(":").append(each.name));
      said.back().append(forbids ? " forbids" : " allows");
    }
  }
  return said;
}

std::optional<ProposalView> Model::FindProposal(const std::string& id) const {
  const auto found = state_.proposals.by_id.find(id);
  if (found == state_.proposals.by_id.end()) return std::nullopt;
  const Proposal& proposal = found->second;
  ProposalView view;
  view.state = proposal.state;
  view.kind = proposal.kind;
  view.proposer = proposal.proposer;
  view.approver = proposal.approver;
  view.result = proposal.result;
  view.expires_us = proposal.expires_us;
  if (proposal.IsExecuted()) view.promised = proposal.promised;
  view.realised = proposal.realised;
  if (!proposal.IsLive()) return view;
  ProposalView::Shown shown;
  Zoo zoo = state_.zoo;
  for (const auto& [resource, more] : NetOf(ChangeOf(proposal, &zoo))) {
    if (more < 0) shown.frees[resource] = -more;
  }
  shown.terms = NetValue(proposal);
  for (const auto& [term, amount] : shown.terms) shown.net_value += amount;
  shown.constraints = ConstraintsOf(proposal);
  view.shown = shown;
  return view;
}

std::optional<ProposerView> Model::FindProposer(const std::string& principal) const {
  const auto found = state_.proposals.sums.find(principal);
  if (found == state_.proposals.sums.end()) return std::nullopt;
  const ProposerSums& sums = found->second;
  return ProposerView{sums.proposals, sums.executed, sums.promised, sums.realised};
}

std::string Model::DigestOfProposals() const {
  std::string out;
  for (const auto& [id, proposal] : state_.proposals.by_id) {
    out.append("proposal ").append(id).append(" ").append(proposal.state);
    out.append(" approver ").append(proposal.approver).append(" result ").append(proposal.result);
    out.append(" until ").append(FormatInstant(proposal.expires_us));
    out.append(" promised ").append(FormatDecimal(proposal.promised));
    out.append(" realised ").append(FormatDecimal(proposal.realised.value_or(0))).append("\n");
  }
  return out;
}

}  // namespace purser::model
