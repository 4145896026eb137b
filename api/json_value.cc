#include "api/json_value.h"

#include <limits>

#include "api/json_map.h"
#include "api/json_scalar.h"
#include "api/v1/types.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "ledger/amount.h"
#include "ledger/check.h"
#include "ledger/rate.h"
#include "ledger/text.h"

namespace purser::api {

using google::protobuf::EnumDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

absl::Status Expected(const char* what) {
  return absl::InvalidArgumentError(Concat("expected ", what));
}

// The generated type behind `message`: JsonTable compared the descriptors.
template <typename Generated>
Generated* As(Message* message) {
  return static_cast<Generated*>(message);
}

absl::Status AssignBool(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind != JsonKind::kBool) return Expected("true or false");
  const Reflection* reflection = slot.field->reflection;
  if (slot.field->is_list) {
    reflection->AddBool(slot.message, slot.field->field, text == "true");
  } else {
    reflection->SetBool(slot.message, slot.field->field, text == "true");
  }
  return absl::OkStatus();
}

absl::Status AssignInt32(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind != JsonKind::kNumber) return Expected("a whole number");
  const absl::StatusOr<int64_t> value = ParseInt64(text);
  if (!value.ok()) return value.status();
  if (*value < std::numeric_limits<int32_t>::min() ||
      *value > std::numeric_limits<int32_t>::max()) {
    return absl::InvalidArgumentError("beyond 32 bits");
  }
  const Reflection* reflection = slot.field->reflection;
  if (slot.field->is_list) {
    reflection->AddInt32(slot.message, slot.field->field, static_cast<int32_t>(*value));
  } else {
    reflection->SetInt32(slot.message, slot.field->field, static_cast<int32_t>(*value));
  }
  return absl::OkStatus();
}

absl::Status AssignUint32(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind != JsonKind::kNumber) return Expected("a whole number");
  const absl::StatusOr<uint64_t> value = ParseUint64(text);
  if (!value.ok()) return value.status();
  if (*value > std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError("beyond 32 bits");
  }
  const Reflection* reflection = slot.field->reflection;
  if (slot.field->is_list) {
    reflection->AddUInt32(slot.message, slot.field->field, static_cast<uint32_t>(*value));
  } else {
    reflection->SetUInt32(slot.message, slot.field->field, static_cast<uint32_t>(*value));
  }
  return absl::OkStatus();
}

absl::Status AssignInt64(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind == JsonKind::kBool) return Expected("a whole number");
  const absl::StatusOr<int64_t> value = ParseInt64(text);
  if (!value.ok()) return value.status();
  const Reflection* reflection = slot.field->reflection;
  if (slot.field->is_list) {
    reflection->AddInt64(slot.message, slot.field->field, *value);
  } else {
    reflection->SetInt64(slot.message, slot.field->field, *value);
  }
  return absl::OkStatus();
}

absl::Status AssignUint64(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind == JsonKind::kBool) return Expected("a whole number");
  const absl::StatusOr<uint64_t> value = ParseUint64(text);
  if (!value.ok()) return value.status();
  const Reflection* reflection = slot.field->reflection;
  if (slot.field->is_list) {
    reflection->AddUInt64(slot.message, slot.field->field, *value);
  } else {
    reflection->SetUInt64(slot.message, slot.field->field, *value);
  }
  return absl::OkStatus();
}

absl::Status AssignString(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind != JsonKind::kString) return Expected("a string");
  std::string value(text);
  if (slot.field->form == JsonForm::kBytes) {
    absl::StatusOr<std::string> bytes = ParseBase64(text);
    if (!bytes.ok()) return bytes.status();
    value = *std::move(bytes);
  }
  const Reflection* reflection = slot.field->reflection;
  if (slot.entry_text != nullptr) {
    *slot.entry_text = std::move(value);
  } else if (slot.field->is_list) {
    reflection->AddString(slot.message, slot.field->field, std::move(value));
  } else {
    reflection->SetString(slot.message, slot.field->field, std::move(value));
  }
  return absl::OkStatus();
}

absl::Status NotInEnum(const EnumDescriptor* type) {
  std::string names;
  for (int i = 0; i < type->value_count(); ++i) {
    if (type->value(i)->number() == 0) continue;
    if (!names.empty()) names += ", ";
    names += type->value(i)->name();
  }
  return absl::InvalidArgumentError(Concat("expected one of ", names));
}

// Number 0 is *_UNSPECIFIED everywhere: it stands for "left out" and has no name in JSON.
absl::Status AssignEnum(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  const std::vector<std::string>& names = slot.field->enum_names;
  int number = 0;
  for (size_t i = 1; i < names.size() && kind == JsonKind::kString; ++i) {
    if (!names[i].empty() && names[i] == text) number = static_cast<int>(i);
  }
  if (number == 0) return NotInEnum(slot.field->enum_type);
  const Reflection* reflection = slot.field->reflection;
  if (slot.field->is_list) {
    reflection->AddEnumValue(slot.message, slot.field->field, number);
  } else {
    reflection->SetEnumValue(slot.message, slot.field->field, number);
  }
  return absl::OkStatus();
}

