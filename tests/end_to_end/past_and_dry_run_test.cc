// What has been (as_of) and what would be (dry_run), over REST.
#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class Past : public DaemonTest {};
class DryRun : public DaemonTest {};

TEST_F(Past, ShowsResourcesAsOfASequenceAndATime) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  ASSERT_EQ(Advance(R"({"by":"10s"})").status, 200);
  ASSERT_EQ(Post(kReservations + "/e:settle", R"({"charge_all":true})").status, 200);
  const std::string held = "granted 400 = available 260 + reserve 100 + held 40";
  const std::string spent = "granted 400 = available 260 + reserve 100 + spent 40";
  const std::map<std::string, std::string> identities = {
      {"1", "granted 400 = available 300 + reserve 100"},
      {"2", held},
      {"3", spent},
      {"2026-01-01T00:00:00Z", held},
      {"2026-01-01T00:00:09.999999Z", held},
      {"2026-01-01T01:00:09%2B01:00", held},
      {"2026-01-01T00:00:10Z", spent}};
  for (const auto& [as_of, identity] : identities) {
    const RestAnswer answer = Get(Concat(kGpuHours, "?as_of=", as_of));
    EXPECT_EQ(answer.Field("identity"), identity) << as_of << answer;
    EXPECT_THAT(Get(Concat(kBooks, "/resources?as_of=", as_of)).body, HasSubstr(identity)) << as_of;
  }
  EXPECT_EQ(Get(kGpuHours + "?as_of=2").Header("Ledger-Sequence"), "2");
}

TEST_F(Past, ShowsAResourceWithTheSettingsOfThen) {
  ASSERT_EQ(Patch(kGpuHours, R"({"reserve_percent":"50"})", {{"If-Match", "\"1\""}}).status, 200);
  EXPECT_EQ(Get(kGpuHours + "?as_of=1").Field("reserve_percent"), "25");
  EXPECT_EQ(Get(kGpuHours + "?as_of=2").Field("reserve_percent"), "50");
}

TEST_F(Past, ShowsAReservationAsItWas) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  ASSERT_EQ(Advance(R"({"by":"10s"})").status, 200);
  ASSERT_EQ(Post(kReservations + "/e:start", "{}").status, 200);
  ASSERT_EQ(Post(kReservations + "/e:release", "{}").status, 200);
  const std::string path = kReservations + "/e?as_of=";
  EXPECT_EQ(Get(path + "1").status, 404);
  EXPECT_EQ(Get(path + "2").Field("state"), "GRANTED");
  EXPECT_EQ(Get(path + "3").Field("state"), "ACTIVE");
  EXPECT_EQ(Get(path + "4").Field("state"), "RELEASED");
  EXPECT_EQ(Get(path + "2026-01-01T00:00:09Z").Field("state"), "GRANTED");
  EXPECT_EQ(Get(path + "2026-01-01T00:00:10Z").Field("state"), "RELEASED");
}

TEST_F(Past, ShowsADenialAlsoAfterItsIdWasUsedAgain) {
  ASSERT_EQ(Post(kReservations, Ask("e", "1000")).status, 409);
  ASSERT_EQ(Advance(R"({"by":"700000s"})").status, 200);
  ASSERT_EQ(Post(kReservations, Ask("e", "2000")).status, 409);
  ASSERT_EQ(Advance(R"({"by":"700000s"})").status, 200);
  ASSERT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
  const std::string path = kReservations + "/e?as_of=";
  EXPECT_EQ(Get(path + "1").status, 404);
  EXPECT_EQ(Get(path + "2").FieldAfter("amounts", "gpu_hours"), "1000");
  EXPECT_EQ(Get(path + "2").Field("state"), "DENIED");
  // Entries 3 and 5 explain the denials.
  EXPECT_EQ(Get(path + "4").FieldAfter("amounts", "gpu_hours"), "2000");
  EXPECT_EQ(Get(path + "5").FieldAfter("amounts", "gpu_hours"), "2000");
  EXPECT_EQ(Get(path + "6").Field("state"), "GRANTED");
  EXPECT_EQ(Get(kReservations + "/e").Field("state"), "GRANTED");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

// A read as of a time that has come never changes afterwards, however many write meanwhile.
TEST_F(Past, IsTheSameWhenItIsAskedForAgain) {
  clock_.clear();
  Restart();
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  writers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([this, &stop] {
      RestClient client(port());
      const std::string body = Concat(R"({"amounts":{"gpu_hours":"0.000001"},)", kLabels, "}");
      while (!stop) client.Post(kBooks + "/charges", body);
    });
  }
  std::map<std::string, std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string now =
        absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
    const RestAnswer answer = Get(Concat(kGpuHours, "?as_of=", now));
    if (answer.status == 200)
      seen[now] = answer.Header("Ledger-Sequence") + answer.Field("identity");
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(seen.size(), 100U);
  for (const auto& [time, what] : seen) {
    const RestAnswer answer = Get(Concat(kGpuHours, "?as_of=", time));
    EXPECT_EQ(answer.Header("Ledger-Sequence") + answer.Field("identity"), what) << time;
  }
}

