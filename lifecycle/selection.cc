#include "lifecycle/selection.h"

#include <algorithm>

#include "ledger/check.h"
#include "lifecycle/selection_program.h"
#include "lifecycle/zero_one_search.h"

namespace purser {

namespace {

class Evaluation {
 public:
  Evaluation(const SelectionQuestion* question, const SelectionLimits* limits)
      : question_(question), limits_(limits), program_(question) {}

  Selection Run() {
    ZeroOneQuestion ask = Ask(limits_->steps_max);
    ask.starts.push_back(program_.Present());
    best_ = Search(ask);
    if (best_.set.has_value()) {
      if (best_.is_complete && selection_.steps < limits_->steps_max) TakeFirst();
      Describe();
    } else {
      selection_.verdict =
          best_.is_complete ? Selection::Verdict::kNone : Selection::Verdict::kUnknown;
      selection_.bound = program_.ValueMax(best_.bound);
    }
    for (uint32_t i = 0; i < program_.size(); ++i) {
      if (!program_.OptionOf(i).is_active) ++candidates_left_;
    }
    rank_steps_left_ = limits_->rank_steps_max;
    for (uint32_t i = 0; i < program_.size(); ++i) {
      if (!program_.OptionOf(i).is_active) selection_.candidates.push_back(Judge(i));
    }
    Rank();
    return std::move(selection_);
  }

 private:
  ZeroOneQuestion Ask(int64_t steps_max) const {
    ZeroOneQuestion ask;
    ask.program = &program_.program();
    ask.fixed = program_.fixed();
    ask.steps_max = steps_max;
    return ask;
  }

  ZeroOneAnswer Search(const ZeroOneQuestion& ask) {
    ZeroOneAnswer answer = SearchZeroOne(ask);
    selection_.steps += answer.steps;
    PURSER_CHECK(!answer.set.has_value() || IsFeasible(program_.program(), *answer.set),
                 "a selection fits");
    return answer;
  }

  // Of the sets with the best score the one with the smallest ids, decided id by id.
  void TakeFirst() {
    ZeroOneQuestion ask = Ask(0);
    ask.score_min = best_.score;
    ask.score_max = best_.score;
    const std::vector<bool> hopeless = ListHopeless(ask);
    ++selection_.steps;
    for (uint32_t i = 0; i < program_.size(); ++i) {
      const bool is_in = (*best_.set)[i];
      ask.fixed.emplace_back(i, true);
      if (is_in) continue;
      if (!hopeless[i]) {
        ask.steps_max = limits_->steps_max - selection_.steps;
        const ZeroOneAnswer answer = Search(ask);
        if (answer.set.has_value()) {
          best_.set = answer.set;
          continue;
        }
        if (!answer.is_complete) return;
      }
      ask.fixed.back().second = false;
    }
    selection_.is_first = true;
  }

  void Describe() {
    const ZeroOneSet& set = *best_.set;
    selection_.verdict = Selection::Verdict::kFound;
    selection_.value = program_.ValueOf(set);
    selection_.bound = program_.ValueMax(best_.bound);
    selection_.is_optimal = selection_.bound == selection_.value;
    selection_.slack = question_->capacities;
    selection_.slots_left = question_->slots;
    for (size_t i = 0; i < program_.size(); ++i) {
      const SelectionOption& option = program_.OptionOf(i);
      if (set[i]) {
        selection_.chosen.push_back(option.id);
        for (size_t k = 0; k < option.uses.size(); ++k) selection_.slack[k] -= option.uses[k];
        --selection_.slots_left;
      }
      if (set[i] && !option.is_active) selection_.admitted.push_back(option.id);
      if (!set[i] && option.is_active) selection_.dropped.push_back(option.id);
    }
  }

  SelectionCandidate Judge(uint32_t column) {
    const SelectionOption& option = program_.OptionOf(column);
    SelectionCandidate candidate;
    const int64_t steps_before = selection_.steps;
    candidate.id = option.id;
    candidate.gate = option.barred;
    if (best_.set.has_value()) {
      Compare(column, &candidate);
      for (const uint32_t other : program_.ForbidsOf(column)) {
        if ((*best_.set)[other]) candidate.forbidden_by.push_back(program_.OptionOf(other).id);
      }
    } else {
      candidate.marginal.is_exact = best_.is_complete || option.barred.has_value();
    }
    rank_steps_left_ -= selection_.steps - steps_before;
    --candidates_left_;
    candidate.verdict = VerdictOf(column, &candidate);
    return candidate;
  }

