#include "api/http_server_answer.h"

#include <algorithm>

#include "api/json.h"
#include "api/v1/problem.pb.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr size_t kRequestIdLengthMax = 128;

struct Reason {
  int status;
  const char* phrase;
};
constexpr Reason kReasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char* PhraseOf(int status) {
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.phrase;
  }
  return "Other";  // clients go by the number
}

void AppendHeader(std::string_view name, std::string_view value, std::string* out) {
  out->append(name);
  out->append(": ");
  const size_t begin = out->size();
  out->append(value);
  std::replace_if(
      out->begin() + static_cast<std::ptrdiff_t>(begin), out->end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  out->append("\r\n");
}

}  // namespace

std::string SerializeAnswer(const HttpResponse& response, std::string_view method,
                            bool keep_alive) {
  const bool without_body =
      response.status < 200 || response.status == 204 || response.status == 304;
  std::string out;
  out.reserve(response.body.size() + 512);
  out += Concat("HTTP/1.1 ", response.status, " ", PhraseOf(response.status), "\r\n");
  if (!without_body) {
    AppendHeader("Content-Type", response.content_type, &out);
    AppendHeader("Content-Length", Concat(response.body.size()), &out);
  }
  if (!keep_alive) AppendHeader("Connection", "close", &out);
  for (const auto& [name, value] : response.headers) AppendHeader(name, value, &out);
  out += "\r\n";
  if (!without_body && method != "HEAD") out += response.body;
  return out;
}

std::string SerializeStreamHead(const HttpResponse& response, bool chunked) {
  std::string out = Concat("HTTP/1.1 ", response.status, " ", PhraseOf(response.status), "\r\n");
  AppendHeader("Content-Type", response.content_type, &out);
  if (chunked) AppendHeader("Transfer-Encoding", "chunked", &out);
  AppendHeader("Connection", "close", &out);
  for (const auto& [name, value] : response.headers) AppendHeader(name, value, &out);
  out += "\r\n";
  return out;
}

HttpResponse RefusalAnswer(const HttpRefusal& refusal, std::string_view request_id) {
  v1::Problem problem;
  problem.set_type("/problems/" + refusal.code);
  problem.set_title(refusal.title);
  problem.set_status(refusal.status);
  problem.set_detail(refusal.detail);
  problem.set_code(refusal.code);
  problem.set_request_id(std::string(request_id));
  HttpResponse response;
  response.status = refusal.status;
  response.content_type = "application/problem+json";
  response.headers = {{"X-Request-Id", std::string(request_id)}, {"Cache-Control", "no-store"}};
  response.close_connection = true;
  PrintJson(problem, &response.body);
  return response;
}

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdLengthMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace purser::api