absl::Status AssignAmount(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind == JsonKind::kBool) return Expected("an amount: a decimal string or a number");
  const absl::StatusOr<Amount> amount =
      kind == JsonKind::kString ? Amount::Parse(text) : Amount::ParseJsonNumber(text);
  if (!amount.ok()) return amount.status();
  As<v1::Amount>(slot.MutableMessage())->set_micros(amount->micros());
  return absl::OkStatus();
}

absl::Status AssignRate(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind == JsonKind::kBool) return Expected("a rate: a decimal string or a number");
  const absl::StatusOr<Rate> rate =
      kind == JsonKind::kString ? Rate::Parse(text) : Rate::ParseJsonNumber(text);
  if (!rate.ok()) return rate.status();
  As<v1::Rate>(slot.MutableMessage())->set_picos(rate->picos());
  return absl::OkStatus();
}

absl::Status AssignTimestamp(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind != JsonKind::kString) return Expected("a time such as \"2026-11-22T14:00:00Z\"");
  const absl::StatusOr<int64_t> micros = ParseTimestampMicros(text);
  if (!micros.ok()) return micros.status();
  const SecondsAndNanos split = SplitInstant(*micros);
  auto* timestamp = As<google::protobuf::Timestamp>(slot.MutableMessage());
  timestamp->set_seconds(split.seconds);
  timestamp->set_nanos(split.nanos);
  return absl::OkStatus();
}

absl::Status AssignDuration(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  if (kind != JsonKind::kString) return Expected("a duration such as \"3600s\"");
  const absl::StatusOr<int64_t> micros = ParseDurationMicros(text);
  if (!micros.ok()) return micros.status();
  const SecondsAndNanos split = SplitDuration(*micros);
  auto* duration = As<google::protobuf::Duration>(slot.MutableMessage());
  duration->set_seconds(split.seconds);
  duration->set_nanos(split.nanos);
  return absl::OkStatus();
}

}  // namespace

Message* JsonSlot::MutableMessage() const {
  if (entry_message != nullptr) return entry_message;
  const Reflection* reflection = field->reflection;
  return field->is_list ? reflection->AddMessage(message, field->field)
                        : reflection->MutableMessage(message, field->field);
}

bool InsertEntry(Message* message, const JsonField& field, std::string_view key, JsonSlot* slot) {
  *slot = JsonSlot{message, &field};
  if (field.form == JsonForm::kString) {
    auto* const map = JsonMap::Mutable<std::string>(field.reflection, message, field.field);
    const auto [entry, is_new] = map->try_emplace(std::string(key));
    slot->entry_text = &entry->second;
    return is_new;
  }
  if (field.form == JsonForm::kAmount) {
    auto* const map = JsonMap::Mutable<v1::Amount>(field.reflection, message, field.field);
    const auto [entry, is_new] = map->try_emplace(std::string(key));
    slot->entry_message = &entry->second;
    return is_new;
  }
  google::protobuf::MapKey map_key;
  map_key.SetStringValue(std::string(key));
  google::protobuf::MapValueRef value;
  const bool is_new = JsonMap::Insert(field.reflection, message, field.field, map_key, &value);
  slot->entry_message = value.MutableMessageValue();
  return is_new;
}

absl::Status AssignScalar(const JsonSlot& slot, JsonKind kind, std::string_view text) {
  switch (slot.field->form) {
    case JsonForm::kBool:
      return AssignBool(slot, kind, text);
    case JsonForm::kInt32:
      return AssignInt32(slot, kind, text);
    case JsonForm::kUint32:
      return AssignUint32(slot, kind, text);
    case JsonForm::kInt64:
      return AssignInt64(slot, kind, text);
    case JsonForm::kUint64:
      return AssignUint64(slot, kind, text);
    case JsonForm::kString:
    case JsonForm::kBytes:
      return AssignString(slot, kind, text);
    case JsonForm::kEnum:
      return AssignEnum(slot, kind, text);
    case JsonForm::kAmount:
      return AssignAmount(slot, kind, text);
    case JsonForm::kRate:
      return AssignRate(slot, kind, text);
    case JsonForm::kTimestamp:
      return AssignTimestamp(slot, kind, text);
    case JsonForm::kDuration:
      return AssignDuration(slot, kind, text);
    case JsonForm::kList:
      return Expected("a list");
    case JsonForm::kMessage:
      return Expected("an object");
  }
  PURSER_CHECK(false, "a JSON form without a reader");
  return absl::OkStatus();
}

}  // namespace purser::api
