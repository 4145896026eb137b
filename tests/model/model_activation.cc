// Activations: the four grounds, approvals and the loans that they lead to.
#include <algorithm>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

constexpr int64_t kRollbackWindowUs = 7 * kDayUs;
constexpr int64_t kApprovalUs = kDayUs;
constexpr int64_t kLongestLoanUs = 400 * kDayUs;
constexpr int64_t kCostMarginPercent = 5;
constexpr size_t kLoansMax = 16;
constexpr int64_t kPendingMax = 1'000;

__extension__ typedef __int128 Wide;

Wide CostOf(const std::map<std::string, Artifact>& artifacts) {
  Wide sum = 0;
  for (const auto& [id, artifact] : artifacts)
    sum += artifact.IsActive() ? artifact.MonthlyCost() : 0;
  return sum;
}

bool MayBecomeActive(const Artifact& artifact) {
  return artifact.state == "CANDIDATE" || artifact.state == "SHADOW" ||
         artifact.state == "RETIRED" || artifact.state == "ROLLBACK_TARGET";
}

}  // namespace

bool Model::IsGone(const std::string& id) const {
  const auto found = state_.zoo.artifacts.find(id);
  return found != state_.zoo.artifacts.end() && found->second.IsGone();
}

std::string Model::FaultyGround(const Action& action) const {
  const Grounds& ground = action.ground;
  const auto& artifacts = state_.zoo.artifacts;
  if (ground.due_back_us) {
    const int64_t ahead_us = *ground.due_back_us - state_.now_us;
    if (ahead_us <= 0 || ahead_us > kLongestLoanUs) return "invalid_argument";
  }
  for (const std::string& id : ground.leaving) {
    if (!artifacts.contains(id)) return "unknown_model";
  }
  for (const auto& [id, costs] : ground.cost_changes) {
    if (!artifacts.contains(id)) return "unknown_model";
    const Artifact& artifact = artifacts.at(id);
    for (const auto& [category, cost] : costs) {
      const auto now = artifact.monthly_costs.find(category);
      const int64_t was = now == artifact.monthly_costs.end() ? 0 : now->second;
      if (!artifact.IsActive() || cost >= was) return "invalid_argument";
    }
  }
  return "";
}

// They are named, and known; `zoo` gets the windows that begin.
Change Model::Activation(const Action& action, Zoo* zoo) const {
  const Grounds& ground = action.ground;
  const auto& artifacts = state_.zoo.artifacts;
  Change change;
  Artifact artifact = artifacts.at(action.id);
  artifact.state = "ACTIVE";
  artifact.window = 0;
  const bool names_target = !artifact.target.empty() && artifact.target_window == 0;
  const std::set<std::string> by_id(ground.leaving.begin(), ground.leaving.end());
  for (const std::string& id : by_id) {
    Artifact leaver = artifacts.at(id);
    leaver.state = ground.replaces ? "ROLLBACK_TARGET" : "RETIRED";
    if (ground.replaces) {
      leaver.window = zoo->next_window++;
      zoo->windows.push_back({leaver.window, state_.now_us + kRollbackWindowUs});
    }
    if (ground.replaces && !names_target && id == ground.leaving.front()) {
      artifact.target = id;
      artifact.target_window = leaver.window;
    }
    change[id] = leaver;
  }
  for (const auto& [id, costs] : ground.cost_changes) {
    change[id] = artifacts.at(id);
    Amounts& now = change[id].monthly_costs;
    for (const auto& [category, cost] : costs) now[category] = cost;
    std::erase_if(now, [](const auto& entry) { return entry.second == 0; });
  }
  change[action.id] = artifact;
  return change;
}

