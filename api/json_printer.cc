#include "api/json_printer.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "api/json.h"
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

using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

template <typename Number>
void AppendQuotedNumber(Number value, std::string* out) {
  out->push_back('"');
  AppendJsonNumber(value, out);
  out->push_back('"');
}

// A value that is a message; the casts are right because JsonTable compared the descriptors.
void AppendSubmessage(const Message& value, const JsonField& field, std::string* out) {
  switch (field.form) {
    case JsonForm::kAmount:
      out->push_back('"');
      Amount::FromMicros(static_cast<const v1::Amount&>(value).micros()).AppendTo(out);
      out->push_back('"');
      return;
    case JsonForm::kRate:
      out->push_back('"');
      Rate::FromPicos(static_cast<const v1::Rate&>(value).picos()).AppendTo(out);
      out->push_back('"');
      return;
    case JsonForm::kTimestamp: {
      const auto& timestamp = static_cast<const google::protobuf::Timestamp&>(value);
      return AppendTimestamp(timestamp.seconds(), timestamp.nanos(), out);
    }
    case JsonForm::kDuration: {
      const auto& duration = static_cast<const google::protobuf::Duration&>(value);
      return AppendDuration(duration.seconds(), duration.nanos(), out);
    }
    default:
      return AppendMessageJson(value, *field.table, out);
  }
}

void AppendBytes(const std::string& bytes, std::string* out) {
  out->push_back('"');
  out->append(absl::Base64Escape(bytes));
  out->push_back('"');
}

void AppendSingle(const Message& message, const JsonField& field, std::string* out) {
  const Reflection* reflection = field.reflection;
  std::string scratch;
  switch (field.form) {
    case JsonForm::kBool:
      out->append(reflection->GetBool(message, field.field) ? "true" : "false");
      return;
    case JsonForm::kInt32:
      return AppendJsonNumber(reflection->GetInt32(message, field.field), out);
    case JsonForm::kUint32:
      return AppendJsonNumber(reflection->GetUInt32(message, field.field), out);
    case JsonForm::kInt64:
      return AppendQuotedNumber(reflection->GetInt64(message, field.field), out);
    case JsonForm::kUint64:
      return AppendQuotedNumber(reflection->GetUInt64(message, field.field), out);
    case JsonForm::kString:
      return AppendJsonString(reflection->GetStringReference(message, field.field, &scratch), out);
    case JsonForm::kBytes:
      return AppendBytes(reflection->GetStringReference(message, field.field, &scratch), out);
    case JsonForm::kEnum:
      return AppendEnumJson(reflection->GetEnumValue(message, field.field), field, out);
    default:
      return AppendSubmessage(reflection->GetMessage(message, field.field), field, out);
  }
}

}  // namespace

void AppendMessageJson(const Message& message, const JsonTable& table, std::string* out) {
  if (table.is_plain_list()) return AppendFieldJson(message, table.fields()[0], out);
  out->push_back('{');
  bool first = true;
  for (const JsonField& field : table.fields()) {
    if (IsLeftOut(message, field)) continue;
    if (!first) out->push_back(',');
    first = false;
    out->append(field.key);
    AppendFieldJson(message, field, out);
  }
  out->push_back('}');
}

void AppendEnumJson(int number, const JsonField& field, std::string* out) {
  const auto& names = field.enum_names;
  const bool named = number >= 0 && static_cast<size_t>(number) < names.size() &&
                     !names[static_cast<size_t>(number)].empty();
  // A number without a name can only come in as protobuf; it is shown rather than hidden.
  if (!named) return AppendJsonNumber(number, out);
  out->push_back('"');
  out->append(names[static_cast<size_t>(number)]);
  out->push_back('"');
}

bool IsLeftOut(const Message& message, const JsonField& field) {
  const Reflection* reflection = field.reflection;
  if (field.is_map) return !field.always && JsonMap::Size(reflection, message, field.field) == 0;
  if (field.is_list) return !field.always && reflection->FieldSize(message, field.field) == 0;
  // Without presence, HasField means "is not the default".
  const bool optional =
      field.has_presence || field.not_empty || field.not_built || field.form == JsonForm::kEnum;
  return optional && !reflection->HasField(message, field.field);
}

