#include "tests/model/action.h"

#include "tests/model/artifact_text.h"
#include "tests/model/budget_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/proposal_text.h"

namespace purser::model {
namespace {

void Put(const std::string& word, std::string* out) {
  if (!word.empty()) *out += " " + word;
}

void PutAmount(const std::string& key, const std::optional<int64_t>& value, std::string* out) {
  if (value) Put(key + "=" + FormatDecimal(*value), out);
}

void PutAmounts(const std::string& prefix, const Amounts& amounts, std::string* out) {
  for (const auto& [resource, amount] : amounts) PutAmount(prefix + resource, amount, out);
}

void PutCarry(const std::string& key, const std::optional<CarryOver>& carry, std::string* out) {
  if (!carry) return;
  const std::string amount = FormatDecimal(carry->amount);
  const bool up_to = carry->kind == CarryOver::Kind::kUpTo;
  Put(key + "=" + (up_to ? amount : carry->kind == CarryOver::Kind::kAll ? "ALL" : "NONE"), out);
}

void PutSettings(const Action& action, std::string* out) {
  const Settings& s = action.settings;
  if (action.verb == Verb::kCreateResource) {
    Put(s.capacity ? "capacity" : "consumable", out);
    if (s.monthly) Put("period=monthly", out);
    if (s.period_us != 0) Put("period=" + FormatDuration(s.period_us), out);
  }
  PutAmount("amount", s.amount, out);
  if (s.reserve_percent) Put("reserve=" + FormatDecimal(*s.reserve_percent) + "%", out);
  PutAmount("reserve", s.reserve_amount, out);
  PutAmount("min", s.min_amount, out);
  PutAmount("max", s.max_amount, out);
  PutAmount("step", s.step, out);
  if (s.overcommit_numerator && s.overcommit_denominator) {
    Put("overcommit=" + std::to_string(*s.overcommit_numerator) + "/" +
            std::to_string(*s.overcommit_denominator),
        out);
  }
  PutCarry("carry_available", s.carry_available, out);
  PutCarry("carry_reserve", s.carry_reserve, out);
  PutAmount("debt_limit", s.debt_limit, out);
  if (s.priced) Put(*s.priced ? "priced=yes" : "priced=no", out);
  if (s.unit != Settings().unit) Put("unit=" + s.unit, out);
}

void PutLabels(const Action& action, std::string* out) {
  for (const char* usual : {"capability", "operator_family"}) {
    if (!action.labels.contains(usual)) Put(std::string("label:") + usual + "=-", out);
  }
  for (const auto& [key, value] : action.labels) {
    Put(std::string("label:").append(key).append("=").append(value), out);
  }
}

void PutFreeze(const Action& action, std::string* out) {
  Put(action.freeze_kind + (action.freeze_name.empty() ? "" : "=" + action.freeze_name), out);
  if (action.until_us) Put("until=" + FormatInstant(*action.until_us), out);
}

void PutLimit(const Action& action, std::string* out) {
  Put(action.limit_id, out);
  if (!action.limit_kind.empty()) {
    const std::string separator = action.limit_kind == "label" ? ":" : "=";
    const bool each = action.limit_kind == "each";
    Put(action.limit_kind + (each ? "" : separator + action.limit_name), out);
  }
  const LimitParts& parts = action.limit;
  if (parts.open_reservations) Put("open=" + std::to_string(*parts.open_reservations), out);
  for (const auto& [word, amounts] :
       {std::pair("share:", &parts.share_percent), std::pair("request:", &parts.request),
        std::pair("day:", &parts.day), std::pair("month:", &parts.month)}) {
    if (*amounts) PutAmounts(word, **amounts, out);
  }
  if (parts.highest_tier) Put("highest_tier=" + std::to_string(*parts.highest_tier), out);
  if (parts.highest_priority) {
    Put("highest_priority=" + std::to_string(*parts.highest_priority), out);
  }
}

void PutGuardrail(const Action& action, std::string* out) {
  Put(action.guardrail_id, out);
  const bool guards = action.verb == Verb::kGuardrail || action.verb == Verb::kReguard;
  if (!guards) return;
  PutAmount("expected", action.amount, out);
  for (const auto& [key, value] : action.labels) {
    Put(std::string("label:").append(key).append("=").append(value), out);
  }
}

void PutOutcomes(const Outcomes& outcomes, std::string* out) {
  for (const auto& [word, count] :
       {std::pair("accepted=", outcomes.accepted), std::pair("rejected=", outcomes.rejected),
        std::pair("escalated=", outcomes.escalated)}) {
    if (count != 0) Put(word + std::to_string(count), out);
  }
}

void PutWho(const Action& action, std::string* out) {
  const bool all = action.admin && action.reserve_spend && action.debt_incur &&
                   action.constraints_write && action.approvals_write && action.models_write &&
                   action.proposals_write && action.proposals_approve;
  if (all && action.principal == "local") return;
  std::string scopes;
  if (action.admin) scopes += ",admin";
  if (action.reserve_spend) scopes += ",reserve:spend";
  if (action.debt_incur) scopes += ",debt:incur";
  if (action.constraints_write) scopes += ",constraints:write";
  if (action.approvals_write) scopes += ",approvals:write";
  if (action.models_write) scopes += ",models:write";
  if (action.proposals_write) scopes += ",proposals:write";
  if (action.proposals_approve) scopes += ",proposals:approve";
  Put("by=" + action.principal, out);
  if (!scopes.empty()) Put("scopes=" + scopes.substr(1), out);
}

std::string Arguments(const Action& action) {
  std::string out;
  Put(action.resource, &out);
  PutSettings(action, &out);
  const bool moves = action.verb == Verb::kGrant || action.verb == Verb::kWithdraw;
  const bool enters = action.verb == Verb::kEnterCost;
  if (moves) Put(FormatDecimal(action.amount), &out);
  if (!action.freeze_kind.empty()) PutFreeze(action, &out);
  PutLimit(action, &out);
  Put(action.card_id, &out);
  out += ToString(action.card);
  PutGuardrail(action, &out);
  out += BudgetWords(action);
  Put(action.id, &out);
  const bool settle = action.verb == Verb::kSettle;
  if (!action.charge_id.empty()) Put((settle ? "charge=" : "") + action.charge_id, &out);
  Put(action.refund_id, &out);
  Put(action.period, &out);
  Put(action.purpose, &out);
  if (action.queue) Put("queue", &out);
  PutAmounts("", action.amounts, &out);
  PutAmounts("at_least:", action.minimum_amounts, &out);
  if (enters) PutAmount(action.picos ? "count" : "amount", action.amount, &out);
  if (action.picos) Put("rate=" + FormatPicos(*action.picos), &out);
  if (!action.corrects.empty()) Put("corrects=" + action.corrects, &out);
  if (action.quoted_us) Put("quoted_at=" + FormatInstant(*action.quoted_us), &out);
  PutOutcomes(action.outcomes, &out);
  const bool posts = action.verb >= Verb::kPostCharge && action.verb <= Verb::kReportOutcomes;
  const bool labelled = action.verb == Verb::kReserve || posts;
  if (labelled) PutLabels(action, &out);
  if (action.lease_us) Put("lease=" + FormatDuration(*action.lease_us), &out);
  if (action.verb == Verb::kReserve) Put("policy=" + action.overrun_policy, &out);
  if (action.start_at_us) Put("start_at=" + FormatInstant(*action.start_at_us), &out);
  if (action.max_queue_wait_us) Put("wait=" + FormatDuration(*action.max_queue_wait_us), &out);
  if (action.priority != 0) Put("priority=" + std::to_string(action.priority), &out);
  if (action.tier != 2) Put("tier=" + std::to_string(action.tier), &out);
  if (action.grace_us) Put("grace=" + FormatDuration(*action.grace_us), &out);
  if (action.charge_all) Put("all", &out);
  if (!action.category.empty()) Put("category=" + action.category, &out);
  if (action.verb == Verb::kBatch) Put(action.atomic ? "atomic" : "single", &out);
  if (action.verb == Verb::kAdvance) Put(FormatInstant(action.at_us), &out);
  if (action.verb == Verb::kResume) Put(FormatDuration(action.shift_us), &out);
  out += ArtifactWords(action) + ProposalWords(action);
  PutWho(action, &out);
  return out;
}

}  // namespace

std::string ToString(Verb verb) {
  static constexpr const char* kWords[] = {"create",          "update",
                                           "delete",          "grant",
                                           "withdraw",        "freeze",
                                           "unfreeze",        "limit",
                                           "relimit",         "unlimit",
                                           "rate_card",       "rerate",
                                           "unrate",          "guardrail",
                                           "reguard",         "unguard",
                                           "reset",           "create_budget",
                                           "update_budget",   "delete_budget",
                                           "count_budget",    "override_budget",
                                           "approve_request", "reject_request",
                                           "reserve",         "start",
                                           "renew",           "charge",
                                           "settle",          "release",
                                           "post_charge",     "enter_cost",
                                           "outcomes",        "refund",
                                           "close_period",    "batch",
                                           "advance",         "resume",
                                           "register",        "patch",
                                           "shadow",          "activate",
                                           "approve",         "reject",
                                           "retire",          "archive",
                                           "purge",           "rollback",
                                           "require",         "propose",
                                           "amend",           "approve_proposal",
                                           "reject_proposal", "withdraw_proposal",
                                           "execute"};
  return kWords[static_cast<int>(verb)];
}

std::string ToString(const Action& action) {
  std::string text = "| " + ToString(action.verb) + " |" + Arguments(action) + " |";
  for (const Action& member : action.members) {
    text += "\n| + " + ToString(member).substr(2);
  }
  return text;
}

}  // namespace purser::model
