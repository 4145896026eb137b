#ifndef PURSER_API_DECODE_PERIODS_H_
#define PURSER_API_DECODE_PERIODS_H_

// From messages to commands about months, as in decode.h. Thread-safe: pure functions.
#include <string>

#include "api/v1/period.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

// But for what is looked up of the month.
ClosePeriod DecodeClosing(const v1::ClosePeriodRequest& message, const std::string& period,
                          Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_PERIODS_H_
