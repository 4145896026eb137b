#include "api/count_budgets.h"

#include <utility>
#include <vector>

#include "api/send_own.h"

namespace purser::api {
namespace {

// What the next entry counts: the last holds, at least kCountedHoldsMax if there are so many, and
// none of whose entry others are left. Those that are left end before `end`.
struct Chunk {
  std::vector<std::string> ids;
  size_t end = 0;
};
Chunk LastOf(const std::vector<EarlierHold>& held) {
  Chunk chunk;
  chunk.end = held.size();
  const auto splits_an_entry = [&] {
    return chunk.end < held.size() && held[chunk.end - 1].sequence == held[chunk.end].sequence;
  };
  while (chunk.end > 0 && (chunk.ids.size() < kCountedHoldsMax || splits_an_entry())) {
    chunk.ids.push_back(held[--chunk.end].id);
  }
  return chunk;
}

// Counts for one budget as a view has it, until it is counted by this or by another.
class Counting {
 public:
  Counting(Controller* controller, const View& view, std::string_view id, EarlierCosts earlier)
      : controller_(controller), population_(view->name), earlier_(std::move(earlier)) {
    count_.id = std::string(id);
    count_.sequence = view->budgets->Find(id)->settings->sequence();
  }

  absl::Status Finish(const std::string& request_id, const std::function<bool()>& stop) {
    int tries = 0;
    uint64_t counted_before = UINT64_MAX;
    while (!stop() && LookAgain()) {
      // Whoever counts it, it goes on.
      if (count_.counted_after < counted_before) tries = 0;
      counted_before = count_.counted_after;
      Chunk chunk = LastOf(earlier_.held);
      const bool is_last = chunk.end == 0;
      count_.held = std::move(chunk.ids);
      count_.now_counted_after = is_last ? 0 : earlier_.held[chunk.end - 1].sequence;
      count_.spent = is_last ? earlier_.spent : 0;
      Command command;
      command.population = population_;
      command.request_id = request_id;
      command.body = count_;
      absl::Status status = SendOwn(controller_, std::move(command)).status;
      if (status.ok()) continue;
      // Deleted meanwhile; or it begins another month, or somebody else counts for it as well.
      const Reason reason = RefusalOf(status).reason();
      if (reason == stored::NOT_FOUND) return absl::OkStatus();
      if (reason != stored::WRONG_STATE || ++tries == kStaleTriesMax) return status;
    }
    return absl::OkStatus();
  }

 private:
  // Whether something is left to count; drops what is counted.
  bool LookAgain() {
    const View view = controller_->Peek(population_);
    const BudgetState* const budget = view == nullptr ? nullptr : view->budgets->Find(count_.id);
    const bool is_it = budget != nullptr && budget->settings->sequence() == count_.sequence;
    if (!is_it || !LacksEarlier(*budget)) return false;
    count_.counted_after = budget->totals.counted_after;
    while (!earlier_.held.empty() && earlier_.held.back().sequence > count_.counted_after) {
      earlier_.held.pop_back();
    }
    return true;
  }

  Controller* const controller_;
  const std::string population_;
  EarlierCosts earlier_;
  purser::CountBudget count_;
};

}  // namespace

absl::Status CountBudget(Controller* controller, const View& view, std::string_view id,
                         const std::string& request_id, const std::function<bool()>& stop) {
  const BudgetState* const budget = view->budgets->Find(id);
  if (budget == nullptr || !LacksEarlier(*budget)) return absl::OkStatus();
  auto earlier = controller->ReadEarlierCosts(view, *budget);
  if (!earlier.ok()) return earlier.status();
  return Counting(controller, view, id, *std::move(earlier)).Finish(request_id, stop);
}

absl::Status CountBudgets(Controller* controller, const View& view,
                          const std::function<bool()>& stop) {
  for (const auto& [id, budget] : view->budgets->all()) {
    if (!LacksEarlier(budget)) continue;
    if (stop()) break;
    if (auto status = CountBudget(controller, view, id, "", stop); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace purser::api
