#include "lifecycle/dual_bound.h"

#include <algorithm>

namespace purser {

namespace {

// (1) has at most 2^13 rows, of whose multipliers times coefficients or limits all together are at
// most 2^112 each, and scores of at most 2^100 together.
constexpr int kScoreBits = 100;
constexpr int kRowBits = 112;

absl::int128 Magnitude(absl::int128 value) { return value < 0 ? -value : value; }

// What y × the row's sum comes to at most; what y is taken as where that limit is not there: 0.
absl::int128 RowTerm(const ZeroOneDomain::Range& range, absl::int128* y) {
  const std::optional<int64_t>& limit = *y > 0 ? range.upper : range.lower;
  if (!limit.has_value()) *y = 0;
  return limit.has_value() ? *y * *limit : 0;
}

}  // namespace

int BitsOf(absl::int128 value) {
  int bits = 0;
  for (absl::uint128 left = static_cast<absl::uint128>(Magnitude(value)); left != 0; left >>= 1) {
    ++bits;
  }
  return bits;
}

int DigitsOf(const ZeroOneProgram& program) {
  absl::int128 sum = 0;
  for (const absl::int128 score : program.scores) sum += Magnitude(score);
  return kScoreBits - BitsOf(sum);
}

std::vector<absl::int128> MultipliersMax(const ZeroOneProgram& program) {
  std::vector<absl::int128> most;
  for (const ZeroOneProgram::Row& row : program.rows) {
    absl::int128 sum = 1;
    for (const ZeroOneProgram::Entry& entry : row.entries) sum += Magnitude(entry.coefficient);
    for (const std::optional<int64_t>& limit : {row.lower, row.upper}) {
      if (limit.has_value()) sum = std::max(sum, Magnitude(*limit));
    }
    most.push_back((absl::int128(1) << kRowBits) / sum);
  }
  return most;
}

DualBound BoundOf(const ZeroOneProgram& program, const ZeroOneColumns& columns,
                  const ZeroOneDomain& domain, const Multipliers& multipliers, int digits) {
  DualBound bound;
  std::vector<absl::int128> by_row = multipliers.by_row;
  for (size_t i = 0; i < by_row.size(); ++i) {
    bound.scaled += RowTerm(domain.RangeOf(i), &by_row[i]);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    absl::int128 rest = program.scores[i] << digits;
    for (const ZeroOnePlace& place : columns[i]) rest -= by_row[place.row] * place.coefficient;
    const ZeroOneDomain::State state = domain.Of(i);
    if (state == ZeroOneDomain::State::kIn || (state == ZeroOneDomain::State::kFree && rest > 0)) {
      bound.scaled += rest;
    }
    bound.reduced.push_back(rest);
  }
  return bound;
}

}  // namespace purser
