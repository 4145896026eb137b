#ifndef PURSER_TESTS_REVIEWER_SET_WORLD_H_
#define PURSER_TESTS_REVIEWER_SET_WORLD_H_

// A question for the cheapest set, and its answer by trying every subset, judged by the plain words
// of made_models.h.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lifecycle/review_set.h"
#include "tests/reviewer/made_models.h"

namespace purser::reviewer {

struct PlainBest {
  bool is_feasible = false;
  absl::int128 value = 0;
  size_t members = 0;  // the fewest of that value
  Occupied frees_most;
};

struct SetWorld {
  struct Candidate {
    Made made;
    std::map<uint32_t, int64_t> frees;
  };
  std::vector<Candidate> candidates;
  std::vector<Made> others;  // who are ACTIVE as well
  std::map<uint32_t, int64_t> lacking;
  std::vector<std::string> required;
  SetLimits limits;

  // With at most so many candidates.
  static SetWorld Make(Random* random, int64_t candidates_max);

  void AddCandidate(const Made& made, const std::map<uint32_t, int64_t>& frees) {
    candidates.push_back({made, frees});
  }
  void AddOther(const Made& made) { others.push_back(made); }

  // Views of what the world keeps until the next.
  SetQuestion Question();
  BestSet Find() { return FindBestSet(Question(), limits); }

  // Sets are by places among the candidates.
  using Places = std::vector<size_t>;
  Places PlacesOf(const std::vector<std::string>& ids) const;
  bool KeepsRequired(const Places& places) const;
  int64_t FreedBy(const Places& places, uint32_t resource) const;
  bool IsFeasible(const Places& places) const;
  absl::int128 ValueOf(const Places& places) const;
  PlainBest TryAll() const;

 private:
  std::vector<Settings> settings_;
  Providers providers_;
};

}  // namespace purser::reviewer

#endif  // PURSER_TESTS_REVIEWER_SET_WORLD_H_
