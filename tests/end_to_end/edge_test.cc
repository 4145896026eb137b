// What the edge refuses, and its own pages.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class Edge : public DaemonTest {};
class BadInput : public DaemonTest {
 protected:
  // The answer to a body whose gpu_hours has this JSON text.
  RestAnswer AskFor(const std::string& json) {
    return Post(kReservations, Concat(R"({"id":"e","purpose":"TRAINING","amounts":{"gpu_hours":)",
                                      json, "},", kLabels, "}"));
  }
  void TearDown() override {
    // Nothing was lost or half done.
    EXPECT_EQ(Sequence(), "1");
    EXPECT_EQ(GpuHours(), "granted 400 = available 300 + reserve 100");
  }
};

TEST_F(Edge, KnowsItsRoutesAndMethods) {
  for (const std::string path :
       {"/", "/v1", "/v1/populations/default/nothing", "/v2/populations", "/v1/populations/",
        "/V1/populations", "/livez/", "/v1/populations/default/reservations/e:fly",
        "/v1/populations/default/forecast", "/v1//populations"}) {
    const RestAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 404) << path << answer;
    EXPECT_EQ(answer.code(), "not_found") << path;
  }
  const RestAnswer wrong = client_->Send("PUT", kReservations);
  EXPECT_EQ(wrong.status, 405) << wrong;
  EXPECT_EQ(wrong.code(), "method_not_allowed");
  EXPECT_EQ(wrong.Header("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(Get(kReservations + "/e:start").Header("Allow"), "POST");
  EXPECT_EQ(Delete(kGpuHours, {{"If-Match", "*"}}).status, 200);
}

TEST_F(Edge, AnswersHeadWithoutABody) {
  const RestAnswer head = client_->Send("HEAD", kGpuHours);
  EXPECT_EQ(head.status, 200) << head;
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(Get(kGpuHours).status, 200);
}

TEST_F(Edge, KnowsNoOtherPopulation) {
  EXPECT_EQ(Get("/v1/populations/nobody").status, 404);
  EXPECT_EQ(Post("/v1/populations/nobody/reservations", Ask("e", "1")).status, 404);
}

TEST_F(Edge, WantsAndGivesJson) {
  EXPECT_EQ(Post(kReservations, Ask("e", "1"), {{"Content-Type", "text/xml"}}).status, 415);
  EXPECT_EQ(
      Post(kReservations, Ask("e", "1"), {{"Content-Type", "application/json; charset=utf-8"}})
          .status,
      201);
  const RestAnswer xml = Get(kGpuHours, {{"Accept", "application/xml"}});
  EXPECT_EQ(xml.status, 406);
  EXPECT_EQ(xml.code(), "not_acceptable");
  EXPECT_EQ(Get(kGpuHours, {{"Accept", "text/html, application/*;q=0.5"}}).status, 200);
}

TEST_F(Edge, RefusesAForeignOrMissingHost) {
  for (const std::string host : {"evil.example", "localhost.evil.example", "127.0.0.2"}) {
    const RestAnswer answer = Get("/livez", {{"Host", host}});
    EXPECT_EQ(answer.status, 421) << host << answer;
    EXPECT_EQ(answer.code(), "misdirected");
  }
  EXPECT_EQ(Get("/livez", {{"Host", Concat("127.0.0.1:", port())}}).status, 200);
  api::RawClient client(port());
  client.Send("GET /livez HTTP/1.1\r\n\r\n");
  const auto answer = client.Read();
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(answer->status, testing::AnyOf(400, 421));
}

TEST_F(Edge, NeverSendsACorsHeader) {
  const RestAnswer answer =
      Get(kGpuHours, {{"Origin", "http://evil.example"}, {"Sec-Fetch-Mode", "cors"}});
  EXPECT_THAT(answer.head, Not(HasSubstr("Access-Control")));
  const RestAnswer preflight =
      client_->Send("OPTIONS", kGpuHours, "", {{"Access-Control-Request-Method", "PATCH"}});
  EXPECT_EQ(preflight.status, 405) << preflight;
  EXPECT_THAT(preflight.head, Not(HasSubstr("Access-Control")));
}

TEST_F(Edge, RefusesAQueryParameterThatItDoesNotKnow) {
  const RestAnswer answer = Get(kReservations + "?stat=GRANTED&page_size=1&x=1");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.code(), "unknown_field");
  EXPECT_THAT(answer.body, HasSubstr("\"path\":\"?stat\""));
  EXPECT_THAT(answer.body, HasSubstr("\"path\":\"?x\""));
  EXPECT_EQ(Get(kReservations + "?page_size=1&page_size=2").status, 400);
}

