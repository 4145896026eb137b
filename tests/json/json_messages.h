#ifndef PURSER_TESTS_JSON_JSON_MESSAGES_H_
#define PURSER_TESTS_JSON_JSON_MESSAGES_H_

// What the tests of the JSON codec share: all public message types, and messages filled to the
// brim.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"

namespace purser::api {

// Every message type of api/v1, nested ones too, map entries and options left out.
std::vector<const google::protobuf::Descriptor*> PublicMessageTypes();

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);

// Puts something that is not the default into every field (the last of each oneof), `depth`
// messages deep. `seed` changes the values. Fields that are not built are left out.
void FillMessage(google::protobuf::Message* message, int seed, int depth);

// The faults as lines "path code: message", or "OK".
std::string FaultText(std::string_view json, google::protobuf::Message* message);

std::string ToJson(const google::protobuf::Message& message);

}  // namespace purser::api

#endif  // PURSER_TESTS_JSON_JSON_MESSAGES_H_
