#include "lifecycle/set_state.h"

#include <algorithm>

namespace purser {

SetState::SetState(const SetProblem* problem)
    : problem_(problem),
      is_in_(problem->candidates.size()),
      missing_(problem->lacking),
      lost_of_(problem->candidates.size()),
      front_(problem->capabilities.size()),
      lost_(problem->capabilities.size()) {}

bool SetState::IsBroken(uint32_t capability) const {
  const SetProblem::Capability& provided = problem_->capabilities[capability];
  return provided.is_required && front_[capability] == provided.providers.size();
}

// A capability is lost of each member with a higher quality than the best who stays has.
void SetState::Advance(uint32_t capability) {
  const auto& providers = problem_->capabilities[capability].providers;
  uint32_t& front = front_[capability];
  uint32_t& lost = lost_[capability];
  undos_.push_back({capability, front, lost});
  const auto has_left = [&](const SetProblem::Provider& provider) {
    return provider.candidate != SetProblem::kStays && is_in_[provider.candidate];
  };
  while (front < providers.size() && has_left(providers[front])) ++front;
  const auto is_lost = [&](uint32_t rank) {
    return front == providers.size() ||
           providers[rank].quality_micros > providers[front].quality_micros;
  };
  for (; lost < front && is_lost(lost); ++lost) {
    const int32_t member = providers[lost].candidate;
    const auto& of_member = problem_->candidates[member].lost;
    const uint8_t before = lost_of_[member]++;
    score_ -= kScoreOfValue * (of_member[before + 1] - of_member[before]);
  }
  if (IsBroken(capability)) ++broken_;
}

void SetState::Push(size_t candidate) {
  const SetProblem::Candidate& pushed = problem_->candidates[candidate];
  frames_.push_back({score_, undos_.size()});
  is_in_[candidate] = true;
  members_.push_back(static_cast<uint32_t>(candidate));
  score_ += kScoreOfValue * (pushed.saved - pushed.lost[0]) - 1;
  for (size_t i = 0; i < missing_.size(); ++i) missing_[i] -= pushed.frees[i];
  for (const uint32_t capability : pushed.capabilities) Advance(capability);
}

void SetState::Pop() {
  const uint32_t candidate = members_.back();
  const SetProblem::Candidate& popped = problem_->candidates[candidate];
  for (; undos_.size() > frames_.back().undo_count; undos_.pop_back()) {
    const Undo& undo = undos_.back();
    if (IsBroken(undo.capability)) --broken_;
    const auto& providers = problem_->capabilities[undo.capability].providers;
    for (uint32_t rank = undo.lost; rank < lost_[undo.capability]; ++rank) {
      --lost_of_[providers[rank].candidate];
    }
    front_[undo.capability] = undo.front;
    lost_[undo.capability] = undo.lost;
  }
  for (size_t i = 0; i < missing_.size(); ++i) missing_[i] += popped.frees[i];
  score_ = frames_.back().score;
  is_in_[candidate] = false;
  members_.pop_back();
  frames_.pop_back();
}

void SetState::Clear() {
  while (!members_.empty()) Pop();
}

bool SetState::IsFeasible() const {
  return KeepsRequired() && std::all_of(missing_.begin(), missing_.end(),
                                        [](absl::int128 missing) { return missing <= 0; });
}

}  // namespace purser
