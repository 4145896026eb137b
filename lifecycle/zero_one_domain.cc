#include "lifecycle/zero_one_domain.h"

#include <algorithm>

namespace purser {

ZeroOneDomain::ZeroOneDomain(const ZeroOneProgram* program, const ZeroOneColumns* columns)
    : program_(program),
      columns_(columns),
      states_(program->scores.size(), State::kFree),
      activities_(program->rows.size()),
      is_touched_(program->rows.size(), false) {
  for (uint32_t i = 0; i < program->rows.size(); ++i) {
    const ZeroOneProgram::Row& row = program->rows[i];
    ranges_.push_back({row.lower, row.upper});
    for (const ZeroOneProgram::Entry& entry : row.entries) {
      (entry.coefficient < 0 ? activities_[i].least : activities_[i].most) += entry.coefficient;
    }
    Touch(i);
  }
}

void ZeroOneDomain::Touch(uint32_t row) {
  if (is_touched_[row]) return;
  is_touched_[row] = true;
  touched_.push_back(row);
}

bool ZeroOneDomain::Fix(size_t column, bool is_in) {
  const State state = is_in ? State::kIn : State::kOut;
  if (!IsFree(column)) return states_[column] == state;
  states_[column] = state;
  for (const ZeroOnePlace& place : (*columns_)[column]) {
    Activity& activity = activities_[place.row];
    // In, the column adds its coefficient to both; free, it is in where that is the extreme.
    if ((place.coefficient < 0) == is_in) {
      activity.most += place.coefficient < 0 ? place.coefficient : -place.coefficient;
    } else {
      activity.least += place.coefficient < 0 ? -place.coefficient : place.coefficient;
    }
    Touch(place.row);
  }
  return true;
}

bool ZeroOneDomain::Narrow(size_t row, const Range& range) {
  Range& now = ranges_[row];
  if (range.lower.has_value()) {
    now.lower = now.lower.has_value() ? std::max(*now.lower, *range.lower) : *range.lower;
  }
  if (range.upper.has_value()) {
    now.upper = now.upper.has_value() ? std::min(*now.upper, *range.upper) : *range.upper;
  }
  Touch(static_cast<uint32_t>(row));
  return !now.lower.has_value() || !now.upper.has_value() || *now.lower <= *now.upper;
}

bool ZeroOneDomain::MayHold(uint32_t row, absl::int128 least, absl::int128 most) const {
  const Range& range = ranges_[row];
  return (!range.upper.has_value() || least <= *range.upper) &&
         (!range.lower.has_value() || most >= *range.lower);
}

bool ZeroOneDomain::PropagateRow(uint32_t row) {
  if (!MayHold(row, activities_[row].least, activities_[row].most)) return false;
  for (const ZeroOneProgram::Entry& entry : program_->rows[row].entries) {
    if (!IsFree(entry.column)) continue;
    const auto [least, most] = activities_[row];
    const int64_t a = entry.coefficient;
    const bool may_be_in = MayHold(row, a > 0 ? least + a : least, a < 0 ? most + a : most);
    const bool may_be_out = MayHold(row, a < 0 ? least - a : least, a > 0 ? most - a : most);
    if (may_be_in && may_be_out) continue;
    if (!may_be_in && !may_be_out) return false;
    Fix(entry.column, may_be_in);
  }
  return true;
}

bool ZeroOneDomain::Propagate() {
  while (!touched_.empty()) {
    const uint32_t row = touched_.back();
    touched_.pop_back();
    is_touched_[row] = false;
    if (!PropagateRow(row)) return false;
  }
  return true;
}

}  // namespace purser
