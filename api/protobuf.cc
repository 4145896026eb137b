#include "api/protobuf.h"

#include <limits>

#include "api/body_path.h"
#include "api/json.h"
#include "api/json_map.h"
#include "api/json_printer.h"
#include "api/json_scalar.h"
#include "api/json_table.h"
#include "api/json_value.h"
#include "api/protobuf_wire.h"
#include "api/v1/types.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/timestamp.pb.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/text.h"

namespace purser::api {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

constexpr char kEmpty[] = "must not be empty: leave the field out";
constexpr char kNotBuilt[] = "not supported yet";
constexpr char kGivenTwice[] = "given more than once";
constexpr char kNotUtf8[] = "not UTF-8";
constexpr uint32_t kEntryKey = 1;
constexpr uint32_t kEntryValue = 2;
constexpr int kNanosOfMicro = 1'000;
constexpr int kNanosMax = 999'999'999;

bool IsNumber(JsonForm form) {
  switch (form) {
    case JsonForm::kBool:
    case JsonForm::kInt32:
    case JsonForm::kUint32:
    case JsonForm::kInt64:
    case JsonForm::kUint64:
    case JsonForm::kEnum:
      return true;
    default:
      return false;
  }
}

int64_t FromZigZag(uint64_t varint) {
  return static_cast<int64_t>(varint >> 1) ^ -static_cast<int64_t>(varint & 1);
}

int64_t SignedOf(const JsonField& field, uint64_t varint) {
  const auto type = field.field->type();
  const bool zig_zag = type == FieldDescriptor::TYPE_SINT32 || type == FieldDescriptor::TYPE_SINT64;
  PURSER_CHECK(zig_zag || type == FieldDescriptor::TYPE_INT32 ||
                   type == FieldDescriptor::TYPE_INT64 || type == FieldDescriptor::TYPE_ENUM,
               "a public message has numbers of fixed width");
  return zig_zag ? FromZigZag(varint) : static_cast<int64_t>(varint);
}

// Sets or adds; "" or what is wrong with the number.
std::string AssignInt32(const JsonSlot& slot, int64_t value) {
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    return "beyond 32 bits";
  }
  const Reflection* reflection = slot.field->reflection;
  const FieldDescriptor* field = slot.field->field;
  if (slot.field->form == JsonForm::kEnum) {
    if (value == 0 ||
        slot.field->enum_type->FindValueByNumber(static_cast<int>(value)) == nullptr) {
      return Concat("no number of ", slot.field->enum_type->name());
    }
    slot.field->is_list ? reflection->AddEnumValue(slot.message, field, static_cast<int>(value))
                        : reflection->SetEnumValue(slot.message, field, static_cast<int>(value));
    return "";
  }
  slot.field->is_list ? reflection->AddInt32(slot.message, field, static_cast<int32_t>(value))
                      : reflection->SetInt32(slot.message, field, static_cast<int32_t>(value));
  return "";
}

std::string AssignNumber(const JsonSlot& slot, uint64_t varint) {
  const Reflection* reflection = slot.field->reflection;
  const FieldDescriptor* field = slot.field->field;
  const bool add = slot.field->is_list;
  switch (slot.field->form) {
    case JsonForm::kBool:
      if (varint > 1) return "expected 0 or 1";
      add ? reflection->AddBool(slot.message, field, varint == 1)
          : reflection->SetBool(slot.message, field, varint == 1);
      return "";
    case JsonForm::kUint32:
      if (varint > std::numeric_limits<uint32_t>::max()) return "beyond 32 bits";
      add ? reflection->AddUInt32(slot.message, field, static_cast<uint32_t>(varint))
          : reflection->SetUInt32(slot.message, field, static_cast<uint32_t>(varint));
      return "";
    case JsonForm::kUint64:
      add ? reflection->AddUInt64(slot.message, field, varint)
          : reflection->SetUInt64(slot.message, field, varint);
      return "";
    case JsonForm::kInt64:
      add ? reflection->AddInt64(slot.message, field, SignedOf(*slot.field, varint))
          : reflection->SetInt64(slot.message, field, SignedOf(*slot.field, varint));
      return "";
    default:
      return AssignInt32(slot, SignedOf(*slot.field, varint));
  }
}

