#ifndef PURSER_API_OPENAPI_SCHEMAS_H_
#define PURSER_API_OPENAPI_SCHEMAS_H_

// The public messages as JSON Schema (2020-12), from their descriptors: what the codec reads and
// prints, field by field. Thread-compatible.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/json_table.h"
#include "api/json_writer.h"
#include "api/openapi_grammars.h"
#include "google/protobuf/descriptor.h"

namespace purser::api {

// What a message is for. Of an update no field is required, and what never changes is no field.
enum class Use { kAnswer, kRequest, kUpdate };

// The comments of api/v1, which stand before its messages and fields.
class ProtoComments {
 public:
  ProtoComments();
  // One line; "" when there is none.
  std::string Of(const google::protobuf::Descriptor* message) const;
  std::string Of(const google::protobuf::FieldDescriptor* field) const;

 private:
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
};

class SchemaBook {
 public:
  // The messages that stand in answers are told at the beginning: a message that is also sent is
  // two schemas.
  explicit SchemaBook(const std::vector<const google::protobuf::Descriptor*>& answers);

  // {"$ref":…}; the schema, and those it refers to, will be in Write.
  std::string Refer(const google::protobuf::Descriptor* message, Use use);
  std::string Refer(const google::protobuf::EnumDescriptor* type);
  // Every schema referred to so far, as members of an object.
  void Write(JsonWriter* writer);

 private:
  std::string NameOf(const google::protobuf::Descriptor* message, Use use) const;
  void CollectAnswers(const google::protobuf::Descriptor* message);
  std::string SchemaOfMessage(const google::protobuf::Descriptor* message, Use use);
  std::string SchemaOfField(const JsonField& field, Use use);
  std::string SchemaOfValue(const JsonField& field, Use use);
  std::string SchemaOfMap(const JsonField& field, Use use);
  std::string SchemaOfList(const JsonField& field, const JsonField& element, Use use);

  const ProtoComments comments_;
  std::set<const google::protobuf::Descriptor*> answered_;
  std::map<std::string, std::string> schemas_;  // by name; "" while it is being made
};

// Whether a request of this message can be refused because a field is not built yet, or never
// changes.
bool HasFieldsNotBuilt(const google::protobuf::Descriptor* message);
bool HasImmutableFields(const google::protobuf::Descriptor* message);
// Whether a request needs a body.
bool HasRequiredFields(const google::protobuf::Descriptor* message);

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_SCHEMAS_H_
