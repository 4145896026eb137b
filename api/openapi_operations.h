#ifndef PURSER_API_OPENAPI_OPERATIONS_H_
#define PURSER_API_OPENAPI_OPERATIONS_H_

// What the description of the API says of each route beyond the route table: its words, its
// messages, and what it may refuse. Thread-safe: constant data and pure functions.
#include <map>
#include <string>
#include <vector>

#include "api/openapi_schemas.h"
#include "api/problems.h"
#include "api/routes.h"
#include "google/protobuf/descriptor.h"

namespace purser::api {

using Reasons = std::vector<Reason>;

// Those of both, one behind the other.
Reasons Joined(Reasons reasons, const Reasons& more);

struct Operation {
  Action action;
  const char* id;
  const char* tag;
  const char* summary;
  const google::protobuf::Descriptor* request = nullptr;  // nullptr: it takes no body
  const google::protobuf::Descriptor* answer = nullptr;   // nullptr: a text, or another document
  std::vector<int> statuses = {200};                      // of success
  Use use = Use::kRequest;
  Reasons reasons = {};  // beyond those that ReasonsOf knows from the route
  // Another answer: of 202 if that is a status of it, else instead of the first.
  const google::protobuf::Descriptor* other = nullptr;
};

struct Tag {
  const char* name;
  const char* description;
};

const std::vector<Tag>& Tags();
// Every action has one; another is a bug of ours.
const Operation& OperationOf(Action action);

// Every reason that a route may answer, and statuses of its own, in order of their numbers.
std::map<int, std::vector<Reason>> RefusalsOf(const Route& route);

// Whether the route changes settings, so that If-Match is needed; whether it honours one.
enum class IfMatchUse { kNone, kHonoured, kRequired };
IfMatchUse IfMatchUseOf(Action action);
// Whether a limit of requests a second binds it.
bool TakesTokens(Action action);

}  // namespace purser::api

#endif  // PURSER_API_OPENAPI_OPERATIONS_H_