TEST_F(Edge, GivesBackTheRequestIdUnlessItIsUnprintable) {
  EXPECT_EQ(Get(kGpuHours, {{"X-Request-Id", "abc-1"}}).Header("X-Request-Id"), "abc-1");
  const RestAnswer denied = Post(kReservations, Ask("e", "900"), {{"X-Request-Id", "why-not"}});
  EXPECT_EQ(denied.Field("request_id"), "why-not");
  for (const std::string& id : {std::string(129, 'x'), std::string("a b"), std::string("\x80")}) {
    EXPECT_NE(Get(kGpuHours, {{"X-Request-Id", id}}).Header("X-Request-Id"), id);
  }
}

TEST_F(Edge, ServesItsOwnPages) {
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/version").Field("api"), "v1");
  EXPECT_EQ(Get("/v1/me").Field("principal"), "local");
  const RestAnswer metrics = Get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.body, HasSubstr("\npurser_populations 1\n"));
  EXPECT_EQ(Get("/problems/nothing").status, 404);
}

TEST_F(Edge, DescribesItself) {
  const RestAnswer description = Get("/openapi.json");
  EXPECT_EQ(description.status, 200);
  EXPECT_EQ(description.Header("Content-Type"), "application/json");
  EXPECT_EQ(description.Field("openapi"), "3.1.0");
  EXPECT_EQ(description.Header("Cache-Control"), "no-cache");
  const std::string tag = description.Header("ETag");
  EXPECT_EQ(tag.size(), 66u) << tag;
  EXPECT_EQ(Get("/openapi.json").Header("ETag"), tag);
  for (const std::string& known : {tag, "\"x\", W/" + tag, std::string("*")}) {
    const RestAnswer same = Get("/openapi.json", {{"If-None-Match", known}});
    EXPECT_EQ(same.status, 304) << known;
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(same.Header("ETag"), tag);
  }
  EXPECT_EQ(Get("/openapi.json", {{"If-None-Match", "\"x\""}}).status, 200);
  EXPECT_EQ(client_->Send("HEAD", "/openapi.json").status, 200);
  EXPECT_THAT(description.body, HasSubstr("\"/v1/test/clock:advance\""));
  clock_.clear();
  daemon_->Kill();
  Start();
  const RestAnswer without = Get("/openapi.json", {{"If-None-Match", tag}});
  EXPECT_EQ(without.status, 200);
  EXPECT_THAT(without.body, Not(HasSubstr("/v1/test/")));
}

TEST_F(Edge, ServesAPageForEveryCode) {
  for (const std::string code : {"malformed",
                                 "invalid_argument",
                                 "unknown_field",
                                 "unknown_resource",
                                 "unauthenticated",
                                 "forbidden",
                                 "not_found",
                                 "method_not_allowed",
                                 "not_acceptable",
                                 "body_too_large",
                                 "unsupported_media_type",
                                 "misdirected",
                                 "id_conflict",
                                 "key_conflict",
                                 "overrun_stop",
                                 "precondition_required",
                                 "precondition_failed",
                                 "rate_limited",
                                 "not_supported",
                                 "immutable",
                                 "as_of_in_future",
                                 "already_settled",
                                 "already_released",
                                 "expired",
                                 "preempted",
                                 "denied",
                                 "already_started",
                                 "resource_in_use",
                                 "refund_exceeds_charge",
                                 "frozen",
                                 "overdrawn",
                                 "reserve_protected",
                                 "insufficient_capacity",
                                 "batch_member_failed",
                                 "batch_too_large",
                                 "overloaded",
                                 "read_only",
                                 "commit_unknown"}) {
    const RestAnswer page = Get("/problems/" + code);
    EXPECT_EQ(page.status, 200) << code;
    EXPECT_THAT(page.body, HasSubstr("Meaning: ")) << code;
    EXPECT_THAT(page.body, HasSubstr("Fix: ")) << code;
  }
}

