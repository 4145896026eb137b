#include "lifecycle/selection_program.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string_view>

namespace purser {

namespace {

using Row = ZeroOneProgram::Row;

// Sets of columns of which each two forbid one another, and which together have all such pairs: "at
// most one of them" says more than its pairs do.
std::vector<std::vector<uint32_t>> CliquesOf(const std::vector<std::vector<uint32_t>>& forbids) {
  const size_t size = forbids.size();
  std::vector<std::vector<bool>> is_forbidden(size, std::vector<bool>(size, false));
  for (size_t i = 0; i < size; ++i) {
    for (const uint32_t other : forbids[i]) is_forbidden[i][other] = true;
  }
  std::vector<std::vector<bool>> is_open = is_forbidden;
  std::vector<std::vector<uint32_t>> cliques;
  for (uint32_t a = 0; a < size; ++a) {
    for (const uint32_t b : forbids[a]) {
      if (!is_open[a][b]) continue;
      std::vector<uint32_t> clique = {a, b};
      for (const uint32_t c : forbids[a]) {
        const bool fits = std::all_of(clique.begin(), clique.end(),
                                      [&](uint32_t each) { return is_forbidden[c][each]; });
        if (fits) clique.push_back(c);
      }
      for (const uint32_t i : clique) {
        for (const uint32_t j : clique) is_open[i][j] = false;
      }
      std::sort(clique.begin(), clique.end());
      cliques.push_back(std::move(clique));
    }
  }
  return cliques;
}

}  // namespace

SelectionProgram::SelectionProgram(const SelectionQuestion* question)
    : question_(question), order_(question->options.size()), forbids_(question->options.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
    return question->options[a].id < question->options[b].id;
  });
  for (uint32_t i = 0; i < size(); ++i) {
    if (OptionOf(i).is_pinned) fixed_.emplace_back(i, true);
    if (OptionOf(i).barred.has_value()) fixed_.emplace_back(i, false);
    if (OptionOf(i).is_active) ++active_count_;
  }
  AddScores();
  AddResources();
  AddSlots();
  AddCoverage();
  AddForbids();
}

void SelectionProgram::AddScores() {
  const auto scale = static_cast<int64_t>(size() + 1);
  for (size_t i = 0; i < size(); ++i) {
    const SelectionOption& option = OptionOf(i);
    program_.scores.push_back(absl::int128(option.value.micros()) * scale +
                              (option.is_active ? 1 : -1));
  }
}

void SelectionProgram::AddResources() {
  std::map<std::string_view, size_t> by_name;
  for (size_t i = 0; i < question_->resources.size(); ++i) {
    by_name.emplace(question_->resources[i], i);
  }
  for (const auto& [name, place] : by_name) {
    Row row;
    for (uint32_t i = 0; i < size(); ++i) {
      const int64_t use = OptionOf(i).uses[place].micros();
      if (use > 0) row.entries.push_back({i, use});
    }
    row.upper = question_->capacities[place].micros();
    program_.rows.push_back(std::move(row));
  }
}

void SelectionProgram::AddSlots() {
  Row row;
  for (uint32_t i = 0; i < size(); ++i) row.entries.push_back({i, 1});
  row.upper = question_->slots;
  program_.counts.push_back(static_cast<uint32_t>(program_.rows.size()));
  program_.rows.push_back(std::move(row));
}

void SelectionProgram::AddCoverage() {
  std::map<std::string_view, uint32_t> columns;
  for (uint32_t i = 0; i < size(); ++i) columns.emplace(OptionOf(i).id, i);
  std::set<std::set<uint32_t>> asked;  // once each, in an order of their own
  for (const SelectionCoverage& coverage : question_->coverage) {
    std::set<uint32_t> providers;
    bool is_covered = false;
    for (const std::string& id : coverage.ids) {
      const uint32_t column = columns.find(id)->second;
      providers.insert(column);
      is_covered |= OptionOf(column).is_active;
    }
    if (is_covered) asked.insert(std::move(providers));
  }
  for (const std::set<uint32_t>& providers : asked) {
    Row row;
    for (const uint32_t column : providers) row.entries.push_back({column, 1});
    row.lower = 1;
    program_.rows.push_back(std::move(row));
  }
}

void SelectionProgram::AddForbids() {
  std::map<std::string_view, uint32_t> columns;
  for (uint32_t i = 0; i < size(); ++i) columns.emplace(OptionOf(i).id, i);
  std::vector<std::set<uint32_t>> pairs(size());
  for (uint32_t i = 0; i < size(); ++i) {
    for (const std::string& id : OptionOf(i).forbids) {
      const uint32_t other = columns.find(id)->second;
      pairs[i].insert(other);
      pairs[other].insert(i);
    }
  }
  for (size_t i = 0; i < size(); ++i) forbids_[i].assign(pairs[i].begin(), pairs[i].end());
  for (const std::vector<uint32_t>& clique : CliquesOf(forbids_)) {
    Row row;
    for (const uint32_t column : clique) row.entries.push_back({column, 1});
    row.upper = 1;
    program_.rows.push_back(std::move(row));
  }
}

ZeroOneSet SelectionProgram::Present() const {
  ZeroOneSet set;
  for (size_t i = 0; i < size(); ++i) {
    set.push_back(OptionOf(i).is_active && !OptionOf(i).barred.has_value());
  }
  return set;
}

absl::int128 SelectionProgram::ValueOf(const ZeroOneSet& set) const {
  absl::int128 value = 0;
  for (size_t i = 0; i < size(); ++i) {
    if (set[i]) value += OptionOf(i).value.micros();
  }
  return value;
}

absl::int128 SelectionProgram::ValueMax(absl::int128 score) const {
  // value × (options + 1) − changes is at most this, and there are at most as many changes as
  // options.
  const auto options = static_cast<int64_t>(size());
  const absl::int128 most = score - active_count_ + options;
  const absl::int128 quotient = most / (options + 1);
  return most % (options + 1) < 0 ? quotient - 1 : quotient;
}

}  // namespace purser
