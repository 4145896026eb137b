#include "api/cli/option_value.h"

#include <algorithm>
#include <vector>

#include "api/json.h"
#include "api/json_scalar.h"
#include "api/v1/cost_entry.pb.h"
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

// As the API reads it: weights may be numbers. What is none stays as it is, for the daemon to say.
std::string ReadSplit(const std::string& value) {
  v1::CostEntryRequest read;
  std::vector<v1::Fault> faults;
  const std::string json = Concat(R"({"labels":{"split":)", value, "}}");
  if (!api::ParseJson(json, &read, &faults) || read.labels().size() != 1) return value;
  std::string split = read.labels().at("split");
  read.clear_labels();
  return read.ByteSizeLong() > 0 ? value : split;  // it may not say more than a label
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
    assignment->second = ReadSplit(assignment->second);
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
