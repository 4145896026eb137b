// Clients that hold threads, and those that wait for one.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "tests/fixtures/eventually.h"
#include "tests/http/raw_client.h"
#include "tests/http/server_fixture.h"

namespace purser::api {
namespace {

constexpr int kThreads = 4;
constexpr char kHonest[] = "GET /honest HTTP/1.1\r\nHost: h\r\n\r\n";
// Beyond what the kernel takes from us before anybody reads.
constexpr size_t kUnreadBytes = 16 * 1024 * 1024;

// Time-outs beyond those of RawClient: what is answered was not answered because of them.
HttpServerOptions PatientOptions() {
  HttpServerOptions options = TestOptions();
  options.threads = kThreads;
  options.keep_alive_timeout_ms = 120'000;
  options.request_timeout_ms = 120'000;
  options.body_deadline_ms = 120'000;
  return options;
}

class HttpRoomTest : public testing::Test {
 protected:
  void Start(const HttpServerOptions& options) {
    server_ = MustStart(options, [this](const HttpRequest& request) {
      HttpResponse response = Echo(request);
      if (request.path == "/large") response.body.assign(kUnreadBytes, 'x');
      ++handled_;
      return response;
    });
  }
  // `count` clients that send this and then nothing more.
  void Occupy(int count, std::string_view bytes) {
    clients_.reserve(clients_.size() + static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<RawClient>(server_->port()));
      clients_.back()->Send(bytes);
    }
  }
  void ExpectHonestAnswer() {
    const auto answer = Exchange(server_->port(), kHonest);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
  }

  std::atomic<int> handled_{0};
  std::unique_ptr<HttpServer> server_;
  std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST_F(HttpRoomTest, SilentConnectionsGiveWayToThoseThatWait) {
  Start(PatientOptions());
  Occupy(10 * kThreads, "");
  ExpectHonestAnswer();
}

TEST_F(HttpRoomTest, HeadsThatDoNotEndGiveWay) {
  Start(PatientOptions());
  Occupy(3 * kThreads, "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ");
  ExpectHonestAnswer();
  const auto answer = clients_.front()->Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(clients_.front()->AtEnd());
}

TEST_F(HttpRoomTest, KeptConnectionsGiveWay) {
  Start(PatientOptions());
  Occupy(kThreads, kHonest);
  for (const auto& client : clients_) EXPECT_EQ(client->Read()->status, 200);
  ExpectHonestAnswer();
}

TEST_F(HttpRoomTest, NobodyGivesWayWhileNobodyWaits) {
  Start(PatientOptions());
  Occupy(kThreads - 1, kHonest);
  for (const auto& client : clients_) EXPECT_EQ(client->Read()->status, 200);
  Occupy(1, "");
  for (const auto& client : clients_) EXPECT_FALSE(client->Readable(500));
  for (const auto& client : clients_) {
    client->Send(kHonest);
    EXPECT_EQ(client->Read()->status, 200);
  }
}

TEST_F(HttpRoomTest, SlowBodiesAndUnreadAnswersGiveWay) {
  Start(PatientOptions());
  Occupy(kThreads / 2, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhel");
  Occupy(kThreads / 2, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return handled_ == kThreads / 2; }));
  ExpectHonestAnswer();
}

TEST_F(HttpRoomTest, AnAnswerThatIsNotReadIsGivenUpInTime) {
  HttpServerOptions options = PatientOptions();
  options.threads = 1;
  options.request_timeout_ms = 300;
  Start(options);
  Occupy(1, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return handled_ == 1; }));
  ExpectHonestAnswer();
}

TEST_F(HttpRoomTest, AHeadThatIsDrippedInIsRefusedInTime) {
  HttpServerOptions options = PatientOptions();
  options.request_timeout_ms = 300;
  Start(options);
  Occupy(1, "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ");
  RawClient& client = *clients_.front();
  while (!client.Readable(20) && client.Send("x")) continue;
  const auto answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpRoomOfBodies, IsSoMuchForAllOfThem) {
  HttpServerOptions options = PatientOptions();
  options.large_body_bytes_max = 50'000;
  std::promise<void> entered;
  std::promise<void> release;
  std::shared_future<void> released(release.get_future());
  const auto server = MustStart(options, [&](const HttpRequest& request) {
    if (request.path == "/hold:batch") {
      entered.set_value();
      released.wait();
    }
    return Echo(request);
  });
  const auto post = [](std::string_view path, size_t bytes) {
    return Concat("POST ", path, " HTTP/1.1\r\nHost: h\r\nContent-Length: ", bytes, "\r\n\r\n",
                  std::string(bytes, 'x'));
  };
  RawClient holder(server->port());
  holder.Send(post("/hold:batch", 60'000));
  entered.get_future().wait();
  const auto refused = Exchange(server->port(), post("/x:batch", 60'000));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(refused->Has("Retry-After: 1"));
  EXPECT_TRUE(refused->Has("Connection: close"));
  EXPECT_NE(refused->body.find("\"code\":\"overloaded\""), std::string::npos);
  EXPECT_EQ(Exchange(server->port(), post("/x:batch", 900))->status, 200) << "a small one has room";
  release.set_value();
  EXPECT_EQ(holder.Read()->status, 200);
  // The client has its answer a moment before the room is free.
  EXPECT_TRUE(Eventually(
      [&] { return Exchange(server->port(), post("/x:batch", 60'000))->status == 200; }));
}

}  // namespace
}  // namespace purser::api
