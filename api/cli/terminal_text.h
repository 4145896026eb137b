#ifndef PURSER_API_CLI_TERMINAL_TEXT_H_
#define PURSER_API_CLI_TERMINAL_TEXT_H_

// Text on its way to a terminal. Thread-safe.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// Bytes that a terminal would obey instead of showing (controls, escapes) become '?': texts come
// from anybody who may write labels or reasons. `text` is UTF-8.
std::string Printable(std::string_view text);

// How many columns it takes: one a character.
size_t CountColumns(std::string_view text);

// Cut at spaces into lines of at most `columns`; a word that is longer stays whole. At least one
// line.
std::vector<std::string> WrapWords(std::string_view text, size_t columns);

// $COLUMNS, else the terminal's; nullopt: not a terminal, lines are as long as they are.
std::optional<size_t> OutputColumns();

}  // namespace purser::cli

#endif  // PURSER_API_CLI_TERMINAL_TEXT_H_
