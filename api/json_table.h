#ifndef PURSER_API_JSON_TABLE_H_
#define PURSER_API_JSON_TABLE_H_

// What the JSON codec knows of one message type, read once from its descriptor.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"

namespace purser::api {

class JsonTable;

// How a single value looks in JSON.
enum class JsonForm {
  kBool,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kString,
  kBytes,
  kEnum,
  kAmount,
  kRate,
  kTimestamp,
  kDuration,
  kList,  // a message whose only field is `repeated values`: a plain list
  kMessage,
};

struct JsonField {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // Of the message that the field is in; asking the message for it costs more.
  const google::protobuf::Reflection* reflection = nullptr;
  int number = 0;
  std::string name;
  std::string key;                    // `"name":`
  JsonForm form = JsonForm::kString;  // of the value, the list's element or the map's value
  const JsonTable* table = nullptr;   // kList, kMessage
  const google::protobuf::EnumDescriptor* enum_type = nullptr;
  std::vector<std::string> enum_names;  // by number; "" where there is none
  bool is_map = false;
  bool is_list = false;  // a repeated field that is no map
  // A map of labels: a value may be an object of weights, kept as its JSON (label_split.h).
  bool is_labels = false;
  bool has_presence = false;
  bool always = false;
  bool not_empty = false;
  bool not_built = false;
  std::string not_built_default;  // "" = none is accepted
  int oneof = -1;                 // index among the message's oneofs
};

// Immutable; thread-safe; lives as long as the process.
class JsonTable {
 public:
  // Made when it is first asked for. A message with a kind of field that the codec has no form for
  // is a bug of ours and ends the process.
  static const JsonTable& For(const google::protobuf::Descriptor* type);

  // In order of their numbers; at most 64.
  const std::vector<JsonField>& fields() const { return fields_; }
  // The index in fields(), or -1.
  int Find(std::string_view name) const;
  // The field with a number of protobuf's, or nullptr.
  const JsonField* FindNumber(int number) const;
  bool is_plain_list() const { return is_plain_list_; }

 private:
  friend class JsonTableMaker;
  JsonTable() = default;
  size_t SlotOf(std::string_view name) const;

  std::vector<JsonField> fields_;
  std::vector<int8_t> slots_;  // open addressing; a power of two, at most a quarter full
  bool is_plain_list_ = false;
};

}  // namespace purser::api

#endif  // PURSER_API_JSON_TABLE_H_
