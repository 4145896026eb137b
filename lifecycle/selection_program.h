#ifndef PURSER_LIFECYCLE_SELECTION_PROGRAM_H_
#define PURSER_LIFECYCLE_SELECTION_PROGRAM_H_

// For selection.h: its question as a program. Columns are the options by id, rows come in an order
// of their own, so that the order of the question does not matter. Immutable.
//
// A set's score is its value × (options + 1), less one for each active that is dropped and each
// candidate that is admitted, and one more for each that is active: so the larger value is the
// larger score, and of the same value the fewer changes. The largest sum is below 2^86.
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "lifecycle/selection.h"
#include "lifecycle/zero_one_program.h"

namespace purser {

class SelectionProgram {
 public:
  // The question is as CheckSelection wants it, and outlives this.
  explicit SelectionProgram(const SelectionQuestion* question);

  const ZeroOneProgram& program() const { return program_; }
  size_t size() const { return order_.size(); }
  const SelectionOption& OptionOf(size_t column) const {
    return question_->options[order_[column]];
  }
  // Who must stay and who must not be chosen.
  const std::vector<std::pair<uint32_t, bool>>& fixed() const { return fixed_; }
  // Columns that the column is never chosen together with.
  const std::vector<uint32_t>& ForbidsOf(size_t column) const { return forbids_[column]; }
  // Who is active now and may be.
  ZeroOneSet Present() const;

  // Millionths of USD a month.
  absl::int128 ValueOf(const ZeroOneSet& set) const;
  // No set whose score is at most that has a larger value.
  absl::int128 ValueMax(absl::int128 score) const;

 private:
  void AddScores();
  void AddResources();
  void AddSlots();
  void AddCoverage();
  void AddForbids();

  const SelectionQuestion* question_;
  std::vector<uint32_t> order_;  // places of the options, by id
  ZeroOneProgram program_;
  std::vector<std::pair<uint32_t, bool>> fixed_;
  std::vector<std::vector<uint32_t>> forbids_;
  int64_t active_count_ = 0;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SELECTION_PROGRAM_H_