TEST_F(Past, RefusesTheFutureAndNonsense) {
  for (const std::string as_of : {"2", "18446744073709551615", "2026-01-01T00:00:00.000001Z"}) {
    const RestAnswer answer = Get(Concat(kGpuHours, "?as_of=", as_of));
    EXPECT_EQ(answer.status, 400) << as_of << answer;
    EXPECT_EQ(answer.code(), "as_of_in_future") << as_of;
  }
  for (const std::string as_of : {"", "-1", "yesterday", "18446744073709551616", "1.5"}) {
    const RestAnswer answer = Get(Concat(kGpuHours, "?as_of=", as_of));
    EXPECT_EQ(answer.code(), "invalid_argument") << as_of << answer;
  }
  EXPECT_EQ(Get(kGpuHours + "?as_of=2025-12-31T23:59:59Z").status, 404);
  EXPECT_EQ(Get(kReservations + "?as_of=1").status, 400);
}

TEST_F(DryRun, OfEveryMutatingCallChangesNothing) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40")).status, 201);
  ASSERT_EQ(Post(kReservations + "/e:charge", R"({"id":"c","amounts":{"gpu_hours":"3"}})").status,
            201);
  ASSERT_EQ(Post(kBooks + "/freezes", R"({"id":"f","resource":"risk_capacity"})").status, 201);
  const std::string sequence = Sequence();
  const std::string before = Get(kBooks).body;
  struct Call {
    std::string method, path, body;
    int status;
  };
  const std::vector<Call> calls = {
      {"POST", "/v1/populations", R"({"name":"p1"})", 201},
      {"PATCH", kBooks, R"({"required_labels":["team"]})", 200},
      {"POST", kBooks + "/resources",
       R"({"name":"disks","unit":"d","kind":"CAPACITY","amount":"4"})", 201},
      {"PATCH", kGpuHours, R"({"reserve_percent":"50"})", 200},
      {"DELETE", kBooks + "/resources/archive_storage", "", 200},
      {"POST", kGpuHours + ":grant", R"({"amount":"10","reason":"more"})", 200},
      {"POST", kGpuHours + ":withdraw", R"({"amount":"5","reason":"less"})", 200},
      {"POST", kBooks + "/freezes", R"({"id":"f2","population":true})", 201},
      {"DELETE", kBooks + "/freezes/f", "", 200},
      {"POST", kReservations, Ask("new", "5"), 201},
      {"POST", kReservations, Ask("huge", "5000"), 409},
      {"POST", kReservations + "/e:start", "{}", 409},
      {"POST", kReservations + "/e:renew", "{}", 200},
      {"POST", kReservations + "/e:charge", R"({"id":"c2","amounts":{"gpu_hours":"1"}})", 201},
      {"POST", kReservations + "/e:settle", R"({"charge_all":true})", 200},
      {"POST", kReservations + "/e:release", "{}", 200},
      {"POST", kBatch, Concat("{\"operations\":[{\"create\":", Ask("b", "5"), "}]}"), 200},
      {"POST", kBatch,
       Concat("{\"atomic\":true,\"operations\":[{\"create\":", Ask("b", "5"), "}]}"), 200},
      {"POST", kBooks + "/charges", Concat(R"({"amounts":{"gpu_hours":"2"},)", kLabels, "}"), 201},
      {"POST", kBooks + "/charges/c:refund", R"({"amounts":{"gpu_hours":"1"}})", 201},
  };
  for (const Call& call : calls) {
    Headers headers = {{"If-Match", "*"}};
    if (call.method == "POST") headers = {{"Idempotency-Key", "never-used"}};
    const RestAnswer answer =
        client_->Send(call.method, call.path + "?dry_run=true", call.body, headers);
    EXPECT_EQ(answer.status, call.status) << call.method << " " << call.path << answer;
    EXPECT_THAT(answer.body, HasSubstr(R"("dry_run":true)")) << call.method << " " << call.path;
    EXPECT_EQ(Sequence(), sequence) << call.method << " " << call.path;
  }
  EXPECT_EQ(Get(kBooks).body, before);
  EXPECT_EQ(Get("/v1/populations/p1").status, 404);
  // No id and no key was burnt.
  EXPECT_EQ(Post(kReservations, Ask("huge", "5"), {{"Idempotency-Key", "never-used"}}).status, 201);
}

