#include "api/message_writer.h"

#include "api/json_printer.h"
#include "api/protobuf.h"
#include "ledger/check.h"
#include "ledger/wire.h"

namespace purser::api {
namespace {

constexpr uint32_t kEntryKey = 1;
constexpr uint32_t kEntryValue = 2;
constexpr uint32_t kFirst = 1;
constexpr uint32_t kSecond = 2;

size_t SizeOfBytes(std::string_view bytes) { return 1 + VarintSize(bytes.size()) + bytes.size(); }

}  // namespace

const JsonField& FieldOrder::Next(int number, JsonForm form, FieldShape shape) {
  const JsonField* const field = table_.FindNumber(number);
  PURSER_CHECK(field != nullptr && field->form == form && number > last_ &&
                   field->is_map == (shape == FieldShape::kMap) &&
                   field->is_list == (shape == FieldShape::kList),
               "a field of a public message is written in the wrong place");
  last_ = number;
  return *field;
}

// --- JSON ---

const JsonField& JsonMessageWriter::Key(int number, JsonForm form, FieldShape shape) {
  const JsonField& field = order_.Next(number, form, shape);
  if (!first_) out_.push_back(',');
  first_ = false;
  out_.append(field.key);
  return field;
}

void JsonMessageWriter::Text(int number, std::string_view text) {
  Key(number, JsonForm::kString);
  AppendJsonString(text, &out_);
}

void JsonMessageWriter::Texts(int number, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Key(number, JsonForm::kString, FieldShape::kList);
  for (size_t i = 0; i < texts.size(); ++i) {
    out_.push_back(i == 0 ? '[' : ',');
    AppendJsonString(texts[i], &out_);
  }
  out_.push_back(']');
}

void JsonMessageWriter::Enum(int number, int value) {
  if (value == 0) return;
  AppendEnumJson(value, Key(number, JsonForm::kEnum), &out_);
}

void JsonMessageWriter::Bool(int number, bool value) {
  Key(number, JsonForm::kBool);
  out_.append(value ? "true" : "false");
}

void JsonMessageWriter::Int32(int number, int32_t value) {
  Key(number, JsonForm::kInt32);
  AppendJsonNumber(value, &out_);
}

void JsonMessageWriter::Uint64(int number, uint64_t value) {
  Key(number, JsonForm::kUint64);
  out_.push_back('"');
  AppendJsonNumber(value, &out_);
  out_.push_back('"');
}

void JsonMessageWriter::Time(int number, InstantUs instant) {
  Key(number, JsonForm::kTimestamp);
  const SecondsAndNanos time = SplitInstant(instant);
  AppendTimestamp(time.seconds, time.nanos, &out_);
}

void JsonMessageWriter::Duration(int number, int64_t duration_us) {
  Key(number, JsonForm::kDuration);
  const SecondsAndNanos time = SplitDuration(duration_us);
  AppendDuration(time.seconds, time.nanos, &out_);
}

void JsonMessageWriter::Made(int number, const google::protobuf::Message& message) {
  AppendMessageJson(message, *Key(number, JsonForm::kMessage).table, &out_);
}

void JsonMessageWriter::MapWriter::Key(std::string_view key) {
  if (!first_) out_.push_back(',');
  first_ = false;
  AppendJsonString(key, &out_);
  out_.push_back(':');
}

void JsonMessageWriter::MapWriter::Add(std::string_view key, Amount value) {
  AddDecimal(key, value);
}

void JsonMessageWriter::MapWriter::Add(std::string_view key, Rate value) { AddDecimal(key, value); }

template <typename Decimal>
void JsonMessageWriter::MapWriter::AddDecimal(std::string_view key, Decimal value) {
  Key(key);
  out_.push_back('"');
  value.AppendTo(&out_);
  out_.push_back('"');
}

void JsonMessageWriter::MapWriter::Add(std::string_view key, std::string_view value) {
  Key(key);
  AppendJsonString(value, &out_);
}

void JsonMessageWriter::MapWriter::AddLabel(std::string_view key, std::string_view value) {
  Key(key);
  AppendLabelJson(value, &out_);
}

// --- protobuf ---

bool ProtobufMessageWriter::Takes(int number, JsonForm form, bool is_default) {
  return order_.Next(number, form).has_presence || !is_default;
}

void ProtobufMessageWriter::Text(int number, std::string_view text) {
  if (Takes(number, JsonForm::kString, text.empty())) AppendWireBytes(number, text, &out_);
}

void ProtobufMessageWriter::Texts(int number, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  order_.Next(number, JsonForm::kString, FieldShape::kList);
  for (const std::string& text : texts) AppendWireBytes(number, text, &out_);
}

void ProtobufMessageWriter::Enum(int number, int value) {
  if (value == 0) return;
  order_.Next(number, JsonForm::kEnum);
  AppendWireVarint(number, static_cast<uint64_t>(static_cast<int64_t>(value)), &out_);
}

void ProtobufMessageWriter::Bool(int number, bool value) {
  if (Takes(number, JsonForm::kBool, !value)) AppendWireVarint(number, value ? 1 : 0, &out_);
}

void ProtobufMessageWriter::Int32(int number, int32_t value) {
  const JsonField& field = order_.Next(number, JsonForm::kInt32);
  PURSER_CHECK(field.field->type() == google::protobuf::FieldDescriptor::TYPE_SINT32,
               "the numbers of public messages are sint32");
  if (field.has_presence || value != 0) AppendWireVarint(number, ZigZag(value), &out_);
}

void ProtobufMessageWriter::Uint64(int number, uint64_t value) {
  if (Takes(number, JsonForm::kUint64, value == 0)) AppendWireVarint(number, value, &out_);
}

void ProtobufMessageWriter::Pair(int number, const SecondsAndNanos& time) {
  const size_t begin = BeginNested(number, &out_);
  if (time.seconds != 0) AppendWireVarint(kFirst, static_cast<uint64_t>(time.seconds), &out_);
  if (time.nanos != 0) {
    AppendWireVarint(kSecond, static_cast<uint64_t>(int64_t{time.nanos}), &out_);
  }
  EndNested(begin, &out_);
}

void ProtobufMessageWriter::Time(int number, InstantUs instant) {
  order_.Next(number, JsonForm::kTimestamp);
  const SecondsAndNanos time = SplitInstant(instant);
  Pair(number, time);
}

void ProtobufMessageWriter::Duration(int number, int64_t duration_us) {
  order_.Next(number, JsonForm::kDuration);
  const SecondsAndNanos time = SplitDuration(duration_us);
  Pair(number, time);
}

void ProtobufMessageWriter::Made(int number, const google::protobuf::Message& message) {
  order_.Next(number, JsonForm::kMessage);
  const size_t begin = BeginNested(number, &out_);
  PrintProtobuf(message, &out_);
  EndNested(begin, &out_);
}

// An entry of a map always has both its fields.
void ProtobufMessageWriter::MapWriter::Add(std::string_view key, Amount value) {
  AddDecimal(key, value.micros());
}

void ProtobufMessageWriter::MapWriter::Add(std::string_view key, Rate value) {
  AddDecimal(key, value.picos());
}

void ProtobufMessageWriter::MapWriter::AddDecimal(std::string_view key, int64_t count) {
  const uint64_t zig_zag = ZigZag(count);
  const size_t amount_size = zig_zag == 0 ? 0 : 1 + VarintSize(zig_zag);
  AppendWireLength(number_, SizeOfBytes(key) + 2 + amount_size, &out_);
  AppendWireBytes(kEntryKey, key, &out_);
  AppendWireLength(kEntryValue, amount_size, &out_);
  if (zig_zag != 0) AppendWireVarint(kFirst, zig_zag, &out_);
}

void ProtobufMessageWriter::MapWriter::Add(std::string_view key, std::string_view value) {
  AppendWireLength(number_, SizeOfBytes(key) + SizeOfBytes(value), &out_);
  AppendWireBytes(kEntryKey, key, &out_);
  AppendWireBytes(kEntryValue, value, &out_);
}

size_t ProtobufMessageWriter::BeginNested(int number, std::string* out) {
  AppendWireTag(number, WireType::kBytes, out);
  return out->size();
}

void ProtobufMessageWriter::EndNested(size_t begin, std::string* out) {
  char length[kVarintBytesMax];
  const char* const end = WriteVarint(out->size() - begin, length);
  out->insert(begin, length, static_cast<size_t>(end - length));
}

}  // namespace purser::api