  SelectionCandidate::Verdict VerdictOf(uint32_t column, SelectionCandidate* candidate) const {
    using Verdict = SelectionCandidate::Verdict;
    const SelectionOption& option = program_.OptionOf(column);
    if (best_.set.has_value() && (*best_.set)[column]) return Verdict::kAdmitted;
    if (option.barred.has_value()) return Verdict::kBarred;
    if (!best_.set.has_value()) return Verdict::kNotFound;
    if (!option.value.is_positive()) return Verdict::kWorthNothing;
    if (!candidate->forbidden_by.empty()) return Verdict::kForbidden;
    for (size_t i = 0; i < option.uses.size(); ++i) {
      const Amount slack = selection_.slack[i];
      if (option.uses[i] > slack) candidate->shortages.push_back({i, option.uses[i] - slack});
    }
    candidate->lacks_slot = selection_.slots_left < 1;
    const bool fits = candidate->shortages.empty() && !candidate->lacks_slot;
    return fits ? Verdict::kNotFound : Verdict::kDoesNotFit;
  }

  // The best set with the candidate beside the best one without it: one of the two is known.
  void Compare(uint32_t column, SelectionCandidate* candidate) {
    SelectionMarginal& marginal = candidate->marginal;
    if (program_.OptionOf(column).barred.has_value()) {
      marginal.is_exact = true;
      return;
    }
    const bool is_in = (*best_.set)[column];
    ZeroOneQuestion ask = Ask(rank_steps_left_ / candidates_left_);
    ask.fixed.emplace_back(column, !is_in);
    ask.score_max = best_.bound;
    ZeroOneSet start = *best_.set;
    start[column] = !is_in;
    ask.starts.push_back(std::move(start));
    const ZeroOneAnswer other = Search(ask);
    if (!other.set.has_value()) {
      marginal.is_exact = other.is_complete;
      return;
    }
    const ZeroOneAnswer& with = is_in ? best_ : other;
    const ZeroOneAnswer& without = is_in ? other : best_;
    marginal.value = program_.ValueOf(*with.set) - program_.ValueOf(*without.set);
    marginal.least = program_.ValueOf(*with.set) - program_.ValueMax(without.bound);
    marginal.most = program_.ValueMax(with.bound) - program_.ValueOf(*without.set);
    marginal.is_exact = marginal.least == marginal.most;
    if (is_in) return;
    for (size_t i = 0; i < program_.size(); ++i) {
      if ((*best_.set)[i] && !(*other.set)[i]) {
        candidate->displaces.push_back(program_.OptionOf(i).id);
      }
    }
  }

  void Rank() {
    std::vector<SelectionCandidate>& candidates = selection_.candidates;
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const SelectionCandidate& a, const SelectionCandidate& b) {
                       return a.marginal.value > b.marginal.value;  // without one: the least
                     });
    selection_.is_rank_exact = std::all_of(
        candidates.begin(), candidates.end(),
        [](const SelectionCandidate& candidate) { return candidate.marginal.is_exact; });
  }

  const SelectionQuestion* question_;
  const SelectionLimits* limits_;
  SelectionProgram program_;
  ZeroOneAnswer best_;
  int64_t candidates_left_ = 0;  // to be ranked
  int64_t rank_steps_left_ = 0;
  Selection selection_;
};

}  // namespace

SelectionLimits DefaultLimits(const SelectionQuestion& question) {
  // What a step costs grows with both.
  constexpr int64_t kStepsMax = 100'000;
  constexpr int64_t kCoefficientsMax = 200'000'000;
  const auto coefficients =
      static_cast<int64_t>((question.options.size() + 1) * (question.resources.size() + 3));
  const int64_t steps = std::min(kStepsMax, kCoefficientsMax / coefficients);
  return {steps, steps / 2};
}

absl::StatusOr<Selection> EvaluateSelection(const SelectionQuestion& question,
                                            const SelectionLimits& limits) {
  if (auto status = CheckSelection(question); !status.ok()) return status;
  return Evaluation(&question, &limits).Run();
}

}  // namespace purser
