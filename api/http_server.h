#ifndef PURSER_API_HTTP_SERVER_H_
#define PURSER_API_HTTP_SERVER_H_

// The HTTP server: CivetWeb behind one handler. The only file that names CivetWeb is http_server.cc.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/http.h"

namespace purser::api {

struct HttpServerOptions {
  std::string listen = "127.0.0.1:7480";  // address:port; port 0 picks a free one
  int threads = 512;                      // a connection takes one, also while idle
  int keep_alive_timeout_ms = 5'000;
  int request_timeout_ms = 30'000;        // for each read
  int body_deadline_ms = 30'000;          // for a whole body, so that one dripped in does not stay
  int64_t body_bytes_max = 256 * 1024;
  int64_t batch_body_bytes_max = 8 * 1024 * 1024;  // for paths that end in ":batch"
  bool admin_listener = false;
};

// Thread-safe. The handler runs on the server's threads.
class HttpServer {
 public:
  // Unavailable when the address cannot be had (in use, not allowed), with the address in the message.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           HttpHandler handler);
  virtual ~HttpServer() = default;
  virtual int port() const = 0;
  // Stops admitting (503 `overloaded`, Connection: close), waits until nothing is in flight or
  // `drain_ms` passed, then stops. Returns when all threads are gone. Idempotent.
  virtual void Stop(int drain_ms) = 0;
};

}  // namespace purser::api

#endif  // PURSER_API_HTTP_SERVER_H_
