#ifndef PURSER_RESERVATIONS_LABEL_SPLIT_H_
#define PURSER_RESERVATIONS_LABEL_SPLIT_H_

// Labels whose cost is split by weights (ledger.md 5). Such a value is kept as one text, the JSON
// of an object of names and weights without space, `{"layout":"1","ocr":"2"}`: a plain value never
// begins with a brace. A part without a name is of what lacks the label, so `unattributed`: no
// client gives it (allocation.h). Thread-safe: pure functions.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/rate.h"
#include "reservations/reservation.h"

namespace purser {

inline constexpr size_t kLabelPartsMax = 32;
inline constexpr size_t kLabelSplitBytesMax = 1'024;  // of the text
inline constexpr size_t kLabelSplitsMax = 8;          // of one request
inline constexpr char kLabelSplitRule[] =
    "a split names 1 to 32 values of a label, none of them empty and each once, with a weight "
    "each: an amount (at most 6 digits behind the point), 0 or more, and not all of them 0; at "
    "most 1024 bytes";

// Whether the value means to be split; it may still be none.
inline bool IsLabelSplit(std::string_view value) { return !value.empty() && value[0] == '{'; }

// In order of names. nullopt: it breaks the rule, or is written in another way.
std::optional<std::vector<Weight>> ParseLabelSplit(std::string_view value);
// As it is kept, whatever the order of the parts.
std::string FormatLabelSplit(std::vector<Weight> parts);

// Each value that a label has: of a split one all those it names, not the part without a name.
// `wants(key)` is asked first: what nobody asks for is not read.
template <typename Wants, typename Visit>
void ForEachLabelValue(const Labels& labels, Wants wants, Visit visit) {
  for (const auto& [key, value] : labels) {
    if (!wants(key)) continue;
    if (!IsLabelSplit(value)) {
      visit(key, value);
      continue;
    }
    const auto parts = ParseLabelSplit(value);
    if (!parts.has_value()) continue;
    for (const Weight& part : *parts) {
      if (!part.name.empty()) visit(key, part.name);
    }
  }
}
template <typename Visit>
void ForEachLabelValue(const Labels& labels, Visit visit) {
  ForEachLabelValue(
      labels, [](const std::string&) { return true; }, visit);
}

}  // namespace purser

#endif  // PURSER_RESERVATIONS_LABEL_SPLIT_H_
