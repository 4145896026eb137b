#ifndef PURSER_API_CLI_CSV_READER_H_
#define PURSER_API_CLI_CSV_READER_H_

// Reads CSV (RFC 4180) strictly: cells apart by commas, quoted where they have commas, quotes
// (twice) or ends of lines in them; lines end with LF, CRLF or CR; empty lines are passed over;
// spaces belong to the cell. Only csv_reader.cc names the library that does it. Thread-safe: pure
// functions.
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// One row takes at most so many bytes: what of one model can be sent to a daemon.
inline constexpr size_t kCsvRowBytesMax = 1 << 20;

struct CsvFault {
  size_t line = 0;  // from 1
  std::string message;
};

// `line` is that on which the row begins, from 1. False stops the reading.
using TakeCsvRow = std::function<bool(size_t line, std::vector<std::string> cells)>;

// What made it stop before the end of the text; nullopt when all of it was read, or `take` had
// enough.
std::optional<CsvFault> ReadCsv(std::string_view text, const TakeCsvRow& take);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_CSV_READER_H_
