#include "tests/json/json_messages.h"

#include "api/json.h"
#include "api/v1/journal.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/reservation.pb.h"
#include "ledger/text.h"

namespace purser::api {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

void AddTypes(const Descriptor* type, std::vector<const Descriptor*>* types) {
  if (type->options().map_entry()) return;
  types->push_back(type);
  for (int i = 0; i < type->nested_type_count(); ++i) AddTypes(type->nested_type(i), types);
}

// A value of the field's C++ type, set or added.
void FillScalar(Message* message, const FieldDescriptor* field, int seed) {
  const Reflection* r = message->GetReflection();
  const bool add = field->is_repeated();
  const std::string text = Concat("v", seed, " \"é€😀\\\n\t\x01/\x7f");
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return add ? r->AddBool(message, field, true) : r->SetBool(message, field, true);
    case FieldDescriptor::CPPTYPE_INT32:
      return add ? r->AddInt32(message, field, -seed) : r->SetInt32(message, field, -seed);
    case FieldDescriptor::CPPTYPE_UINT32:
      return add ? r->AddUInt32(message, field, 4'000'000'000u + static_cast<unsigned>(seed))
                 : r->SetUInt32(message, field, 4'000'000'000u + static_cast<unsigned>(seed));
    case FieldDescriptor::CPPTYPE_INT64:
      return add ? r->AddInt64(message, field, INT64_MIN + seed)
                 : r->SetInt64(message, field, INT64_MIN + seed);
    case FieldDescriptor::CPPTYPE_UINT64:
      return add ? r->AddUInt64(message, field, UINT64_MAX - static_cast<unsigned>(seed))
                 : r->SetUInt64(message, field, UINT64_MAX - static_cast<unsigned>(seed));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = 1 + seed % (field->enum_type()->value_count() - 1);
      return add ? r->AddEnumValue(message, field, number)
                 : r->SetEnumValue(message, field, number);
    }
    default:
      return add ? r->AddString(message, field, text) : r->SetString(message, field, text);
  }
}

// True for the messages that are one value in JSON.
bool FillValueMessage(Message* message, int seed) {
  const std::string& name = message->GetDescriptor()->full_name();
  const Reflection* r = message->GetReflection();
  const Descriptor* type = message->GetDescriptor();
  if (name == "purser.v1.Amount") {
    r->SetInt64(message, type->field(0), seed % 2 == 0 ? 12'500'000 + seed : -1 - seed);
    return true;
  }
  if (name != "google.protobuf.Timestamp" && name != "google.protobuf.Duration") return false;
  r->SetInt64(message, type->field(0), 1'700'000'000 + seed);
  r->SetInt32(message, type->field(1), 123'456'000);
  return true;
}

void FillMap(Message* message, const FieldDescriptor* field, int seed) {
  const Reflection* r = message->GetReflection();
  for (int i = 0; i < 3; ++i) {
    Message* entry = r->AddMessage(message, field);
    const Descriptor* type = field->message_type();
    entry->GetReflection()->SetString(entry, type->map_key(), Concat("key", 3 - i, "\"é"));
    if (type->map_value()->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FillMessage(entry->GetReflection()->MutableMessage(entry, type->map_value()), seed + i, 1);
    } else {
      FillScalar(entry, type->map_value(), seed + i);
    }
  }
}

}  // namespace

std::vector<const Descriptor*> PublicMessageTypes() {
  std::vector<const Descriptor*> types;
  for (const auto* file :
       {v1::Amount::descriptor()->file(), v1::Problem::descriptor()->file(),
        v1::Population::descriptor()->file(), v1::Reservation::descriptor()->file(),
        v1::JournalEntry::descriptor()->file()}) {
    for (int i = 0; i < file->message_type_count(); ++i) AddTypes(file->message_type(i), &types);
  }
  return types;
}

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

void FillMessage(Message* message, int seed, int depth) {
  if (FillValueMessage(message, seed)) return;
  const Descriptor* type = message->GetDescriptor();
  const Reflection* r = message->GetReflection();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->options().HasExtension(v1::not_built)) continue;
    if (field->is_map()) {
      FillMap(message, field, seed + i);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (depth == 0) continue;
      const int count = field->is_repeated() ? 2 : 1;
      for (int j = 0; j < count; ++j) {
        FillMessage(field->is_repeated() ? r->AddMessage(message, field)
                                         : r->MutableMessage(message, field),
                    seed + i + j, depth - 1);
      }
    } else {
      FillScalar(message, field, seed + i);
      if (field->is_repeated()) FillScalar(message, field, seed + i + 1);
    }
  }
}

std::string FaultText(std::string_view json, Message* message) {
  std::vector<v1::Fault> faults;
  if (ParseJson(json, message, &faults)) return "OK";
  std::string text;
  for (const v1::Fault& fault : faults) {
    if (!text.empty()) text += "\n";
    text += Concat(fault.path(), " ", fault.code(), ": ", fault.message());
  }
  return text;
}

std::string ToJson(const Message& message) {
  std::string json;
  PrintJson(message, &json);
  return json;
}

}  // namespace purser::api