void AssignText(const JsonSlot& slot, std::string_view bytes) {
  const Reflection* reflection = slot.field->reflection;
  if (slot.entry_text != nullptr) {
    slot.entry_text->assign(bytes);
  } else if (slot.field->is_list) {
    reflection->AddString(slot.message, slot.field->field, std::string(bytes));
  } else {
    reflection->SetString(slot.message, slot.field->field, std::string(bytes));
  }
}

// What is wrong with a message that is one value in JSON; nullptr: nothing.
const char* CheckValue(JsonForm form, const Message& message) {
  if (form == JsonForm::kAmount) {
    const auto& amount = static_cast<const v1::Amount&>(message);
    // The range is symmetric, as Amount::Parse has it.
    return amount.micros() == std::numeric_limits<int64_t>::min()
               ? "beyond ±9223372036854.775807, the largest amount"
               : nullptr;
  }
  if (form == JsonForm::kRate) {
    const auto& rate = static_cast<const v1::Rate&>(message);
    return rate.picos() == std::numeric_limits<int64_t>::min()
               ? "beyond ±9223372.036854775807, the largest rate"
               : nullptr;
  }
  if (form == JsonForm::kTimestamp) {
    const auto& time = static_cast<const google::protobuf::Timestamp&>(message);
    if (time.seconds() < kTimestampSecondsMin || time.seconds() > kTimestampSecondsMax) {
      return "the year must be 0001 to 9999";
    }
    if (time.nanos() < 0 || time.nanos() > kNanosMax) return "nanos must be 0 to 999999999";
    return time.nanos() % kNanosOfMicro == 0 ? nullptr : "finer than a microsecond";
  }
  if (form != JsonForm::kDuration) return nullptr;
  const auto& duration = static_cast<const google::protobuf::Duration&>(message);
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (nanos < -kNanosMax || nanos > kNanosMax) return "nanos must be -999999999 to 999999999";
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) {
    return "seconds and nanos must have the same sign";
  }
  if (nanos % kNanosOfMicro != 0) return "finer than a microsecond";
  const bool at_limit = seconds == kDurationSecondsMax || seconds == -kDurationSecondsMax;
  if (seconds < -kDurationSecondsMax || seconds > kDurationSecondsMax || (at_limit && nanos != 0)) {
    return "longer than 315576000000s";
  }
  return nullptr;
}

// Whether a list or a map has as many elements as there may be.
bool IsFull(const Message& message, const JsonField& field) {
  if (field.is_map)
    return JsonMap::Size(field.reflection, message, field.field) >= kJsonElementsMax;
  return field.is_list && field.reflection->FieldSize(message, field.field) >= kJsonElementsMax;
}

const JsonTable& TableOf(const JsonField& field) {
  if (field.table != nullptr) return *field.table;
  const FieldDescriptor* value =
      field.is_map ? field.field->message_type()->map_value() : field.field;
  return JsonTable::For(value->message_type());
}

class Reader {
 public:
  Reader(std::string_view bytes, std::vector<v1::Fault>* faults)
      : begin_(bytes.data()), faults_(faults) {}

  void ReadFields(std::string_view bytes, const JsonTable& table, Message* message,
                  const BodyPath& path, int depth);

 private:
  void AddFault(const BodyPath& path, const char* code, std::string_view what);
  // Gives the bytes up: `at` is where they stop making sense.
  void Break(const char* at, std::string_view what);

  void ReadField(const WireRecord& record, const JsonField& field, Message* message,
                 const BodyPath& path, int depth);
  void ReadEntry(std::string_view bytes, const JsonField& field, Message* message,
                 const BodyPath& path, int depth);
  void ReadElement(const WireRecord& record, const JsonField& field, Message* message,
                   const BodyPath& path, int depth);
  void ReadPacked(std::string_view bytes, const JsonSlot& slot, const BodyPath& path);
  void ReadSingle(const WireRecord& record, const JsonSlot& slot, const BodyPath& path, int depth);
  void ReadNumber(uint64_t varint, const JsonSlot& slot, const BodyPath& path);
  void CheckBuilt(const JsonField& field, const Message& message, const BodyPath& path);

