// Coverage, the step of the population budget, and what the model shows of ML models.
#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

// Storage is occupied already; of the count a rollback frees what it takes.
bool IsToBeCovered(const std::string& resource, const Book& book) {
  return book.settings.capacity && resource != kStorage && resource != kCount;
}

constexpr size_t kCoverageMinimum = 1;
constexpr int64_t kBudgetStepPercent = 10;

// How far the base may be from what it was as the month began.
int64_t StepFrom(int64_t began) {
  return std::max(kOne, began / kOne * kBudgetStepPercent / 100 * kOne);
}

std::string MonthOf(int64_t instant_us) { return FormatInstant(instant_us).substr(0, 7); }

}  // namespace

std::vector<int64_t> Model::TargetsOf(const std::string& resource) const {
  std::set<std::string> targets;
  for (const auto& [id, artifact] : state_.zoo.artifacts) {
    if (artifact.IsActive() && !artifact.target.empty()) targets.insert(artifact.target);
  }
  std::vector<int64_t> sizes;
  for (const std::string& id : targets) {
    const Amounts& footprint = state_.zoo.artifacts.at(id).footprint;
    const auto found = footprint.find(resource);
    sizes.push_back(found == footprint.end() ? 0 : found->second);
  }
  std::sort(sizes.rbegin(), sizes.rend());
  return sizes;
}

int64_t Model::Uncovered(const std::string& resource) const {
  const Book& book = state_.books.at(resource);
  const std::vector<int64_t> sizes = TargetsOf(resource);
  int64_t sum = 0;
  for (size_t i = 0; i < std::min(sizes.size(), kCoverageMinimum); ++i) sum += sizes[i];
  return std::max<int64_t>(0, sum - book.reserve);
}

bool Model::LosesCoverage(const Model& before, const Model* besides) const {
  return std::any_of(state_.books.begin(), state_.books.end(), [&](const auto& entry) {
    const auto& [name, book] = entry;
    if (!IsToBeCovered(name, book) || !before.state_.books.contains(name)) return false;
    const int64_t lacked = before.Uncovered(name);
    return Uncovered(name) > std::max(lacked, besides == nullptr ? 0 : besides->Uncovered(name));
  });
}

std::vector<std::string> Model::Uncoverable(const std::string& target) const {
  std::vector<std::string> names;
  if (target.empty()) return names;
  for (const auto& [resource, amount] : state_.zoo.artifacts.at(target).footprint) {
    const Book& book = state_.books.at(resource);
    if (IsToBeCovered(resource, book) && amount > book.Target()) names.push_back(resource);
  }
  return names;
}

bool Model::IsNamedByArtifacts(const std::string& resource) const {
  if (resource == kCount) return CountActive() > 0;
  return std::any_of(
      state_.zoo.artifacts.begin(), state_.zoo.artifacts.end(), [&resource](const auto& entry) {
        return entry.second.footprint.contains(resource) && entry.second.state != "PURGED";
      });
}

int64_t Model::CountActive() const {
  int64_t count = 0;
  for (const auto& [id, artifact] : state_.zoo.artifacts) count += artifact.IsActive() ? 1 : 0;
  return count;
}

Verdict Model::Guarded(const Action& action, Verdict (Model::*command)(const Action&)) {
  // Nothing to lose, and nothing that is counted.
  const bool free = state_.zoo.artifacts.empty() && action.resource != kCount;
  if (free) return (this->*command)(action);
  const Model before = *this;
  Verdict verdict = (this->*command)(action);
  if (verdict.code.empty()) verdict = BudgetStep(before);
  if (verdict.code.empty() && LosesCoverage(before)) verdict = Refused("coverage_lost");
  if (!verdict.code.empty()) {
    state_ = before.state_;
    return verdict;
  }
  const auto count = before.state_.books.find(kCount);
  const bool new_month =
      count != before.state_.books.end() && state_.now_us >= state_.zoo.month_ends_us;
  if (!new_month) return verdict;
  state_.zoo.month_began_with = count->second.Base();
  state_.zoo.month_ends_us = NextMonth(state_.now_us);
  return verdict;
}

// Nothing but commands moves the base, so that in a month without any it is what it began with.
Verdict Model::BudgetStep(const Model& before) const {
  const auto was = before.state_.books.find(kCount);
  const auto is = state_.books.find(kCount);
  if (was == before.state_.books.end() || is == state_.books.end()) return Verdict();
  const int64_t base = was->second.Base();
  const int64_t asked = is->second.Base();
  const bool new_month = state_.now_us >= state_.zoo.month_ends_us;
  int64_t began = new_month ? base : state_.zoo.month_began_with;
  const auto reach = [asked](int64_t from) {
    return std::clamp(asked, from - StepFrom(from), from + StepFrom(from));
  };
  if (asked == base || reach(began) == asked) return Verdict();
  Verdict refused = Refused("budget_step");
  int64_t month_us = state_.now_us;
  for (int64_t last = base; last != asked; month_us = NextMonth(month_us)) {
    began = reach(began);
    if (began != last) refused.schedule.emplace_back(MonthOf(month_us), began);
    last = began;
  }
  return refused;
}

