#ifndef PURSER_API_HTTP_H_
#define PURSER_API_HTTP_H_

// A request and an answer as values: nothing above this knows which HTTP server is below.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http_stream.h"

namespace purser::api {

struct HttpRequest {
  std::string method;                                        // as sent, upper case
  std::string target;                                        // raw path and query, as sent
  std::string path;                                          // raw path: still percent-encoded
  std::string query;                                         // raw, without '?'
  std::vector<std::pair<std::string, std::string>> headers;  // in order, names as sent
  std::string body;
  bool body_too_large = false;  // longer than the limit: the body was not read, the connection ends
  bool admin_listener = false;

  // The first header of that name (ASCII case-insensitive), or nullptr.
  const std::string* FindHeader(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const HttpStream> stream;  // instead of the body; the connection ends with it
  bool close_connection = false;
};

// Called on a server thread, many at once: must be thread-safe and must not throw.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

}  // namespace purser::api

#endif  // PURSER_API_HTTP_H_
