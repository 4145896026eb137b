#ifndef PURSER_LIFECYCLE_ZERO_ONE_IMPROVER_H_
#define PURSER_LIFECYCLE_ZERO_ONE_IMPROVER_H_

// For zero_one_search.h: good sets, cheaply, so that bounds prune early. Thread-compatible.
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"
#include "lifecycle/zero_one_program.h"

namespace purser {

class ZeroOneImprover {
 public:
  // Both, the same program, outlive it.
  ZeroOneImprover(const ZeroOneProgram* program, const ZeroOneColumns* columns);

  // Puts in one after the other, in this order, who breaks no upper limit. nullopt: a lower limit
  // is missed in the end.
  std::optional<ZeroOneSet> Fill(const std::vector<uint32_t>& order);
  // One in, one out, or one for another (and who then fits), as long as that is better. The set is
  // feasible and stays so.
  void Improve(ZeroOneSet* set);

 private:
  void Become(const ZeroOneSet& set);
  bool MayFlip(uint32_t column) const;
  bool KeepsRowsOf(uint32_t column) const;
  void Flip(uint32_t column);
  bool FlipGainful();
  bool ExchangeGainful();
  absl::int128 GainOf(uint32_t column) const;

  const ZeroOneProgram* program_;
  const ZeroOneColumns* columns_;
  ZeroOneSet set_;
  std::vector<absl::int128> sums_;  // by row
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_ZERO_ONE_IMPROVER_H_