  const char* const begin_;
  std::vector<v1::Fault>* const faults_;
  bool broken_ = false;
};

void Reader::AddFault(const BodyPath& path, const char* code, std::string_view what) {
  if (faults_->size() >= kJsonFaultsMax) return;
  v1::Fault& fault = faults_->emplace_back();
  fault.set_path(path.ToString());
  fault.set_code(code);
  fault.set_message(std::string(what));
}

void Reader::Break(const char* at, std::string_view what) {
  faults_->clear();
  AddFault(BodyPath{}, "malformed",
           Concat("not protobuf at byte ", static_cast<long long>(at - begin_), ": ", what));
  broken_ = true;
}

void Reader::ReadFields(std::string_view bytes, const JsonTable& table, Message* message,
                        const BodyPath& path, int depth) {
  if (depth > kJsonDepthMax) {
    return Break(bytes.data(), Concat("nested deeper than ", kJsonDepthMax, " levels"));
  }
  uint64_t seen = 0;
  uint64_t oneofs_seen = 0;
  uint64_t overfull = 0;
  WireCursor cursor(bytes);
  while (!cursor.at_end() && !broken_) {
    const char* const at = cursor.position();
    WireRecord record;
    if (const char* what = cursor.Read(&record)) return Break(at, what);
    const JsonField* field = table.FindNumber(static_cast<int>(record.number));
    const std::string number = field == nullptr ? Concat(record.number) : "";
    const BodyPath here{&path, field == nullptr ? number : field->name};
    if (field == nullptr) {
      AddFault(here, "unknown_field", "there is no such field here");
      continue;
    }
    const uint64_t bit = uint64_t{1} << (field - table.fields().data());
    const uint64_t oneof = field->oneof < 0 ? 0 : uint64_t{1} << field->oneof;
    if (!field->is_map && !field->is_list && (seen & bit) != 0) {
      AddFault(here, "malformed", kGivenTwice);
      continue;
    }
    if (IsFull(*message, *field)) {
      if ((overfull & bit) == 0) AddFault(here, "invalid_argument", kTooManyElements);
      overfull |= bit;
      continue;
    }
    if ((oneofs_seen & oneof) != 0) {
      AddFault(here, "invalid_argument", "excludes another field that is given");
    }
    seen |= bit;
    oneofs_seen |= oneof;
    ReadField(record, *field, message, here, depth);
  }
}

void Reader::ReadField(const WireRecord& record, const JsonField& field, Message* message,
                       const BodyPath& path, int depth) {
  if (field.not_built && (field.is_map || field.is_list || field.not_built_default.empty())) {
    return AddFault(path, "not_supported", kNotBuilt);
  }
  if (field.is_list) return ReadElement(record, field, message, path, depth);
  if (!field.is_map) {
    const size_t faults_before = faults_->size();
    ReadSingle(record, JsonSlot{message, &field}, path, depth);
    if (field.not_built && faults_->size() == faults_before) CheckBuilt(field, *message, path);
    return;
  }
  if (record.type != WireType::kBytes) {
    return AddFault(path, "invalid_argument", "expected an entry of a map (wire type 2)");
  }
  ReadEntry(record.bytes, field, message, path, depth);
}

// A field that is not built yet may carry its default and nothing else.
void Reader::CheckBuilt(const JsonField& field, const Message& message, const BodyPath& path) {
  std::string text;
  AppendFieldJson(message, field, &text);
  const std::string expected = Concat("\"", field.not_built_default, "\"");
  if (text == field.not_built_default || text == expected) return;
  AddFault(path, "not_supported", Concat(kNotBuilt, ": only ", field.not_built_default));
}