TEST_F(Edge, HasNoTestClockWithoutTheFlag) {
  clock_.clear();
  daemon_->Kill();
  Start();
  EXPECT_EQ(Advance(R"({"by":"1s"})").status, 404);
}

TEST_F(BadInput, IsNamedAllAtOnce) {
  const RestAnswer answer =
      Post(kReservations,
           R"({"id":"-bad","purpose":"FUN","amounts":{"gpu_hours":"-1","Bad":"1","x":"1.1234567"},)"
           R"("labels":{"UP":"x"},"lease":"0s","wrong":1,"priority":"high"})");
  EXPECT_EQ(answer.status, 400) << answer;
  for (const std::string path : {"purpose", "amounts.x", "wrong", "priority"}) {
    EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << path;
  }
  const RestAnswer later = Post(
      kReservations, R"({"id":"-bad","purpose":"TRAINING","amounts":{"gpu_hours":"-1","Bad":"1"},)"
                     R"("labels":{"UP":"x"},"lease":"0s"})");
  for (const std::string path : {"id", "amounts.gpu_hours", "amounts.Bad", "labels.UP", "lease"}) {
    EXPECT_THAT(later.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << path << later;
  }
}

TEST_F(BadInput, OfQueryHeadersAndBodyIsNamedTogether) {
  const RestAnswer answer =
      Post(kReservations + "?zz=1&dry_run=", R"({"id":"_","purpose":"TRAINING"})",
           {{"If-Match", "x"}, {"Idempotency-Key", "a b"}});
  EXPECT_EQ(answer.status, 400) << answer;
  for (const std::string path :
       {"?zz", "?dry_run", "If-Match", "Idempotency-Key", "id", "amounts"}) {
    EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << path << answer;
  }
  EXPECT_EQ(Post(kReservations, "{", {{"If-Match", "x"}}).code(), "malformed");
  EXPECT_EQ(Get(kReservations + "?state=").code(), "invalid_argument");
}

TEST_F(Edge, TakesNoEmptyIdOrAmountsForAbsentOnes) {
  ASSERT_EQ(
      Post(kBooks + "/charges", Concat(R"({"id":"c","amounts":{"gpu_hours":"4"},)", kLabels, "}"))
          .status,
      201);
  EXPECT_EQ(Post(kReservations, Ask("", "1")).code(), "invalid_argument");
  EXPECT_EQ(Post(kBooks + "/charges/c:refund", R"({"amounts":{}})").code(), "invalid_argument");
  EXPECT_EQ(Post(kBooks + "/charges/c:refund", R"({"id":""})").code(), "invalid_argument");
  EXPECT_EQ(Post(kBooks + "/freezes", R"({"id":"","population":true})").code(), "invalid_argument");
}

TEST_F(BadInput, OfUnknownResourcesAndMissingLabelsIsNamedAllAtOnce) {
  const RestAnswer answer = Post(
      kReservations, R"({"id":"e","purpose":"TRAINING","amounts":{"tpu_hours":"1","gpus":"1"}})");
  EXPECT_EQ(answer.status, 400) << answer;
  EXPECT_THAT(answer.body, HasSubstr(R"("code":"unknown_resource")"));
  for (const std::string path :
       {"amounts.tpu_hours", "amounts.gpus", "labels.operator_family", "labels.capability"}) {
    EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"", path, "\""))) << path << answer;
  }
}

