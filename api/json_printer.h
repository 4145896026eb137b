#ifndef PURSER_API_JSON_PRINTER_H_
#define PURSER_API_JSON_PRINTER_H_

// The writing half of the codec, in the parts that the comparison of messages needs as well.
// Thread-safe: pure functions.
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "api/json_table.h"
#include "google/protobuf/message.h"

namespace purser::api {

// Whether PrintJson leaves the field out. An enum at number 0 (*_UNSPECIFIED) and a field that is
// not built yet are left out too.
bool IsLeftOut(const google::protobuf::Message& message, const JsonField& field);

void AppendMessageJson(const google::protobuf::Message& message, const JsonTable& table,
                       std::string* out);
// The name of an enum's number.
void AppendEnumJson(int number, const JsonField& field, std::string* out);
// The whole value of a field: a list, an object for a map, or the single value.
void AppendFieldJson(const google::protobuf::Message& message, const JsonField& field,
                     std::string* out);
// One element of a field that is a list.
void AppendElementJson(const google::protobuf::Message& message, const JsonField& field, int index,
                       std::string* out);

// An entry of a map field, in place: valid until the message changes.
struct JsonMapEntry {
  std::string_view key;
  const std::string* text = nullptr;                   // the value, if the values are strings
  const google::protobuf::Message* message = nullptr;  // else
};

// In order of their keys.
using JsonMapEntries = absl::InlinedVector<JsonMapEntry, 8>;
JsonMapEntries SortedMapEntries(const google::protobuf::Message& message, const JsonField& field);
void AppendMapValueJson(const JsonMapEntry& entry, const JsonField& field, std::string* out);

}  // namespace purser::api

#endif  // PURSER_API_JSON_PRINTER_H_
