#include "api/request_context.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "api/json.h"
#include "api/json_scalar.h"
#include "api/problems.h"
#include "api/protobuf.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr size_t kPageSizeDefault = 100;
constexpr size_t kPageSizeMax = 1'000;

bool ReadNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

HttpResponse JsonResponse(int status, const google::protobuf::Message& message) {
  HttpResponse response;
  response.status = status;
  PrintJson(message, &response.body);
  response.body += '\n';
  return response;
}

HttpResponse TextResponse(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(text);
  return response;
}

HttpResponse Problem(const RequestContext& context, const absl::Status& status) {
  return ProblemResponse(RefusalOf(status), context.request_id);
}

void SetSequence(uint64_t sequence, HttpResponse* response) {
  response->headers.emplace_back("Ledger-Sequence", Concat(sequence));
}

void SetTag(uint64_t generation, HttpResponse* response) {
  response->headers.emplace_back("ETag", Concat("\"", generation, "\""));
}

absl::Status RefuseToken(const HttpRequest& request) {
  const bool has_one = request.FindHeader("Authorization") != nullptr;
  return Refuse(stored::UNAUTHENTICATED,
                has_one ? "the token is not known here" : "a token is required");
}

absl::Status NotFound(std::string_view what, const std::string& id) {
  return Refuse(stored::NOT_FOUND, Concat("there is no ", what, " \"", id, "\""));
}

std::string Query(const RequestContext& context, const std::string& name) {
  const auto it = context.query.find(name);
  return it == context.query.end() ? "" : it->second;
}

absl::StatusOr<PageRequest> ReadPage(const RequestContext& context) {
  PageRequest page;
  page.size = kPageSizeDefault;
  if (const auto it = context.query.find("page_size"); it != context.query.end()) {
    uint64_t size = 0;
    if (!ReadNumber(it->second, &size) || size == 0) {
      return RefuseField(stored::INVALID_ARGUMENT, "page_size", "a number from 1 to 1000");
    }
    page.size = std::min<uint64_t>(size, kPageSizeMax);
  }
  if (const auto it = context.query.find("page_token"); it != context.query.end()) {
    page.token = it->second;
  }
  return page;
}

namespace {

constexpr char kTokenPrefix[] = "after-";

}  // namespace

absl::StatusOr<PageRequest> ReadNamePage(const RequestContext& context) {
  auto page = ReadPage(context);
  if (!page.ok() || page->token.empty()) return page;
  if (page->token.rfind(kTokenPrefix, 0) != 0) {
    return RefuseField(stored::INVALID_ARGUMENT, "page_token", "not a token of this list");
  }
  page->token.erase(0, sizeof(kTokenPrefix) - 1);
  return page;
}

std::string CloseToken(const std::string& name) { return name.empty() ? "" : kTokenPrefix + name; }

absl::StatusOr<AsOf> ReadAsOf(const RequestContext& context) {
  AsOf as_of;
  const auto it = context.query.find("as_of");
  if (it == context.query.end()) return as_of;
  uint64_t sequence = 0;
  if (ReadNumber(it->second, &sequence)) {
    as_of.sequence = sequence;
    return as_of;
  }
  const auto time_us = ParseTimestampMicros(it->second);
  if (!time_us.ok()) {
    return RefuseField(stored::INVALID_ARGUMENT, "as_of", "a sequence number or an RFC 3339 time");
  }
  as_of.time_us = *time_us;
  return as_of;
}

absl::Status ParseBody(const HttpRequest& request, google::protobuf::Message* message,
                       Faults* faults) {
  std::vector<v1::Fault> found;
  const bool read = FormOfBody(request) == BodyForm::kProtobuf
                        ? ParseProtobuf(request.body, message, &found)
                        : ParseJson(request.body.empty() ? "{}" : std::string_view(request.body),
                                    message, &found);
  if (!read) {
    for (const v1::Fault& fault : found) {
      Reason reason = stored::INVALID_ARGUMENT;
      if (fault.code() == "malformed") reason = stored::MALFORMED;
      if (fault.code() == "unknown_field") reason = stored::UNKNOWN_FIELD;
      if (fault.code() == "not_supported") reason = stored::NOT_SUPPORTED;
      faults->Add(reason, fault.path(), fault.message());
    }
  }
  return faults->ToStatus();
}

}  // namespace purser::api
