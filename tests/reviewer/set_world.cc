#include "tests/reviewer/set_world.h"

#include <algorithm>

namespace purser::reviewer {

SetWorld SetWorld::Make(Random* random, int64_t candidates_max) {
  SetWorld world;
  const int64_t count = random->Between(0, candidates_max);
  const int64_t resources = random->Between(0, 3);
  const int capabilities = static_cast<int>(random->Between(0, 5));
  // Mostly few resources of each, so that several have to leave.
  const int64_t much = random->OneIn(4) ? 1'000'000'000'000'000 : 6;
  for (int64_t i = 0; i < count; ++i) {
    Candidate candidate;
    candidate.made = random->Model("m" + std::to_string(i), capabilities);
    for (int64_t r = 1; r <= resources; ++r) {
      candidate.frees[r] = random->OneIn(3) ? 0 : random->Between(1, much);
    }
    world.candidates.push_back(candidate);
  }
  for (int64_t i = random->Between(0, 3); i > 0; --i) {
    world.others.push_back(random->Model("other" + std::to_string(i), capabilities));
  }
  for (int64_t r = 1; r <= resources; ++r) {
    world.lacking[r] = random->OneIn(5) ? 0 : random->Between(1, 1 + much * count / 3);
  }
  for (int i = 0; i < capabilities; ++i) {
    if (random->OneIn(3)) world.required.push_back("c" + std::to_string(i));
  }
  if (random->OneIn(3)) world.limits.members_max = static_cast<size_t>(random->Between(0, 5));
  return world;
}

SetQuestion SetWorld::Question() {
  settings_.clear();
  providers_ = Providers();
  SetQuestion question;
  for (const Candidate& each : candidates) settings_.push_back(ToSettings(each.made));
  for (size_t i = 0; i < candidates.size(); ++i) {
    providers_.Add(settings_[i]);
    SetCandidate& candidate = question.candidates.emplace_back();
    candidate.model = &settings_[i];
    for (const auto& [resource, amount] : candidates[i].frees) {
      candidate.frees[resource] = Amount::FromMicros(amount);
    }
  }
  for (const Made& other : others) providers_.Add(ToSettings(other));
  for (const auto& [resource, amount] : lacking) {
    question.lacking[resource] = Amount::FromMicros(amount);
  }
  question.required_capabilities = required;
  question.providers = &providers_;
  return question;
}

SetWorld::Places SetWorld::PlacesOf(const std::vector<std::string>& ids) const {
  Places places;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (std::find(ids.begin(), ids.end(), candidates[i].made.id) != ids.end()) places.push_back(i);
  }
  return places;
}

bool SetWorld::KeepsRequired(const Places& places) const {
  for (const std::string& capability : required) {
    size_t before = 0;
    size_t left = 0;
    for (const Made& other : others) before += other.capabilities.count(capability);
    for (const Candidate& each : candidates) before += each.made.capabilities.count(capability);
    for (const size_t i : places) left += candidates[i].made.capabilities.count(capability);
    if (before > 0 && before == left) return false;
  }
  return true;
}

int64_t SetWorld::FreedBy(const Places& places, uint32_t resource) const {
  int64_t sum = 0;
  for (const size_t i : places) {
    const auto it = candidates[i].frees.find(resource);
    if (it != candidates[i].frees.end()) sum += it->second;
  }
  return sum;
}

bool SetWorld::IsFeasible(const Places& places) const {
  if (places.size() > limits.members_max || places.size() > 16) return false;
  for (const auto& [resource, amount] : lacking) {
    if (FreedBy(places, resource) < amount) return false;
  }
  return KeepsRequired(places);
}

absl::int128 SetWorld::ValueOf(const Places& places) const {
  std::vector<Made> active;
  for (const Candidate& each : candidates) active.push_back(each.made);
  active.insert(active.end(), others.begin(), others.end());
  return PlainValueOf(active, places, nullptr).Sum();
}

PlainBest SetWorld::TryAll() const {
  PlainBest best;
  for (const auto& [resource, amount] : lacking) {
    if (amount > 0) best.frees_most[resource] = Amount();
  }
  for (uint64_t subset = 0; subset < uint64_t{1} << candidates.size(); ++subset) {
    Places places;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if ((subset >> i & 1) != 0) places.push_back(i);
    }
    if (places.size() > limits.members_max || !KeepsRequired(places)) continue;
    for (auto& [resource, most] : best.frees_most) {
      most = std::max(most, Amount::FromMicros(FreedBy(places, resource)));
    }
    if (!IsFeasible(places)) continue;
    const absl::int128 value = ValueOf(places);
    const bool is_better =
        value > best.value || (value == best.value && places.size() < best.members);
    if (best.is_feasible && !is_better) continue;
    best.is_feasible = true;
    best.value = value;
    best.members = places.size();
  }
  return best;
}

}  // namespace purser::reviewer
