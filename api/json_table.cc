#include "api/json_table.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "absl/container/flat_hash_map.h"
#include "api/v1/types.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "ledger/check.h"

namespace purser::api {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

namespace {

using TableMap = absl::flat_hash_map<const Descriptor*, const JsonTable*>;

// Far beyond any of ours, which count from 0.
constexpr int kEnumNumberMax = 1'000;

std::vector<std::string> NamesOf(const EnumDescriptor* type) {
  std::vector<std::string> names;
  for (int i = 0; i < type->value_count(); ++i) {
    const int number = type->value(i)->number();
    PURSER_CHECK(number >= 0 && number <= kEnumNumberMax, "a public enum with far numbers");
    if (names.size() <= static_cast<size_t>(number)) names.resize(number + 1);
    names[number] = type->value(i)->name();
  }
  return names;
}

bool IsPlainList(const Descriptor* type) {
  return type->field_count() == 1 && type->field(0)->is_repeated() && !type->field(0)->is_map() &&
         type->field(0)->name() == "values";
}

JsonForm FormOfMessage(const Descriptor* type) {
  if (type == v1::Amount::descriptor()) return JsonForm::kAmount;
  if (type == v1::Rate::descriptor()) return JsonForm::kRate;
  if (type == google::protobuf::Timestamp::descriptor()) return JsonForm::kTimestamp;
  if (type == google::protobuf::Duration::descriptor()) return JsonForm::kDuration;
  return IsPlainList(type) ? JsonForm::kList : JsonForm::kMessage;
}

JsonForm FormOf(const FieldDescriptor* value) {
  switch (value->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return JsonForm::kBool;
    case FieldDescriptor::CPPTYPE_INT32:
      return JsonForm::kInt32;
    case FieldDescriptor::CPPTYPE_UINT32:
      return JsonForm::kUint32;
    case FieldDescriptor::CPPTYPE_INT64:
      return JsonForm::kInt64;
    case FieldDescriptor::CPPTYPE_UINT64:
      return JsonForm::kUint64;
    case FieldDescriptor::CPPTYPE_ENUM:
      return JsonForm::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FormOfMessage(value->message_type());
    case FieldDescriptor::CPPTYPE_STRING:
      return value->type() == FieldDescriptor::TYPE_BYTES ? JsonForm::kBytes : JsonForm::kString;
    default:
      break;
  }
  PURSER_CHECK(false, "a public message has a floating-point field");
  return JsonForm::kString;
}

}  // namespace

// Makes a table and those it points to; messages may contain each other in circles, so a table is
// registered before it is filled.
class JsonTableMaker {
 public:
  explicit JsonTableMaker(TableMap* tables) : tables_(tables) {}

  const JsonTable* Make(const Descriptor* type) {
    const auto found = tables_->find(type);
    if (found != tables_->end()) return found->second;
    auto* table = new JsonTable();
    tables_->emplace(type, table);
    PURSER_CHECK(type->field_count() <= 64, "a public message has more than 64 fields");
    table->is_plain_list_ = IsPlainList(type);
    const auto* const reflection =
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->GetReflection();
    for (int i = 0; i < type->field_count(); ++i) {
      JsonField& field = table->fields_.emplace_back(MakeField(type->field(i)));
      field.reflection = reflection;
    }
    std::sort(table->fields_.begin(), table->fields_.end(),
              [](const JsonField& a, const JsonField& b) { return a.number < b.number; });
    FillSlots(table);
    return table;
  }

 private:
  JsonField MakeField(const FieldDescriptor* field) {
    JsonField made;
    made.field = field;
    made.number = field->number();
    made.name = field->name();
    made.key = "\"" + field->name() + "\":";
    made.is_map = field->is_map();
    made.is_list = field->is_repeated() && !field->is_map();
    made.has_presence = field->has_presence();
    made.always = field->options().GetExtension(v1::always);
    made.not_empty = field->options().GetExtension(v1::not_empty);
    made.not_built = field->options().HasExtension(v1::not_built);
    made.not_built_default = field->options().GetExtension(v1::not_built);
    if (field->real_containing_oneof() != nullptr) {
      made.oneof = field->real_containing_oneof()->index();
    }
    const FieldDescriptor* value = field;
    if (made.is_map) {
      value = field->message_type()->map_value();
      PURSER_CHECK(field->message_type()->map_key()->cpp_type() == FieldDescriptor::CPPTYPE_STRING,
                   "a public map has keys that are no strings");
    }
    made.form = FormOf(value);
    made.is_labels = made.is_map && field->options().GetExtension(v1::grammar) == v1::LABELS;
    PURSER_CHECK(!made.is_map || made.form == JsonForm::kString ||
                     value->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE,
                 "a public map has values that are neither strings nor messages");
    if (made.form == JsonForm::kEnum) {
      made.enum_type = value->enum_type();
      made.enum_names = NamesOf(made.enum_type);
    }
    if (made.form == JsonForm::kMessage || made.form == JsonForm::kList) {
      made.table = Make(value->message_type());
    }
    return made;
  }

  static void FillSlots(JsonTable* table) {
    size_t size = 4;
    while (size < table->fields_.size() * 4) size *= 2;
    table->slots_.assign(size, -1);
    for (size_t i = 0; i < table->fields_.size(); ++i) {
      size_t slot = table->SlotOf(table->fields_[i].name);
      while (table->slots_[slot] >= 0) slot = (slot + 1) & (size - 1);
      table->slots_[slot] = static_cast<int8_t>(i);
    }
  }

  TableMap* tables_;
};

const JsonTable& JsonTable::For(const Descriptor* type) {
  // Never destroyed: threads may still print while the process ends.
  static auto* const mutex = new std::shared_mutex;
  static auto* const tables = new TableMap;
  {
    std::shared_lock<std::shared_mutex> lock(*mutex);
    const auto found = tables->find(type);
    if (found != tables->end()) return *found->second;
  }
  std::unique_lock<std::shared_mutex> lock(*mutex);
  return *JsonTableMaker(tables).Make(type);
}

// Length, ends and middle tell our names apart well enough; Find compares the whole name.
size_t JsonTable::SlotOf(std::string_view name) const {
  if (name.empty()) return 0;
  const auto at = [name](size_t i) {
    return static_cast<size_t>(static_cast<unsigned char>(name[i]));
  };
  const size_t hash =
      name.size() * 31 + at(0) * 7 + at(name.size() - 1) * 13 + at(name.size() / 2) * 17;
  return (hash ^ (hash >> 5)) & (slots_.size() - 1);
}

int JsonTable::Find(std::string_view name) const {
  for (size_t slot = SlotOf(name); slots_[slot] >= 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if (fields_[static_cast<size_t>(slots_[slot])].name == name) return slots_[slot];
  }
  return -1;
}

// In order of their numbers, which mostly are 1, 2, 3 …
const JsonField* JsonTable::FindNumber(int number) const {
  const auto at = static_cast<size_t>(number) - 1;
  if (at < fields_.size() && fields_[at].number == number) return &fields_[at];
  for (const JsonField& field : fields_) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

}  // namespace purser::api
