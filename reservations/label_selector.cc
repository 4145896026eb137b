#include "reservations/label_selector.h"

#include <algorithm>

#include "reservations/label_split.h"

namespace purser {
namespace {

// The place of the value in the parts; their number where it is not one of them.
size_t PlaceOf(const std::vector<Weight>& parts, const std::string& value) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&value](const Weight& part) { return part.name == value; });
  return static_cast<size_t>(found - parts.begin());
}

}  // namespace

bool Selects(const LabelValues& selector, const Labels& labels) {
  return std::all_of(selector.begin(), selector.end(), [&labels](const auto& wanted) {
    const std::string value(FindLabel(labels, wanted.key()));
    if (!IsLabelSplit(value)) return value == wanted.value();
    const auto parts = ParseLabelSplit(value);
    return parts.has_value() && PlaceOf(*parts, wanted.value()) < parts->size();
  });
}

Amount PartOf(const LabelValues& selector, const Labels& labels, Amount cost) {
  for (const auto& wanted : selector) {
    const std::string value(FindLabel(labels, wanted.key()));
    if (!IsLabelSplit(value)) {
      if (value != wanted.value()) return Amount();
      continue;
    }
    const auto parts = ParseLabelSplit(value);
    if (!parts.has_value()) return Amount();
    const size_t place = PlaceOf(*parts, wanted.value());
    if (place == parts->size()) return Amount();
    cost = Split(cost, *parts)[place];
  }
  return cost;
}

}  // namespace purser
