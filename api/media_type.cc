#include "api/media_type.h"

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr int kWeightMax = 1'000;  // q=1, in thousandths

std::string Trimmed(std::string_view text) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(ToAbsl(text)));
}

// "application/json; charset=utf-8" -> "application/json".
std::string TypeOf(std::string_view header) { return Trimmed(header.substr(0, header.find(';'))); }

// An item of Accept: what it names, and how much it is liked.
struct MediaRange {
  std::string type;  // "type/subtype", "type/*" or "*/*"
  int weight = kWeightMax;
};

// "0.25" as 250; nullopt for what is no weight: 0 to 1 with at most three digits behind the point.
std::optional<int> ReadWeight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int weight = (text[0] - '0') * kWeightMax;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int unit = kWeightMax;
  for (size_t i = 2; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    unit /= 10;
    weight += (text[i] - '0') * unit;
  }
  return weight <= kWeightMax ? std::optional<int>(weight) : std::nullopt;
}

// nullopt for an item whose weight cannot be read: it offers nothing.
std::optional<MediaRange> ReadRange(std::string_view item) {
  MediaRange range;
  range.type = TypeOf(item);
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(item), ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string parameter = Trimmed(ToStd(parts[i]));
    if (parameter.rfind("q=", 0) != 0) continue;
    const auto weight = ReadWeight(std::string_view(parameter).substr(2));
    if (!weight.has_value()) return std::nullopt;
    range.weight = *weight;
  }
  return range;
}

// nullopt: there is no Accept, and everything is liked.
std::optional<std::vector<MediaRange>> ReadAccept(const HttpRequest& request) {
  std::optional<std::vector<MediaRange>> ranges;
  for (const auto& [name, value] : request.headers) {
    if (!absl::EqualsIgnoreCase(name, "Accept")) continue;
    if (!ranges.has_value()) ranges.emplace();
    for (absl::string_view item : absl::StrSplit(value, ',')) {
      if (auto range = ReadRange(ToStd(item))) ranges->push_back(*std::move(range));
    }
  }
  return ranges;
}

// The weight of the first of `names` that is a range; nullopt: none is.
std::optional<int> WeightOf(const std::vector<MediaRange>& ranges,
                            std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const MediaRange& range : ranges) {
      if (range.type == name) return range.weight;
    }
  }
  return std::nullopt;
}

}  // namespace

bool TakesProtobuf(Action action) {
  switch (action) {
    case Action::kListReservations:
    case Action::kCreateReservation:
    case Action::kGetReservation:
    case Action::kBatch:
    case Action::kStart:
    case Action::kRenew:
    case Action::kCharge:
    case Action::kSettle:
    case Action::kRelease:
      return true;
    default:
      return false;
  }
}

bool GivesCsv(Action action) {
  return action == Action::kReadStatement || action == Action::kStreamCostLines;
}

bool GivesJsonLines(Action action) { return action == Action::kStreamCostLines; }

BodyForm FormOfBody(const HttpRequest& request) {
  const std::string* const type = request.FindHeader("Content-Type");
  const bool protobuf = type != nullptr && TypeOf(*type) == kProtobufType;
  return protobuf ? BodyForm::kProtobuf : BodyForm::kJson;
}

absl::Status CheckContentType(const HttpRequest& request, Action action) {
  const std::string* const type = request.FindHeader("Content-Type");
  if (request.body.empty() || type == nullptr) return absl::OkStatus();
  const std::string named = TypeOf(*type);
  if (named == kJsonType || (named == kProtobufType && TakesProtobuf(action))) {
    return absl::OkStatus();
  }
  return Refuse(stored::UNSUPPORTED_MEDIA_TYPE,
                Concat("send Content-Type: ", kJsonType,
                       TakesProtobuf(action) ? Concat(" or ", kProtobufType) : ""));
}

std::optional<BodyForm> ChooseAnswerForm(const HttpRequest& request, Action action) {
  const auto ranges = ReadAccept(request);
  if (!ranges.has_value()) return action == Action::kWatch ? BodyForm::kEvents : BodyForm::kJson;
  if (action == Action::kWatch) {
    const int events = WeightOf(*ranges, {kEventsType, "text/*", "*/*"}).value_or(0);
    return events > 0 ? std::optional<BodyForm>(BodyForm::kEvents) : std::nullopt;
  }
  std::optional<int> json;
  if (GivesJsonLines(action)) json = WeightOf(*ranges, {kJsonLinesType});
  if (!json.has_value()) json = WeightOf(*ranges, {kJsonType, "application/*", "*/*"});
  if (!json.has_value()) {
    json = WeightOf(*ranges, {"text/plain", "text/*", "application/problem+json"}).value_or(0);
  }
  int protobuf = 0;
  if (TakesProtobuf(action)) {
    protobuf = WeightOf(*ranges, {kProtobufType, "application/*", "*/*"}).value_or(0);
  }
  if (GivesCsv(action)) {
    const int csv = WeightOf(*ranges, {kCsvType, "text/*"}).value_or(0);
    if (csv > *json) return BodyForm::kCsv;
  }
  if (*json == 0 && protobuf == 0) return std::nullopt;
  return protobuf > *json ? BodyForm::kProtobuf : BodyForm::kJson;
}

absl::Status RefuseAccept(Action action) {
  if (action == Action::kWatch) {
    return Refuse(stored::NOT_ACCEPTABLE, Concat("answers are ", kEventsType));
  }
  return Refuse(stored::NOT_ACCEPTABLE,
                Concat("answers are ", GivesJsonLines(action) ? kJsonLinesType : kJsonType,
                       TakesProtobuf(action) ? Concat(" or ", kProtobufType)
                       : GivesCsv(action)    ? Concat(" or ", kCsvType)
                                             : ""));
}

}  // namespace purser::api
