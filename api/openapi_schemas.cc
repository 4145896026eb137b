#include "api/openapi_schemas.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "api/embedded.h"
#include "api/problems.h"
#include "api/v1/budget.pb.h"
#include "api/v1/guardrail.pb.h"
#include "api/v1/limit.pb.h"
#include "api/v1/model.pb.h"
#include "api/v1/population.pb.h"
#include "api/v1/rate_card.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/text.h"
#include "reservations/commands.h"

namespace purser::api {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::SourceLocation;

namespace {

constexpr char kSchemas[] = "#/components/schemas/";

// "purser.v1.BatchOperation.Start" -> "BatchOperationStart".
std::string PlainName(const std::string& full_name) {
  std::string name = full_name.substr(std::string_view("purser.v1.").size());
  name.erase(std::remove(name.begin(), name.end(), '.'), name.end());
  return name;
}

std::string RefTo(std::string_view name) { return Concat("{\"$ref\":\"", kSchemas, name, "\"}"); }

// A comment as a line: the comments of .proto files are broken at 110 columns.
std::string AsLine(const std::string& comment) {
  std::string line;
  for (absl::string_view word :
       absl::StrSplit(comment, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    if (!line.empty()) line += ' ';
    line += ToStd(word);
  }
  return line;
}

template <typename Element>
std::string CommentOf(const Element* element) {
  SourceLocation location;
  if (element == nullptr || !element->GetSourceLocation(&location)) return "";
  return AsLine(location.leading_comments.empty() ? location.trailing_comments
                                                  : location.leading_comments);
}

v1::Grammar GrammarOf(const JsonField& field, Use use) {
  const v1::Grammar grammar = field.field->options().GetExtension(v1::grammar);
  // Where the client chose none the daemon did.
  return grammar == v1::NEW_ID && use == Use::kAnswer ? v1::ID : grammar;
}

// The most elements that a list of a request may have; 0 where only the body's size bounds it.
size_t ElementsMax(const FieldDescriptor* field) {
  const std::string& name = field->full_name();
  if (name == "purser.v1.BatchRequest.operations") return kBatchOperationsMax;
  if (name == "purser.v1.CreatePopulation.resources") return kResourcesMax;
  if (name == "purser.v1.RequiredLabels.values") return kLabelsMax;
  return 0;
}

// Fields that are not there in a message of this use.
bool IsHidden(const JsonField& field, Use use) {
  if (use == Use::kAnswer) return false;
  const auto& options = field.field->options();
  if (field.not_built && field.not_built_default.empty()) return true;
  if (options.GetExtension(v1::output_only)) return true;
  return use == Use::kUpdate && options.GetExtension(v1::immutable);
}

bool IsRequired(const JsonField& field, Use use) {
  if (use == Use::kUpdate || field.oneof >= 0) return false;
  const auto& options = field.field->options();
  if (use == Use::kRequest) return options.GetExtension(v1::required);
  if (field.is_map || field.is_list) return field.always;
  // What is printed is set, unless the .proto says that it may be absent.
  return !field.field->has_optional_keyword();
}

// Of a map: its values'.
const Descriptor* MessageOf(const JsonField& field) {
  const FieldDescriptor* const value =
      field.is_map ? field.field->message_type()->map_value() : field.field;
  return value->message_type();
}

template <typename Predicate>
bool AnyField(const Descriptor* message, Predicate predicate) {
  for (const JsonField& field : JsonTable::For(message).fields()) {
    if (predicate(field)) return true;
    if (field.form == JsonForm::kMessage && AnyField(MessageOf(field), predicate)) return true;
  }
  return false;
}

void WriteEnum(const EnumDescriptor* type, JsonWriter* writer) {
  writer->Object([&] {
    writer->Text("type", "string");
    writer->List("enum", [&] {
      // Number 0 stands for "left out" and has no name in JSON.
      for (int i = 0; i < type->value_count(); ++i) {
        if (type->value(i)->number() != 0) writer->Text(type->value(i)->name());
      }
    });
  });
}

std::string SchemaOfProblemCode() {
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("type", "string");
    writer.Text("description", "In the order of judgement. `/problems/{code}` tells of each.");
    writer.List("enum", [&] {
      for (int number = 1; number <= stored::Reason_MAX; ++number) {
        if (stored::Reason_IsValid(number)) writer.Text(ReasonCode(static_cast<Reason>(number)));
      }
    });
  });
  return writer.text();
}

}  // namespace

