#ifndef PURSER_API_RENDER_GUARDRAIL_H_
#define PURSER_API_RENDER_GUARDRAIL_H_

// Guardrails as clients see them. Thread-safe: pure functions.
#include "api/v1/guardrail.pb.h"
#include "ledger/guardrails.h"

namespace purser::api {

// `freeze` is the one that it made when it tripped; nullptr: it has not, or was reset.
v1::Guardrail RenderGuardrail(const stored::GuardrailRecord& record, const stored::Freeze* freeze);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_GUARDRAIL_H_