TEST_F(BadInput, ThatIsNoJsonIsMalformed) {
  for (const std::string body : {"{", "nonsense", "{'id':'e'}", "{\"id\":\"e\",}", "[]", "\"x\"",
                                 "{} {}", "{\"id\":\"\xff\"}", "{\"id\":\"e\",\"id\":\"e\"}",
                                 "{\"id\":NaN}", "\0{}", "{\"id\":\"a\nb\"}"}) {
    const RestAnswer answer = Post(kReservations, body);
    EXPECT_EQ(answer.status, 400) << body << answer;
  }
  const RestAnswer deep = Post(kReservations, std::string(100'000, '['));
  EXPECT_EQ(deep.status, 400);
}

TEST_F(BadInput, OfAmountsIsRefusedAndNeverRounded) {
  for (const std::string json : {"\"1.1234567\"",
                                 "1.1234567",
                                 "1e-7",
                                 "\"1e3\"",
                                 "1e40",
                                 "\"9223372036854.775808\"",
                                 "99999999999999999999",
                                 "-1",
                                 "\"-1\"",
                                 "0",
                                 "\"0\"",
                                 "-0",
                                 "NaN",
                                 "\"NaN\"",
                                 "Infinity",
                                 "\"\"",
                                 "\" 1\"",
                                 "\"+1\"",
                                 "\".5\"",
                                 "\"1.\"",
                                 "\"0x10\"",
                                 "\"1,5\"",
                                 "null",
                                 "true",
                                 "[1]",
                                 "{}",
                                 "\"1.0000000\"",
                                 "1.0000000"}) {
    const RestAnswer answer = AskFor(json);
    EXPECT_EQ(answer.status, 400) << json << answer;
  }
}

TEST_F(BadInput, OfTypesIsRefused) {
  for (const std::string body :
       {R"({"id":7})", R"({"purpose":1})", R"({"amounts":[]})", R"({"labels":{"a":1}})",
        R"({"priority":1.5})", R"({"priority":3000000000})", R"({"lease":3600})",
        R"({"lease":"1h"})", R"({"tier":"standard"})", R"({"purpose":"PURPOSE_UNSPECIFIED"})"}) {
    EXPECT_EQ(Post(kReservations, body).status, 400) << body;
  }
}

TEST_F(BadInput, ThatAsksForWhatIsNotBuiltIsRefused) {
  const RestAnswer answer =
      Post("/v1/populations/default/charges?dry_run=true",
           R"({"id":"c","amounts":{"gpu_hours":"1"},"model":"m","labels":{"capability":"a"}})");
  EXPECT_EQ(answer.code(), "not_supported") << answer;
  EXPECT_EQ(
      Post(kReservations + "?dry_run=true", Ask("e", "1", "TRAINING", R"(,"on_shortage":"DENY")"))
          .status,
      201);
}

TEST_F(BadInput, BeyondTheLimitsIsRefused) {
  std::string amounts;
  std::string labels;
  for (int i = 0; i < 33; ++i) {
    amounts += Concat(i == 0 ? "" : ",", "\"r", i, "\":\"1\"");
    labels += Concat(i == 0 ? "" : ",", "\"l", i, "\":\"x\"");
  }
  const RestAnswer resources = Post(
      kReservations, Concat(R"({"purpose":"TRAINING","amounts":{)", amounts, "},", kLabels, "}"));
  EXPECT_EQ(resources.status, 400);
  EXPECT_EQ(resources.FieldAfter("fields", "path"), "amounts") << resources;
  const RestAnswer many_labels =
      Post(kReservations,
           Concat(R"({"purpose":"TRAINING","amounts":{"gpu_hours":"1"},"labels":{)", labels, "}}"));
  EXPECT_EQ(many_labels.status, 400);
  EXPECT_EQ(many_labels.FieldAfter("fields", "path"), "labels") << many_labels;
  for (const std::string lease : {"0s", "0.999999s", "34560000.000001s", "-1s"}) {
    EXPECT_EQ(Post(kReservations, Ask("e", "1", "TRAINING", Concat(",\"lease\":\"", lease, "\"")))
                  .FieldAfter("fields", "path"),
              "lease")
        << lease;
  }
  EXPECT_EQ(Post(kReservations, Ask(std::string(129, 'a'), "1")).status, 400);
  const RestAnswer key =
      Post(kReservations, Ask("e", "1"), {{"Idempotency-Key", std::string(256, 'k')}});
  EXPECT_EQ(key.status, 400);
}

}  // namespace
}  // namespace purser
