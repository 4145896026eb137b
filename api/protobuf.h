#ifndef PURSER_API_PROTOBUF_H_
#define PURSER_API_PROTOBUF_H_

// The public messages as protobuf's wire format, as strict as json.h, which this is the twin of:
// protobuf's own parser keeps what it does not know, takes the last of what is given twice, and
// says neither where a fault is nor that there are several. Thread-safe.
//
// Refused, each with the field's path, all faults of a message at once: an unknown field (named by
// its number: "create.99"), a field or a key of a map given twice, a second member of a oneof, a
// value of another wire type, text that is not UTF-8, a number that is none of an enum (0 too: it
// stands for "left out"), a bool other than 0 and 1, a time or duration out of range or finer than
// a microsecond, an amount whose sign cannot be turned, and what json.h refuses of fields that are
// not built yet or must not be empty. Bytes that are no wire format, groups, and nesting beyond
// kJsonDepthMax are one fault, with its byte offset.
// No order of fields is asked for; lists of numbers may be packed or not, and numbers padded.
#include <string>
#include <string_view>
#include <vector>

#include "api/v1/problem.pb.h"
#include "google/protobuf/message.h"

namespace purser::api {

// As ParseJson: replaces `message` and `faults`; true when there was no fault; codes and paths are
// the same. An element of a list that could not be read still has its place.
bool ParseProtobuf(std::string_view bytes, google::protobuf::Message* message,
                   std::vector<v1::Fault>* faults);

// Appends `message` to `out`: maps in order of their keys, so that equal messages are equal bytes.
void PrintProtobuf(const google::protobuf::Message& message, std::string* out);

}  // namespace purser::api

#endif  // PURSER_API_PROTOBUF_H_
