#include "api/decode_guardrails.h"

#include <utility>

#include "api/decode_fields.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

Amount ReadExpected(const v1::Guardrail& message, Faults* faults) {
  const Amount expected = Amount::FromMicros(message.expected_hourly_cost().micros());
  if (expected.is_negative()) {
    faults->Add(stored::INVALID_ARGUMENT, "expected_hourly_cost", "must not be below 0");
  }
  return expected;
}

void RefuseOutputs(const v1::Guardrail& message, Faults* faults) {
  const std::pair<bool, const char*> outputs[] = {
      {message.state() != v1::GUARDRAIL_STATE_UNSPECIFIED, "state"},
      {message.has_hour_start(), "hour_start"},
      {message.has_hour_cost(), "hour_cost"},
      {message.has_day_before_mean_hour(), "day_before_mean_hour"},
      {message.has_freeze(), "freeze"},
      {message.has_trip_time(), "trip_time"},
      {message.has_trip_reason(), "trip_reason"},
      {message.generation() != 0, "generation"},
      {message.has_create_time(), "create_time"},
      {message.has_dry_run(), "dry_run"}};
  for (const auto& [present, field] : outputs) {
    if (present) faults->Add(stored::UNKNOWN_FIELD, field, "is not sent");
  }
}

}  // namespace

CreateGuardrail DecodeGuardrail(const v1::Guardrail& message, Faults* faults) {
  CreateGuardrail command;
  stored::Guardrail& guardrail = command.guardrail;
  guardrail.set_id(message.id());
  CheckOptionalId(message.id(), {"", "id"}, faults);
  const Labels labels =
      DecodeLabels(message.labels(), LabelSplits::kRefused, {"", "labels"}, faults);
  for (const auto& [key, value] : labels) {
    stored::LabelValue& label = *guardrail.add_labels();
    label.set_key(key);
    label.set_value(value);
  }
  const Amount expected = ReadExpected(message, faults);
  if (!expected.is_zero()) guardrail.set_expected_hourly_cost(expected.micros());
  RefuseOutputs(message, faults);
  return command;
}

UpdateGuardrail DecodeGuardrailUpdate(const v1::Guardrail& message, const std::string& id,
                                      Faults* faults) {
  if (!message.id().empty()) faults->Add(stored::IMMUTABLE, "id", "never changes");
  if (!message.labels().empty()) faults->Add(stored::IMMUTABLE, "labels", "never changes");
  UpdateGuardrail command{id, std::nullopt};
  if (message.has_expected_hourly_cost()) {
    command.expected_hourly_cost = ReadExpected(message, faults);
  }
  RefuseOutputs(message, faults);
  return command;
}

ResetGuardrail DecodeGuardrailReset(const v1::GuardrailReset& message, const std::string& id,
                                    Faults* faults) {
  if (!IsText(message.reason(), kReasonLengthMax)) {
    faults->Add(stored::INVALID_ARGUMENT, "reason", "at most 500 characters without controls");
  }
  return {id, message.reason()};
}

}  // namespace purser::api
