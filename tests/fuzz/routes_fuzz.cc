// Routes, queries and the framing of a head: METHOD PATH?QUERY, then headers, a line each.
#include <algorithm>

#include "api/http_server_framing.h"
#include "api/routes.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/text.h"
#include "tests/fuzz/fuzz_input.h"

namespace purser::api {
namespace {

constexpr size_t kHeadersMax = 64;

// An answer quotes what was asked; it can only do that where that is text.
void CheckText(const std::string& text) {
  PURSER_CHECK(IsText(text, text.size()), "what is decoded is UTF-8 without control characters");
}

void CheckMatch(std::string_view method, std::string_view path) {
  const RouteMatch match = Match(method, path, true);
  if (match.route == nullptr) return;
  PURSER_CHECK(!match.allow.empty(), "what matches has methods");
  const std::string_view pattern = match.route->path;
  PURSER_CHECK(
      std::count(pattern.begin(), pattern.end(), '/') == std::count(path.begin(), path.end(), '/'),
      "a match has as many segments as the pattern");
  PURSER_CHECK(static_cast<size_t>(std::count(pattern.begin(), pattern.end(), '{')) ==
                   match.parameters.size(),
               "every brace has its parameter");
  for (const std::string& parameter : match.parameters) {
    PURSER_CHECK(!parameter.empty(), "no parameter is empty");
    PURSER_CHECK(parameter.find('/') == std::string::npos, "no parameter has a slash");
    CheckText(parameter);
  }
}

void CheckQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  if (!ParseQuery(query, &parameters)) return;
  const size_t pieces = static_cast<size_t>(std::count(query.begin(), query.end(), '&')) + 1;
  PURSER_CHECK(parameters.size() == (query.empty() ? 0 : pieces), "every piece is one parameter");
  for (const auto& [name, value] : parameters) {
    CheckText(name);
    CheckText(value);
  }
}

void CheckHead(const HttpRequest& request, std::string_view version) {
  HttpFraming framing;
  const auto refusal = CheckFraming(request, version, kHeadersMax, &framing);
  if (refusal.has_value()) {
    PURSER_CHECK(refusal->status >= 400 && refusal->status < 500,
                 "a refusal is the client's fault");
    return;
  }
  PURSER_CHECK(framing.content_length >= 0, "a length is not negative");
  PURSER_CHECK(!framing.chunked || framing.content_length == 0, "one end of the body, not two");
  PURSER_CHECK(request.FindHeader("Host") != nullptr, "a request is for a host");
  PURSER_CHECK(version == "1.1" || (!framing.keep_alive && !framing.chunked),
               "an old client gets one plain answer");
}

void CheckRequest(FuzzInput input) {
  HttpRequest request;
  request.method = input.TakeUntil(' ');
  request.target = input.TakeUntil('\n');
  const size_t question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string::npos) request.query = request.target.substr(question + 1);
  CheckMatch(request.method, request.path);
  CheckQuery(request.query);
  const std::string_view version = input.TakeByte() % 2 == 0 ? "1.0" : "1.1";
  while (!input.empty() && request.headers.size() <= kHeadersMax) {
    const std::string_view text = input.TakeUntil('\n');
    const size_t colon = text.find(':');
    request.headers.emplace_back(text.substr(0, colon), colon == std::string_view::npos
                                                            ? std::string_view()
                                                            : text.substr(colon + 1));
  }
  CheckHead(request, version);
}

}  // namespace
}  // namespace purser::api

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  purser::api::CheckRequest(purser::FuzzInput(bytes, size));
  return 0;
}
