#ifndef PURSER_API_HTTP_SERVER_FRAMING_H_
#define PURSER_API_HTTP_SERVER_FRAMING_H_

// The rules of HTTP/1 that decide where a request ends and whom it is for. CivetWeb reads laxly;
// what two readers could read in two ways is how requests are smuggled past a proxy, so it is
// refused here. Thread-safe: pure functions.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/http.h"

namespace purser::api {

struct HttpRefusal {
  int status = 400;
  std::string code;
  std::string title;
  std::string detail;
};

// What the headers say about the body and the connection.
struct HttpFraming {
  int64_t content_length = 0;  // 0 when chunked
  bool chunked = false;
  bool expects_continue = false;
  bool keep_alive = false;  // the client's wish
};

struct HttpAddress {
  std::string host;  // dotted IPv4
  uint16_t port = 0;
};

// `version` is "1.0" or "1.1"; `headers_max` is the number at which the server stops counting.
// Refused:
// * Content-Length that is no plain number, or there twice, also when both say the same; with
//   Transfer-Encoding; Transfer-Encoding other than one "chunked", or in HTTP/1.0
// * no Host (also in HTTP/1.0), two, or one that is no host[:port]; a request for another authority
// * a name that is no token; `headers_max` headers or more (431); Expect other than 100-continue
// (417)
std::optional<HttpRefusal> CheckFraming(const HttpRequest& request, std::string_view version,
                                        size_t headers_max, HttpFraming* framing);

// "127.0.0.1:7480", "localhost:7480". InvalidArgument for anything else: CivetWeb, as Debian builds
// it, has IPv4 only.
absl::StatusOr<HttpAddress> ParseHttpAddress(std::string_view text);

HttpRefusal MalformedRequest(std::string_view detail);

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_FRAMING_H_
