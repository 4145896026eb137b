#include "api/cli/option_value.h"

#include <algorithm>

#include "api/json_scalar.h"
#include "ledger/text.h"

namespace purser::cli {
namespace {

constexpr size_t kHeaderBytesMax = 255;

int64_t SecondsOfUnit(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3'600;
    case 'd':
      return 86'400;
    default:
      return 0;
  }
}

// Of JSON, without the space between its texts.
std::string QuoteNumbers(std::string_view json) {
  const auto is_of_number = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  std::string out;
  bool is_in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') is_in_text = !is_in_text;
    const bool is_number = !is_in_text && is_of_number(c);
    const bool begins = is_number && (i == 0 || !is_of_number(json[i - 1]));
    const bool ends = is_number && (i + 1 == json.size() || !is_of_number(json[i + 1]));
    if (begins) out.push_back('"');
    if (is_in_text || c != ' ') out.push_back(c);
    if (is_in_text && c == '\\' && i + 1 < json.size()) out.push_back(json[++i]);
    if (ends) out.push_back('"');
  }
  return out;
}

}  // namespace

absl::StatusOr<std::pair<std::string, std::string>> ParseAssignment(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    return absl::InvalidArgumentError(Concat("'", text, "' is not NAME=VALUE"));
  }
  return std::make_pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

absl::StatusOr<std::pair<std::string, std::string>> ParseLabel(std::string_view text) {
  auto assignment = ParseAssignment(text);
  if (assignment.ok() && assignment->second.front() == '{') {
    assignment->second = QuoteNumbers(assignment->second);
  }
  return assignment;
}

absl::StatusOr<std::pair<std::string, Amount>> ParseAmountOf(std::string_view text) {
  const auto assignment = ParseAssignment(text);
  if (!assignment.ok()) return assignment.status();
  const absl::StatusOr<Amount> amount = Amount::Parse(assignment->second);
  if (!amount.ok()) {
    return absl::InvalidArgumentError(
        Concat("'", text, "': ", ToStd(amount.status().message()), ""));
  }
  return std::make_pair(assignment->first, *amount);
}

absl::StatusOr<int64_t> ParseDurationUs(std::string_view text) {
  const absl::Status fault = absl::InvalidArgumentError(
      Concat("'", text, "' is not a duration such as 90s, 15m, 2h or 1d"));
  const int64_t factor = text.empty() ? 0 : SecondsOfUnit(text.back());
  if (factor == 0 || text.front() == '-') return fault;
  const absl::StatusOr<int64_t> count_us =
      api::ParseDurationMicros(Concat(text.substr(0, text.size() - 1), "s"));
  if (!count_us.ok()) return fault;
  constexpr int64_t kDurationUsMax = api::kDurationSecondsMax * 1'000'000;
  if (*count_us > kDurationUsMax / factor) {
    return absl::InvalidArgumentError(Concat("'", text, "' is longer than 10,000 years"));
  }
  return *count_us * factor;
}

std::string UpperName(std::string_view text) {
  std::string name(text);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';
  }
  return name;
}

bool IsHeaderText(std::string_view text) {
  return text.size() <= kHeaderBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace purser::cli
