#ifndef PURSER_API_JSON_H_
#define PURSER_API_JSON_H_

// One JSON codec for every public message, over descriptors: no code per message. The tables it
// works from are made once per message type and then shared. Thread-safe.
//
// Reading is strict: an unknown field, a duplicate key, a wrong type, a name that is no value of an
// enum, nesting beyond kJsonDepthMax, bad UTF-8 and trailing text are refused, each with the
// field's path, all faults of a document at once (a document that is no JSON at all has one fault,
// with its byte offset). Forms: purser.v1.Amount and Rate a decimal string or a JSON number, exact;
// 64-bit integers strings (or whole numbers) in, strings out; Timestamp RFC 3339 (any offset in,
// "Z" out, microseconds at most); Duration "3600s" (at most microseconds); enums by name; bytes
// base64; RequiredLabels-like messages whose only field is `repeated values` a plain list; null is
// refused. 32-bit integers are JSON numbers. A key given twice is `malformed`, a second member of a
// oneof `invalid_argument`. Number 0 of an enum
// (*_UNSPECIFIED) is no value: refused by name, left out when printed.
// Writing: fields in order of number; scalars always; `optional` fields, messages and oneofs when
// set; lists and maps when not empty or marked (purser.v1.always); maps in order of their keys.
#include <string>
#include <string_view>
#include <vector>

#include "api/v1/problem.pb.h"
#include "google/protobuf/message.h"

namespace purser::api {

inline constexpr int kJsonDepthMax = 16;
// Of a list or a map; beyond every limit of the API. What is smallest in JSON ("{}") is a hundred
// times larger as a message.
inline constexpr int kJsonElementsMax = 16'384;
inline constexpr char kTooManyElements[] = "has more than 16384 elements";
// Faults beyond this are not collected: a hostile body must not grow its own answer.
inline constexpr int kJsonFaultsMax = 64;

// Replaces `message` and `faults` by what is in `json`. True when there was no fault; else `faults`
// has at least one, with codes `malformed`, `unknown_field`, `invalid_argument` or `not_supported`
// and paths such as "operations[3].create.amounts.gpu_hours"; the path of the document itself is
// "". With faults, the message is not to be used. Names longer than 128 bytes are cut in paths.
bool ParseJson(std::string_view json, google::protobuf::Message* message,
               std::vector<v1::Fault>* faults);

// Appends `message` to `out`.
void PrintJson(const google::protobuf::Message& message, std::string* out);

// The fields in which two messages of one type differ, as faults with code `differs`, path, `was`
// (in `before`) and `now` (in `after`), both as JSON text; one of them is not set where nothing was
// there. Absent equals default, but a map's missing key is not a default. Lists of different length
// differ as a whole. At most kJsonFaultsMax.
std::vector<v1::Fault> CompareMessages(const google::protobuf::Message& before,
                                       const google::protobuf::Message& after);

}  // namespace purser::api

#endif  // PURSER_API_JSON_H_
