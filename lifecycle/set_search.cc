#include "lifecycle/set_search.h"

#include <algorithm>

#include "lifecycle/set_bounds.h"

namespace purser {

namespace {

class Search {
 public:
  Search(const SetProblem* problem, std::optional<int64_t> steps_max)
      : problem_(problem), bounds_(problem), state_(problem), steps_max_(steps_max) {}

  SetSearchResult Run() {
    if (steps_max_.has_value()) start_steps_max_ = *steps_max_ / 2;
    const absl::int128 bound = bounds_.Bound(bounds_.Of(state_), 0);
    StartBy(&Search::IsCheaper);
    if (!result_.members.has_value() || result_.score < bound) StartBy(&Search::FreesMore);
    Grow(0);
    result_.is_complete = !open_bound_.has_value();
    result_.bound = result_.score;
    if (open_bound_.has_value()) {
      const bool is_found = result_.members.has_value();
      result_.bound = is_found ? std::max(result_.score, *open_bound_) : *open_bound_;
    }
    return result_;
  }

 private:
  // What one more member would change.
  struct Step {
    uint32_t candidate = 0;
    absl::int128 score = 0;
    absl::int128 useful = 0;  // shares of what is missing
  };
  using Order = bool (Search::*)(const Step& a, const Step& b) const;

  bool HasSteps(std::optional<int64_t> max) const { return !max || result_.steps < *max; }

  void Consider() {
    if (!state_.IsFeasible()) return;
    if (result_.members.has_value() && state_.score() <= result_.score) return;
    result_.members = state_.members();
    result_.score = state_.score();
  }

  // Less is lost for a share. What costs nothing is the better the more of it is gained.
  bool IsCheaper(const Step& a, const Step& b) const {
    if (a.score >= 0 || b.score >= 0) return a.score > b.score;
    return a.score * b.useful > b.score * a.useful;
  }
  bool FreesMore(const Step& a, const Step& b) const {
    return a.useful != b.useful ? a.useful > b.useful : a.score > b.score;
  }

  // What is missing still, and freed by the candidate, in shares of what is lacking.
  absl::int128 UsefulShares(size_t candidate) const {
    absl::int128 useful = 0;
    for (size_t i = 0; i < problem_->lacking.size(); ++i) {
      const absl::int128 missing = state_.Missing(i);
      if (missing <= 0) continue;
      const absl::int128 freed = std::min(problem_->candidates[candidate].frees[i], missing);
      useful += (freed * kWhole + problem_->lacking[i] - 1) / problem_->lacking[i];
    }
    return useful;
  }

  // The best one to put in while something is missing; nullopt: none frees anything of it.
  std::optional<Step> FindStep(Order is_better) {
    std::optional<Step> best;
    for (const uint32_t candidate : bounds_.order()) {
      if (state_.Has(candidate) || !HasSteps(start_steps_max_)) continue;
      Step step{candidate, -state_.score(), UsefulShares(candidate)};
      if (step.useful == 0) continue;
      ++result_.steps;
      state_.Push(candidate);
      step.score += state_.score();
      const bool keeps_required = state_.KeepsRequired();
      state_.Pop();
      if (!keeps_required) continue;
      if (!best.has_value() || (this->*is_better)(step, *best)) best = step;
    }
    return best;
  }

  void StartBy(Order is_better) {
    state_.Clear();
    while (!state_.IsFeasible() && !state_.IsFull()) {
      const std::optional<Step> step = FindStep(is_better);
      if (!step.has_value()) break;
      state_.Push(step->candidate);
    }
    while (state_.IsFeasible() && Improve()) {
    }
    Consider();
    state_.Clear();
  }

  void Become(const std::vector<uint32_t>& members) {
    state_.Clear();
    for (const uint32_t member : members) state_.Push(member);
  }

  // The best set that a change of one would make, and its score.
  struct Better {
    std::vector<uint32_t> members;
    absl::int128 score = 0;
  };
  void CompareWith(Better* better) const {
    if (!state_.IsFeasible() || state_.score() <= better->score) return;
    *better = {state_.members(), state_.score()};
  }
  void TryOneMore(Better* better) {
    if (state_.IsFull()) return;
    for (const uint32_t candidate : bounds_.order()) {
      if (state_.Has(candidate) || !HasSteps(start_steps_max_)) continue;
      ++result_.steps;
      state_.Push(candidate);
      CompareWith(better);
      state_.Pop();
    }
  }

  // Puts one in or takes one out; where neither is better, puts one in for another. False: that is
  // no better either.
  bool Improve() {
    const std::vector<uint32_t> members = state_.members();
    Better better = {members, state_.score()};
    TryOneMore(&better);
    const auto try_without_each = [&](const auto& look) {
      for (size_t out = 0; out < members.size(); ++out) {
        std::vector<uint32_t> others = members;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(out));
        Become(others);
        look();
      }
    };
    try_without_each([&] { CompareWith(&better); });
    if (better.members == members) try_without_each([&] { TryOneMore(&better); });
    Become(better.members);
    return better.members != members;
  }

  // Every set that the state can be grown to by later ones and that could be the best.
  void Grow(size_t from) {
    Consider();
    if (state_.IsFull()) return;
    const SetBounds::Grown grown = bounds_.Of(state_);
    for (size_t at = from; at < bounds_.order().size(); ++at) {
      // Both hold for all later places too.
      if (!bounds_.MayFree(state_, at)) return;
      if (result_.members.has_value() && !bounds_.MayExceed(result_.score, grown, at)) return;
      if (!HasSteps(steps_max_)) {
        NoteOpen(bounds_.Bound(grown, at));
        return;
      }
      ++result_.steps;
      state_.Push(bounds_.order()[at]);
      if (state_.KeepsRequired()) Grow(at + 1);
      state_.Pop();
    }
  }

  // What is not looked at any more has no larger score.
  void NoteOpen(absl::int128 bound) {
    open_bound_ = open_bound_.has_value() ? std::max(*open_bound_, bound) : bound;
  }

  const SetProblem* problem_;
  SetBounds bounds_;
  SetState state_;
  std::optional<int64_t> steps_max_;
  std::optional<int64_t> start_steps_max_;
  SetSearchResult result_;
  std::optional<absl::int128> open_bound_;  // nullopt: all was looked at
};

}  // namespace

SetSearchResult SearchSet(const SetProblem& problem, std::optional<int64_t> steps_max) {
  return Search(&problem, steps_max).Run();
}

}  // namespace purser
