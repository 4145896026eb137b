#ifndef PURSER_API_ANSWER_FIELDS_H_
#define PURSER_API_ANSWER_FIELDS_H_

// The fields of what is answered most, reservations and charges, said once for both forms of an
// answer (message_writer.h). Thread-safe: pure functions.
#include <cstdint>
#include <optional>

#include "api/message_writer.h"
#include "api/v1/problem.pb.h"
#include "lifecycle/explanation.h"
#include "reservations/reservation.h"

namespace purser::api {

// What an answer says beside the object.
struct AnswerMarks {
  const v1::Problem* denial = nullptr;              // of a denied reservation
  const Explained* waits = nullptr;                 // of one that waits
  const stored::Explanation* first_told = nullptr;  // of one that waits: what it was told at first
  std::optional<uint64_t> judged_at_sequence;       // of a dry run
};

// `Writer` is one of the two writers, of a v1.Reservation. What downtime the population has given
// back so far is `lease_shift_us`.
template <typename Writer>
void WriteReservation(const ReservationPicture& reservation, int64_t lease_shift_us,
                      const ResourceIdentities& identify, const AnswerMarks& marks, Writer* out);
// Of a v1.Charge.
template <typename Writer>
void WriteCharge(const stored::ChargeRecord& charge, const AnswerMarks& marks, Writer* out);

}  // namespace purser::api

#endif  // PURSER_API_ANSWER_FIELDS_H_
