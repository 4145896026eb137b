#include "tests/fuzz/message_mutator.h"

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/stubs/logging.h"

namespace purser {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

using Place = std::pair<Message*, const FieldDescriptor*>;

// Every field of the message and of the messages in it.
void AddPlaces(Message* message, std::vector<Place>* places) {
  const Reflection* reflection = message->GetReflection();
  const auto* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    places->emplace_back(message, field);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_repeated()) {
      for (int j = 0; j < reflection->FieldSize(*message, field); ++j) {
        AddPlaces(reflection->MutableRepeatedMessage(message, field, j), places);
      }
    } else if (reflection->HasField(*message, field)) {
      AddPlaces(reflection->MutableMessage(message, field), places);
    }
  }
}

int64_t NumberOf(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  if (field->is_repeated()) return 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnumValue(message, field);
    default:
      return 0;
  }
}

// Sets a field, or adds to a repeated one.
void SetNumber(Message* message, const FieldDescriptor* field, int64_t number) {
  const Reflection* r = message->GetReflection();
  const bool add = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return add ? r->AddBool(message, field, number % 2 != 0)
                 : r->SetBool(message, field, number % 2 != 0);
    case FieldDescriptor::CPPTYPE_INT32:
      return add ? r->AddInt32(message, field, static_cast<int32_t>(number))
                 : r->SetInt32(message, field, static_cast<int32_t>(number));
    case FieldDescriptor::CPPTYPE_UINT32:
      return add ? r->AddUInt32(message, field, static_cast<uint32_t>(number))
                 : r->SetUInt32(message, field, static_cast<uint32_t>(number));
    case FieldDescriptor::CPPTYPE_INT64:
      return add ? r->AddInt64(message, field, number) : r->SetInt64(message, field, number);
    case FieldDescriptor::CPPTYPE_UINT64:
      return add ? r->AddUInt64(message, field, static_cast<uint64_t>(number))
                 : r->SetUInt64(message, field, static_cast<uint64_t>(number));
    case FieldDescriptor::CPPTYPE_ENUM:
      return add ? r->AddEnumValue(message, field, static_cast<int>(number))
                 : r->SetEnumValue(message, field, static_cast<int>(number));
    default:
      return;
  }
}

}  // namespace

void MessageMutator::Mutate(Message* message) {
  std::vector<Place> places;
  AddPlaces(message, &places);
  if (places.empty()) return;
  const Place place = places[Pick(static_cast<uint32_t>(places.size()))];
  MutateField(place.first, place.second);
}

void MessageMutator::MutateField(Message* message, const FieldDescriptor* field) {
  const Reflection* reflection = message->GetReflection();
  if (field->is_repeated()) return MutateList(message, field);
  if (reflection->HasField(*message, field) && Pick(8) == 0) {
    return reflection->ClearField(message, field);
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    reflection->MutableMessage(message, field);
    return;
  }
  SetScalar(message, field);
}

void MessageMutator::MutateList(Message* message, const FieldDescriptor* field) {
  const Reflection* reflection = message->GetReflection();
  const int size = reflection->FieldSize(*message, field);
  const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (size > 1 && Pick(3) == 0) {
    return reflection->SwapElements(message, field,
                                    static_cast<int>(Pick(static_cast<uint32_t>(size))),
                                    static_cast<int>(Pick(static_cast<uint32_t>(size))));
  }
  if (size > 0 && Pick(2) == 0) return reflection->RemoveLast(message, field);
  if (!is_message) return SetScalar(message, field);
  Message* added = reflection->AddMessage(message, field);
  if (size == 0) return;
  added->CopyFrom(reflection->GetRepeatedMessage(
      *message, field, static_cast<int>(Pick(static_cast<uint32_t>(size)))));
}

void MessageMutator::SetScalar(Message* message, const FieldDescriptor* field) {
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return SetNumber(message, field, NewNumber(NumberOf(*message, field)));
  }
  static const char* const kTexts[] = {"", "a", "b", "r", "gpu_hours", "_1", "p", "TRAINING"};
  const Reflection* reflection = message->GetReflection();
  const std::string text = kTexts[Pick(std::size(kTexts))];
  if (field->is_repeated()) return reflection->AddString(message, field, text);
  reflection->SetString(message, field, text);
}

int64_t MessageMutator::NewNumber(int64_t old) {
  static const int64_t kNumbers[] = {0,         1,          2,         3,         -1,     1'000'000,
                                     INT32_MAX, UINT32_MAX, INT64_MAX, INT64_MIN, 0x10000};
  const auto plus = [old](uint64_t change) {
    return static_cast<int64_t>(static_cast<uint64_t>(old) + change);
  };
  switch (Pick(5)) {
    case 0:
      return plus(1);
    case 1:
      return plus(~uint64_t{0});
    case 2:
      return plus(uint64_t{1} << Pick(64));
    case 3:
      return static_cast<int64_t>(Pick(40));
    default:
      return kNumbers[Pick(std::size(kNumbers))];
  }
}

}  // namespace purser

// Bytes that are no UTF-8 are what is tried, not news.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}
