#ifndef PURSER_API_OPENAPI_PATHS_H_
#define PURSER_API_OPENAPI_PATHS_H_

// The operations of the API's description: parameters, bodies, answers and examples of each route.
// Thread-compatible.
#include <map>
#include <string>

#include "api/json_writer.h"
#include "api/openapi_operations.h"
#include "api/openapi_schemas.h"
#include "api/routes.h"

namespace purser::api {

// The answers that several routes have in common, each under a name of its own.
class AnswerBook {
 public:
  // The {"$ref":…} of an answer of this status that reads `answer`.
  std::string Refer(int status, const std::string& answer);
  void Write(JsonWriter* writer) const;

 private:
  std::map<std::string, std::string> names_;    // by text
  std::map<std::string, std::string> answers_;  // by name
};

// One operation, as an object.
void WriteOperation(const Route& route, SchemaBook* schemas, AnswerBook* answers,
                    JsonWriter* writer);
// openapi_parameters.cc
void WriteParameters(const Route& route, JsonWriter* writer);
// openapi_answers.cc: the members of `responses`.
void WriteAnswers(const Route& route, SchemaBook* schemas, AnswerBook* answers, JsonWriter* writer);

// The other form of a message, beside JSON: protobuf's wire format.
void WriteProtobufContent(const google::protobuf::Descriptor* message, JsonWriter* writer);
// The headers of answers, as members of components/headers.
void WriteHeaderComponents(JsonWriter* writer);

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_PATHS_H_
