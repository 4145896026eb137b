#ifndef PURSER_LIFECYCLE_ZERO_ONE_DOMAIN_H_
#define PURSER_LIFECYCLE_ZERO_ONE_DOMAIN_H_

// For zero_one_search.h: what has been decided of a program's columns and counts, and what follows
// of it, row by row. Exact. Thread-compatible; copies are cheap.
#include <cstdint>
#include <vector>

#include "lifecycle/zero_one_program.h"

namespace purser {

class ZeroOneDomain {
 public:
  enum class State : uint8_t { kOut, kIn, kFree };
  struct Range {
    std::optional<int64_t> lower;
    std::optional<int64_t> upper;
  };

  // Both, the same program, outlive it.
  ZeroOneDomain(const ZeroOneProgram* program, const ZeroOneColumns* columns);

  State Of(size_t column) const { return states_[column]; }
  bool IsFree(size_t column) const { return states_[column] == State::kFree; }
  const Range& RangeOf(size_t row) const { return ranges_[row]; }

  // One that is free, or is so already. False: no set is left, and the domain is of no use.
  bool Fix(size_t column, bool is_in);
  // Both narrow the row's.
  bool Narrow(size_t row, const Range& range);
  // Decides what follows. False as above.
  bool Propagate();

 private:
  struct Activity {
    absl::int128 least = 0;  // of any set that the domain still has
    absl::int128 most = 0;
  };

  void Touch(uint32_t row);
  bool MayHold(uint32_t row, absl::int128 least, absl::int128 most) const;
  bool PropagateRow(uint32_t row);

  const ZeroOneProgram* program_;
  const ZeroOneColumns* columns_;
  std::vector<State> states_;
  std::vector<Range> ranges_;
  std::vector<Activity> activities_;
  std::vector<uint32_t> touched_;  // rows
  std::vector<bool> is_touched_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_ZERO_ONE_DOMAIN_H_
