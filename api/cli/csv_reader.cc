#include "api/cli/csv_reader.h"

#include <csv.h>

#include <utility>

#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr size_t kBufferStepBytes = 4'096;
constexpr char kNeverClosed[] = "a quote is opened in this row and never closed";
constexpr char kStrayQuote[] =
    "a quote stands where none may: a cell with quotes in it is quoted as a whole, and each quote "
    "in it is written twice";

// A line with its end: LF, CRLF or CR.
std::string_view FirstLine(std::string_view text) {
  const size_t end = text.find_first_of("\r\n");
  if (end == text.npos) return text;
  const bool has_both = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
  return text.substr(0, end + (has_both ? 2 : 1));
}

bool IsEmptyLine(std::string_view line) { return line[0] == '\r' || line[0] == '\n'; }

// The library is fed a line at a time, so that a row is known by the line on which it begins.
class Reading {
 public:
  explicit Reading(const TakeCsvRow& take) : take_(take) {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
    // Spaces around a cell are part of it.
    csv_set_space_func(&parser_, [](unsigned char) { return 0; });
    csv_set_blk_size(&parser_, kBufferStepBytes);
  }
  ~Reading() { csv_free(&parser_); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  std::optional<CsvFault> Run(std::string_view text) {
    for (size_t number = 1; !text.empty() && !has_enough_; ++number) {
      const std::string_view line = FirstLine(text);
      text.remove_prefix(line.size());
      if (!is_open_) {
        if (IsEmptyLine(line)) continue;
        row_line_ = number;
        row_bytes_ = 0;
        is_open_ = true;
      }
      row_bytes_ += line.size();
      if (row_bytes_ > kCsvRowBytesMax) {
        return CsvFault{row_line_, Concat("a row of more than ", kCsvRowBytesMax, " bytes")};
      }
      if (csv_parse(&parser_, line.data(), line.size(), TakeCell, EndRow, this) != line.size()) {
        return Describe(number);
      }
    }
    if (has_enough_ || csv_fini(&parser_, TakeCell, EndRow, this) == 0) return std::nullopt;
    return CsvFault{row_line_, kNeverClosed};
  }

 private:
  static void TakeCell(void* bytes, size_t length, void* reading) {
    auto& cell = static_cast<Reading*>(reading)->cells_.emplace_back();
    if (length > 0) cell.assign(static_cast<const char*>(bytes), length);
  }
  static void EndRow(int /*end*/, void* reading) {
    auto& self = *static_cast<Reading*>(reading);
    self.is_open_ = false;
    self.has_enough_ = !self.take_(self.row_line_, std::exchange(self.cells_, {}));
  }

  CsvFault Describe(size_t line) {
    const int error = csv_error(&parser_);
    if (error != CSV_EPARSE) return {line, csv_strerror(error)};
    // Often it is a quote that was not closed lines before.
    const std::string row = line == row_line_ ? "" : Concat("; the row begins on line ", row_line_);
    return {line, Concat(kStrayQuote, row)};
  }

  const TakeCsvRow& take_;
  csv_parser parser_;
  std::vector<std::string> cells_;
  size_t row_line_ = 0;
  size_t row_bytes_ = 0;
  bool is_open_ = false;  // in the middle of a row
  bool has_enough_ = false;
};

}  // namespace

std::optional<CsvFault> ReadCsv(std::string_view text, const TakeCsvRow& take) {
  return Reading(take).Run(text);
}

}  // namespace purser::cli
