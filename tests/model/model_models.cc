// Registering, changing and moving ML models; those that need a ground are in model_activation.cc.
#include <algorithm>

#include "tests/model/model.h"

namespace purser::model {
namespace {

const std::vector<std::string>& Empty() {
  static const std::vector<std::string> none;
  return none;
}

void Apply(const ArtifactParts& parts, Artifact* artifact) {
  if (parts.capabilities) artifact->capabilities = *parts.capabilities;
  if (parts.parents) artifact->parents = *parts.parents;
  if (parts.footprint) artifact->footprint = *parts.footprint;
  if (parts.monthly_costs) artifact->monthly_costs = *parts.monthly_costs;
  if (parts.constraints) artifact->constraints = *parts.constraints;
  if (!parts.rollback_target) return;
  artifact->target = *parts.rollback_target;
  artifact->target_window = 0;
}

}  // namespace

int64_t Artifact::MonthlyCost() const {
  int64_t sum = 0;
  for (const auto& [category, amount] : monthly_costs) sum += amount;
  return sum;
}

Verdict Model::DispatchArtifact(const Action& action) {
  const Verb verb = action.verb;
  if (verb == Verb::kRequire) return Require(action);
  if (verb == Verb::kRegister) return Register(action);
  if (verb == Verb::kApprove) return Approve(action);
  if (verb == Verb::kReject) return Reject(action);
  std::string faulty;
  if (verb == Verb::kPatch) faulty = FaultyParts(action);
  if (verb == Verb::kActivate) faulty = FaultyGround(action);
  if (!faulty.empty() && faulty != "wrong_state") return Refused(faulty);
  if (!state_.zoo.artifacts.contains(action.id)) return Refused("not_found");
  if (!faulty.empty()) return Refused(faulty);
  if (verb == Verb::kPatch) return Patch(action);
  if (verb == Verb::kShadow) return Shadow(action);
  if (verb == Verb::kActivate) return Activate(action);
  if (verb == Verb::kRetire) return Retire(action);
  if (verb == Verb::kRollback) return Rollback(action);
  return ArchiveOrPurge(action);
}

std::string Model::FaultyParts(const Action& action) const {
  const auto& artifacts = state_.zoo.artifacts;
  const ArtifactParts& parts = action.artifact;
  for (const auto& [resource, amount] : parts.footprint.value_or(Amounts())) {
    if (!state_.books.contains(resource)) return "unknown_resource";
    if (!state_.books.at(resource).settings.capacity) return "invalid_argument";
  }
  const auto itself = artifacts.find(action.id);
  const int64_t order = itself == artifacts.end() ? state_.next_order : itself->second.order;
  for (const std::string& id : parts.parents.value_or(Empty())) {
    if (id == action.id) return "lineage_cycle";
    if (!artifacts.contains(id)) return "unknown_model";
    if (artifacts.at(id).order > order) return "lineage_cycle";
  }
  const std::string target = parts.rollback_target.value_or("");
  if (target.empty()) return "";
  if (!artifacts.contains(target)) return "unknown_model";
  return artifacts.at(target).IsGone() ? "wrong_state" : "";
}

Verdict Model::Register(const Action& action) {
  if (auto known = Recall(state_.zoo.ids, action.id, action)) return *known;
  if (const std::string code = FaultyParts(action); !code.empty()) return Refused(code);
  Artifact artifact;
  artifact.id = action.id;
  artifact.family = FamilyOf(action);
  artifact.order = state_.next_order++;
  Apply(action.artifact, &artifact);
  Terms terms;
  terms.family = artifact.family;
  Verdict verdict = Carry({{action.id, artifact}}, terms);
  if (!verdict.code.empty()) return verdict;
  verdict.uncoverable = Uncoverable(action.artifact.rollback_target.value_or(""));
  state_.zoo.ids[action.id] = {ContentOf(action), verdict, -1};
  return verdict;
}

Verdict Model::Patch(const Action& action) {
  Artifact artifact = state_.zoo.artifacts.at(action.id);
  if (artifact.state == "PURGED") return Refused("wrong_state");
  Apply(action.artifact, &artifact);
  Terms terms;
  terms.family = artifact.family;
  terms.coverage = true;
  Verdict verdict = Carry({{action.id, artifact}}, terms);
  verdict.uncoverable = Uncoverable(action.artifact.rollback_target.value_or(""));
  return verdict;
}

Verdict Model::Shadow(const Action& action) {
  Artifact artifact = state_.zoo.artifacts.at(action.id);
  if (artifact.state != "CANDIDATE") return Refused("wrong_state");
  artifact.state = "SHADOW";
  Terms terms;
  terms.family = artifact.family;
  return Carry({{action.id, artifact}}, terms);
}

Verdict Model::Retire(const Action& action) {
  Artifact artifact = state_.zoo.artifacts.at(action.id);
  const std::string state = artifact.state;
  if (state == "ROLLBACK_TARGET") return Refused("rollback_window");
  if (state != "ACTIVE" && state != "CANDIDATE" && state != "SHADOW") return Refused("wrong_state");
  artifact.state = "RETIRED";
  return Carry({{action.id, artifact}}, Terms());
}

Verdict Model::ArchiveOrPurge(const Action& action) {
  Artifact artifact = state_.zoo.artifacts.at(action.id);
  const bool archive = action.verb == Verb::kArchive;
  if (artifact.state != (archive ? "RETIRED" : "ARCHIVED")) return Refused("wrong_state");
  artifact.state = archive ? "ARCHIVED" : "PURGED";
  return Carry({{action.id, artifact}}, Terms());
}

Verdict Model::Require(const Action& action) {
  state_.zoo.required = action.capabilities;
  return Verdict();
}

// What is booked, and what others claim, is drawn on too; coverage is not judged, nor a freeze.
Verdict Model::Rollback(const Action& action) {
  Artifact failed = state_.zoo.artifacts.at(action.id);
  if (!failed.IsActive()) return Refused("wrong_state");
  const auto found = state_.zoo.artifacts.find(failed.target);
  // One that was archived meanwhile cannot be brought back: it is none.
  const bool none = found == state_.zoo.artifacts.end() || found->second.IsGone();
  if (none) return Refused("no_rollback_target");
  Artifact target = found->second;
  failed.state = "RETIRED";
  target.state = "ACTIVE";
  target.window = 0;
  Change change = {{failed.id, failed}};
  if (!found->second.IsActive()) change[target.id] = target;
  if (const std::string code = Gate(change); !code.empty()) return Refused(code);
  Verdict verdict;
  bool protects = false;
  std::vector<Shortage> guarded;
  for (const auto& [resource, more] : NetOf(change)) {
    const Book& book = state_.books.at(resource);
    const int64_t missing = more - book.available;
    if (missing <= 0) continue;
    protects = true;
    const Shortage shortage{
        resource,    more,       book.available, book.held,
        book.in_use, book.spent, book.reserve,   std::min(missing, book.reserve),
        missing};
    guarded.push_back(shortage);
    if (missing <= book.reserve) continue;
    verdict.shortages.push_back(shortage);
    verdict.shortages.back().reserve_protected = 0;
    verdict.shortages.back().short_by = missing - book.reserve;
  }
  if (!verdict.shortages.empty()) {
    verdict.reasons = {"population_full"};
  } else if (protects && !action.reserve_spend) {
    verdict.reasons = {"reserve_protected"};
    verdict.shortages = guarded;
  }
  if (!verdict.reasons.empty()) {
    verdict.code = verdict.reasons.front();
    return verdict;
  }
  Terms terms;
  terms.draws_on_reserve = true;
  Make(change, terms);
  return verdict;
}

void Model::EndWindow(int64_t number) {
  std::erase_if(state_.zoo.windows, [number](const Window& w) { return w.number == number; });
  for (auto& [id, artifact] : state_.zoo.artifacts) {
    const bool leaves = artifact.window == number && artifact.state == "ROLLBACK_TARGET";
    const bool drops = artifact.target_window == number;
    if (leaves) artifact.state = "RETIRED";
    if (leaves) artifact.window = 0;
    if (drops) artifact.target.clear();
    if (drops) artifact.target_window = 0;
    if (leaves || drops) ++artifact.generation;
  }
}

}  // namespace purser::model
