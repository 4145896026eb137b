#include "api/json.h"

#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "api/json_scalar.h"
#include "api/json_syntax.h"
#include "api/json_table.h"
#include "api/json_value.h"
#include "ledger/amount.h"
#include "ledger/text.h"
#include "simdjson.h"

// The one file that names simdjson. Its on-demand reader checks only what it is asked for, so every
// value is visited, wanted or not, and every word and number is checked here; what it does check at
// once is UTF-8 and control characters, over the whole document.
namespace purser::api {

using google::protobuf::Message;
namespace ondemand = simdjson::ondemand;

namespace {

// Names longer than this are cut in a path: a hostile body must not grow its own answer.
constexpr size_t kPathNameBytesMax = 128;
// What a thread keeps for its next document. Larger ones (batches) give their memory back.
constexpr size_t kKeptBytesMax = 64 * 1024;

// A step of the way from the document to a value; on the stack, turned into text only for a fault.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;  // of a member
  int index = -1;         // of an element
};

void AppendPath(const Path& path, std::string* out) {
  if (path.parent != nullptr) AppendPath(*path.parent, out);
  if (path.index >= 0) {
    out->append(Concat("[", path.index, "]"));
    return;
  }
  if (path.name.empty() && path.parent == nullptr) return;
  if (!out->empty()) out->push_back('.');
  size_t length = std::min(path.name.size(), kPathNameBytesMax);
  // Not in the middle of a character.
  while (length < path.name.size() && length > 0 &&
         (static_cast<unsigned char>(path.name[length]) & 0xc0) == 0x80) {
    --length;
  }
  out->append(path.name.substr(0, length));
  if (length < path.name.size()) out->append("…");
}

// The document with the padding that simdjson wants, and its working memory, kept by each thread.
class Scratch {
 public:
  simdjson::padded_string_view Pad(std::string_view json) {
    const size_t wanted = json.size() + simdjson::SIMDJSON_PADDING;
    if (capacity_ < wanted) {
      capacity_ = std::max<size_t>(wanted, 4096);
      bytes_ = std::make_unique<char[]>(capacity_);
    }
    std::memcpy(bytes_.get(), json.data(), json.size());
    std::memset(bytes_.get() + json.size(), 0, simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view(bytes_.get(), json.size(), capacity_);
  }
  ondemand::parser& parser() { return *parser_; }
  // Gives back what a large document needed.
  void Shrink() {
    if (capacity_ <= kKeptBytesMax + simdjson::SIMDJSON_PADDING) return;
    parser_ = std::make_unique<ondemand::parser>();
    bytes_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<ondemand::parser> parser_ = std::make_unique<ondemand::parser>();
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
};

constexpr char kEmpty[] = "must not be empty: leave the field out";

class Reader {
 public:
  explicit Reader(std::vector<v1::Fault>* faults) : faults_(faults) {}

  // False when the document is no JSON, or too deep; then faults say nothing about it yet unless it
  // was the depth.
  bool Read(ondemand::document& document, const JsonTable& table, Message* message);

 private:
  void Break() { broken_ = true; }
  void AddFault(const Path& path, const char* code, std::string_view what);
  bool EnterLevel(const Path& path, int depth);

  bool ReadKey(ondemand::field& field, std::string_view* key);
  bool ReadString(ondemand::value& value, std::string_view* text);
  bool ReadWord(ondemand::value& value, ondemand::json_type type, std::string_view* text);

  void ReadMembers(ondemand::value& value, const JsonTable& table, Message* message,
                   const Path& path, int depth);
  void ReadMember(ondemand::value& value, const JsonField& field, Message* message,
                  const Path& path, int depth);
  void ReadMap(ondemand::value& value, const JsonField& field, Message* message, const Path& path,
               int depth);
  void ReadList(ondemand::value& value, const JsonField& field, Message* message, const Path& path,
                int depth);
  void ReadSingle(ondemand::value& value, const JsonSlot& slot, const Path& path, int depth);
  // A label of several values, by weights.
  void ReadLabelSplit(ondemand::value& value, const JsonSlot& slot, const Path& path, int depth);
  void ReadScalar(ondemand::value& value, ondemand::json_type type, const JsonSlot& slot,
                  const Path& path);
  // Looks at every part of a value that goes nowhere, for what is no JSON.
  void Skip(ondemand::value& value, const Path& path, int depth);
  void SkipContainer(ondemand::value& value, ondemand::json_type type, const Path& path, int depth);

  std::vector<v1::Fault>* const faults_;
  bool broken_ = false;
};

void Reader::AddFault(const Path& path, const char* code, std::string_view what) {
  if (faults_->size() >= kJsonFaultsMax) return;
  v1::Fault& fault = faults_->emplace_back();
  AppendPath(path, fault.mutable_path());
  fault.set_code(code);
  fault.set_message(std::string(what));
}

// False, with the document given up, when a container at `depth` (the document itself is 1) is too
// deep.
bool Reader::EnterLevel(const Path& path, int depth) {
  if (depth <= kJsonDepthMax) return true;
  faults_->clear();
  AddFault(path, "malformed", Concat("nested deeper than ", kJsonDepthMax, " levels"));
  Break();
  return false;
}

bool Reader::ReadKey(ondemand::field& field, std::string_view* key) {
  // The indexer has made sure that the string ends.
  const char* const begin = field.key().raw();
  const char* end = begin;
  while (*end != '"' && *end != '\\') ++end;
  if (*end == '"') {
    *key = std::string_view(begin, static_cast<size_t>(end - begin));
    return true;
  }
  return field.unescaped_key().get(*key) == simdjson::SUCCESS;
}

// Takes the string, so that the reader cannot mistake it for a name.
bool Reader::ReadString(ondemand::value& value, std::string_view* text) {
  std::string_view raw = value.raw_json_token();
  raw = raw.substr(1, raw.rfind('"') - 1);  // only space stands between it and the next token
  if (raw.find('\\') == std::string_view::npos) {
    *text = raw;
    return value.get_raw_json_string().error() == simdjson::SUCCESS;
  }
  return value.get_string().get(*text) == simdjson::SUCCESS;
}

// A number, true, false or null: the reader steps over the token by itself.
bool Reader::ReadWord(ondemand::value& value, ondemand::json_type type, std::string_view* text) {
  std::string_view token = value.raw_json_token();
  const size_t end = token.find_last_not_of(" \t\r\n");
  *text = token.substr(0, end + 1);
  switch (type) {
    case ondemand::json_type::number:
      return IsJsonNumber(*text);
    case ondemand::json_type::boolean:
      return *text == "true" || *text == "false";
    default:
      return *text == "null";
  }
}

void Reader::ReadMembers(ondemand::value& value, const JsonTable& table, Message* message,
                         const Path& path, int depth) {
  ondemand::object object;
  if (!EnterLevel(path, depth)) return;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Break();
  uint64_t seen = 0;
  uint64_t oneofs_seen = 0;
  for (auto item : object) {
    ondemand::field member;
    std::string_view key;
    if (std::move(item).get(member) != simdjson::SUCCESS || !ReadKey(member, &key)) return Break();
    const Path here{&path, key};
    const int index = table.Find(key);
    const uint64_t bit = index < 0 ? 0 : uint64_t{1} << index;
    if (index < 0) {
      AddFault(here, "unknown_field", "there is no such field here");
      Skip(member.value(), here, depth + 1);
    } else if ((seen & bit) != 0) {
      AddFault(here, "malformed", "given more than once");
      Skip(member.value(), here, depth + 1);
    } else {
      const JsonField& field = table.fields()[static_cast<size_t>(index)];
      const uint64_t oneof = field.oneof < 0 ? 0 : uint64_t{1} << field.oneof;
      if ((oneofs_seen & oneof) != 0) {
        AddFault(here, "invalid_argument", "excludes another field that is given");
      }
      seen |= bit;
      oneofs_seen |= oneof;
      ReadMember(member.value(), field, message, here, depth + 1);
    }
    if (broken_) return;
  }
}

void Reader::ReadMember(ondemand::value& value, const JsonField& field, Message* message,
                        const Path& path, int depth) {
  if (field.is_map) return ReadMap(value, field, message, path, depth);
  if (field.is_list) return ReadList(value, field, message, path, depth);
  ReadSingle(value, JsonSlot{message, &field}, path, depth);
}

void Reader::ReadMap(ondemand::value& value, const JsonField& field, Message* message,
                     const Path& path, int depth) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return Break();
  if (field.not_built || type != ondemand::json_type::object) {
    AddFault(path, field.not_built ? "not_supported" : "invalid_argument",
             field.not_built ? "not supported yet" : "expected an object");
    return Skip(value, path, depth);
  }
  ondemand::object object;
  if (!EnterLevel(path, depth)) return;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Break();
  int size = 0;
  for (auto item : object) {
    ondemand::field member;
    std::string_view key;
    if (std::move(item).get(member) != simdjson::SUCCESS || !ReadKey(member, &key)) return Break();
    const Path here{&path, key};
    if (size++ >= kJsonElementsMax) {
      if (size == kJsonElementsMax + 1) AddFault(path, "invalid_argument", kTooManyElements);
      Skip(member.value(), here, depth + 1);
      if (broken_) return;
      continue;
    }
    JsonSlot slot;
    if (InsertEntry(message, field, key, &slot)) {
      ReadSingle(member.value(), slot, here, depth + 1);
    } else {
      AddFault(here, "malformed", "given more than once");
      Skip(member.value(), here, depth + 1);
    }
    if (broken_) return;
  }
  if (size == 0 && field.not_empty) AddFault(path, "invalid_argument", kEmpty);
}

void Reader::ReadList(ondemand::value& value, const JsonField& field, Message* message,
                      const Path& path, int depth) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return Break();
  if (field.not_built || type != ondemand::json_type::array) {
    AddFault(path, field.not_built ? "not_supported" : "invalid_argument",
             field.not_built ? "not supported yet" : "expected a list");
    return Skip(value, path, depth);
  }
  ondemand::array array;
  if (!EnterLevel(path, depth)) return;
  if (value.get_array().get(array) != simdjson::SUCCESS) return Break();
  int index = 0;
  for (auto item : array) {
    ondemand::value element;
    if (std::move(item).get(element) != simdjson::SUCCESS) return Break();
    if (index >= kJsonElementsMax) {
      if (index++ == kJsonElementsMax) AddFault(path, "invalid_argument", kTooManyElements);
      Skip(element, path, depth + 1);
      if (broken_) return;
      continue;
    }
    ReadSingle(element, JsonSlot{message, &field}, Path{&path, {}, index++}, depth + 1);
    if (broken_) return;
    // What is no element still has its place, so that an index means the same to everybody.
    const google::protobuf::Reflection* reflection = field.reflection;
    if (field.table != nullptr && reflection->FieldSize(*message, field.field) < index) {
      reflection->AddMessage(message, field.field);
    }
  }
}

void Reader::ReadSingle(ondemand::value& value, const JsonSlot& slot, const Path& path, int depth) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return Break();
  const JsonField& field = *slot.field;
  const bool container = type == ondemand::json_type::object || type == ondemand::json_type::array;
  if (field.not_built && (field.not_built_default.empty() || container)) {
    AddFault(path, "not_supported", "not supported yet");
    return Skip(value, path, depth);
  }
  if (type == ondemand::json_type::object && field.form == JsonForm::kMessage) {
    return ReadMembers(value, *field.table, slot.MutableMessage(), path, depth);
  }
  if (type == ondemand::json_type::array && field.form == JsonForm::kList) {
    return ReadList(value, field.table->fields()[0], slot.MutableMessage(), path, depth);
  }
  if (type == ondemand::json_type::object && field.is_labels) {
    return ReadLabelSplit(value, slot, path, depth);
  }
  if (!container && type != ondemand::json_type::null) return ReadScalar(value, type, slot, path);
  if (type == ondemand::json_type::null) {
    AddFault(path, "invalid_argument", "null is not a value: leave the field out");
  } else {
    // The text is never looked at: no form of a scalar takes a container.
    AddFault(path, "invalid_argument",
             field.form == JsonForm::kMessage ? "expected an object"
             : field.form == JsonForm::kList  ? "expected a list"
                                              : "expected a single value, not an object or a list");
  }
  Skip(value, path, depth);
}

