#ifndef PURSER_TESTS_HTTP_SERVER_FIXTURE_H_
#define PURSER_TESTS_HTTP_SERVER_FIXTURE_H_

// A server with small limits whose handler says what it was asked, and a fixture that shares one.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "api/http_server.h"
#include "ledger/text.h"
#include "tests/http/raw_client.h"

namespace purser::api {

inline constexpr int kBodyBytesMax = 1000;

// Says what it was asked. The body of its answer ends with the request's body.
inline HttpResponse Echo(const HttpRequest& request) {
  HttpResponse response;
  response.content_type = "text/plain";
  if (request.body_too_large) {
    response.status = 413;
    response.body = "too large";
    return response;
  }
  response.headers.emplace_back("X-Path", request.path);
  response.headers.emplace_back("X-Evil", "a\r\nX-Injected: b");
  if (request.path == "/close") response.close_connection = true;
  if (request.path == "/empty") {
    response.status = 204;
    return response;
  }
  response.body = Concat(request.method, " ", request.target, " ", request.path, " ", request.query,
                         " ", request.body);
  return response;
}

inline HttpServerOptions TestOptions() {
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  options.threads = 8;
  options.body_bytes_max = kBodyBytesMax;
  options.batch_body_bytes_max = 100'000;
  options.body_deadline_ms = 200;
  return options;
}

inline std::unique_ptr<HttpServer> MustStart(const HttpServerOptions& options,
                                             HttpHandler handler) {
  auto server = HttpServer::Start(options, std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

// One server for all tests that leave it running.
class HttpServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { shared = MustStart(TestOptions(), Echo).release(); }
  static void TearDownTestSuite() {
    delete shared;
    shared = nullptr;
  }

  // After whatever a test did, the next honest request must be answered.
  void TearDown() override {
    const auto answer = Exchange(port(), "GET /after HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
  }

  static int port() { return shared->port(); }
  inline static HttpServer* shared = nullptr;
};

}  // namespace purser::api

#endif  // PURSER_TESTS_HTTP_SERVER_FIXTURE_H_
