#ifndef PURSER_RESERVATIONS_RECORD_BYTES_H_
#define PURSER_RESERVATIONS_RECORD_BYTES_H_

// A reservation's record as it is stored, byte for byte what ToRecord's message prints, without the
// message: one is written for every reservation and group. Thread-safe: pure.
#include <string>

#include "reservations/reservation.h"

namespace purser {

std::string RecordBytes(const Reservation& reservation);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_RECORD_BYTES_H_