ProtoComments::ProtoComments() : pool_(std::make_unique<DescriptorPool>()) {
  google::protobuf::FileDescriptorSet files;
  const std::string_view bytes = EmbeddedDescriptors();
  PURSER_CHECK(files.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
               "the embedded descriptors are whole");
  for (const auto& file : files.file()) {
    PURSER_CHECK(pool_->BuildFile(file) != nullptr, "the embedded descriptors fit together");
  }
}

std::string ProtoComments::Of(const Descriptor* message) const {
  return CommentOf(pool_->FindMessageTypeByName(message->full_name()));
}

std::string ProtoComments::Of(const FieldDescriptor* field) const {
  return CommentOf(pool_->FindFieldByName(field->full_name()));
}

SchemaBook::SchemaBook(const std::vector<const Descriptor*>& answers) {
  for (const Descriptor* message : answers) CollectAnswers(message);
}

void SchemaBook::CollectAnswers(const Descriptor* message) {
  if (!answered_.insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (field->is_map()) field = field->message_type()->map_value();
    if (field->message_type() != nullptr) CollectAnswers(field->message_type());
  }
}

std::string SchemaBook::NameOf(const Descriptor* message, Use use) const {
  std::string name = PlainName(message->full_name());
  const bool also_made =
      message == v1::ResourceSettings::descriptor() || message == v1::Limit::descriptor() ||
      message == v1::Model::descriptor() || message == v1::RateCard::descriptor() ||
      message == v1::Guardrail::descriptor() || message == v1::Budget::descriptor();
  if (use == Use::kUpdate) return also_made ? name + "Update" : name;
  return use == Use::kRequest && answered_.count(message) > 0 ? name + "Sent" : name;
}

std::string SchemaBook::Refer(const Descriptor* message, Use use) {
  const std::string name = NameOf(message, use);
  if (schemas_.try_emplace(name).second) {
    std::string schema = SchemaOfMessage(message, use);
    schemas_[name] = std::move(schema);
  }
  return RefTo(name);
}

std::string SchemaBook::Refer(const EnumDescriptor* type) {
  const std::string name = PlainName(type->full_name());
  JsonWriter writer;
  WriteEnum(type, &writer);
  schemas_[name] = writer.text();
  return RefTo(name);
}

std::string SchemaBook::SchemaOfMessage(const Descriptor* message, Use use) {
  std::vector<const JsonField*> fields;
  for (const JsonField& field : JsonTable::For(message).fields()) {
    if (!IsHidden(field, use)) fields.push_back(&field);
  }
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("type", "object");
    if (const std::string text = comments_.Of(message); !text.empty()) {
      writer.Text("description", text);
    }
    if (!fields.empty()) {
      writer.Object("properties", [&] {
        for (const JsonField* field : fields) writer.Json(field->name, SchemaOfField(*field, use));
      });
    }
    const auto required = [use](const JsonField* field) { return IsRequired(*field, use); };
    if (std::any_of(fields.begin(), fields.end(), required)) {
      writer.List("required", [&] {
        for (const JsonField* field : fields) {
          if (required(field)) writer.Text(field->name);
        }
      });
    }
    writer.Json("additionalProperties", "false");
    if (message->real_oneof_decl_count() == 0 || use == Use::kUpdate) return;
    PURSER_CHECK(message->real_oneof_decl_count() == 1, "a public message has one one-of at most");
    writer.List("oneOf", [&] {
      for (const JsonField* field : fields) {
        if (field->oneof >= 0) writer.Json(Concat("{\"required\":[\"", field->name, "\"]}"));
      }
    });
  });
  return writer.text();
}

std::string SchemaBook::SchemaOfField(const JsonField& field, Use use) {
  std::string schema;
  if (field.is_map) {
    schema = SchemaOfMap(field, use);
  } else if (field.is_list) {
    schema = SchemaOfList(field, field, use);
  } else if (field.form == JsonForm::kList) {
    schema = SchemaOfList(field, field.table->fields()[0], use);
  } else {
    schema = SchemaOfValue(field, use);
  }
  const std::string text = comments_.Of(field.field);
  if (text.empty()) return schema;
  // Beside a $ref as well: OpenAPI 3.1 allows it.
  JsonWriter writer;
  writer.Text("description", text);
  return Concat("{", writer.text(), schema == "{}" ? "" : ",", schema.substr(1));
}

