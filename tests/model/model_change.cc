// What a change of ML models occupies, which gates it passes, what it is denied for, how it is
// posted (decisions/0010).
#include <algorithm>

#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kOneSlot = 1'000'000;
constexpr int64_t kLentSlotsMax = 1'000'000;
constexpr int64_t kForEver = INT64_MAX;

bool Provides(const Artifact& artifact, const std::string& capability) {
  const auto& list = artifact.capabilities;
  return artifact.IsActive() && std::find(list.begin(), list.end(), capability) != list.end();
}

bool AnyProvides(const std::map<std::string, Artifact>& artifacts, const std::string& capability) {
  return std::any_of(artifacts.begin(), artifacts.end(), [&capability](const auto& entry) {
    return Provides(entry.second, capability);
  });
}

// What constraints may forbid by which it becomes what it is afterwards.
std::set<std::string> VerbsOf(const Artifact& before, const Artifact& after) {
  const std::string& state = after.state;
  if (before.state == state) return {};
  std::set<std::string> verbs;
  if (state == "ACTIVE" || state == "SHADOW") verbs.insert("ACTIVATE");
  if (before.IsActive()) verbs.insert("RETIRE");
  if (state == "ARCHIVED") verbs.insert("ARCHIVE");
  if (state == "PURGED") verbs.insert("PURGE");
  return verbs;
}

bool IsForbiddenBy(const Constraint& constraint, const std::set<std::string>& verbs) {
  return std::any_of(verbs.begin(), verbs.end(), [&constraint](const std::string& verb) {
    return constraint.forbids.contains(verb);
  });
}

}  // namespace

Amounts Model::OccupiedBy(const Artifact& artifact) const {
  Amounts occupied;
  if (artifact.state == "PURGED") return occupied;
  const bool runs = artifact.IsActive() || artifact.state == "SHADOW";
  for (const auto& [resource, amount] : artifact.footprint) {
    if (amount > 0 && (runs || resource == kStorage)) occupied[resource] = amount;
  }
  if (artifact.IsActive() && state_.books.contains(kCount)) occupied[kCount] = kOneSlot;
  return occupied;
}

Amounts Model::NetOf(const Change& change) const {
  Amounts net;
  for (const auto& [id, after] : change) {
    for (const auto& [resource, amount] : OccupiedBy(after)) net[resource] += amount;
    const auto before = state_.zoo.artifacts.find(id);
    if (before == state_.zoo.artifacts.end()) continue;
    for (const auto& [resource, amount] : OccupiedBy(before->second)) net[resource] -= amount;
  }
  std::erase_if(net, [](const auto& entry) { return entry.second == 0; });
  return net;
}

// A rollback returns to what served before, whatever is required by now.
Verdict Model::Gate(const Change& change, bool rollback, bool merge) const {
  const auto& before = state_.zoo.artifacts;
  std::map<std::string, Artifact> after = before;
  for (const auto& [id, artifact] : change) after[id] = artifact;
  Verdict forbidden = Refused("constraint_forbids");
  for (const auto& [id, artifact] : change) {
    const auto was = before.find(id);
    if (was == before.end()) continue;
    std::set<std::string> verbs = VerbsOf(was->second, artifact);
    if (merge) verbs.insert("MERGE");
    for (const Constraint& each : was->second.constraints) {
      if (!IsForbiddenBy(each, verbs)) continue;
      forbidden.forbids.emplace_back(id, std::string(each.kind).append(":").append(each.name));
    }
  }
  if (!forbidden.forbids.empty()) return forbidden;
  for (const std::string& capability : state_.zoo.required) {
    if (rollback) break;
    if (AnyProvides(before, capability) && !AnyProvides(after, capability))
      return Refused("sole_provider");
  }
  for (const auto& [id, artifact] : change) {
    if (!artifact.IsGone()) continue;
    for (const auto& [other, holder] : after) {
      if (holder.IsActive() && holder.target == id) return Refused("rollback_window");
    }
  }
  return Verdict();
}

bool Model::IsFrozenFor(const Amounts& net, const Terms& terms) const {
  bool grows = terms.activates;
  bool frozen = false;
  for (const auto& [resource, more] : net) {
    if (more <= 0) continue;
    grows = true;
    frozen = frozen || state_.freezes.contains({"resource", resource});
  }
  return frozen || (grows && (state_.freezes.contains({"population", ""}) ||
                              state_.freezes.contains({"operator_family", terms.family})));
}

// What there is not, whatever is booked or claimed.
std::vector<Shortage> Model::MissingOf(const Amounts& net, bool with_reserve) const {
  std::vector<Shortage> shortages;
  for (const auto& [resource, more] : net) {
    const Book& book = state_.books.at(resource);
    const int64_t lacking = more - book.available;
    const int64_t missing = with_reserve ? lacking - book.reserve : lacking;
    if (missing <= 0) continue;
    const int64_t guarded = with_reserve ? 0 : std::min(missing, book.reserve);
    shortages.push_back({resource, more, book.available, book.held, book.in_use, book.spent,
                         book.reserve, guarded, missing});
  }
  return shortages;
}

