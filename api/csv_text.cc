#include "api/csv_text.h"

#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr std::string_view kFormulaBeginnings = "=+-@\t\r";

// The text behind its leading quotes is what a spreadsheet might run.
bool IsFormula(std::string_view text) {
  const size_t begin = text.find_first_not_of('\'');
  return begin != text.npos && kFormulaBeginnings.find(text[begin]) != text.npos;
}

void AppendCell(std::string_view cell, std::string* out) {
  if (cell.find_first_of(",\"\r\n") == cell.npos) {
    out->append(cell);
    return;
  }
  out->push_back('"');
  for (const char c : cell) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

}  // namespace

void AppendCsvRow(const std::vector<std::string>& cells, std::string* out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendCell(cells[i], out);
  }
  out->append("\r\n");
}

std::string GuardText(std::string_view text) { return Concat(IsFormula(text) ? "'" : "", text); }

std::string UnguardText(std::string_view text) {
  if (text.starts_with('\'') && IsFormula(text)) text.remove_prefix(1);
  return std::string(text);
}

}  // namespace purser::api
