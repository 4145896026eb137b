// bytes.table, against the real daemon.
#include <set>

#include "tests/end_to_end/daemon_fixture.h"
#include "tests/hostile/byte_case.h"
#include "tests/http/raw_client.h"

namespace purser {
namespace {

constexpr char kPlain[] = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";

class Bytes : public DaemonTest {
 protected:
  void Try(const ByteCase& one) {
    api::RawClient client(port());
    client.Send(one.sent);  // the daemon may have left before the end of it
    if (one.end == ByteEnd::kResets) return client.Reset();
    if (one.end == ByteEnd::kEndsSending) client.EndSending();
    for (const std::string& expected : one.answers) {
      if (expected == "closed") {
        EXPECT_TRUE(client.AtEnd()) << "not closed";
      } else if (expected == "open") {
        client.Send(kPlain);
        const auto answer = client.Read();
        ASSERT_TRUE(answer.has_value()) << "not open";
        EXPECT_EQ(answer->status, 200);
      } else {
        Expect(client.Read(), expected);
      }
    }
  }

  static void Expect(const std::optional<api::RawAnswer>& answer, const std::string& expected) {
    ASSERT_TRUE(answer.has_value()) << "no answer, expected " << expected;
    const RestAnswer rest{answer->status, answer->head, answer->body};
    const std::string code = rest.status >= 400 ? rest.code() : "";
    const bool names_code = expected.find(' ') != std::string::npos;
    EXPECT_EQ(names_code ? Concat(rest.status, " ", code) : Concat(rest.status), expected) << rest;
    if (rest.status < 400) return;
    EXPECT_EQ(rest.Header("Content-Type"), "application/problem+json") << rest;
    EXPECT_FALSE(rest.Field("request_id").empty()) << rest;
  }
};

TEST_F(Bytes, GetWhatTheTableSays) {
  const auto cases = ReadByteCases(PURSER_SOURCE_DIR "/tests/hostile/bytes.table");
  ASSERT_GT(cases.size(), 100u);
  std::set<std::string> names;
  for (const ByteCase& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_TRUE(names.insert(one.name).second) << "two cases of this name";
    Try(one);
    EXPECT_EQ(Get("/livez").status, 200) << "the next honest client";
    client_->Disconnect();
    if (HasFailure()) std::printf("%s\n", one.name.c_str());
  }
  EXPECT_EQ(Sequence(), "1");
  EXPECT_EQ(GpuHours(), "granted 400 = available 300 + reserve 100");
  EXPECT_EQ(Get(kReservations + "/smuggled").status, 404);
}

// Each is what a case would have done, had its end been mistaken: the table's BOOK does book.
TEST_F(Bytes, BookWhereTheyAreARequest) {
  const auto cases = ReadByteCases(PURSER_SOURCE_DIR "/tests/hostile/bytes.table");
  for (const ByteCase& one : cases) {
    const size_t at = one.sent.find("POST /v1/populations/default/reservations HTTP/1.1");
    if (at == std::string::npos || one.sent.find("smuggled") == std::string::npos) continue;
    api::RawClient client(port());
    client.Send(one.sent.substr(one.sent.rfind("POST ")));
    const auto answer = client.Read();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 201) << one.name;
    return;
  }
  FAIL() << "no case with BOOK";
}

}  // namespace
}  // namespace purser
