#include "api/decode_budgets.h"

#include <utility>

#include "api/decode_fields.h"
#include "api/decode_models.h"

namespace purser::api {
namespace {

Amount ReadAmount(const v1::Budget& message, Faults* faults) {
  const Amount amount = Amount::FromMicros(message.amount().micros());
  if (amount.is_negative() || amount.is_zero()) {
    faults->Add(stored::INVALID_ARGUMENT, "amount", "must be above 0");
  }
  return amount;
}

stored::Budget::Enforcement ReadEnforcement(const v1::Budget& message) {
  return message.enforcement() == v1::SHOWBACK ? stored::Budget::SHOWBACK
                                               : stored::Budget::CHARGEBACK;
}

void RefuseOutputs(const v1::Budget& message, Faults* faults) {
  const std::pair<bool, const char*> outputs[] = {
      {!message.period().empty(), "period"},
      {message.has_period_start(), "period_start"},
      {message.has_period_end(), "period_end"},
      {message.has_counted_since(), "counted_since"},
      {message.has_spent(), "spent"},
      {message.has_held(), "held"},
      {message.has_left(), "left"},
      {message.level() != v1::BUDGET_LEVEL_UNSPECIFIED, "level"},
      {message.has_burn_per_day(), "burn_per_day"},
      {message.has_forecast(), "forecast"},
      {message.has_spent_time(), "spent_time"},
      {message.has_override(), "override"},
      {message.generation() != 0, "generation"},
      {message.has_create_time(), "create_time"},
      {message.has_dry_run(), "dry_run"}};
  for (const auto& [present, field] : outputs) {
    if (present) faults->Add(stored::UNKNOWN_FIELD, field, "is not sent");
  }
}

}  // namespace

CreateBudget DecodeBudget(const v1::Budget& message, Faults* faults) {
  CreateBudget command;
  stored::Budget& budget = command.budget;
  budget.set_id(message.id());
  CheckOptionalId(message.id(), {"", "id"}, faults);
  const Labels labels =
      DecodeLabels(message.labels(), LabelSplits::kRefused, {"", "labels"}, faults);
  for (const auto& [key, value] : labels) {
    stored::LabelValue& label = *budget.add_labels();
    label.set_key(key);
    label.set_value(value);
  }
  if (message.has_amount()) {
    budget.set_amount(ReadAmount(message, faults).micros());
  } else {
    faults->Add(stored::INVALID_ARGUMENT, "amount", "is required");
  }
  budget.set_enforcement(ReadEnforcement(message));
  RefuseOutputs(message, faults);
  return command;
}

UpdateBudget DecodeBudgetUpdate(const v1::Budget& message, const std::string& id, Faults* faults) {
  if (!message.id().empty()) faults->Add(stored::IMMUTABLE, "id", "never changes");
  if (!message.labels().empty()) faults->Add(stored::IMMUTABLE, "labels", "never changes");
  UpdateBudget command{id, std::nullopt, std::nullopt};
  if (message.has_amount()) command.amount = ReadAmount(message, faults);
  if (message.enforcement() != v1::ENFORCEMENT_UNSPECIFIED) {
    command.enforcement = ReadEnforcement(message);
  }
  RefuseOutputs(message, faults);
  return command;
}

OverrideBudget DecodeBudgetOverride(const v1::BudgetOverride& message, const std::string& id,
                                    Faults* faults) {
  OverrideBudget command{id, message.reason(), 0};
  CheckReason(message.reason(), "reason", faults);
  if (message.reason().empty()) {
    faults->Add(stored::INVALID_ARGUMENT, "reason", "is required");
  }
  if (message.has_until()) {
    command.until_us = message.until().seconds() * kSecondUs + message.until().nanos() / 1'000;
  } else {
    faults->Add(stored::INVALID_ARGUMENT, "until", "is required");
  }
  if (!message.principal().empty()) {
    faults->Add(stored::UNKNOWN_FIELD, "principal", "is not sent");
  }
  return command;
}

}  // namespace purser::api
