#include "reservations/allocation.h"

#include <algorithm>
#include <cstdint>

#include "ledger/refusal.h"
#include "ledger/text.h"
#include "reservations/label_split.h"

namespace purser {

std::optional<absl::int128> SelectedPart(const Labels& selector, const CostLabels& labels,
                                         absl::int128 quantity) {
  for (const auto& [key, value] : selector) {
    const CostLabels::Split* const split = labels.FindSplit(key);
    if (split == nullptr) {
      if (FindLabel(labels.labels, key) != value) return std::nullopt;
      continue;
    }
    const auto part =
        std::find_if(split->parts.begin(), split->parts.end(),
                     [&wanted = value](const Weight& each) { return each.name == wanted; });
    const auto parts = Split(quantity, split->parts);
    if (part == split->parts.end() || parts.empty()) return std::nullopt;
    quantity = parts[static_cast<size_t>(part - split->parts.begin())];
  }
  return quantity;
}

absl::StatusOr<std::string> SplitByUse(const Allocation& allocation, const UsedByValue& used,
                                       std::string_view path) {
  std::vector<Weight> parts;
  bool has_value = false;
  for (const auto& [value, amount] : used) {
    if (amount <= 0) continue;
    if (amount > INT64_MAX) {
      return RefuseField(stored::LIMIT_OF_THE_DAEMON, Concat(path, "resource"),
                         "more was used of it than the largest amount");
    }
    has_value = has_value || !value.empty();
    parts.push_back({value, Amount::FromMicros(static_cast<int64_t>(amount))});
  }
  if (!has_value) {
    return RefuseField(stored::INVALID_ARGUMENT, Concat(path, "resource"),
                       Concat("nothing of it was used with a label ", allocation.label,
                              " in this time: there are no weights"));
  }
  const size_t values = parts.size();
  const std::string split = FormatLabelSplit(std::move(parts));
  if (values > kLabelPartsMax || split.size() > kLabelSplitBytesMax) {
    return RefuseField(
        stored::LIMIT_OF_THE_DAEMON, Concat(path, "label"),
        Concat("a split has at most ", kLabelPartsMax, " values and ", kLabelSplitBytesMax,
               " bytes, and ", values, " values used some of ", allocation.resource,
               " (without the label counts as one), ", split.size(), " bytes"));
  }
  return split;
}

Amount UnattributedOf(std::string_view split) {
  const auto parts = ParseLabelSplit(split);
  // In order of names: the empty one is the first.
  if (!parts.has_value() || !parts->front().name.empty()) return Amount();
  return parts->front().weight;
}

void AddAllocated(const std::string& label, const std::string& split, Labels* labels) {
  const auto place = std::find_if(labels->begin(), labels->end(),
                                  [&label](const auto& each) { return each.first > label; });
  labels->emplace(place, label, split);
}

}  // namespace purser
