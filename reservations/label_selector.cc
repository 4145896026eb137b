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

ReadableLabels::ReadableLabels(const Labels& labels) {
  labels_.reserve(labels.size());
  for (const auto& [key, value] : labels) Add(key, value);
}

ReadableLabels::ReadableLabels(const Labels& labels, const LabelValues& selector) {
  for (const auto& [key, value] : labels) {
    const bool is_named =
        std::any_of(selector.begin(), selector.end(),
                    [&name = key](const auto& each) { return each.key() == name; });
    if (is_named) Add(key, value);
  }
}

void ReadableLabels::Add(const std::string& key, const std::string& value) {
  Label& label = labels_.emplace_back(Label{key, value, IsLabelSplit(value), {}});
  if (!label.is_split) return;
  auto parts = ParseLabelSplit(value);
  if (parts.has_value()) label.parts = *std::move(parts);
}

const ReadableLabels::Label* ReadableLabels::Find(std::string_view key) const {
  const auto found = std::find_if(labels_.begin(), labels_.end(),
                                  [key](const Label& label) { return label.key == key; });
  return found == labels_.end() ? nullptr : &*found;
}

bool ReadableLabels::IsSelectedBy(const LabelValues& selector) const {
  return std::all_of(selector.begin(), selector.end(), [this](const auto& wanted) {
    const Label* const label = Find(wanted.key());
    if (label == nullptr) return wanted.value().empty();
    if (!label->is_split) return label->value == wanted.value();
    return PlaceOf(label->parts, wanted.value()) < label->parts.size();
  });
}

Amount ReadableLabels::PartOf(const LabelValues& selector, Amount cost) const {
  // Most select nothing of it: nothing is split for them.
  if (!IsSelectedBy(selector)) return Amount();
  for (const auto& wanted : selector) {
    const Label* const label = Find(wanted.key());
    if (label == nullptr || !label->is_split) continue;
    cost = Split(cost, label->parts)[PlaceOf(label->parts, wanted.value())];
  }
  return cost;
}

bool Selects(const LabelValues& selector, const Labels& labels) {
  return ReadableLabels(labels).IsSelectedBy(selector);
}

Amount PartOf(const LabelValues& selector, const Labels& labels, Amount cost) {
  return ReadableLabels(labels).PartOf(selector, cost);
}

}  // namespace purser