void AppendElementJson(const Message& message, const JsonField& field, int index,
                       std::string* out) {
  const Reflection* reflection = field.reflection;
  std::string scratch;
  switch (field.form) {
    case JsonForm::kBool:
      out->append(reflection->GetRepeatedBool(message, field.field, index) ? "true" : "false");
      return;
    case JsonForm::kInt32:
      return AppendJsonNumber(reflection->GetRepeatedInt32(message, field.field, index), out);
    case JsonForm::kUint32:
      return AppendJsonNumber(reflection->GetRepeatedUInt32(message, field.field, index), out);
    case JsonForm::kInt64:
      return AppendQuotedNumber(reflection->GetRepeatedInt64(message, field.field, index), out);
    case JsonForm::kUint64:
      return AppendQuotedNumber(reflection->GetRepeatedUInt64(message, field.field, index), out);
    case JsonForm::kString:
      return AppendJsonString(
          reflection->GetRepeatedStringReference(message, field.field, index, &scratch), out);
    case JsonForm::kBytes:
      return AppendBytes(
          reflection->GetRepeatedStringReference(message, field.field, index, &scratch), out);
    case JsonForm::kEnum:
      return AppendEnumJson(reflection->GetRepeatedEnumValue(message, field.field, index), field,
                            out);
    default:
      return AppendSubmessage(reflection->GetRepeatedMessage(message, field.field, index), field,
                              out);
  }
}

JsonMapEntries SortedMapEntries(const Message& message, const JsonField& field) {
  JsonMapEntries entries;
  const Reflection* reflection = field.reflection;
  entries.reserve(static_cast<size_t>(JsonMap::Size(reflection, message, field.field)));
  if (field.form == JsonForm::kAmount) {
    for (const auto& [key, value] : JsonMap::Get<v1::Amount>(reflection, message, field.field)) {
      entries.push_back({key, nullptr, &value});
    }
  } else if (field.form == JsonForm::kString) {
    for (const auto& [key, value] : JsonMap::Get<std::string>(reflection, message, field.field)) {
      entries.push_back({key, &value, nullptr});
    }
  } else {
    const auto* type = field.field->message_type();
    std::string scratch;
    for (int i = 0; i < reflection->FieldSize(message, field.field); ++i) {
      const Message& entry = reflection->GetRepeatedMessage(message, field.field, i);
      const Reflection* parts = entry.GetReflection();
      entries.push_back({parts->GetStringReference(entry, type->map_key(), &scratch), nullptr,
                         &parts->GetMessage(entry, type->map_value())});
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const JsonMapEntry& a, const JsonMapEntry& b) { return a.key < b.key; });
  return entries;
}

void AppendMapValueJson(const JsonMapEntry& entry, const JsonField& field, std::string* out) {
  if (entry.text != nullptr && field.is_labels) return AppendLabelJson(*entry.text, out);
  if (entry.text != nullptr) return AppendJsonString(*entry.text, out);
  AppendSubmessage(*entry.message, field, out);
}

void AppendFieldJson(const Message& message, const JsonField& field, std::string* out) {
  if (field.is_map) {
    out->push_back('{');
    bool first = true;
    for (const JsonMapEntry& entry : SortedMapEntries(message, field)) {
      if (!first) out->push_back(',');
      first = false;
      AppendJsonString(entry.key, out);
      out->push_back(':');
      AppendMapValueJson(entry, field, out);
    }
    out->push_back('}');
    return;
  }
  if (!field.is_list) return AppendSingle(message, field, out);
  const int size = field.reflection->FieldSize(message, field.field);
  out->push_back('[');
  for (int i = 0; i < size; ++i) {
    if (i > 0) out->push_back(',');
    AppendElementJson(message, field, i, out);
  }
  out->push_back(']');
}

void PrintJson(const Message& message, std::string* out) {
  AppendMessageJson(message, JsonTable::For(message.GetDescriptor()), out);
}

}  // namespace purser::api
