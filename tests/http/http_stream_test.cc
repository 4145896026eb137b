// Answers that are made while they are sent.
#include "api/http_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/fixtures/eventually.h"
#include "tests/http/raw_client.h"
#include "tests/http/server_fixture.h"

namespace purser::api {
namespace {

TEST(SendStream, FramesEachPieceAndSaysHowItEnded) {
  std::vector<std::string> pieces = {"hello", "", std::string(300, 'x')};
  size_t next = 0;
  std::vector<HttpStreamEnd> ends;
  const HttpStream stream{[&](std::string* piece) {
                            if (next == pieces.size()) return false;
                            *piece = pieces[next++];
                            return true;
                          },
                          [&](HttpStreamEnd end) { ends.push_back(end); }};
  std::string sent;
  const auto write = [&](std::string_view bytes) {
    sent += bytes;
    return HttpStreamEnd::kWhole;
  };
  SendStream(stream, /*chunked=*/true, write);
  EXPECT_EQ(sent, "5\r\nhello\r\n12c\r\n" + std::string(300, 'x') + "\r\n0\r\n\r\n");
  next = 0;
  sent.clear();
  SendStream(stream, /*chunked=*/false, write);
  EXPECT_EQ(sent, "hello" + std::string(300, 'x'));
  next = 0;
  SendStream(stream, true, [&](std::string_view) { return HttpStreamEnd::kTooSlow; });
  EXPECT_EQ(next, 1u) << "nothing more is asked for";
  EXPECT_EQ(ends, (std::vector<HttpStreamEnd>{HttpStreamEnd::kWhole, HttpStreamEnd::kWhole,
                                              HttpStreamEnd::kTooSlow}));
}

// A server whose every answer is a stream: "piece 1\n", "piece 2\n" … on /count, and on /flood as
// much as the client takes.
class StreamServer {
 public:
  explicit StreamServer(int stream_deadline_ms = 10'000) {
    HttpServerOptions options = TestOptions();
    options.stream_deadline_ms = stream_deadline_ms;
    server_ = MustStart(options, [this](const HttpRequest& request) { return Answer(request); });
  }
  ~StreamServer() {
    stop_ = true;
    server_->Stop(20'000);
  }
  int port() const { return server_->port(); }
  int ended(HttpStreamEnd end) const { return ended_[static_cast<int>(end)]; }
  std::atomic<int> released{0};  // how many pieces of /count may go

 private:
  HttpResponse Answer(const HttpRequest& request) {
    HttpResponse response;
    response.content_type = "text/event-stream";
    const bool flood = request.path == "/flood";
    auto count = std::make_shared<int>(0);
    response.stream = std::make_shared<const HttpStream>(
        HttpStream{[this, flood, count](std::string* piece) {
                     *piece = flood ? std::string(1 << 20, 'x') : Concat("piece ", ++*count, "\n");
                     if (flood) return !stop_;
                     return Eventually([&] { return stop_ || released >= *count; }) && !stop_;
                   },
                   [this](HttpStreamEnd end) { ++ended_[static_cast<int>(end)]; }});
    return response;
  }

  std::atomic<bool> stop_{false};
  std::atomic<int> ended_[3] = {};
  std::unique_ptr<HttpServer> server_;
};

TEST(HttpStreamServer, SendsPiecesAsTheyAreMade) {
  StreamServer server;
  RawClient client(server.port());
  client.Send("GET /count HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto head = client.Read();
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(head->Has("Transfer-Encoding: chunked"));
  EXPECT_TRUE(head->Has("Connection: close"));
  EXPECT_TRUE(head->Has("Content-Type: text/event-stream"));
  EXPECT_EQ(head->head.find("Content-Length"), std::string::npos);
  server.released = 1;
  EXPECT_EQ(client.ReadSome(), "8\r\npiece 1\n\r\n");
  server.released = 2;
  EXPECT_EQ(client.ReadSome(), "8\r\npiece 2\n\r\n");
}

TEST(HttpStreamServer, SpeaksOldHttpAndHead) {
  StreamServer server;
  server.released = 1;
  RawClient old(server.port());
  old.Send("GET /count HTTP/1.0\r\nHost: h\r\n\r\n");
  const auto head = old.Read();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->head.find("chunked"), std::string::npos);
  EXPECT_EQ(old.ReadSome(), "piece 1\n");
  RawClient asks(server.port());
  asks.Send("HEAD /count HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(asks.Read(false).has_value());
  EXPECT_TRUE(asks.AtEnd());
}

TEST(HttpStreamServer, NoticesThatTheClientIsGone) {
  StreamServer server;
  server.released = 1;
  RawClient client(server.port());
  client.Send("GET /count HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(client.Read().has_value());
  client.Abort();
  EXPECT_TRUE(Eventually([&] {
    ++server.released;
    return server.ended(HttpStreamEnd::kGone) == 1;
  }));
}

TEST(HttpStreamServer, EndsAClientThatTakesNothing) {
  StreamServer server(/*stream_deadline_ms=*/1'000);
  RawClient client(server.port());
  client.Send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return server.ended(HttpStreamEnd::kTooSlow) == 1; }));
  // One that reads is served all the while.
  RawClient reader(server.port());
  reader.Send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
  size_t taken = 0;
  while (taken < (64u << 20)) {
    const std::string some = reader.ReadSome();
    ASSERT_FALSE(some.empty());
    taken += some.size();
  }
}

}  // namespace
}  // namespace purser::api
