#include "lifecycle/linear_relaxation.h"

#include <algorithm>
#include <cmath>
#include <coin/ClpSimplex.hpp>
#include <coin/CoinError.hpp>

#include "lifecycle/plain_printf.h"

namespace purser {

namespace {

// Of one program; a few hundred are the most that were seen.
constexpr int kIterationsMax = 5'000;
constexpr int kSilent = 0;
// What breaking rows by all that they can be broken by costs, in largest scores.
constexpr double kBreach = 1e5;

}  // namespace

// Scores and rows are divided by powers of two, which loses nothing, so that the largest numbers of
// each are near 1.
struct LinearRelaxation::Solver {
  ClpSimplex model;
  int score_bits = 0;
  std::vector<int> row_bits;
  int digits = 0;
  std::vector<absl::int128> multipliers_max;
  std::vector<double> lower;  // by column, as the model has them
  std::vector<double> upper;
};

namespace {

double ToDouble(const std::optional<int64_t>& limit, int bits, double otherwise) {
  return limit.has_value() ? std::ldexp(static_cast<double>(*limit), -bits) : otherwise;
}

absl::int128 ToMultiplier(double value, absl::int128 most) {
  if (!std::isfinite(value)) return 0;
  if (std::fabs(value) >= static_cast<double>(most)) return value < 0 ? -most : most;
  return static_cast<absl::int128>(value);
}

// The rows as the simplex method reads them.
struct LinearRows {
  std::vector<int> rows;
  std::vector<int> columns;
  std::vector<double> elements;
  std::vector<double> lower;
  std::vector<double> upper;

  void Add(size_t column, double element) {
    if (element == 0) return;
    rows.push_back(static_cast<int>(lower.size()));
    columns.push_back(static_cast<int>(column));
    elements.push_back(element);
  }
  // `breach` is the column that is in by as much as rows are broken. A count needs none: whatever
  // it is decided to be, there are columns enough.
  void AddRow(const ZeroOneProgram::Row& row, int bits, std::optional<size_t> breach) {
    double reach = 0;
    for (const ZeroOneProgram::Entry& entry : row.entries) {
      const double element = std::ldexp(static_cast<double>(entry.coefficient), -bits);
      Add(entry.column, element);
      reach += std::fabs(element);
    }
    if (breach.has_value()) Add(*breach, row.lower.has_value() ? reach : -reach);
    lower.push_back(ToDouble(row.lower, bits, -COIN_DBL_MAX));
    upper.push_back(ToDouble(row.upper, bits, COIN_DBL_MAX));
  }
};

}  // namespace

LinearRelaxation::LinearRelaxation(const ZeroOneProgram* program)
    : program_(program), solver_(std::make_unique<Solver>()) {
  LinkPlainPrintf();
  Solver& solver = *solver_;
  solver.digits = DigitsOf(*program);
  solver.multipliers_max = MultipliersMax(*program);
  for (const absl::int128 score : program->scores) {
    solver.score_bits = std::max(solver.score_bits, BitsOf(score));
  }
  std::vector<double> objective;
  for (const absl::int128 score : program->scores) {
    objective.push_back(-std::ldexp(static_cast<double>(score), -solver.score_bits));
  }
  const size_t breach = objective.size();
  objective.push_back(kBreach);
  solver.lower.assign(objective.size(), 0);
  solver.upper.assign(objective.size(), 1);
  LinearRows rows;
  for (size_t i = 0; i < program->rows.size(); ++i) {
    const ZeroOneProgram::Row& row = program->rows[i];
    int bits = 0;
    for (const auto& entry : row.entries) bits = std::max(bits, BitsOf(entry.coefficient));
    solver.row_bits.push_back(bits);
    const auto& counts = program->counts;
    const bool is_count = std::find(counts.begin(), counts.end(), i) != counts.end();
    rows.AddRow(row, bits, is_count ? std::nullopt : std::optional<size_t>(breach));
  }
  CoinPackedMatrix matrix(true, rows.rows.data(), rows.columns.data(), rows.elements.data(),
                          static_cast<CoinBigIndex>(rows.elements.size()));
  matrix.setDimensions(static_cast<int>(program->rows.size()), static_cast<int>(objective.size()));
  solver.model.setLogLevel(kSilent);
  solver.model.loadProblem(matrix, solver.lower.data(), solver.upper.data(), objective.data(),
                           rows.lower.data(), rows.upper.data());
  solver.model.scaling(0);
}

LinearRelaxation::~LinearRelaxation() = default;

void LinearRelaxation::SetDomain(const ZeroOneDomain& domain) {
  Solver& solver = *solver_;
  for (size_t i = 0; i < program_->scores.size(); ++i) {
    const double lower = domain.Of(i) == ZeroOneDomain::State::kIn ? 1 : 0;
    const double upper = domain.Of(i) == ZeroOneDomain::State::kOut ? 0 : 1;
    if (lower == solver.lower[i] && upper == solver.upper[i]) continue;
    solver.lower[i] = lower;
    solver.upper[i] = upper;
    solver.model.setColumnBounds(static_cast<int>(i), lower, upper);
  }
  for (const uint32_t row : program_->counts) {
    const ZeroOneDomain::Range& range = domain.RangeOf(row);
    const int bits = solver.row_bits[row];
    solver.model.setRowBounds(static_cast<int>(row), ToDouble(range.lower, bits, -COIN_DBL_MAX),
                              ToDouble(range.upper, bits, COIN_DBL_MAX));
  }
}

const LinearRelaxation::Solution& LinearRelaxation::Solve(const ZeroOneDomain& domain) {
  Solver& solver = *solver_;
  solution_.multipliers.by_row.assign(program_->rows.size(), 0);
  solution_.parts.clear();
  try {
    SetDomain(domain);
    solver.model.setMaximumIterations(kIterationsMax);
    solver.model.dual();
  } catch (const CoinError&) {
    return solution_;
  }
  const double* duals = solver.model.dualRowSolution();
  for (size_t i = 0; i < program_->rows.size(); ++i) {
    const int bits = solver.score_bits - solver.row_bits[i] + solver.digits;
    solution_.multipliers.by_row[i] =
        ToMultiplier(std::ldexp(-duals[i], bits), solver.multipliers_max[i]);
  }
  if (!solver.model.isProvenOptimal()) return solution_;
  const double* parts = solver.model.primalColumnSolution();
  for (size_t i = 0; i < program_->scores.size(); ++i) {
    const double part = std::clamp(parts[i], 0.0, 1.0);
    solution_.parts.push_back(static_cast<int32_t>(std::lround(part * kAllOfAColumn)));
  }
  return solution_;
}

}  // namespace purser
