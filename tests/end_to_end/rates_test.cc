// Rate cards over REST: made, read, changed, and there after a kill.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kCards = kBooks + "/rate-cards";

using Rates = DaemonTest;

Headers IfMatch(const std::string& tag) { return {{"If-Match", tag}}; }

TEST_F(Rates, AreMadeReadAndChanged) {
  const RestAnswer made =
      Post(kCards, R"({"id":"now","rates":{"gpu_hours":{"rate":2.5},)"
                   R"("active_model_memory":{"rate":"0.000000000001","per":"HOUR"}}})");
  EXPECT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Header("Location"), kCards + "/now");
  EXPECT_EQ(made.Header("ETag"), "\"1\"");
  EXPECT_EQ(made.FieldAfter("gpu_hours", "rate"), "2.5");
  EXPECT_EQ(made.FieldAfter("active_model_memory", "rate"), "0.000000000001");
  EXPECT_EQ(made.FieldAfter("active_model_memory", "per"), "HOUR");
  EXPECT_EQ(made.Field("valid_from"), made.Field("create_time"));
  const std::string later =
      R"({"id":"later","valid_from":"2026-02-01T00:00:00Z","rates":{"gpu_hours":{"rate":"2"}}})";
  EXPECT_EQ(Post(kCards, later).status, 201);
  EXPECT_EQ(Post(kCards, later).status, 200);
  EXPECT_EQ(
      Patch(kCards + "/later", R"({"rates":{"gpu_hours":{"rate":"3"}}})", IfMatch("\"1\"")).status,
      200);
  EXPECT_EQ(
      Patch(kCards + "/later", R"({"rates":{"gpu_hours":{"rate":"4"}}})", IfMatch("\"1\"")).status,
      412);
  EXPECT_EQ(Patch(kCards + "/later", R"({})").status, 428);
  // What is durable is there after a kill.
  const RestAnswer before = Get(kCards);
  EXPECT_EQ(before.status, 200);
  KillAndRestart();
  EXPECT_EQ(Get(kCards).body, before.body);
  EXPECT_EQ(Get(kCards + "/later").FieldAfter("gpu_hours", "rate"), "3");
  EXPECT_EQ(Delete(kCards + "/later", IfMatch("\"2\"")).status, 200);
  EXPECT_EQ(Get(kCards + "/later").status, 404);
  EXPECT_EQ(Delete(kCards + "/now", IfMatch("*")).code(), "wrong_state");
}

TEST_F(Rates, NameWhatTheyOverlap) {
  ASSERT_EQ(Post(kCards, R"({"id":"first","rates":{"gpu_hours":{"rate":"1"}}})").status, 201);
  const RestAnswer overlap = Post(kCards, R"({"id":"second","rates":{"gpu_hours":{"rate":"2"}}})");
  EXPECT_EQ(overlap.status, 409) << overlap;
  EXPECT_EQ(overlap.code(), "rate_card_overlap");
  EXPECT_THAT(overlap.body, testing::HasSubstr(R"(\"first\" prices gpu_hours)"));
}

TEST_F(Rates, AreRefusedWithAllTheirFaults) {
  const RestAnswer bad =
      Post(kCards, R"({"id":"-","rates":{"gpu_hours":{"rate":"-1"},"evaluation_hours":{},)"
                   R"("active_model_memory":{"rate":1000001},"Upper":{"rate":"1"}}})");
  EXPECT_EQ(bad.status, 400) << bad;
  for (const char* path : {"id", "rates.gpu_hours.rate", "rates.evaluation_hours.rate",
                           "rates.active_model_memory.rate", "rates.Upper"}) {
    EXPECT_THAT(bad.body, testing::HasSubstr(Concat("\"path\":\"", path, "\""))) << bad;
  }
  const RestAnswer digits = Post(kCards, R"({"rates":{"gpu_hours":{"rate":"1.0000000000001"}}})");
  EXPECT_EQ(digits.status, 400);
  EXPECT_THAT(digits.body, testing::HasSubstr("more than 12 digits after the decimal point"));
  const RestAnswer money = Post(kCards, R"({"rates":{"inference_cost":{"rate":"1"}}})");
  EXPECT_THAT(money.body,
              testing::HasSubstr("the resource is money, of which a USD costs 1: leave it out"));
  const RestAnswer risk = Post(kCards, R"({"rates":{"risk_capacity":{"rate":"1","per":"HOUR"}}})");
  EXPECT_THAT(risk.body, testing::HasSubstr("the resource is not priced"));
}

}  // namespace
}  // namespace purser
