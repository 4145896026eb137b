// GET routes of budgets, and whose approval it is that somebody decides.
#include <algorithm>

#include "api/render_budget.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {

HttpResponse Service::ReadBudgets(const RequestContext& context, const View& view) {
  HttpResponse response;
  const InstantUs now_us = controller_->NowUs();
  const auto render = [&](const BudgetState& state) {
    return RenderBudget({state, *view->budgets->month(), now_us});
  };
  if (context.route->action == Action::kGetBudget) {
    const BudgetState* const state = view->budgets->Find(context.id());
    if (state == nullptr) return Problem(context, NotFound("budget", context.id()));
    response = JsonResponse(200, render(*state));
    SetTag(state->settings->generation(), &response);
  } else {
    auto page = ReadNamePage(context);
    if (!page.ok()) return Problem(context, page.status());
    v1::BudgetList list;
    const std::string next = PageOfMap(view->budgets->all(), *page, [&](const BudgetState& state) {
      *list.add_budgets() = render(state);
    });
    list.set_next_page_token(CloseToken(next));
    response = JsonResponse(200, list);
  }
  SetSequence(view->sequence, &response);
  return response;
}

absl::Status Service::ChooseApproval(Command* command) {
  const auto* const approves = std::get_if<ApproveRequest>(&command->body);
  const auto* const rejects = std::get_if<RejectRequest>(&command->body);
  if (approves == nullptr && rejects == nullptr) return absl::OkStatus();
  const auto view = controller_->Read(command->population);
  if (!view.ok()) return view.status();
  const auto read = controller_->ReadApprovals(*view, 0);
  if (!read.ok()) return read.status();
  const std::string id = approves != nullptr ? approves->reservation : rejects->reservation;
  const bool is_activation =
      std::any_of(read->approvals.begin(), read->approvals.end(),
                  [&id](const stored::Approval& each) { return each.id() == id; });
  if (!is_activation) return absl::OkStatus();
  if (rejects != nullptr) {
    command->body = RejectActivation{id, std::string(rejects->reason)};
    return absl::OkStatus();
  }
  if (!approves->reason.empty()) {
    return RefuseField(stored::INVALID_ARGUMENT, "reason", "is only of a request's approval");
  }
  command->body = ApproveActivation{id};
  return absl::OkStatus();
}

}  // namespace purser::api
