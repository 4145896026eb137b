#ifndef PURSER_LIFECYCLE_ZERO_ONE_SEARCH_H_
#define PURSER_LIFECYCLE_ZERO_ONE_SEARCH_H_

// For selection.h: the feasible set with the largest score, by branch and bound over linear
// relaxations (linear_relaxation.h). What is kept is feasible, and what is pruned cannot be better,
// in integers: floating point decides only where is looked first. Deterministic. Pure, thread-safe.
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "lifecycle/zero_one_program.h"

namespace purser {

struct ZeroOneQuestion {
  const ZeroOneProgram* program = nullptr;
  std::vector<std::pair<uint32_t, bool>> fixed;  // columns, and whether they are in
  // Only sets of at least that score are looked for.
  std::optional<absl::int128> score_min;
  // No feasible set has a larger score, as is known already: whoever reaches it is the best.
  std::optional<absl::int128> score_max;
  std::vector<ZeroOneSet> starts;  // to begin with; those that do not qualify are passed over
  int64_t steps_max = 0;           // each solves one linear program
};

struct ZeroOneAnswer {
  std::optional<ZeroOneSet> set;  // nullopt: none was found
  absl::int128 score = 0;         // of it
  // No set that is asked for has a larger score; the score where it is shown to be the best. Where
  // none was found and the search is complete, there is none.
  absl::int128 bound = 0;
  bool is_complete = false;
  int64_t steps = 0;
};

// By column: whether no set that is asked for has it, as far as one step can tell. Of `starts` and
// steps nothing is taken.
std::vector<bool> ListHopeless(const ZeroOneQuestion& question);

ZeroOneAnswer SearchZeroOne(const ZeroOneQuestion& question);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_ZERO_ONE_SEARCH_H_
