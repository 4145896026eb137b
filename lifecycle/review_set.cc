#include "lifecycle/review_set.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "lifecycle/set_search.h"
#include "lifecycle/set_state.h"

namespace purser {

namespace {

Amount FreedOf(const Occupied& frees, uint32_t resource) {
  const auto it = frees.find(resource);
  return it == frees.end() ? Amount() : std::max(it->second, Amount());
}

bool IsRequired(const SetQuestion& question, std::string_view capability) {
  const auto& required = question.required_capabilities;
  return std::find(required.begin(), required.end(), capability) != required.end();
}

// The question in numbers, and of whom they speak.
class Packing {
 public:
  Packing(const SetQuestion* question, size_t members_max) : question_(question) {
    problem_.members_max = members_max;
    for (const auto& [resource, amount] : question->lacking) {
      if (!amount.is_positive()) continue;
      resources_.push_back(resource);
      problem_.lacking.emplace_back(amount.micros());
    }
    ChooseCandidates();
    for (size_t i = 0; i < chosen_.size(); ++i) {
      for (const Provision& each : ProvisionsOf(*chosen_[i]->model)) AddPlace(i, each.capability);
    }
  }

  const SetProblem& problem() const { return problem_; }
  const std::vector<uint32_t>& resources() const { return resources_; }
  const std::string& IdOf(uint32_t candidate) const { return chosen_[candidate]->model->id(); }

  // How much of one resource can be freed, as a question of its own: a millionth for a millionth.
  SetProblem AskForMost(uint32_t resource) const {
    SetProblem most = problem_;
    most.lacking.clear();
    for (size_t i = 0; i < chosen_.size(); ++i) {
      SetProblem::Candidate& candidate = most.candidates[i];
      candidate.frees.clear();
      candidate.saved = FreedOf(chosen_[i]->frees, resource).micros();
      std::fill(candidate.lost.begin(), candidate.lost.end(), 0);
    }
    return most;
  }

 private:
  // By id, so that what comes out does not depend on the order in which they came.
  void ChooseCandidates() {
    std::map<std::string_view, const SetCandidate*> by_id;
    for (const SetCandidate& each : question_->candidates) {
      by_id.emplace(each.model->id(), &each);
    }
    for (const auto& [id, each] : by_id) {
      if (!question_->providers->Has(*each->model)) continue;
      SetProblem::Candidate candidate = Measure(*each);
      // Without one who frees nothing of it, and by itself is worth nothing, a set is better.
      const bool frees_any = std::any_of(candidate.frees.begin(), candidate.frees.end(),
                                         [](absl::int128 amount) { return amount > 0; });
      if ((!frees_any && candidate.ScoreAlone() < 0) || IsSoleProvider(*each->model)) continue;
      numbers_[ToAbsl(id)] = static_cast<int32_t>(chosen_.size());
      chosen_.push_back(each);
      problem_.candidates.push_back(std::move(candidate));
    }
  }

  bool IsSoleProvider(const stored::ModelSettings& model) const {
    const auto& capabilities = model.capabilities();
    return std::any_of(capabilities.begin(), capabilities.end(), [&](const std::string& each) {
      return IsRequired(*question_, each) && question_->providers->Count(each) == 1;
    });
  }

  SetProblem::Candidate Measure(const SetCandidate& each) const {
    SetProblem::Candidate candidate;
    candidate.saved = SavedCosts(*each.model).Sum();
    for (int i = 0; i <= each.model->capabilities_size(); ++i) {
      candidate.lost.push_back(LostValue(*each.model, i));
    }
    const std::string_view id = each.model->id();
    for (const Provision& provision : ProvisionsOf(*each.model)) {
      if (!question_->providers->HasOther(provision, {id})) ++candidate.lost_alone;
    }
    for (size_t i = 0; i < resources_.size(); ++i) {
      const absl::int128 freed = FreedOf(each.frees, resources_[i]).micros();
      candidate.frees.push_back(std::min(freed, problem_.lacking[i]));
    }
    return candidate;
  }

  // The capability as far as sets can reach, made when it is first asked for.
  uint32_t NumberOf(std::string_view name) {
    const auto [it, is_new] =
        capabilities_.emplace(name, static_cast<uint32_t>(problem_.capabilities.size()));
    if (!is_new) return it->second;
    SetProblem::Capability& capability = problem_.capabilities.emplace_back();
    capability.is_required = IsRequired(*question_, name);
    for (const auto& [quality_micros, id] : *question_->providers->Find(name)) {
      if (capability.providers.size() > problem_.members_max) break;
      const auto number = numbers_.find(ToAbsl(id));
      const int32_t candidate = number == numbers_.end() ? SetProblem::kStays : number->second;
      capability.providers.push_back({candidate, quality_micros});
      if (candidate == SetProblem::kStays) break;
    }
    return it->second;
  }

