#ifndef PURSER_API_CLI_TABLE_H_
#define PURSER_API_CLI_TABLE_H_

// Rows in aligned columns, two spaces apart. What does not fit is wrapped, never cut: half a number
// would be a wrong number. Thread-compatible.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace purser::cli {

enum class Align { kLeft, kRight };
// kWrap: the column may become narrower, on several lines, when the table is wider than the
// terminal.
enum class Fit { kKeep, kWrap };

struct Column {
  std::string heading;
  Align align = Align::kLeft;
  Fit fit = Fit::kKeep;
  size_t columns_min = 0;  // for a table that is printed in parts
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns. Controls in them are made harmless.
  void AddRow(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }

  // Lines without spaces at their end. No columns_max: as wide as it is.
  std::string Rows(std::optional<size_t> columns_max) const;
  // The same below its headings.
  std::string HeadingAndRows(std::optional<size_t> columns_max) const;

 private:
  std::vector<size_t> Widths(std::optional<size_t> columns_max) const;
  void AppendRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                 std::string* out) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace purser::cli

#endif  // PURSER_API_CLI_TABLE_H_
