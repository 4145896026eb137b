#ifndef PURSER_API_DECODE_GUARDRAILS_H_
#define PURSER_API_DECODE_GUARDRAILS_H_

// Guardrails as clients send them. What is wrong is added to `faults`. Thread-safe: pure functions.
#include <string>

#include "api/v1/guardrail.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

CreateGuardrail DecodeGuardrail(const v1::Guardrail& message, Faults* faults);
UpdateGuardrail DecodeGuardrailUpdate(const v1::Guardrail& message, const std::string& id,
                                      Faults* faults);
ResetGuardrail DecodeGuardrailReset(const v1::GuardrailReset& message, const std::string& id,
                                    Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_GUARDRAILS_H_