std::string SchemaBook::SchemaOfValue(const JsonField& field, Use use) {
  const Direction direction = use == Use::kAnswer ? Direction::kAnswered : Direction::kSent;
  JsonWriter writer;
  if (field.not_built) {
    writer.Object([&] {
      writer.Text("type", "string");
      writer.List("enum", [&] { writer.Text(field.not_built_default); });
    });
    return writer.text();
  }
  if (const std::string& values = field.field->options().GetExtension(v1::values);
      !values.empty()) {
    writer.Object([&] {
      writer.Text("type", "string");
      writer.List("enum", [&] {
        for (absl::string_view value : absl::StrSplit(values, ',')) writer.Text(ToStd(value));
      });
    });
    return writer.text();
  }
  if (const v1::Grammar grammar = GrammarOf(field, use);
      grammar != v1::GRAMMAR_UNSPECIFIED && !field.is_map) {
    return SchemaOfGrammar(grammar);
  }
  if (const std::string name = NameOfForm(field.form, direction); !name.empty()) {
    return RefTo(name);
  }
  switch (field.form) {
    case JsonForm::kBool:
      return R"({"type":"boolean"})";
    case JsonForm::kInt32:
      return R"({"type":"integer","minimum":-2147483648,"maximum":2147483647})";
    case JsonForm::kUint32:
      return R"({"type":"integer","minimum":0,"maximum":4294967295})";
    case JsonForm::kEnum:
      return Refer(field.enum_type);
    case JsonForm::kMessage:
      return Refer(MessageOf(field), use == Use::kUpdate ? Use::kRequest : use);
    default:
      // An empty text is as good as none.
      return IsRequired(field, use) && use == Use::kRequest ? R"({"type":"string","minLength":1})"
                                                            : R"({"type":"string"})";
  }
}

std::string SchemaBook::SchemaOfMap(const JsonField& field, Use use) {
  const v1::Grammar grammar = GrammarOf(field, use);
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("type", "object");
    if (const std::string pattern = PatternOf(grammar); !pattern.empty()) {
      writer.Object("propertyNames", [&] { writer.Text("pattern", pattern); });
    }
    if (use != Use::kAnswer) {
      if (field.not_empty || IsRequired(field, use)) writer.Number("minProperties", 1);
      writer.Number(
          "maxProperties",
          static_cast<int64_t>(grammar == v1::LABELS ? kLabelsMax : kResourcesOfRequestMax));
    }
    const Direction direction = use == Use::kAnswer ? Direction::kAnswered : Direction::kSent;
    writer.Json("additionalProperties",
                grammar == v1::LABELS ? SchemaOfLabel(direction) : SchemaOfValue(field, use));
  });
  return writer.text();
}

std::string SchemaBook::SchemaOfList(const JsonField& field, const JsonField& element, Use use) {
  const size_t elements_max = use == Use::kAnswer ? 0 : ElementsMax(element.field);
  JsonWriter writer;
  writer.Object([&] {
    writer.Text("type", "array");
    if (IsRequired(field, use) && use != Use::kAnswer) writer.Number("minItems", 1);
    if (elements_max > 0) writer.Number("maxItems", static_cast<int64_t>(elements_max));
    writer.Json("items", SchemaOfValue(element, use));
  });
  return writer.text();
}

void SchemaBook::Write(JsonWriter* writer) {
  for (const auto& [name, schema] : SchemasOfForms()) schemas_[name] = schema;
  schemas_["ProblemCode"] = SchemaOfProblemCode();
  for (const auto& [name, schema] : schemas_) writer->Json(name, schema);
}

bool HasFieldsNotBuilt(const Descriptor* message) {
  return AnyField(message, [](const JsonField& field) { return field.not_built; });
}

bool HasImmutableFields(const Descriptor* message) {
  return AnyField(message, [](const JsonField& field) {
    return field.field->options().GetExtension(v1::immutable);
  });
}

bool HasRequiredFields(const Descriptor* message) {
  if (message->real_oneof_decl_count() > 0) return true;
  for (int i = 0; i < message->field_count(); ++i) {
    if (message->field(i)->options().GetExtension(v1::required)) return true;
  }
  return false;
}

}  // namespace purser::api
