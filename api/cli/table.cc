#include "api/cli/table.h"

#include <algorithm>

#include "api/cli/terminal_text.h"
#include "ledger/check.h"

namespace purser::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kWrappedColumnsMin = 16;  // narrower than this nothing is read with pleasure

}  // namespace

void Table::AddRow(const std::vector<std::string>& cells) {
  PURSER_CHECK(cells.size() == columns_.size(), "a row has a cell for each column");
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(Printable(cell));
}

std::vector<size_t> Table::Widths(std::optional<size_t> columns_max) const {
  std::vector<size_t> widths;
  size_t total = kGap * (columns_.size() - 1);
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = std::max(CountColumns(columns_[i].heading), columns_[i].columns_min);
    for (const auto& row : rows_) width = std::max(width, CountColumns(row[i]));
    widths.push_back(width);
    total += width;
  }
  while (columns_max.has_value() && total > *columns_max) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].fit == Fit::kKeep || widths[i] <= kWrappedColumnsMin) continue;
      if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

void Table::AppendRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                      std::string* out) const {
  std::vector<std::vector<std::string>> lines_of;
  size_t height = 1;
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool wraps = CountColumns(cells[i]) > widths[i];
    lines_of.push_back(wraps ? WrapWords(cells[i], widths[i]) : std::vector{cells[i]});
    height = std::max(height, lines_of.back().size());
  }
  for (size_t line = 0; line < height; ++line) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string cell = line < lines_of[i].size() ? lines_of[i][line] : "";
      const size_t used = std::min(CountColumns(cell), widths[i]);
      const std::string padding(widths[i] - used, ' ');
      text += columns_[i].align == Align::kRight ? padding + cell : cell + padding;
      text.append(kGap, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    *out += text + "\n";
  }
}

std::string Table::Rows(std::optional<size_t> columns_max) const {
  std::string out;
  const std::vector<size_t> widths = Widths(columns_max);
  for (const auto& row : rows_) AppendRow(row, widths, &out);
  return out;
}

std::string Table::HeadingAndRows(std::optional<size_t> columns_max) const {
  std::string out;
  std::vector<std::string> headings;
  for (const Column& column : columns_) headings.push_back(column.heading);
  AppendRow(headings, Widths(columns_max), &out);
  return out + Rows(columns_max);
}

}  // namespace purser::cli
