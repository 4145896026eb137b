#include "tests/subject/action_budgets.h"

#include "api/decode_budgets.h"
#include "api/decode_models.h"
#include "api/render.h"

namespace purser {

using model::Action;
using model::Verb;

namespace {

v1::Budget BudgetMessage(const Action& action) {
  v1::Budget out;
  if (action.verb == Verb::kCreateBudget) out.set_id(action.budget_id);
  for (const auto& [key, value] : action.labels) (*out.mutable_labels())[key] = value;
  if (action.budget.amount) out.mutable_amount()->set_micros(*action.budget.amount);
  if (action.budget.showback) {
    out.set_enforcement(*action.budget.showback ? v1::SHOWBACK : v1::CHARGEBACK);
  }
  return out;
}

}  // namespace

bool LacksBudgetScope(const Action& action) {
  if (action.verb == Verb::kCountBudget) return false;  // nobody asks for it
  return action.verb <= Verb::kDeleteBudget ? !action.admin : !action.approvals_write;
}

void TranslateBudgets(const Action& action, Faults* faults, Translated* out) {
  switch (action.verb) {
    case Verb::kCreateBudget: {
      const auto message = BudgetMessage(action);
      out->command.body = api::DecodeBudget(message, faults);
      return Keep(message, out);
    }
    case Verb::kUpdateBudget:
      out->command.body = api::DecodeBudgetUpdate(BudgetMessage(action), action.budget_id, faults);
      out->command.if_match = IfMatch{true, 0};
      return;
    case Verb::kDeleteBudget:
      out->command.body = DeleteBudget{action.budget_id};
      out->command.if_match = IfMatch{true, 0};
      return;
    case Verb::kCountBudget:
      out->command.body = CountBudget{action.budget_id, 0, 0, 0, 0};
      return;
    case Verb::kOverrideBudget: {
      v1::BudgetOverride message;
      message.set_reason(action.reason);
      if (action.until_us) api::SetTime(*action.until_us, message.mutable_until());
      out->command.body = api::DecodeBudgetOverride(message, action.budget_id, faults);
      return Keep(message, out);
    }
    case Verb::kApproveRequest: {
      v1::ApproveRequest message;
      message.set_reason(action.reason);
      out->command.body = api::DecodeApproval(message, action.id, faults);
      return Keep(message, out);
    }
    default: {
      v1::RejectRequest message;
      message.set_reason(action.reason);
      out->command.body = api::DecodeRejection(message, action.id, faults);
      return Keep(message, out);
    }
  }
}

}  // namespace purser
