// What the weights of cost entries are looked up by, before the entries are sent. What was said
// before has been answered by then: it keeps its weights, whatever was used since.
#include "api/submission.h"
#include "ledger/text.h"
#include "reservations/allocation.h"

namespace purser::api {
namespace {

// Whether it is for what was said, and not for what the daemon cannot do now.
bool IsOfWhatWasSaid(const absl::Status& status) {
  const Reason reason = RefusalOf(status).reason();
  return reason == stored::INVALID_ARGUMENT || reason == stored::UNKNOWN_RESOURCE ||
         reason == stored::AS_OF_IN_FUTURE || reason == stored::LIMIT_OF_THE_DAEMON;
}

}  // namespace

absl::Status Submission::LookUpAllocation(const View& view, std::string_view path,
                                          EnterCost* entry) {
  // Once is enough, however often the command goes stale: it says up to which entry it looked.
  if (!entry->allocation.has_value() || entry->allocation->sequence != 0) return absl::OkStatus();
  Allocation& allocation = *entry->allocation;
  const std::string here = Concat(path, "allocation.");
  const auto read = controller_->ReadUsage(view, allocation, here);
  if (!read.ok()) return read.status();
  const auto split = SplitByUse(allocation, read->used, here);
  if (!split.ok()) return split.status();
  AddAllocated(allocation.label, *split, &entry->labels);
  allocation.from_us = read->from_us;
  allocation.until_us = read->until_us;
  allocation.sequence = read->sequence;
  return absl::OkStatus();
}

absl::Status Submission::LookUpAllocations(const View& view, Batch* batch) {
  for (size_t i = 0; i < batch->members.size(); ++i) {
    BatchMember& member = batch->members[i];
    auto* const entry = std::get_if<EnterCost>(&member.operation);
    if (entry == nullptr || member.malformed || member.known != BatchMember::Known::kNew) continue;
    absl::Status status = LookUpAllocation(view, Concat("operations[", i, "].cost_entry."), entry);
    if (status.ok()) continue;
    if (!IsOfWhatWasSaid(status)) return status;
    member.known = BatchMember::Known::kConflict;
    member.refusal = RefusalOf(status);
  }
  return absl::OkStatus();
}

}  // namespace purser::api
