#ifndef PURSER_API_REQUEST_CONTEXT_H_
#define PURSER_API_REQUEST_CONTEXT_H_

// What is known of a request on its way through the service, and small makers of answers.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/controller.h"
#include "api/http.h"
#include "api/media_type.h"
#include "api/message_writer.h"
#include "api/principals.h"
#include "api/routes.h"
#include "google/protobuf/message.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

struct RequestContext {
  std::string request_id;
  std::string traceparent;
  const Route* route = nullptr;
  std::vector<std::string> parameters;  // of the path's braces
  std::map<std::string, std::string> query;
  const Principal* principal = nullptr;
  bool dry_run = false;
  BodyForm answer_form = BodyForm::kJson;  // problems are always JSON
  std::optional<std::string> key;
  std::optional<IfMatch> if_match;
  Faults faults;  // of query and headers; those of a body are named together with them

  const std::string& population() const { return parameters.front(); }
  const std::string& id() const { return parameters.back(); }
};

// A `Message` whose fields `fill` writes (message_writer.h), in the form that was asked for.
template <typename Message, typename Fill>
HttpResponse WrittenResponse(const RequestContext& context, int status, Fill fill,
                             size_t bytes_expected = 0) {
  HttpResponse response;
  response.status = status;
  response.body.reserve(bytes_expected);
  const JsonTable& table = JsonTable::For(Message::descriptor());
  if (context.answer_form == BodyForm::kProtobuf) {
    response.content_type = kProtobufType;
    ProtobufMessageWriter writer(table, &response.body);
    fill(&writer);
    return response;
  }
  JsonMessageWriter writer(table, &response.body);
  fill(&writer);
  writer.Close();
  response.body += '\n';
  return response;
}
HttpResponse JsonResponse(int status, const google::protobuf::Message& message);
HttpResponse TextResponse(int status, std::string text);
HttpResponse Problem(const RequestContext& context, const absl::Status& status);
void SetSequence(uint64_t sequence, HttpResponse* response);
void SetTag(uint64_t generation, HttpResponse* response);
// Of a request without a token, or with one that is not known here.
absl::Status RefuseToken(const HttpRequest& request);
// That there is none: "limit", "l-1".
absl::Status NotFound(std::string_view what, const std::string& id);
// A parameter of the query; empty where it is not given.
std::string Query(const RequestContext& context, const std::string& name);

// A page from the query: sizes are cut to 1,000; InvalidArgument for what is no number above 0.
absl::StatusOr<PageRequest> ReadPage(const RequestContext& context);
// Of a list in order of names, whose tokens are the last name seen, said so that they are no
// invitation to build one. CloseToken of an empty name is the end.
absl::StatusOr<PageRequest> ReadNamePage(const RequestContext& context);
std::string CloseToken(const std::string& name);
// Of a list that is small and in memory: what comes after `token` in order of names.
template <typename Map, typename Add>
std::string PageOfMap(const Map& map, const PageRequest& page, Add add) {
  size_t count = 0;
  for (auto it = map.upper_bound(page.token); it != map.end(); ++it) {
    if (count++ == page.size) return std::prev(it)->first;
    add(it->second);
  }
  return "";
}

// `as_of` from the query: a sequence or an RFC 3339 time.
absl::StatusOr<AsOf> ReadAsOf(const RequestContext& context);

// Fills `message` from the body, JSON ("" counts as "{}") or protobuf; the faults as a refusal.
absl::Status ParseBody(const HttpRequest& request, google::protobuf::Message* message,
                       Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_REQUEST_CONTEXT_H_