Terms Model::TermsOf(const Action& action, const Change& change) const {
  const Grounds& ground = action.ground;
  Terms terms;
  terms.family = state_.zoo.artifacts.at(action.id).family;
  terms.activates = true;
  terms.coverage = true;
  terms.lends = ground.reduces_cost;
  terms.draws_on_reserve = ground.consumes_reserve;
  for (const Loan& loan : state_.zoo.loans) {
    terms.overdue = terms.overdue || (loan.due_back_us <= state_.now_us && !ground.replaces);
  }
  if (ground.reduces_cost) {
    std::map<std::string, Artifact> after = state_.zoo.artifacts;
    for (const auto& [id, artifact] : change) after[id] = artifact;
    terms.not_reduced =
        CostOf(after) * 100 > CostOf(state_.zoo.artifacts) * (100 - kCostMarginPercent);
  }
  return terms;
}

Verdict Model::JudgeActivation(const Action& action) const {
  const Artifact& artifact = state_.zoo.artifacts.at(action.id);
  bool wrong = !MayBecomeActive(artifact);
  for (const std::string& id : action.ground.leaving) {
    wrong = wrong || !state_.zoo.artifacts.at(id).IsActive();
  }
  // One that it names itself and that cannot be brought back any more.
  wrong = wrong || (artifact.target_window == 0 && IsGone(artifact.target));
  if (wrong) return Refused("wrong_state");
  Zoo zoo = state_.zoo;
  const Change change = Activation(action, &zoo);
  if (Verdict closed = Gate(change, false); !closed.code.empty()) return closed;
  const Terms terms = TermsOf(action, change);
  Verdict verdict = JudgeChange(change, terms);
  const bool borrows = verdict.code.empty() && terms.draws_on_reserve;
  if (!borrows || state_.zoo.loans.size() < kLoansMax) return verdict;
  Model after = *this;
  return after.Make(change, terms).empty() ? verdict : Refused("limit_of_the_daemon");
}

Verdict Model::Activate(const Action& action) {
  Verdict verdict = JudgeActivation(action);
  if (!verdict.code.empty()) return verdict;
  if (!action.ground.consumes_reserve) {
    const Change change = Activation(action, &state_.zoo);
    Make(change, TermsOf(action, change));
    return verdict;
  }
  int64_t pending = 0;
  for (const Approval& approval : state_.zoo.approvals) {
    pending += approval.state == "PENDING" ? 1 : 0;
  }
  if (pending >= kPendingMax) return Refused("limit_of_the_daemon");
  const int64_t expires_us = std::min(state_.now_us + kApprovalUs, *action.ground.due_back_us);
  state_.zoo.approvals.push_back({action, "PENDING", expires_us});
  verdict.pending = true;
  return verdict;
}

// The oldest one that waits for this artifact.
Verdict Model::Approve(const Action& action) {
  const size_t none = state_.zoo.approvals.size();
  size_t found = none;
  for (size_t i = 0; i < none; ++i) {
    const Approval& approval = state_.zoo.approvals[i];
    if (approval.asked.id != action.id) continue;
    if (approval.state == "PENDING" && found == none) found = i;
  }
  if (found == none) return Refused("not_found");
  if (action.verb == Verb::kReject) {
    state_.zoo.approvals[found].state = "REJECTED";
    return Verdict();
  }
  const Action asked = state_.zoo.approvals[found].asked;
  if (asked.principal == action.principal) return Refused("forbidden");
  // Everything is judged anew, as if it were asked for now.
  Verdict verdict = JudgeActivation(asked);
  if (!verdict.code.empty()) return verdict;
  const Change change = Activation(asked, &state_.zoo);
  const Amounts drawn = Make(change, TermsOf(asked, change));
  if (!drawn.empty()) state_.zoo.loans.push_back({asked.id, drawn, *asked.ground.due_back_us});
  state_.zoo.approvals[found].state = "APPROVED";
  return verdict;
}

Verdict Model::Reject(const Action& action) { return Approve(action); }

// A resource that was deleted meanwhile lacks nothing.
void Model::EndLoans() {
  std::erase_if(state_.zoo.loans, [this](const Loan& loan) {
    return std::all_of(loan.amounts.begin(), loan.amounts.end(), [this](const auto& drawn) {
      const auto book = state_.books.find(drawn.first);
      return book == state_.books.end() || book->second.reserve >= book->second.Target();
    });
  });
}

}  // namespace purser::model
