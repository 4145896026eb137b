// Registering, changing and moving ML models; those that need a ground are in model_activation.cc.
#include <algorithm>

#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr size_t kArtifactsMax = 100'000;  // That are not PURGED.
constexpr size_t kArtifactsEverMax = 1'000'000;
constexpr size_t kNamedResourcesMax = 32;

const std::vector<std::string>& Empty() {
  static const std::vector<std::string> none;
  return none;
}

// What is 0 is nothing, and is taken away.
void Apply(const std::optional<Amounts>& said, Amounts* amounts) {
  for (const auto& [name, amount] : said.value_or(Amounts())) {
    if (amount == 0) amounts->erase(name);
    if (amount != 0) (*amounts)[name] = amount;
  }
}

void Apply(const ArtifactParts& parts, Artifact* artifact) {
  if (parts.capabilities) artifact->capabilities = *parts.capabilities;
  if (parts.parents) artifact->parents = *parts.parents;
  Apply(parts.footprint, &artifact->footprint);
  Apply(parts.monthly_costs, &artifact->monthly_costs);
  Apply(parts.quality, &artifact->quality);
  if (parts.constraints) artifact->constraints = *parts.constraints;
  artifact->business_value = parts.business_value.value_or(artifact->business_value);
  artifact->cold_cost = parts.cold_cost.value_or(artifact->cold_cost);
  artifact->incident_cost = parts.incident_cost.value_or(artifact->incident_cost);
  if (!parts.rollback_target) return;
  artifact->target = *parts.rollback_target;
  artifact->target_window = 0;
}

// Of what may be said at registration. A target that came by `replaces` was not said.
bool IsAsSaid(const Artifact& said, const Artifact& artifact) {
  const std::string named = artifact.target_window == 0 ? artifact.target : "";
  return said.family == artifact.family && said.capabilities == artifact.capabilities &&
         said.parents == artifact.parents && said.footprint == artifact.footprint &&
         said.monthly_costs == artifact.monthly_costs && said.quality == artifact.quality &&
         said.constraints == artifact.constraints && said.target == named &&
         said.business_value == artifact.business_value &&
         said.incident_cost == artifact.incident_cost && said.cold_cost == artifact.cold_cost;
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
  // Else a rollback would be an activation without a ground.
  if (!artifacts.at(target).served) return "invalid_argument";
  return artifacts.at(target).IsGone() ? "wrong_state" : "";
}

Verdict Model::Register(const Action& action) {
  Artifact artifact;
  artifact.id = action.id;
  artifact.family = FamilyOf(action);
  artifact.order = state_.next_order;
  Apply(action.artifact, &artifact);
  if (const auto known = state_.zoo.artifacts.find(action.id);
      known != state_.zoo.artifacts.end()) {
    Verdict verdict;
    verdict.replayed = known->second.state != "PURGED" && IsAsSaid(artifact, known->second);
    return verdict.replayed ? verdict : Refused("id_conflict");
  }
  if (const std::string code = FaultyParts(action); !code.empty()) return Refused(code);
  const size_t kept =
      std::count_if(state_.zoo.artifacts.begin(), state_.zoo.artifacts.end(),
                    [](const auto& entry) { return entry.second.state != "PURGED"; });
  const bool full = kept >= kArtifactsMax || state_.zoo.artifacts.size() >= kArtifactsEverMax;
  if (full) return Refused("limit_of_the_daemon");
  Terms terms;
  terms.family = artifact.family;
  Verdict verdict = Carry({{action.id, artifact}}, terms);
  if (!verdict.code.empty()) return verdict;
  ++state_.next_order;
  verdict.uncoverable = Uncoverable(action.artifact.rollback_target.value_or(""));
  return verdict;
}

Verdict Model::Patch(const Action& action) {
  Artifact artifact = state_.zoo.artifacts.at(action.id);
  if (artifact.state == "PURGED") return Refused("wrong_state");
  Apply(action.artifact, &artifact);
  const bool many = artifact.footprint.size() > kNamedResourcesMax ||
                    artifact.quality.size() > kNamedResourcesMax;
  if (many) return Refused("limit_of_the_daemon");
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
  // What nobody ends any more.
  if (!archive && artifact.target_window != 0) artifact.DropTarget();
  return Carry({{action.id, artifact}}, Terms());
}

Verdict Model::Require(const Action& action) {
  state_.zoo.required = action.capabilities;
  return Verdict();
}

// Of one that has a target; who is active stays so.
Change Model::RollbackOf(Artifact failed) const {
  failed.state = "RETIRED";
  Change change = {{failed.id, failed}};
  Artifact target = state_.zoo.artifacts.at(failed.target);
  if (target.IsActive()) return change;
  target.state = "ACTIVE";
  target.window = 0;
  if (IsGone(target.target)) target.DropTarget();
  change[target.id] = target;
  return change;
}

// What is booked, and what others claim, is drawn on too; coverage is not judged, nor a freeze.
Verdict Model::Rollback(const Action& action) {
  const Artifact& failed = state_.zoo.artifacts.at(action.id);
  if (!failed.IsActive()) return Refused("wrong_state");
  if (failed.target.empty()) return Refused("no_rollback_target");
  const Change change = RollbackOf(failed);
  if (Verdict closed = Gate(change, true); !closed.code.empty()) return closed;
  const Amounts net = NetOf(change);
  Verdict verdict;
  verdict.shortages = MissingOf(net, true);
  if (!verdict.shortages.empty()) verdict.code = "population_full";
  if (verdict.code.empty() && !action.reserve_spend) {
    verdict.shortages = MissingOf(net, false);
    if (!verdict.shortages.empty()) verdict.code = "reserve_protected";
  }
  if (!verdict.code.empty()) {
    verdict.reasons = {verdict.code};
    return verdict;
  }
  Terms terms;
  terms.draws_on_reserve = true;
  Make(WithoutUncovered(change, failed.target, terms), terms);
  return verdict;
}

// Without the target of who comes back where that makes coverage worse than it was, and than it
// would be without.
Change Model::WithoutUncovered(const Change& change, const std::string& id,
                               const Terms& terms) const {
  if (!change.contains(id)) return change;
  Change bare = change;
  bare.at(id).DropTarget();
  Model with = *this;
  with.Make(change, terms);
  Model without = *this;
  without.Make(bare, terms);
  return with.LosesCoverage(*this, &without) ? bare : change;
}

void Model::EndWindow(int64_t number) {
  const auto before = state_.zoo.artifacts;
  for (auto& [id, artifact] : state_.zoo.artifacts) {
    if (artifact.window != number) continue;
    artifact.state = "RETIRED";
    artifact.window = 0;
  }
  Record(before);
}

}  // namespace purser::model
