#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <string>
#include <vector>

#include "api/http_server_stack.h"
#include "api/json.h"
#include "api/v1/problem.pb.h"
#include "ledger/text.h"
#include "tests/http/raw_client.h"
#include "tests/http/server_fixture.h"

namespace purser::api {
namespace {

// The answer is a problem document with that status and code, and the connection is closed behind
// it.
void ExpectRefusal(int port, const std::string& request, int status, const std::string& code) {
  RawClient client(port);
  client.Send(request);
  const auto answer = client.Read();
  ASSERT_TRUE(answer.has_value()) << request.substr(0, 200);
  EXPECT_EQ(answer->status, status) << request.substr(0, 200);
  EXPECT_TRUE(answer->Has("Content-Type: application/problem+json")) << answer->head;
  EXPECT_TRUE(answer->Has("Connection: close")) << answer->head;
  v1::Problem problem;
  std::vector<v1::Fault> faults;
  ASSERT_TRUE(ParseJson(answer->body, &problem, &faults)) << answer->body;
  EXPECT_EQ(problem.status(), status);
  EXPECT_EQ(problem.code(), code);
  EXPECT_EQ(problem.type(), "/problems/" + code);
  EXPECT_FALSE(problem.title().empty());
  EXPECT_FALSE(problem.detail().empty());
  EXPECT_FALSE(problem.request_id().empty());
  EXPECT_TRUE(answer->Has("X-Request-Id: " + problem.request_id())) << answer->head;
  EXPECT_TRUE(client.AtEnd()) << request.substr(0, 200);
}

TEST_F(HttpServerTest, PassesTheRequestOnAsItCame) {
  const auto answer = Exchange(
      port(),
      "POST /v1/A%2fb/../c:x?a=%20&b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "POST /v1/A%2fb/../c:x?a=%20&b /v1/A%2fb/../c:x a=%20&b hello");
  EXPECT_TRUE(answer->Has("Content-Type: text/plain"));
  EXPECT_FALSE(answer->Has("Connection: close"));
  EXPECT_EQ(answer->head.find("Access-Control"), std::string::npos);
}

TEST_F(HttpServerTest, PassesEveryMethodAndPathToTheOneHandler) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    for (const char* path : {"/", "/%00x", "/index.html", "/../etc/passwd", "/a.cgi", "//x"}) {
      const auto answer =
          Exchange(port(), Concat(method, " ", path, " HTTP/1.1\r\nHost: h\r\n\r\n"));
      ASSERT_TRUE(answer.has_value()) << method << path;
      EXPECT_EQ(answer->status, 200);
      EXPECT_TRUE(answer->Has(Concat("X-Path: ", path))) << answer->head;
    }
  }
}

TEST_F(HttpServerTest, AnswersPreflightsLikeAnyOtherRequest) {
  const auto answer = Exchange(port(),
                               "OPTIONS /x HTTP/1.1\r\nHost: h\r\nOrigin: http://evil\r\n"
                               "Access-Control-Request-Method: POST\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->head.find("Access-Control"), std::string::npos) << answer->head;
  EXPECT_EQ(answer->body, "OPTIONS /x /x  ");
}

TEST_F(HttpServerTest, LetsNoHeaderValueEndItsLine) {
  const auto answer = Exchange(port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->Has("X-Evil: a??X-Injected: b")) << answer->head;
}

TEST_F(HttpServerTest, KeepsConnectionsAlive) {
  RawClient client(port());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.Send(Concat("GET /", i, " HTTP/1.1\r\nHost: h\r\n\r\n")));
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, Concat("GET /", i, " /", i, "  "));
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  RawClient client(port());
  client.Send(
      "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none"
      "POST /2 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
      "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  for (const char* body : {"POST /1 /1  one", "POST /2 /2  two", "GET /3 /3  "}) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << body;
    EXPECT_EQ(answer->body, body);
  }
}

TEST_F(HttpServerTest, GivesHeadNoBody) {
  RawClient client(port());
  client.Send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto head = client.Read(/*with_body=*/false);
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(head->Has("Content-Length: 12")) << head->head;
  const auto next = client.Read();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "GET /y /y  ");
}

TEST_F(HttpServerTest, GivesNoContentNoLength) {
  RawClient client(port());
  client.Send("GET /empty HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto empty = client.Read();
  ASSERT_TRUE(empty.has_value());
  EXPECT_EQ(empty->status, 204);
  EXPECT_EQ(empty->head.find("Content-"), std::string::npos) << empty->head;
  EXPECT_EQ(client.Read()->body, "GET /y /y  ");
}

TEST_F(HttpServerTest, ClosesWhenOneOfTheTwoWishesIt) {
  constexpr char kUpgrade[] =
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: TE, Close\r\n\r\n",
        "GET /close HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", kUpgrade}) {
    RawClient client(port());
    client.Send(request);
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << request;
    EXPECT_EQ(answer->status, 200) << request;
    EXPECT_TRUE(answer->Has("Connection: close")) << request;
    EXPECT_TRUE(client.AtEnd()) << request;
  }
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  const auto answer = Exchange(port(),
                               "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
                               "5\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "POST / /  hello 0123456789");
}

