#ifndef PURSER_API_DECODE_H_
#define PURSER_API_DECODE_H_

// From messages to commands: every check that needs no state, all faults at once, each with its
// path. Thread-safe: pure functions.
#include <string>

#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

// `path` goes before each fault's path: "" or "operations[3].create.".
RequestReservation DecodeRequest(const v1::ReservationRequest& message, std::string_view path,
                                 Faults* faults);
StartReservation DecodeStart(const v1::LeaseRequest& message, const std::string& id,
                             std::string_view path, Faults* faults);
RenewReservation DecodeRenew(const v1::LeaseRequest& message, const std::string& id,
                             std::string_view path, Faults* faults);
ChargeReservation DecodeCharge(const v1::ReservationChargeRequest& message,
                               const std::string& reservation, std::string_view path,
                               Faults* faults);
SettleReservation DecodeSettle(const v1::SettleRequest& message, const std::string& id,
                               std::string_view path, Faults* faults);
PostCharge DecodePostCharge(const v1::ChargeRequest& message, std::string_view path,
                            Faults* faults);
RefundCharge DecodeRefund(const v1::RefundRequest& message, const std::string& charge,
                          Faults* faults);
// One operation of a batch, as `operations[index]`.
BatchOperation DecodeOperation(const v1::BatchOperation& message, size_t index, Faults* faults);

stored::ResourceSettings DecodeSettings(const v1::ResourceSettings& message,
                                        const std::string& path, Faults* faults);
UpdateResource DecodeUpdate(const v1::ResourceSettings& message, const std::string& resource,
                            Faults* faults);
CreatePopulation DecodePopulation(const v1::CreatePopulation& message,
                                  const std::vector<std::string>& default_labels, Faults* faults);
UpdatePopulation DecodePopulationUpdate(const v1::UpdatePopulation& message, Faults* faults);
CreateFreeze DecodeFreeze(const v1::Freeze& message, Faults* faults);
// Of :grant and :withdraw.
Amount DecodeGrant(const v1::AmountAndReason& message, Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_H_