// Of who waits an activation is an arrival. What is booked at any time to come is left.
std::vector<Shortage> Model::ShortagesOf(const Amounts& net, const Terms& terms) const {
  if (terms.draws_on_reserve) return MissingOf(net, true);
  std::vector<Shortage> shortages;
  for (const auto& [resource, more] : net) {
    if (more <= 0) continue;
    const Book& book = state_.books.at(resource);
    int64_t missing = std::max<int64_t>(0, more - book.available);
    const int64_t may_lend = std::max<int64_t>(0, kLentSlotsMax - book.shortfall);
    const bool lent = terms.lends && resource == kCount && missing <= may_lend;
    const int64_t drawn = lent ? more - missing : more;
    if (lent) missing = 0;
    const int64_t guarded = std::min(missing, book.reserve);
    Shortage shortage{resource,   more,         book.available, book.held, book.in_use,
                      book.spent, book.reserve, guarded,        missing};
    const auto tightest = state_.bookings.empty()
                              ? std::nullopt
                              : Tightest(resource, {state_.now_us, kForEver, true});
    if (tightest && drawn > 0 && drawn - tightest->free > missing) {
      shortage.reserve_protected = 0;
      shortage.short_by = drawn - tightest->free;
      shortage.booked = tightest->booked;
      shortage.at_us = tightest->at_us;
    }
    if (shortage.short_by > 0) shortages.push_back(shortage);
  }
  return shortages;
}

Verdict Model::JudgeChange(const Change& change, const Terms& terms) const {
  Verdict verdict;
  const Amounts net = NetOf(change);
  if (IsFrozenFor(net, terms)) verdict.reasons.push_back("frozen");
  if (terms.overdue) verdict.reasons.push_back("reserve_overdue");
  if (terms.not_reduced) verdict.reasons.push_back("cost_not_reduced");
  verdict.shortages = ShortagesOf(net, terms);
  if (!verdict.shortages.empty()) verdict.reasons.push_back("population_full");
  if (terms.coverage) {
    Model after = *this;
    after.Make(change, terms);
    if (after.LosesCoverage(*this)) verdict.reasons.push_back("coverage_lost");
  }
  const std::set<std::string> claimed = ClaimedAhead(Action());
  const bool behind = std::any_of(net.begin(), net.end(), [&claimed](const auto& entry) {
    return entry.second > 0 && claimed.contains(entry.first);
  });
  if (behind && !terms.draws_on_reserve) verdict.reasons.push_back("behind_queue");
  if (!verdict.reasons.empty()) verdict.code = verdict.reasons.front();
  return verdict;
}

Amounts Model::Make(const Change& change, const Terms& terms) {
  Amounts drawn;
  for (const auto& [resource, more] : NetOf(change)) {
    Book& book = state_.books.at(resource);
    if (more < 0) {
      book.GiveBackInUse(-more);
      continue;
    }
    const int64_t missing = std::max<int64_t>(0, more - book.available);
    if (missing > 0 && terms.lends && resource == kCount) {
      // A grant that leaves the base; what comes in next pays the shortfall back.
      book.granted += missing;
      book.available += missing;
      book.shortfall += missing;
      state_.disturbed.insert(resource);
    }
    const int64_t from_available = std::min(more, book.available);
    const int64_t from_reserve =
        terms.draws_on_reserve ? std::min(more - from_available, book.reserve) : 0;
    book.available -= from_available;
    book.reserve -= from_reserve;
    book.in_use += from_available + from_reserve;
    if (from_reserve > 0) drawn[resource] = from_reserve;
    if (terms.draws_on_reserve) state_.disturbed.insert(resource);
  }
  const auto before = state_.zoo.artifacts;
  for (const auto& [id, artifact] : change) state_.zoo.artifacts[id] = artifact;
  Record(before);
  return drawn;
}

// What follows from the states of an entry; one that is as it was has not changed.
void Model::Record(const std::map<std::string, Artifact>& before) {
  Zoo& zoo = state_.zoo;
  for (auto& [id, artifact] : zoo.artifacts) {
    const auto was = before.find(id);
    const bool started = artifact.IsActive() && (was == before.end() || !was->second.IsActive());
    if (started && artifact.cold_cost != 0) RecordColdStart(artifact);
    artifact.served = artifact.served || artifact.IsActive();
    const int64_t window = artifact.target_window;
    if (window == 0) continue;
    const Artifact& target = zoo.artifacts.at(artifact.target);
    if (target.window == window) continue;
    // Over by time, or because that one serves again; who serves keeps it then.
    if (target.IsActive() && artifact.IsActive()) {
      artifact.target_window = 0;
    } else {
      artifact.DropTarget();
    }
  }
  std::erase_if(zoo.windows, [&zoo](const Window& window) {
    return std::none_of(zoo.artifacts.begin(), zoo.artifacts.end(), [&window](const auto& entry) {
      return entry.second.window == window.number;
    });
  });
  for (auto& [id, artifact] : zoo.artifacts) {
    const auto was = before.find(id);
    if (was == before.end() || was->second != artifact) ++artifact.generation;
    const bool was_active = was != before.end() && was->second.IsActive();
    if (was_active == artifact.IsActive()) continue;
    state_.proposals.switches.push_back({state_.now_us, id, artifact.IsActive()});
  }
}

// Judged by gates and numbers, and made.
Verdict Model::Carry(const Change& change, const Terms& terms) {
  if (Verdict closed = Gate(change, false); !closed.code.empty()) return closed;
  Verdict verdict = JudgeChange(change, terms);
  if (verdict.code.empty()) Make(change, terms);
  return verdict;
}

}  // namespace purser::model
