#include "reservations/if_match.h"

#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {

absl::Status CheckIfMatch(const std::optional<IfMatch>& condition, uint64_t generation,
                          Match match) {
  if (!condition.has_value()) {
    if (match == Match::kOptional) return absl::OkStatus();
    return Refuse(stored::PRECONDITION_REQUIRED,
                  Concat("send If-Match with the generation, which is \"", generation, "\""));
  }
  if (condition->any || condition->generation == generation) return absl::OkStatus();
  return Refuse(stored::PRECONDITION_FAILED,
                Concat("If-Match named generation \"", condition->generation, "\", it is \"",
                       generation, "\""));
}

}  // namespace purser
