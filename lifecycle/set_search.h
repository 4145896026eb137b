#ifndef PURSER_LIFECYCLE_SET_SEARCH_H_
#define PURSER_LIFECYCLE_SET_SEARCH_H_

// For review_set.h: the set with the largest score that frees all that is lacking, by branch and
// bound from a good start on. Pure, thread-safe.
//
// What bounds a score. Let lost(i, S) be what is lost of candidate i's business value when the set
// S leaves, S containing i. The more leave, the fewer provide: lost(i, S) never falls as S grows.
// So for P within S, what S is worth is at most
//
//   what P is worth + the sum of what each other member of S is worth alone        (1)
//
// as the costs add up, no member of P loses less in S than in P, and no other less in S than alone.
// For any prices a >= 0 of what is lacking, and f(j) the share of it that j frees, a set S that
// frees all has a × (the sum of f over S) >= a, so (1) is at most
//
//   what P is worth − a × (what P leaves lacking) + the sum over the others of (alone + a × f) (2)
//
// of which the others are at most the best so many as may still leave. (2) is taken at a few
// prices: 0, and those that make it least at the root. Shares are rounded up, to 10^-9: that lets
// more sets pass as freeing all, never fewer, and whether one does is judged by its amounts.
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"
#include "lifecycle/set_state.h"

namespace purser {

struct SetSearchResult {
  std::optional<std::vector<uint32_t>> members;  // nullopt: none was found
  absl::int128 score = 0;                        // of them
  // No set has a larger score. Only where some set is feasible; where none was found and the search
  // is complete, none is.
  absl::int128 bound = 0;
  bool is_complete = false;
  int64_t steps = 0;
};

// Without a limit of steps at most one for each subset; within one half of it goes to the start.
SetSearchResult SearchSet(const SetProblem& problem, std::optional<int64_t> steps_max);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SET_SEARCH_H_