namespace {

// A number is read as an amount's is; what is none stays, to be refused.
std::string WeightText(ondemand::json_type type, std::string_view text) {
  if (type != ondemand::json_type::number) return std::string(text);
  const auto weight = Amount::ParseJsonNumber(text);
  return weight.ok() ? weight->ToString() : std::string(text);
}

}  // namespace

void Reader::ReadLabelSplit(ondemand::value& value, const JsonSlot& slot, const Path& path,
                            int depth) {
  ondemand::object object;
  if (!EnterLevel(path, depth)) return;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Break();
  std::string text = "{";
  std::set<std::string, std::less<>> seen;
  for (auto item : object) {
    ondemand::field member;
    std::string_view key;
    if (std::move(item).get(member) != simdjson::SUCCESS || !ReadKey(member, &key)) return Break();
    if (!seen.emplace(key).second) AddFault({&path, key}, "malformed", "given more than once");
    ondemand::json_type type;
    if (text.size() > 1) text.push_back(',');
    AppendJsonString(key, &text);
    if (member.value().type().get(type) != simdjson::SUCCESS) return Break();
    std::string_view weight;
    const Path here{&path, key};
    if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
      AddFault(here, "invalid_argument", "expected a single value, not an object or a list");
      Skip(member.value(), here, depth + 1);
    } else if (type == ondemand::json_type::string ? !ReadString(member.value(), &weight)
                                                   : !ReadWord(member.value(), type, &weight)) {
      return Break();
    }
    if (broken_) return;
    text.push_back(':');
    AppendJsonString(WeightText(type, weight), &text);
  }
  text.push_back('}');
  *slot.entry_text = std::move(text);
}