  void AddPlace(size_t candidate, std::string_view name) {
    const uint32_t number = NumberOf(name);
    const auto& providers = problem_.capabilities[number].providers;
    const bool is_among =
        std::any_of(providers.begin(), providers.end(), [&](const SetProblem::Provider& each) {
          return each.candidate == static_cast<int32_t>(candidate);
        });
    if (is_among) problem_.candidates[candidate].capabilities.push_back(number);
  }

  const SetQuestion* question_;
  SetProblem problem_;
  std::vector<uint32_t> resources_;          // that are lacking
  std::vector<const SetCandidate*> chosen_;  // by id
  absl::flat_hash_map<std::string, int32_t> numbers_;
  std::map<std::string_view, uint32_t> capabilities_;
};

bool StaysProvided(const Providers& providers, const std::string& capability,
                   absl::Span<const std::string_view> leaving) {
  const ProvidersByQuality* const all = providers.Find(capability);
  if (all == nullptr) return true;
  return std::any_of(all->begin(), all->end(), [&](const auto& each) {
    return std::find(leaving.begin(), leaving.end(), each.second) == leaving.end();
  });
}

// The largest value of a score: members, fewer than kScoreOfValue, only take from it.
absl::int128 ValueWithin(absl::int128 score) {
  const absl::int128 most = score + kModelsLeavingMax;
  const absl::int128 quotient = most / kScoreOfValue;
  return most % kScoreOfValue < 0 ? quotient - 1 : quotient;
}

}  // namespace

SetVerdict JudgeSet(const SetQuestion& question, const std::vector<std::string>& ids) {
  const std::vector<std::string_view> leaving(ids.begin(), ids.end());
  std::vector<const stored::ModelSettings*> models;
  std::map<uint32_t, absl::int128> freed;
  for (const std::string& id : ids) {
    const auto it = std::find_if(question.candidates.begin(), question.candidates.end(),
                                 [&](const SetCandidate& each) { return each.model->id() == id; });
    PURSER_CHECK(it != question.candidates.end(), "only candidates are judged");
    models.push_back(it->model);
    for (const auto& [resource, amount] : it->frees) {
      freed[resource] += std::max(amount, Amount()).micros();
    }
  }
  SetVerdict verdict;
  verdict.frees_all =
      std::all_of(question.lacking.begin(), question.lacking.end(),
                  [&](const auto& each) { return freed[each.first] >= each.second.micros(); });
  verdict.keeps_required = std::all_of(
      question.required_capabilities.begin(), question.required_capabilities.end(),
      [&](const std::string& each) { return StaysProvided(*question.providers, each, leaving); });
  verdict.value = NetValueOf(models, nullptr, *question.providers);
  return verdict;
}

BestSet FindBestSet(const SetQuestion& question, const SetLimits& limits) {
  const Packing packing(&question, std::min(limits.members_max, kModelsLeavingMax));
  std::optional<int64_t> steps_max;
  if (packing.problem().candidates.size() > limits.exact_max) steps_max = limits.steps_max;
  const SetSearchResult found = SearchSet(packing.problem(), steps_max);
  BestSet best;
  best.steps = found.steps;
  if (!found.members.has_value()) {
    best.verdict = found.is_complete ? BestSet::Verdict::kNone : BestSet::Verdict::kUnknown;
    for (const uint32_t resource : packing.resources()) {
      const SetSearchResult most = SearchSet(packing.AskForMost(resource), steps_max);
      best.frees_most[resource] = Amount::FromMicros(static_cast<int64_t>(ValueWithin(most.score)));
    }
    return best;
  }
  for (const uint32_t member : *found.members) best.ids.push_back(packing.IdOf(member));
  std::sort(best.ids.begin(), best.ids.end());
  const SetVerdict verdict = JudgeSet(question, best.ids);
  const absl::int128 score =
      verdict.value.Sum() * kScoreOfValue - static_cast<int64_t>(best.ids.size());
  PURSER_CHECK(verdict.frees_all && verdict.keeps_required && score == found.score,
               "what a search found is what it says");
  best.verdict = BestSet::Verdict::kFound;
  best.value = verdict.value;
  best.bound = ValueWithin(found.bound);
  return best;
}

}  // namespace purser
