#include "api/cli/terminal_text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "api/json_scalar.h"

namespace purser::cli {
namespace {

constexpr int64_t kColumnsMin = 20;
constexpr int64_t kColumnsMax = 10'000;

bool IsControl(unsigned char c) { return c < 0x20 || c == 0x7f; }

}  // namespace

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, which are C2 80 to C2 9F, are controls as well.
    const bool is_c1 =
        c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (is_c1) ++i;
    out.push_back(is_c1 || IsControl(c) ? '?' : text[i]);
  }
  return out;
}

size_t CountColumns(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::vector<std::string> WrapWords(std::string_view text, size_t columns) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const bool fits = CountColumns(lines.back()) + 1 + CountColumns(word) <= columns;
    if (!lines.back().empty() && fits) lines.back().push_back(' ');
    if (!lines.back().empty() && !fits) lines.emplace_back();
    lines.back().append(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<size_t> OutputColumns() {
  int64_t columns = 0;
  if (const char* const told = std::getenv("COLUMNS"); told != nullptr) {
    columns = api::ParseInt64(told).value_or(0);
  }
  winsize size{};
  if (columns <= 0 && isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    columns = size.ws_col;
  }
  if (columns <= 0) return std::nullopt;
  return static_cast<size_t>(std::clamp(columns, kColumnsMin, kColumnsMax));
}

}  // namespace purser::cli
