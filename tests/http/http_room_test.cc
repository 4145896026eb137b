// Clients that hold threads, and those that wait for one.
#include <gtest/gtest.h>

#include <atomic>
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

}  // namespace
}  // namespace purser::api
