#ifndef PURSER_LIFECYCLE_ZERO_ONE_PROGRAM_H_
#define PURSER_LIFECYCLE_ZERO_ONE_PROGRAM_H_

// For selection.h: its question in numbers alone. A set of columns is looked for that keeps each
// row within its limits and has the largest sum of scores. Values; immutable once made.
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"

namespace purser {

struct ZeroOneProgram {
  struct Entry {
    uint32_t column = 0;
    int64_t coefficient = 0;  // not 0, not INT64_MIN
  };
  // lower <= the sum of the coefficients of who is in <= upper.
  struct Row {
    std::vector<Entry> entries;  // each column at most once
    std::optional<int64_t> lower;
    std::optional<int64_t> upper;
  };
  std::vector<absl::int128> scores;  // by column; the sum of what they are without signs: < 2^86
  std::vector<Row> rows;             // < 2^13
  // Rows whose sums are counts, of which a search may decide "at most k" or "more than k".
  std::vector<uint32_t> counts;
};

// The same coefficients by column.
struct ZeroOnePlace {
  uint32_t row = 0;
  int64_t coefficient = 0;
};
using ZeroOneColumns = std::vector<std::vector<ZeroOnePlace>>;
ZeroOneColumns ColumnsOf(const ZeroOneProgram& program);

// By column: whether it is in.
using ZeroOneSet = std::vector<bool>;

absl::int128 ScoreOf(const ZeroOneProgram& program, const ZeroOneSet& set);
// Whether it keeps every row.
bool IsFeasible(const ZeroOneProgram& program, const ZeroOneSet& set);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_ZERO_ONE_PROGRAM_H_
