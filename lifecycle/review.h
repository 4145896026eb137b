#ifndef PURSER_LIFECYCLE_REVIEW_H_
#define PURSER_LIFECYCLE_REVIEW_H_

// What the reviewer finds among the ACTIVE models (daemon/decisions/0011, 1 to 3): who is
// dominated, who is redundant, who is idle. Deterministic, whatever order the models come in;
// findings are by id. Pure functions, thread-safe. Dominated ones are looked for among those who
// are not, groups among each who has the same capabilities: at worst the square of the models'
// number, of comparisons of two models, which is why these are counted.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/amount.h"
#include "lifecycle/models.pb.h"
#include "lifecycle/providers.h"

namespace purser {

inline constexpr size_t kGroupMax = 16;  // models of one proposal

// How many comparisons of two models may be made. Once none is left what was found is all that is
// said, and is right.
struct Comparisons {
  int64_t left = kMax;
  bool complete() const { return left > 0; }

  static constexpr int64_t kMax = 100'000'000;
};

// An ACTIVE model, as views of what has to outlive it.
struct Reviewed {
  std::string_view id;
  std::vector<Provision> provisions;  // each capability once, in any order
  Amount monthly_cost;                // USD
  // Whether it is a candidate: no constraint, gate or open proposal keeps it, and it is not the
  // sole provider of what is required. Who is none may still dominate others.
  bool may_leave = true;
  bool may_merge = true;  // as a source, which has to be one that may leave as well
  bool is_idle = false;   // ACTIVE for 28 days in which nothing was charged with its id
};

struct Dominated {
  std::string_view id;
  // Of those who dominate it, and are dominated by nobody, the one with the lowest monthly cost; of
  // several the first by id.
  std::string_view by;

  friend bool operator==(const Dominated&, const Dominated&) = default;
};
using Group = std::vector<std::string_view>;  // ids, in order; 2 to kGroupMax

// Candidates for whom there is another with all their capabilities, each with at least their
// quality, for a lower monthly cost; or for the same, with more (a higher quality, or a capability
// that it has not), or the same and the lower id. That is an order: who is dominated is dominated
// by one who is not, and all of them may leave at once.
std::vector<Dominated> FindDominated(const std::vector<Reviewed>& models, Comparisons* comparisons);

// Candidates with the same capabilities, one or more, whose quality differs by at most
// `tolerance_percent` of the larger of two (by magnitude). By id each begins a group that is in
// none, and takes later ones that are near enough to each who is in it. tolerance_percent >= 0.
std::vector<Group> FindRedundant(const std::vector<Reviewed>& models, Amount tolerance_percent,
                                 Comparisons* comparisons);

// Candidates who are idle.
std::vector<std::string_view> FindIdle(const std::vector<Reviewed>& models);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_REVIEW_H_