// The key may stand behind the value, so it is looked for first: the value's path has it.
void Reader::ReadEntry(std::string_view bytes, const JsonField& field, Message* message,
                       const BodyPath& path, int depth) {
  std::string_view key;
  int keys = 0;
  WireRecord record;
  for (WireCursor cursor(bytes); !cursor.at_end();) {
    const char* const at = cursor.position();
    if (const char* what = cursor.Read(&record)) return Break(at, what);
    if (record.number != kEntryKey) continue;
    ++keys;
    if (record.type != WireType::kBytes || !IsUtf8(record.bytes)) {
      return AddFault(path, "malformed", "a key is no text of UTF-8");
    }
    key = record.bytes;
  }
  const BodyPath here{&path, key};
  JsonSlot slot;
  if (!InsertEntry(message, field, key, &slot) || keys > 1) {
    return AddFault(here, "malformed", kGivenTwice);
  }
  int values = 0;
  for (WireCursor cursor(bytes); !cursor.at_end() && !broken_;) {
    cursor.Read(&record);
    const std::string number = Concat(record.number);
    if (record.number == kEntryValue && ++values == 1) {
      ReadSingle(record, slot, here, depth);
    } else if (record.number == kEntryValue) {
      AddFault(here, "malformed", kGivenTwice);
    } else if (record.number != kEntryKey) {
      AddFault(BodyPath{&here, number}, "unknown_field", "there is no such field here");
    }
  }
}

void Reader::ReadElement(const WireRecord& record, const JsonField& field, Message* message,
                         const BodyPath& path, int depth) {
  const Reflection* reflection = field.reflection;
  const int index = reflection->FieldSize(*message, field.field);
  const JsonSlot slot{message, &field, nullptr};
  const BodyPath here{&path, {}, index};
  if (record.type == WireType::kBytes && IsNumber(field.form)) {
    return ReadPacked(record.bytes, slot, here);
  }
  ReadSingle(record, slot, here, depth);
  // What is no element still has its place, so that an index means the same to everybody.
  if (field.table != nullptr && reflection->FieldSize(*message, field.field) == index) {
    reflection->AddMessage(message, field.field);
  }
}

void Reader::ReadPacked(std::string_view bytes, const JsonSlot& slot, const BodyPath& path) {
  for (WireCursor cursor(bytes); !cursor.at_end();) {
    const char* const at = cursor.position();
    uint64_t varint = 0;
    if (!cursor.ReadVarint(&varint)) return Break(at, "no number of at most 64 bits");
    if (IsFull(*slot.message, *slot.field)) {
      return AddFault(path, "invalid_argument", kTooManyElements);
    }
    ReadNumber(varint, slot, path);
  }
}

void Reader::ReadNumber(uint64_t varint, const JsonSlot& slot, const BodyPath& path) {
  const std::string fault = AssignNumber(slot, varint);
  if (!fault.empty()) AddFault(path, "invalid_argument", fault);
}

void Reader::ReadSingle(const WireRecord& record, const JsonSlot& slot, const BodyPath& path,
                        int depth) {
  const JsonField& field = *slot.field;
  if (IsNumber(field.form)) {
    if (record.type == WireType::kVarint) return ReadNumber(record.varint, slot, path);
    return AddFault(path, "invalid_argument", "expected a number (wire type 0)");
  }
  const bool is_text = field.form == JsonForm::kString || field.form == JsonForm::kBytes;
  if (record.type != WireType::kBytes) {
    return AddFault(
        path, "invalid_argument",
        is_text ? "expected a string (wire type 2)" : "expected a message (wire type 2)");
  }
  if (is_text) {
    if (field.form == JsonForm::kString && !IsUtf8(record.bytes)) {
      return AddFault(path, "malformed", kNotUtf8);
    }
    if (field.not_empty && record.bytes.empty()) return AddFault(path, "invalid_argument", kEmpty);
    return AssignText(slot, record.bytes);
  }
  Message* const value = slot.MutableMessage();
  ReadFields(record.bytes, TableOf(field), value, path, depth + 1);
  if (broken_) return;
  if (const char* what = CheckValue(field.form, *value)) AddFault(path, "invalid_argument", what);
}

}  // namespace

bool ParseProtobuf(std::string_view bytes, Message* message, std::vector<v1::Fault>* faults) {
  faults->clear();
  message->Clear();
  Reader(bytes, faults)
      .ReadFields(bytes, JsonTable::For(message->GetDescriptor()), message, BodyPath{}, 1);
  return faults->empty();
}

void PrintProtobuf(const Message& message, std::string* out) {
  google::protobuf::io::StringOutputStream stream(out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
}

}  // namespace purser::api
