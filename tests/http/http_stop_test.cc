#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "ledger/text.h"
#include "tests/http/raw_client.h"
#include "tests/http/server_fixture.h"

namespace purser::api {
namespace {

TEST(HttpServerStart, NamesTheAddressItCannotHave) {
  const auto server = MustStart(TestOptions(), Echo);
  HttpServerOptions options = TestOptions();
  options.listen = Concat("127.0.0.1:", server->port());
  const auto second = HttpServer::Start(options, Echo);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(ToStd(second.status().message()).find(options.listen), std::string::npos);
  for (const char* listen : {"", "7480", "127.0.0.1", "localhost", "[::1]:1", "127.0.0.1:",
                             "127.0.0.1:65536", "127.0.0.1:1s", "1.2.3:4", "127.0.0.1:-1"}) {
    options.listen = listen;
    EXPECT_EQ(HttpServer::Start(options, Echo).status().code(), absl::StatusCode::kInvalidArgument)
        << listen;
  }
}

TEST(HttpServerStart, TakesLocalhostForLoopback) {
  HttpServerOptions options = TestOptions();
  options.listen = "localhost:0";
  const auto server = MustStart(options, Echo);
  EXPECT_EQ(Exchange(server->port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200);
}

TEST(HttpServerStart, IsQuickWithManyThreads) {
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  const auto start = std::chrono::steady_clock::now();
  const auto server = MustStart(options, Echo);
  const auto started = std::chrono::steady_clock::now();
  RawClient idle(server->port());
  RawClient kept(server->port());
  kept.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(kept.Read()->status, 200);
  const auto served = std::chrono::steady_clock::now();
  server->Stop(1000);
  const auto stopped = std::chrono::steady_clock::now();
  const auto ms = [](auto span) {
    return static_cast<long long>(span / std::chrono::milliseconds(1));
  };
  std::printf("512 threads: started in %lld ms, stopped in %lld ms\n", ms(started - start),
              ms(stopped - served));
}

TEST(HttpServerStop, AnswersWhatIsInFlightAndRefusesTheRest) {
  std::promise<void> entered;
  std::promise<void> release;
  std::shared_future<void> released(release.get_future());
  const auto server = MustStart(TestOptions(), [&](const HttpRequest& request) {
    if (request.path == "/slow") {
      entered.set_value();
      released.wait();
    }
    return Echo(request);
  });
  RawClient slow(server->port());
  RawClient other(server->port());
  other.Send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(other.Read()->status, 200);
  slow.Send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  entered.get_future().wait();
  std::thread stopper([&] { server->Stop(20'000); });
  // The connection that was kept is told so by the first request after Stop began.
  std::optional<RawAnswer> answer;
  do {
    other.Send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    answer = other.Read();
    ASSERT_TRUE(answer.has_value());
  } while (answer->status == 200 && !answer->Has("Connection: close"));
  if (answer->status == 200)
    answer = Exchange(server->port(), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_NE(answer->body.find("\"code\":\"overloaded\""), std::string::npos) << answer->body;
  EXPECT_TRUE(answer->Has("Connection: close"));
  EXPECT_TRUE(answer->Has("Retry-After: 1"));
  release.set_value();
  const auto late = slow.Read();
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(late->status, 200);
  EXPECT_TRUE(late->Has("Connection: close"));
  stopper.join();
  EXPECT_FALSE(Exchange(server->port(), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n").has_value());
  server->Stop(0);
}

TEST(HttpServerStop, HasAnsweredEveryRequestThatItTook) {
  std::atomic<int> handled{0};
  const auto server = MustStart(TestOptions(), [&](const HttpRequest& request) {
    ++handled;
    return Echo(request);
  });
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  clients.reserve(6);
  for (int i = 0; i < 6; ++i) {
    clients.emplace_back([&] {
      RawClient client(server->port());
      std::optional<RawAnswer> answer;
      do {
        client.Send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
        answer = client.Read();
        if (answer.has_value() && answer->status == 200) ++answered;
      } while (answer.has_value() && !answer->Has("Connection: close"));
    });
  }
  while (answered < 200) std::this_thread::yield();
  server->Stop(20'000);
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, handled);
}

}  // namespace
}  // namespace purser::api
