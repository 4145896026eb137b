#include "daemon/model_rows.h"

namespace purser {

std::optional<stored::ActiveModels> MakeActiveModels(const ModelBook& after,
                                                     const std::map<std::string, int>& changed,
                                                     uint64_t activity_before) {
  if (changed.empty()) return std::nullopt;
  stored::ActiveModels row;
  row.set_activity(after.activity());
  const bool is_first = activity_before == 0;
  row.set_all(is_first ||
              activity_before / kActivityAWholeRow != after.activity() / kActivityAWholeRow);
  if (row.all()) {
    for (const std::string& id : after.active()) row.add_activated(id);
    return row;
  }
  for (const auto& [id, change] : changed) {
    if (change > 0) row.add_activated(id);
    if (change < 0) row.add_deactivated(id);
  }
  return row;
}

}  // namespace purser