TEST_F(HttpServerTest, InvitesABodyThatWaits) {
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  const auto invitation = client.Read();
  ASSERT_TRUE(invitation.has_value());
  EXPECT_EQ(invitation->status, 100);
  client.Send("ok");
  EXPECT_EQ(client.Read()->body, "POST / /  ok");
}

TEST_F(HttpServerTest, InvitesNoBodyThatIsTooLarge) {
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Read()->status, 413);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, LetsTheHandlerRefuseWhatIsTooLarge) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(
      Exchange(port(), head + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x'))->status,
      200);
  const std::string large(10 * 1024 * 1024, 'x');
  for (const std::string& request :
       {Concat(head, "Content-Length: 1001\r\n\r\n", std::string(1001, 'x')),
        Concat(head, "Content-Length: 10485760\r\n\r\n", large),
        Concat(head, "Content-Length: 9000000000000000000\r\n\r\n", std::string(5000, 'x')),
        Concat(head, "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", std::string(1001, 'x'),
               "\r\n0\r\n\r\n"),
        Concat(head, "Transfer-Encoding: chunked\r\n\r\nA00000\r\n", large, "\r\n0\r\n\r\n")}) {
    RawClient client(port());
    client.Send(request);
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value()) << request.substr(0, 100);
    EXPECT_EQ(answer->status, 413) << request.substr(0, 100);
    EXPECT_TRUE(answer->Has("Connection: close"));
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST_F(HttpServerTest, AllowsBatchesMore) {
  const std::string body(100'000, 'x');
  const std::string head = "POST /v1/x:batch?q HTTP/1.1\r\nHost: h\r\nContent-Length: ";
  EXPECT_EQ(Exchange(port(), head + "100000\r\n\r\n" + body)->status, 200);
  EXPECT_EQ(Exchange(port(), head + "100001\r\n\r\n" + body + "x")->status, 413);
  EXPECT_EQ(
      Exchange(port(),
               "POST /v1/x?:batch HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + body)
          ->status,
      413);
}

TEST_F(HttpServerTest, RefusesWhatTwoReadersCouldReadInTwoWays) {
  const char* const heads[] = {
      // The end of the body.
      "Host: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Host: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
      "Host: h\r\nContent-Length: 5\r\ncontent-length: 6\r\n",
      "Host: h\r\nContent-Length: 5, 5\r\n",
      "Host: h\r\nContent-Length: +5\r\n",
      "Host: h\r\nContent-Length: -5\r\n",
      "Host: h\r\nContent-Length: 5x\r\n",
      "Host: h\r\nContent-Length: 0x5\r\n",
      "Host: h\r\nContent-Length:\r\n",
      "Host: h\r\nContent-Length: 99999999999999999999\r\n",
      "Host: h\r\nTransfer-Encoding: gzip\r\n",
      "Host: h\r\nTransfer-Encoding: identity\r\n",
      "Host: h\r\nTransfer-Encoding: chunked, chunked\r\n",
      "Host: h\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
      "Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Host: h\r\nTransfer-Encoding : chunked\r\n",
      "Host: h\r\nContent-Length : 5\r\n",
      "Host: h\r\nContent-Length  :5\r\n",
      "Host: h\r\nX :\r\nContent-Length: 5\r\n",
      "Host: h\r\nX: a\r\n folded\r\nContent-Length: 5\r\n",
      "Host: h\r\nX: a\r\n\tfolded\r\nContent-Length: 5\r\n",
      "Host: h\r\nX: a\nContent-Length: 5\r\n",
      "Host: h\r\nX: a\rContent-Length: 5\r\n",
      "Host: h\r\n: nameless\r\nContent-Length: 5\r\n",
      "Host: h\r\nX y: a\r\n",
      "Host: h\r\nno colon\r\n",
      "Host: h\r\nX(y): a\r\n",
      " Host: h\r\n",
      // Whom it is for.
      "",
      "X: a\r\n",
      "Host:\r\n",
      "Host: h\r\nHost: h\r\n",
      "Host: h\r\nhost: i\r\n",
      "Host: user@h\r\n",
      "Host: h/x\r\n",
      "Host: h i\r\n",
  };
  for (const char* head : heads) {
    ExpectRefusal(port(), Concat("POST /x HTTP/1.1\r\n", head, "\r\nhello"), 400, "malformed");
  }
  for (const char* line : {"GET  /x HTTP/1.1", "GET /x  HTTP/1.1", "GET /x HTTP/1.1 ", "GET /x",
                           "GET", "get /x HTTP/1.1", "FROB /x HTTP/1.1", "GET x HTTP/1.1",
                           "GET /x\x01 HTTP/1.1", "GET /x HTTP1.1", "G\xc3\xa9T /x HTTP/1.1"}) {
    ExpectRefusal(port(), Concat(line, "\r\nHost: h\r\n\r\n"), 400, "malformed");
  }
  ExpectRefusal(port(),
                "POST /x HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
                "malformed");
  ExpectRefusal(port(), "GET /x HTTP/1.0\r\n\r\n", 400, "malformed");
  ExpectRefusal(port(), "GET /x HTTP/2.0\r\nHost: h\r\n\r\n", 505, "malformed");
}

TEST_F(HttpServerTest, RefusesChunksThatAreNotWellFormed) {
  for (const char* body :
       {"x\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n",
        "5\nhello\n0\n\n", "ffffffffffffffff\r\nhello",
        "7fffffffffffffffffffffffffffffff\r\nhello"}) {
    ExpectRefusal(port(),
                  Concat("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", body),
                  400, "malformed");
  }
}

TEST_F(HttpServerTest, RefusesMoreHeadersThanItCanSee) {
  const auto with_headers = [](int count) {
    std::string request = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 1; i < count; ++i) request += Concat("X-", i, ": a\r\n");
    return request + "\r\n";
  };
  EXPECT_EQ(Exchange(port(), with_headers(63))->status, 200);
  for (int count : {64, 65, 200}) ExpectRefusal(port(), with_headers(count), 431, "malformed");
}

// CivetWeb takes this one for a body without end: it is never taken for a whole one.
TEST_F(HttpServerTest, RefusesAChunkLengthBeyondSixtyThreeBits) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  ExpectRefusal(port(), head + "8000000000000000\r\nhello", 408, "malformed");
}

TEST_F(HttpServerTest, RefusesHeadsThatAreTooLong) {
  const std::string long_text(16'400, 'x');
  ExpectRefusal(port(), Concat("GET /", long_text, " HTTP/1.1\r\nHost: h\r\n\r\n"), 400,
                "malformed");
  ExpectRefusal(port(), Concat("GET / HTTP/1.1\r\nHost: h\r\nX: ", long_text, "\r\n\r\n"), 400,
                "malformed");
}

TEST_F(HttpServerTest, RefusesOtherExpectations) {
  ExpectRefusal(port(), "GET / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n", 417, "malformed");
}

TEST_F(HttpServerTest, TakesAbsoluteTargetsOnlyForTheHostThatIsNamed) {
  const std::string host = Concat("127.0.0.1:", port());
  const auto answer =
      Exchange(port(), Concat("GET http://", host, "/x?y HTTP/1.1\r\nHost: ", host, "\r\n\r\n"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, Concat("GET http://", host, "/x?y /x y "));
  ExpectRefusal(port(), Concat("GET http://", host, "/x HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400,
                "malformed");
  // CivetWeb leaves these before anybody of ours is asked.
  ExpectRefusal(port(), "GET http://evil/x HTTP/1.1\r\nHost: evil\r\n\r\n", 400, "malformed");
  ExpectRefusal(port(), "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400, "malformed");
  ExpectRefusal(port(), "POST * HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", 400,
                "malformed");
}

TEST_F(HttpServerTest, RepeatsTheRequestIdInItsOwnProblems) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nHost: h\r\n";
  EXPECT_TRUE(Exchange(port(), head + "X-Request-Id: abc-1\r\n\r\n")->Has("X-Request-Id: abc-1"));
  EXPECT_FALSE(Exchange(port(), head + "X-Request-Id: a b\r\n\r\n")->Has("X-Request-Id: a b"));
}

TEST_F(HttpServerTest, EndsABodyThatDoesNotCome) {
  ExpectRefusal(port(), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhel", 408,
                "malformed");
  ExpectRefusal(port(), "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                408, "malformed");
}

TEST_F(HttpServerTest, EndsABodyThatIsDrippedIn) {
  RawClient client(port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  int sent = 0;
  while (sent < 999 && !client.Readable(10) && client.Send("x")) ++sent;
  EXPECT_LT(sent, 500);
  const auto answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, SurvivesClientsThatDieAtAnyByte) {
  const std::string request =
      "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /y HTTP/1.1\r\nHost: "
      "h\r\n\r\n";
  for (size_t length = 0; length <= request.size(); ++length) {
    RawClient client(port());
    client.Send(request.substr(0, length));
    client.Abort();
  }
}

TEST_F(HttpServerTest, GivesHandlersAMebibyteOfStack) {
  std::atomic<size_t> stack_bytes{0};
  const auto server = MustStart(TestOptions(), [&](const HttpRequest&) {
    pthread_attr_t attributes;
    size_t bytes = 0;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &bytes);
    pthread_attr_destroy(&attributes);
    volatile char large[700 * 1024];
    for (size_t i = 0; i < sizeof(large); i += 1024) large[i] = 'x';
    stack_bytes = bytes + static_cast<size_t>(large[0] - 'x');
    return HttpResponse();
  });
  EXPECT_EQ(Exchange(server->port(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n")->status, 200);
  EXPECT_GE(stack_bytes, kWorkerStackBytesMin);
}

}  // namespace
}  // namespace purser::api
