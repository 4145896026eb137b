#include "lifecycle/zero_one_program.h"

namespace purser {

ZeroOneColumns ColumnsOf(const ZeroOneProgram& program) {
  ZeroOneColumns columns(program.scores.size());
  for (uint32_t row = 0; row < program.rows.size(); ++row) {
    for (const ZeroOneProgram::Entry& entry : program.rows[row].entries) {
      columns[entry.column].push_back({row, entry.coefficient});
    }
  }
  return columns;
}

absl::int128 ScoreOf(const ZeroOneProgram& program, const ZeroOneSet& set) {
  absl::int128 score = 0;
  for (size_t i = 0; i < set.size(); ++i) {
    if (set[i]) score += program.scores[i];
  }
  return score;
}

bool IsFeasible(const ZeroOneProgram& program, const ZeroOneSet& set) {
  for (const ZeroOneProgram::Row& row : program.rows) {
    absl::int128 sum = 0;
    for (const ZeroOneProgram::Entry& entry : row.entries) {
      if (set[entry.column]) sum += entry.coefficient;
    }
    if (row.lower.has_value() && sum < *row.lower) return false;
    if (row.upper.has_value() && sum > *row.upper) return false;
  }
  return true;
}

}  // namespace purser
