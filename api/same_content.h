#ifndef PURSER_API_SAME_CONTENT_H_
#define PURSER_API_SAME_CONTENT_H_

// Whether an operation that names an id says what the one before said with it: the operations as
// messages in their normal form, made from a command or from what was recorded. Thread-safe: pure
// functions.
#include <string>

#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

v1::ReservationRequest ToMessage(const RequestReservation& command);
v1::BatchOperation ToMessage(const BatchOperation& operation);
// Equal for operations that say the same.
std::string ContentOf(const BatchOperation& operation);
v1::RefundRequest ToMessage(const RefundCharge& command);
// As the batch's field is called.
std::string_view VerbOf(const BatchOperation& operation);
// Of what was posted under an id of a charge's kind: as that, and how its first answer is found.
std::string_view VerbOf(const stored::ChargeRecord& record);
stored::Answer::Kind AnswerKindOf(const stored::ChargeRecord& record);
// Puts the message that the command was decoded from into its normal form: what is absent has its
// default, what can be spelled in several ways has one spelling.
void Normalize(const Command& command, google::protobuf::Message* message);
// What was recorded, as the operation that would record it.
v1::BatchOperation ChargeOperation(const stored::ChargeRecord& charge);

// A refusal ID_CONFLICT (or KEY_CONFLICT) that names the fields that differ.
Refusal MakeConflict(Reason reason, const google::protobuf::Message& before,
                     const google::protobuf::Message& after);
// Of two operations, with paths below the operation: of another verb, or what differs.
Refusal MakeConflict(const v1::BatchOperation& before, const v1::BatchOperation& after);
// The id was used for something else altogether.
Refusal MakeConflict(std::string_view path, std::string_view was, std::string_view now);

}  // namespace purser::api

#endif  // PURSER_API_SAME_CONTENT_H_
