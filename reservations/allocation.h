#ifndef PURSER_RESERVATIONS_ALLOCATION_H_
#define PURSER_RESERVATIONS_ALLOCATION_H_

// The weights of a label by what its values used of a resource (ledger.md 5: proportional
// attribution). Thread-safe: pure functions.
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reservations/commands.h"
#include "reservations/cost_report.h"

namespace purser {

// What was charged with each value of a label, less what was refunded: millionths of the resource's
// unit. The empty value is what was charged without the label.
using UsedByValue = std::map<std::string, absl::int128>;

// What of a quantity has all of these labels, each of one value: of a label that is split the part
// of the value, of that the part of the next key's, as a report by the keys splits it. nullopt:
// nothing has.
std::optional<absl::int128> SelectedPart(const Labels& selector, const CostLabels& labels,
                                         absl::int128 quantity);

// The label's value as it is kept (label_split.h). Who used nothing, or was refunded more than that
// in this time, has no part. `path` is that of the allocation's fields. INVALID_ARGUMENT: no value
// used anything; LIMIT_OF_THE_DAEMON: more of them than a split may have.
absl::StatusOr<std::string> SplitByUse(const Allocation& allocation, const UsedByValue& used,
                                       std::string_view path);
// What was used without the label: the weight that a split has for what is `unattributed`.
Amount UnattributedOf(std::string_view split);

// Adds the label to those of the entry, of which it is none.
void AddAllocated(const std::string& label, const std::string& split, Labels* labels);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_ALLOCATION_H_