void Reader::ReadScalar(ondemand::value& value, ondemand::json_type type, const JsonSlot& slot,
                        const Path& path) {
  std::string_view text;
  const bool is_string = type == ondemand::json_type::string;
  if (is_string ? !ReadString(value, &text) : !ReadWord(value, type, &text)) return Break();
  const JsonField& field = *slot.field;
  if (field.not_built && text != field.not_built_default) {
    return AddFault(path, "not_supported",
                    Concat("not supported yet: only ", field.not_built_default));
  }
  if (field.not_empty && is_string && text.empty()) {
    return AddFault(path, "invalid_argument", kEmpty);
  }
  const JsonKind kind = is_string                             ? JsonKind::kString
                        : type == ondemand::json_type::number ? JsonKind::kNumber
                                                              : JsonKind::kBool;
  const absl::Status status = AssignScalar(slot, kind, text);
  if (!status.ok()) AddFault(path, "invalid_argument", ToStd(status.message()));
}

void Reader::Skip(ondemand::value& value, const Path& path, int depth) {
  ondemand::json_type type;
  std::string_view text;
  if (value.type().get(type) != simdjson::SUCCESS) return Break();
  switch (type) {
    case ondemand::json_type::object:
    case ondemand::json_type::array:
      return SkipContainer(value, type, path, depth);
    case ondemand::json_type::string:
      if (!ReadString(value, &text)) Break();
      return;
    default:
      if (!ReadWord(value, type, &text)) Break();
      return;
  }
}

