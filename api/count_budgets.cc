#include "api/count_budgets.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/send_own.h"

namespace purser::api {
namespace {

// Takes off the holds that the next entry counts: at least kCountedHoldsMax, if there are, and none
// of whose entry others are left.
std::vector<std::string> TakeHolds(std::vector<EarlierHold>* held) {
  size_t count = std::min(held->size(), kCountedHoldsMax);
  while (count > 0 && count < held->size() &&
         (*held)[count].sequence == (*held)[count - 1].sequence) {
    ++count;
  }
  std::vector<std::string> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(std::move((*held)[i].id));
  held->erase(held->begin(), held->begin() + static_cast<std::ptrdiff_t>(count));
  return ids;
}

}  // namespace

absl::Status CountBudget(Controller* controller, const View& view, std::string_view id,
                         const std::string& request_id) {
  const BudgetState* const budget = view->budgets->Find(id);
  if (budget == nullptr || !LacksEarlier(*budget)) return absl::OkStatus();
  auto earlier = controller->ReadEarlierCosts(view, *budget);
  if (!earlier.ok()) return earlier.status();
  uint64_t counted_after = budget->totals.counted_after;
  std::vector<EarlierHold>& held = earlier->held;
  std::erase_if(held, [&](const EarlierHold& each) { return each.sequence > counted_after; });
  while (counted_after != 0) {
    purser::CountBudget count{budget->settings->id(), budget->settings->sequence(), counted_after,
                              0, Amount()};
    count.held = TakeHolds(&held);
    if (held.empty()) count.spent = earlier->spent;
    count.now_counted_after = held.empty() ? 0 : held.front().sequence;
    counted_after = count.now_counted_after;
    Command command;
    command.population = view->name;
    command.request_id = request_id;
    command.body = std::move(count);
    const absl::Status status = SendOwn(controller, std::move(command)).status;
    if (status.ok()) continue;
    // Deleted meanwhile, or of another month, or counted by somebody else.
    const Reason reason = RefusalOf(status).reason();
    const bool is_over = reason == stored::NOT_FOUND || reason == stored::WRONG_STATE;
    return is_over ? absl::OkStatus() : status;
  }
  return absl::OkStatus();
}

absl::Status CountBudgets(Controller* controller, const View& view,
                          const std::function<bool()>& stop) {
  for (const auto& [id, budget] : view->budgets->all()) {
    if (!LacksEarlier(budget)) continue;
    if (stop()) break;
    if (auto status = CountBudget(controller, view, id, ""); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace purser::api