TEST_F(DryRun, OfAPlainBatchJudgesEachMemberOnTopOfThoseBefore) {
  const std::string sequence = Sequence();
  const std::string batch = Concat(
      R"({"operations":[{"create":)", Ask("a", "200"), R"(},{"create":)", Ask("b", "200"),
      R"(},{"release":{"id":"a"}},{"create":)", Ask("c", "200"), R"(},{"create":)", Ask("b", "200"),
      R"(},{"charge":{"reservation":"c","id":"x","amounts":{"gpu_hours":"201"}}},)",
      R"({"release":{"id":"a"}}]})");
  const RestAnswer rehearsed = Post(kBatch + "?dry_run=true", batch);
  ASSERT_EQ(rehearsed.status, 200) << rehearsed;
  EXPECT_EQ(Sequence(), sequence);
  const RestAnswer done = Post(kBatch, batch);
  const auto states = [](const RestAnswer& answer) {
    std::vector<std::string> list;
    for (const char* word : {"\"state\":\"", "\"code\":\"", "\"overrun\":{\"gpu_hours\":\""}) {
      for (size_t at = answer.body.find(word); at != std::string::npos;
           at = answer.body.find(word, at + 1)) {
        const size_t begin = at + std::string_view(word).size();
        list.push_back(answer.body.substr(begin, answer.body.find('"', begin) - begin));
      }
    }
    return list;
  };
  EXPECT_EQ(states(rehearsed), states(done)) << rehearsed << done;
  EXPECT_THAT(states(done),
              ElementsAre("GRANTED", "RELEASED", "GRANTED", "reserve_protected",
                          "reserve_protected", "already_released", "0", "0", "0", "1"));
}

TEST_F(DryRun, OfAPlainBatchFindsWhatItDeniedBefore) {
  const std::string batch =
      Concat(R"({"operations":[{"create":)", Ask("e", "1000"), R"(},{"release":{"id":"e"}}]})");
  const RestAnswer rehearsed = Post(kBatch + "?dry_run=true", batch);
  EXPECT_THAT(rehearsed.body, Not(HasSubstr("not_found")));
  const RestAnswer done = Post(kBatch, batch);
  EXPECT_THAT(done.body, HasSubstr(R"("code":"denied")"));
  EXPECT_THAT(rehearsed.body, HasSubstr(R"("code":"denied")"));
}

TEST_F(DryRun, AnswersAUsedIdAsThatReplay) {
  const RestAnswer first = Post(kReservations, Ask("e", "40"));
  const RestAnswer again = Post(kReservations + "?dry_run=true", Ask("e", "40"));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.Field("id"), first.Field("id"));
  EXPECT_EQ(Post(kReservations + "?dry_run=true", Ask("e", "41")).code(), "id_conflict");
}

TEST_F(DryRun, RefusesAnythingButTrueAndFalse) {
  // Told once, as any fault of a query.
  EXPECT_THAT(Post(kReservations + "?dry_run=yes", Ask("e", "1")).body,
              HasSubstr(R"("fields":[{"path":"?dry_run","code":"invalid_argument",)"
                        R"("message":"true or false"}])"));
  EXPECT_EQ(Post(kReservations + "?dry_run=false", Ask("e", "1")).status, 201);
}

}  // namespace
}  // namespace purser
