#include "lifecycle/review.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/numeric/int128.h"

namespace purser {

namespace {

// A model with numbers for the names of its capabilities.
struct Packed {
  const Reviewed* model = nullptr;
  std::vector<uint32_t> capabilities;  // rising
  std::vector<int64_t> qualities;      // of each of them
  absl::int128 quality_sum = 0;
};

std::vector<Packed> Pack(const std::vector<Reviewed>& models) {
  std::map<std::string_view, uint32_t> numbers;
  for (const Reviewed& model : models) {
    for (const Provision& each : model.provisions) numbers.emplace(each.capability, numbers.size());
  }
  std::vector<Packed> packed;
  packed.reserve(models.size());
  for (const Reviewed& model : models) {
    std::vector<std::pair<uint32_t, int64_t>> provisions;
    for (const Provision& each : model.provisions) {
      provisions.emplace_back(numbers.at(each.capability), each.quality_micros);
    }
    std::sort(provisions.begin(), provisions.end());
    Packed& made = packed.emplace_back();
    made.model = &model;
    for (const auto& [capability, quality] : provisions) {
      made.capabilities.push_back(capability);
      made.qualities.push_back(quality);
      made.quality_sum += quality;
    }
  }
  return packed;
}

// Whether the first has all capabilities of the second, each with at least its quality.
bool Covers(const Packed& a, const Packed& b) {
  size_t at = 0;
  for (size_t i = 0; i < b.capabilities.size(); ++i) {
    while (at < a.capabilities.size() && a.capabilities[at] < b.capabilities[i]) ++at;
    if (at == a.capabilities.size() || a.capabilities[at] != b.capabilities[i]) return false;
    if (a.qualities[at] < b.qualities[i]) return false;
    ++at;
  }
  return true;
}

// Who dominates stands before those whom it dominates: of two at the same cost of which one covers
// the other, that one has more capabilities, or the same with more quality in sum, or all the same
// and the lower id. So who stands before another and covers it dominates it.
bool StandsBefore(const Packed& a, const Packed& b) {
  const auto rank = [](const Packed& each) {
    return std::tuple(each.model->monthly_cost, -static_cast<int64_t>(each.capabilities.size()),
                      -each.quality_sum, each.model->id);
  };
  return rank(a) < rank(b);
}

// Of those who cover it the cheapest, then the first by id; nullptr: nobody does. `front` is as
// they stand.
const Reviewed* FindBest(const std::vector<const Packed*>& front, const Packed& model,
                         Comparisons* comparisons) {
  const Reviewed* best = nullptr;
  for (const Packed* const each : front) {
    --comparisons->left;
    if (best != nullptr && each->model->monthly_cost != best->monthly_cost) break;
    if (!Covers(*each, model)) continue;
    if (best == nullptr || each->model->id < best->id) best = each->model;
  }
  return best;
}

// |a − b| is at most so many percent of the larger.
bool IsNear(int64_t a, int64_t b, Amount tolerance_percent) {
  const auto magnitude = [](absl::int128 value) { return value < 0 ? -value : value; };
  const absl::int128 difference = magnitude(absl::int128(a) - b);
  const absl::int128 larger = std::max(magnitude(a), magnitude(b));
  return difference * 100 * Amount::kMicrosPerUnit <= larger * tolerance_percent.micros();
}

bool AreNear(const Packed& a, const Packed& b, Amount tolerance_percent) {
  for (size_t i = 0; i < a.qualities.size(); ++i) {
    if (!IsNear(a.qualities[i], b.qualities[i], tolerance_percent)) return false;
  }
  return true;
}

// The groups among `models`, which have the same capabilities and are by id.
void AddGroups(const std::vector<const Packed*>& models, Amount tolerance_percent,
               Comparisons* comparisons, std::vector<Group>* groups) {
  std::vector<bool> is_taken(models.size());
  for (size_t first = 0; first < models.size(); ++first) {
    if (is_taken[first]) continue;
    std::vector<const Packed*> members = {models[first]};
    for (size_t i = first + 1; i < models.size() && members.size() < kGroupMax; ++i) {
      if (is_taken[i]) continue;
      comparisons->left -= static_cast<int64_t>(members.size());
      if (!comparisons->complete()) return;
      const bool is_near =
          std::all_of(members.begin(), members.end(), [&](const Packed* const member) {
            return AreNear(*member, *models[i], tolerance_percent);
          });
      if (!is_near) continue;
      members.push_back(models[i]);
      is_taken[i] = true;
    }
    if (members.size() < 2) continue;
    Group& group = groups->emplace_back();
    for (const Packed* const member : members) group.push_back(member->model->id);
  }
}

}  // namespace

std::vector<Dominated> FindDominated(const std::vector<Reviewed>& models,
                                     Comparisons* comparisons) {
  std::vector<Packed> packed = Pack(models);
  std::sort(packed.begin(), packed.end(), StandsBefore);
  std::vector<const Packed*> front;  // who is dominated by nobody
  std::vector<Dominated> dominated;
  for (const Packed& each : packed) {
    const Reviewed* const by = FindBest(front, each, comparisons);
    if (!comparisons->complete()) break;
    if (by == nullptr) {
      front.push_back(&each);
    } else if (each.model->may_leave) {
      dominated.push_back({each.model->id, by->id});
    }
  }
  std::sort(dominated.begin(), dominated.end(),
            [](const Dominated& a, const Dominated& b) { return a.id < b.id; });
  return dominated;
}

std::vector<Group> FindRedundant(const std::vector<Reviewed>& models, Amount tolerance_percent,
                                 Comparisons* comparisons) {
  std::vector<Packed> packed = Pack(models);
  std::sort(packed.begin(), packed.end(),
            [](const Packed& a, const Packed& b) { return a.model->id < b.model->id; });
  std::map<std::vector<uint32_t>, std::vector<const Packed*>> alike;
  for (const Packed& each : packed) {
    if (!each.model->may_leave || !each.model->may_merge || each.capabilities.empty()) continue;
    alike[each.capabilities].push_back(&each);
  }
  std::vector<Group> groups;
  for (const auto& [capabilities, some] : alike)
    AddGroups(some, tolerance_percent, comparisons, &groups);
  std::sort(groups.begin(), groups.end());
  return groups;
}

std::vector<std::string_view> FindIdle(const std::vector<Reviewed>& models) {
  std::vector<std::string_view> idle;
  for (const Reviewed& model : models) {
    if (model.is_idle && model.may_leave) idle.push_back(model.id);
  }
  std::sort(idle.begin(), idle.end());
  return idle;
}

}  // namespace purser
