#include "api/decode_periods.h"

#include "api/decode_models.h"

namespace purser::api {

ClosePeriod DecodeClosing(const v1::ClosePeriodRequest& message, const std::string& period,
                          Faults* faults) {
  ClosePeriod command;
  command.period = period;
  command.reason = message.reason();
  CheckReason(command.reason, "reason", faults);
  return command;
}

}  // namespace purser::api