std::optional<ArtifactView> Model::FindArtifact(const std::string& id) const {
  const auto found = state_.zoo.artifacts.find(id);
  if (found == state_.zoo.artifacts.end()) return std::nullopt;
  const Artifact& artifact = found->second;
  ArtifactView view;
  view.state = artifact.state;
  view.generation = artifact.generation;
  view.target = artifact.target;
  view.occupies = OccupiedBy(artifact);
  view.footprint = artifact.footprint;
  view.monthly_cost = artifact.MonthlyCost();
  view.quality = artifact.quality;
  for (const Constraint& each : artifact.constraints) {
    view.constraints.push_back(std::string(each.kind).append(":").append(each.name));
  }
  for (const Window& window : state_.zoo.windows) {
    if (window.number == artifact.target_window) view.target_until_us = window.until_us;
    if (window.number == artifact.window) view.window_until_us = window.until_us;
  }
  return view;
}

std::optional<PopulationView> Model::FindPopulation() const {
  PopulationView view;
  view.active = CountActive();
  for (const auto& [name, book] : state_.books) {
    if (!IsToBeCovered(name, book)) continue;
    std::optional<int64_t>& covered = view.coverage[name];
    const std::vector<int64_t> sizes = TargetsOf(name);
    if (sizes.empty()) continue;
    covered = 0;
    int64_t sum = 0;
    for (const int64_t size : sizes) {
      sum += size;
      if (sum > book.reserve) break;
      ++*covered;
    }
    view.smallest_coverage = std::min(view.smallest_coverage.value_or(*covered), *covered);
  }
  for (const Loan& loan : state_.zoo.loans) {
    view.loans.push_back({loan.artifact, loan.amounts, loan.due_back_us});
  }
  for (const Approval& approval : state_.zoo.approvals) {
    if (approval.state != "PENDING") continue;
    view.pending.push_back({approval.asked.id, approval.asked.principal, approval.expires_us});
  }
  const auto count = state_.books.find(kCount);
  if (count != state_.books.end()) view.lent = count->second.shortfall;
  for (const auto& [id, artifact] : state_.zoo.artifacts) {
    if (!artifact.IsActive() || artifact.target.empty()) continue;
    const bool forbidden = !Gate(RollbackOf(artifact), true).forbids.empty();
    if (forbidden) view.forbidden.push_back(id);
  }
  return view;
}

std::string Model::CheckArtifacts() const {
  for (const auto& [id, artifact] : state_.zoo.artifacts) {
    const auto window = [this](int64_t number) {
      return std::any_of(state_.zoo.windows.begin(), state_.zoo.windows.end(),
                         [number](const Window& each) { return each.number == number; });
    };
    if ((artifact.state == "ROLLBACK_TARGET") != (artifact.window != 0)) {
      return id + ": a window without a rollback target, or the reverse";
    }
    if (artifact.window != 0 && !window(artifact.window)) return id + ": its window has ended";
    if (artifact.target.empty()) {
      if (artifact.target_window != 0) return id + ": a window of no target";
      continue;
    }
    const Artifact& target = state_.zoo.artifacts.at(artifact.target);
    if (!target.served) return id + ": its target has never been active";
    if (artifact.IsActive() && target.IsGone()) return id + ": its target is gone";
    if (artifact.target_window != 0 && target.window != artifact.target_window)
      return id + ": its target's window has ended";
  }
  for (const Window& window : state_.zoo.windows) {
    if (window.until_us <= state_.now_us) return "a rollback window is past its end";
  }
  for (const Approval& approval : state_.zoo.approvals) {
    const bool late = approval.state == "PENDING" && approval.expires_us <= state_.now_us;
    if (late) return approval.asked.id + ": its approval is past its end";
  }
  const auto count = state_.books.find(kCount);
  if (count == state_.books.end()) return "";
  int64_t reserved = 0;
  for (const auto& [id, reservation] : state_.reservations) {
    const auto line = reservation.lines.find(kCount);
    if (reservation.IsPromised() && line != reservation.lines.end())
      reserved += line->second.in_use;
  }
  const bool counted = count->second.in_use - reserved == CountActive() * kOne;
  return counted ? "" : "active_models does not count the ACTIVE models";
}

std::string Model::DigestOfArtifacts() const {
  std::string out;
  for (const auto& [id, artifact] : state_.zoo.artifacts) {
    const ArtifactView view = *FindArtifact(id);
    out += "model " + id + " " + view.state + " generation " + std::to_string(view.generation) +
           " target " + view.target + " until " + std::to_string(view.target_until_us) +
           " window " + std::to_string(view.window_until_us) + " costs " +
           FormatDecimal(view.monthly_cost) + " value " + FormatDecimal(artifact.business_value) +
           " incident cost " + FormatDecimal(artifact.incident_cost);
    for (const auto& [resource, amount] : view.footprint) {
      out += " " + resource + " " + FormatDecimal(amount);
    }
    out += "\n";
  }
  for (const Loan& loan : state_.zoo.loans) {
    out += "loan " + loan.artifact + " " + FormatInstant(loan.due_back_us) + "\n";
  }
  for (const Approval& approval : state_.zoo.approvals) {
    out += "approval " + approval.asked.id + " " + approval.state + "\n";
  }
  return out;
}

}  // namespace purser::model
