#ifndef PURSER_API_HTTP_SERVER_H_
#define PURSER_API_HTTP_SERVER_H_

// The HTTP server: CivetWeb behind one handler. The only file that names CivetWeb is
// http_server.cc.
//
// Answered here, as application/problem+json, with the connection closed: 400 for a request whose
// end or host two readers could read in two ways (http_server_framing.h) and for the target "*" or
// one at another port, 408 for a head or body that is late, 417, 431 for 64 headers or more, 503
// while stopping, or while too many large bodies are here. Everything else, also methods and
// paths that do not exist, goes to the handler; a body beyond its limit does so unread, with
// `body_too_large`. Chunked bodies are taken within the same limits, `Expect: 100-continue` is
// answered, HTTP/1.0 is closed after one answer.
//
// CivetWeb answers by itself, through the same problem documents, what it cannot read (400, also
// for a method it does not know and for a head beyond 16 KiB).
//
// A connection takes a thread for as long as it lives. While none is left and others wait, those
// that are idle, silent or slow are given up (http_server_connections.h).
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/http.h"

namespace purser::api {

// Connections that are accepted and wait for a thread: each is an open file, as those with one are.
inline constexpr int kHttpConnectionQueue = 128;

struct HttpServerOptions {
  std::string listen = "127.0.0.1:7480";  // address:port; port 0 picks a free one
  int threads = 512;                      // a connection takes one, also while idle
  int keep_alive_timeout_ms = 5'000;
  int request_timeout_ms = 30'000;  // for a head, each read of a body, and a whole answer
  int body_deadline_ms = 30'000;    // for a whole body, so that one dripped in does not stay
  int stream_deadline_ms = 10'000;  // for the client to take the next 64 KiB of a stream
  int64_t body_bytes_max = 256 * 1024;
  int64_t batch_body_bytes_max = 8 * 1024 * 1024;  // for paths that end in ":batch"
  // Of all bodies that are read or handled at a time, but for the first 16 KiB of each: as messages
  // they take many times that.
  int64_t large_body_bytes_max = 64 * 1024 * 1024;
  bool admin_listener = false;
};

// Thread-safe. The handler runs on the server's threads.
class HttpServer {
 public:
  // Unavailable when the address cannot be had (in use, not allowed), with the address in the
  // message. InvalidArgument when `listen` is not IPv4:port.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           HttpHandler handler);
  virtual ~HttpServer() = default;
  virtual int port() const = 0;
  // Stops admitting (503 `overloaded`, Connection: close), waits until nothing is in flight or
  // `drain_ms` passed, then stops. Returns when all threads are gone. Idempotent. Whoever makes
  // streams ends them before.
  virtual void Stop(int drain_ms) = 0;
};

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_H_
