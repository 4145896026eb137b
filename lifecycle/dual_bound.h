#ifndef PURSER_LIFECYCLE_DUAL_BOUND_H_
#define PURSER_LIFECYCLE_DUAL_BOUND_H_

// For zero_one_search.h: what no set of a domain can exceed, proved in integers.
//
// For any multipliers y of the rows, a set that keeps them all scores at most
//
//   the sum over rows of (y > 0 ? y × upper : y × lower)
//   + the sum over columns of what its reduced score, score − y × its coefficients, adds at most
//   (1)
//
// whatever the multipliers are: bad ones give a bad bound, not a false one (weak duality). One for
// a limit that is not there is taken as 0. Pure functions, thread-safe.
#include <cstdint>
#include <vector>

#include "absl/numeric/int128.h"
#include "lifecycle/zero_one_domain.h"
#include "lifecycle/zero_one_program.h"

namespace purser {

// By row, in 2^-`digits` of a score a unit of the row's sum.
struct Multipliers {
  std::vector<absl::int128> by_row;
};

// Binary digits of what it is without its sign; 0 of 0.
int BitsOf(absl::int128 value);
// How fine multipliers are, so that (1) fits in 128 bits.
int DigitsOf(const ZeroOneProgram& program);
// The largest multiplier of each row, without its sign, for the same reason.
std::vector<absl::int128> MultipliersMax(const ZeroOneProgram& program);

struct DualBound {
  absl::int128 scaled = 0;            // times 2^digits
  std::vector<absl::int128> reduced;  // by column, the same
};
DualBound BoundOf(const ZeroOneProgram& program, const ZeroOneColumns& columns,
                  const ZeroOneDomain& domain, const Multipliers& multipliers, int digits);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_DUAL_BOUND_H_
