#ifndef PURSER_LIFECYCLE_LINEAR_RELAXATION_H_
#define PURSER_LIFECYCLE_LINEAR_RELAXATION_H_

// For zero_one_search.h: what a program comes to where a column may be in by a part, by the simplex
// method of COIN-OR's Clp. It reckons in floating point, so nothing that comes from here is true
// because it says so: multipliers and parts are advice, of which dual_bound.h makes bounds in
// integers. Deterministic: the same calls in the same order give the same. No clock, no file.
// Thread-compatible; several of them share nothing.
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/numeric/int128.h"
#include "lifecycle/dual_bound.h"
#include "lifecycle/zero_one_domain.h"
#include "lifecycle/zero_one_program.h"

namespace purser {

inline constexpr int32_t kAllOfAColumn = 1'000'000'000;

class LinearRelaxation {
 public:
  // The program outlives it.
  explicit LinearRelaxation(const ZeroOneProgram* program);
  ~LinearRelaxation();
  LinearRelaxation(const LinearRelaxation&) = delete;
  LinearRelaxation& operator=(const LinearRelaxation&) = delete;

  struct Solution {
    Multipliers multipliers;
    // By column, 0 to kAllOfAColumn; empty: it gave up, and the multipliers are what it had. Where
    // no set is feasible they are of a program whose rows may be broken at a high price, and the
    // bound is low.
    std::vector<int32_t> parts;
  };
  // Of what the domain has left; begins where the last one ended. The view stands until the next.
  const Solution& Solve(const ZeroOneDomain& domain);

 private:
  struct Solver;

  void SetDomain(const ZeroOneDomain& domain);

  const ZeroOneProgram* program_;
  std::unique_ptr<Solver> solver_;
  Solution solution_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_LINEAR_RELAXATION_H_
