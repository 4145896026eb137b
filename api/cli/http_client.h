#ifndef PURSER_API_CLI_HTTP_CLIENT_H_
#define PURSER_API_CLI_HTTP_CLIENT_H_

// Sends one HTTP request at a time and waits for its answer. Only http_client.cc names the library
// that does it. Thread-compatible.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace purser::cli {

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // not sent with GET
  // Set: given the body of a 200 as it comes, in pieces and without an end; false from it stops.
  // Nothing for 45 s, three of the daemon's heartbeats, counts as a broken connection.
  std::function<bool(std::string_view bytes)> stream;
};

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  // The first header of that (lower-case) name, or nullptr.
  const std::string* FindHeader(const std::string& name) const;
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any whole answer is OK, whatever its status; redirections are not followed. Errors:
  // InvalidArgument: the URL is none, or neither http nor https. Unavailable: nothing was sent.
  // Unknown: no whole answer came, and the request may have been received.
  absl::StatusOr<HttpAnswer> Send(const HttpCall& call);

 private:
  struct Session;
  std::unique_ptr<Session> session_;
};

}  // namespace purser::cli

#endif  // PURSER_API_CLI_HTTP_CLIENT_H_
