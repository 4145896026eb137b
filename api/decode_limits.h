#ifndef PURSER_API_DECODE_LIMITS_H_
#define PURSER_API_DECODE_LIMITS_H_

// From messages to commands about limits, as in decode.h. Thread-safe: pure functions.
#include <string>

#include "api/v1/limit.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

CreateLimit DecodeLimit(const v1::Limit& message, Faults* faults);
UpdateLimit DecodeLimitUpdate(const v1::Limit& message, const std::string& id, Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_LIMITS_H_
