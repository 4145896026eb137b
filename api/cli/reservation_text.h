#ifndef PURSER_API_CLI_RESERVATION_TEXT_H_
#define PURSER_API_CLI_RESERVATION_TEXT_H_

// Reservations and charges as an operator reads them, on lines of at most `columns_max` columns
// where words allow. Thread-safe: pure functions.
#include <cstddef>
#include <optional>
#include <string>

#include "api/v1/reservation.pb.h"

namespace purser::cli {

// A line each.
std::string QueueText(const v1::QueueList& list, std::optional<size_t> columns_max);
std::string ReservationListText(const v1::ReservationList& list, std::optional<size_t> columns_max);
// One of them whole: the state, its times, a line for each resource, and why it was denied.
std::string ReservationText(const v1::Reservation& reservation, std::optional<size_t> columns_max);
std::string ChargeText(const v1::Charge& charge, std::optional<size_t> columns_max);

}  // namespace purser::cli

#endif  // PURSER_API_CLI_RESERVATION_TEXT_H_
