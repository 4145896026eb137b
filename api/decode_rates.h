#ifndef PURSER_API_DECODE_RATES_H_
#define PURSER_API_DECODE_RATES_H_

// From messages to commands about rate cards, as in decode.h. Thread-safe: pure functions.
#include <string>

#include "api/v1/rate_card.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

CreateRateCard DecodeRateCard(const v1::RateCard& message, Faults* faults);
UpdateRateCard DecodeRateCardUpdate(const v1::RateCard& message, const std::string& id,
                                    Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_RATES_H_
