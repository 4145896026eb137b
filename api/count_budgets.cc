#include "api/count_budgets.h"

#include "api/send_own.h"

namespace purser::api {

absl::Status CountBudget(Controller* controller, const View& view, std::string_view id,
                         const std::string& request_id) {
  const BudgetState* const budget = view->budgets->Find(id);
  if (budget == nullptr || !LacksEarlier(*budget, *view->budgets->month())) return absl::OkStatus();
  const auto spent = controller->ReadSpentBefore(view, *budget);
  if (!spent.ok()) return spent.status();
  Command command;
  command.population = view->name;
  command.request_id = request_id;
  command.body = purser::CountBudget{budget->settings->id(), budget->settings->sequence(), *spent};
  absl::Status status = SendOwn(controller, std::move(command)).status;
  if (status.ok()) return status;
  // Deleted meanwhile, or of another month, or counted by somebody else.
  const Reason reason = RefusalOf(status).reason();
  const bool is_over = reason == stored::NOT_FOUND || reason == stored::WRONG_STATE;
  return is_over ? absl::OkStatus() : status;
}

absl::Status CountBudgets(Controller* controller, const View& view,
                          const std::function<bool()>& stop) {
  for (const auto& [id, budget] : view->budgets->all()) {
    if (!LacksEarlier(budget, *view->budgets->month())) continue;
    if (stop()) break;
    if (auto status = CountBudget(controller, view, id, ""); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace purser::api
