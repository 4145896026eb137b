#ifndef PURSER_API_JSON_VALUE_H_
#define PURSER_API_JSON_VALUE_H_

// Where a JSON value goes in a message, and the step from its text to the field. Thread-compatible.
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "api/json_table.h"
#include "google/protobuf/message.h"

namespace purser::api {

enum class JsonKind { kString, kNumber, kBool };

// One place in a message that a value can be put in: a single field, the next element of a list, or
// the value of a map's entry.
struct JsonSlot {
  google::protobuf::Message* message = nullptr;
  const JsonField* field = nullptr;
  // Of a map's entry, when the field is a map: its value, as one of these.
  google::protobuf::Message* entry_message = nullptr;
  std::string* entry_text = nullptr;

  // The message in that place, made if it is not there; only for fields whose values are messages.
  google::protobuf::Message* MutableMessage() const;
};

// The place of a new entry's value in a map; false when the key is there already.
bool InsertEntry(google::protobuf::Message* message, const JsonField& field, std::string_view key,
                 JsonSlot* slot);

// Reads `text` (unescaped if it was a string; else the token, known to be JSON) as the field's form
// and puts it into the slot. InvalidArgument, with the reason, when it is none.
absl::Status AssignScalar(const JsonSlot& slot, JsonKind kind, std::string_view text);

}  // namespace purser::api

#endif  // PURSER_API_JSON_VALUE_H_
