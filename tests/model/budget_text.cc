#include "tests/model/budget_text.h"

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser::model {
namespace {

constexpr char kLabel[] = "label:";

}  // namespace

bool IsOfBudgets(Verb verb) { return verb >= Verb::kCreateBudget && verb <= Verb::kRejectRequest; }

bool SetBudgetKey(const std::string& key, const std::string& value, int64_t now_us,
                  Action* action) {
  if (key == "reason") {
    action->reason = value;
  } else if (key == "until") {
    action->until_us = ParseMoment(value, now_us);
    return action->until_us.has_value();
  } else if (key == "amount") {
    action->budget.amount = ParseDecimal(value);
    return action->budget.amount.has_value();
  } else if (key.rfind(kLabel, 0) == 0) {
    action->labels[key.substr(std::string(kLabel).size())] = value;
  } else {
    return false;
  }
  return true;
}

bool SetBudgetWords(const std::vector<std::string>& words, Action* action) {
  const bool reviews = action->verb >= Verb::kApproveRequest;
  if (reviews) {
    action->id = words.empty() ? "" : words[0];
    return words.size() == 1;
  }
  for (const std::string& word : words) {
    const bool enforces = word == "SHOWBACK" || word == "CHARGEBACK";
    if (enforces) action->budget.showback = word == "SHOWBACK";
    if (!enforces && !action->budget_id.empty()) return false;
    if (!enforces) action->budget_id = word;
  }
  return true;
}

std::string BudgetWords(const Action& action) {
  if (!IsOfBudgets(action.verb)) return "";
  const BudgetParts& parts = action.budget;
  std::string text;
  if (!action.budget_id.empty()) text.append(" ").append(action.budget_id);
  if (parts.showback) text.append(*parts.showback ? " SHOWBACK" : " CHARGEBACK");
  if (parts.amount) text.append(" amount=").append(FormatDecimal(*parts.amount));
  for (const auto& [key, value] : action.labels) {
    text.append(" ").append(kLabel).append(key).append("=").append(value);
  }
  if (action.until_us) text.append(" until=").append(FormatInstant(*action.until_us));
  if (!action.reason.empty()) text.append(" reason=").append(action.reason);
  return text;
}

}  // namespace purser::model
