#ifndef PURSER_API_CSV_TEXT_H_
#define PURSER_API_CSV_TEXT_H_

// Cells and rows of CSV as they are written (RFC 4180). Thread-safe: pure functions.
#include <string>
#include <string_view>
#include <vector>

namespace purser::api {

// A row and its end, CRLF.
void AppendCsvRow(const std::vector<std::string>& cells, std::string* out);

// A spreadsheet runs a text that begins with = + - @, a tab or CR as a formula. A ' before it
// prevents that (OWASP, CSV Injection); where some stand there already there is one more, so that
// UnguardText(GuardText(text)) is the text. Numbers are not guarded.
std::string GuardText(std::string_view text);
std::string UnguardText(std::string_view text);

}  // namespace purser::api

#endif  // PURSER_API_CSV_TEXT_H_