void Reader::SkipContainer(ondemand::value& value, ondemand::json_type type, const Path& path,
                           int depth) {
  if (!EnterLevel(path, depth)) return;
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return Break();
    for (auto item : array) {
      ondemand::value element;
      if (std::move(item).get(element) != simdjson::SUCCESS) return Break();
      Skip(element, path, depth + 1);
      if (broken_) return;
    }
    return;
  }
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Break();
  for (auto item : object) {
    ondemand::field member;
    std::string_view key;
    if (std::move(item).get(member) != simdjson::SUCCESS || !ReadKey(member, &key)) return Break();
    Skip(member.value(), path, depth + 1);
    if (broken_) return;
  }
}

bool Reader::Read(ondemand::document& document, const JsonTable& table, Message* message) {
  const Path root;
  ondemand::json_type type;
  ondemand::value value;
  if (document.type().get(type) != simdjson::SUCCESS) return false;
  // A document that is a single word cannot be walked, and is wrong anyway.
  if (type != ondemand::json_type::object && type != ondemand::json_type::array) return false;
  if (document.get_value().get(value) != simdjson::SUCCESS) return false;
  if (type == ondemand::json_type::object && !table.is_plain_list()) {
    ReadMembers(value, table, message, root, 1);
  } else if (type == ondemand::json_type::array && table.is_plain_list()) {
    ReadList(value, table.fields()[0], message, root, 1);
  } else {
    AddFault(root, "invalid_argument",
             table.is_plain_list() ? "expected a list" : "expected an object");
    Skip(value, root, 1);
  }
  // Nothing is left exactly when there is no place to be at.
  return !broken_ && document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

// What to say of a document that the reader gave up.
void DescribeUnreadable(std::string_view json, std::vector<v1::Fault>* faults) {
  faults->clear();
  v1::Fault& fault = faults->emplace_back();
  const std::optional<JsonSyntaxFault> syntax = FindJsonSyntaxFault(json);
  if (syntax.has_value()) {
    fault.set_code("malformed");
    fault.set_message(Concat("not JSON at byte ", syntax->offset, ": ", syntax->reason));
  } else {
    fault.set_code("invalid_argument");
    fault.set_message("expected an object");
  }
}

}  // namespace

bool ParseJson(std::string_view json, Message* message, std::vector<v1::Fault>* faults) {
  thread_local Scratch scratch;
  faults->clear();
  message->Clear();
  const JsonTable& table = JsonTable::For(message->GetDescriptor());
  ondemand::document document;
  Reader reader(faults);
  if (scratch.parser().iterate(scratch.Pad(json)).get(document) != simdjson::SUCCESS ||
      !reader.Read(document, table, message)) {
    const bool too_deep =
        faults->size() == 1 && faults->front().message().find("nested deeper") == 0;
    if (!too_deep) DescribeUnreadable(json, faults);
  }
  scratch.Shrink();
  return faults->empty();
}

}  // namespace purser::api
