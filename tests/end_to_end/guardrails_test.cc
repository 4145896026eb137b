// Guardrails over REST: an overnight runaway, hours of a time zone, and what an operator does.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kGuardrails = kBooks + "/guardrails";
const std::string kCharges = kBooks + "/charges";

Headers IfMatch(const std::string& tag) { return {{"If-Match", tag}}; }

std::string LabelsOf(const std::string& family) {
  return Concat(R"("labels":{"operator_family":")", family, R"(","capability":"ocr"})");
}

std::string Usd(const std::string& id, const std::string& usd, const std::string& family = "docs") {
  return Concat(R"({"id":")", id, R"(","amounts":{"api_calls":")", usd, R"("},)", LabelsOf(family),
                "}");
}

class Guardrails : public DaemonTest {
 protected:
  void SetUp() override {
    DaemonTest::SetUp();
    MakeMoney(kBooks);
  }
  void MakeMoney(const std::string& population) {
    const RestAnswer made =
        Post(population + "/resources", R"({"name":"api_calls","unit":"USD","kind":"CONSUMABLE",)"
                                        R"("amount":"100000","reserve_percent":"0"})");
    ASSERT_EQ(made.status, 201) << made;
  }
  void AdvanceTo(const std::string& instant) {
    const RestAnswer moved = Advance(Concat(R"({"to":")", instant, "\"}"));
    ASSERT_EQ(moved.status, 200) << moved;
  }

  // An evaluation of 1,000 items an hour from 01:00 to 08:00, each hour in ten holds of 100 items.
  // How many holds it got.
  int EvaluateByNight(const std::string& family, int day, const std::string& usd_of_100_items) {
    int granted = 0;
    for (int hour = 1; hour < 8; ++hour) {
      AdvanceTo(Concat("2026-01-0", day, "T0", hour, ":00:00Z"));
      for (int i = 0; i < 10; ++i) {
        const std::string id = Concat(family, "-", day, "-", hour, "-", i);
        const RestAnswer hold =
            Post(kReservations, Concat(R"({"id":")", id, R"(","purpose":"EVALUATION","amounts":{)",
                                       R"("api_calls":"1"},)", LabelsOf(family), "}"));
        if (hold.status != 201) {
          EXPECT_EQ(hold.code(), "frozen") << hold;
          continue;
        }
        ++granted;
        const RestAnswer settled =
            Post(Concat(kReservations, "/", id, ":settle"),
                 Concat(R"({"amounts":{"api_calls":")", usd_of_100_items, R"("}})"));
        EXPECT_EQ(settled.status, 200) << settled;
      }
    }
    return granted;
  }
  std::string CostOf(const std::string& family) {
    const RestAnswer costs = Get(kBooks + "/costs?group_by=operator_family");
    const std::string group =
        Concat(R"({"operator_family":")", family, R"("},"missing":[],"cost":")");
    const size_t at = costs.body.find(group);
    if (at == std::string::npos) return costs.body;
    const size_t begin = at + group.size();
    return costs.body.substr(begin, costs.body.find('"', begin) - begin);
  }
};

// The second night each item costs 30 times what it did. The two families differ in the guardrail
// alone, and are charged at the same hours.
TEST_F(Guardrails, StopARunawayByNight) {
  ASSERT_EQ(Post(kGuardrails, R"({"id":"night","labels":{"operator_family":"watched"}})").status,
            201);
  EXPECT_EQ(Get(kGuardrails + "/night").Field("state"), "UNARMED");
  // The first night: 20 cents for 100 items, 2 USD an hour, 14 in all.
  EXPECT_EQ(EvaluateByNight("watched", 1, "0.2"), 70);
  EXPECT_EQ(CostOf("watched"), "14");
  // The second one: 6 USD for 100 items. A mean hour of the day before cost 14 ÷ 24: the first
  // charge of the night is more than three of them.
  EXPECT_EQ(EvaluateByNight("watched", 2, "6"), 1);
  EXPECT_EQ(CostOf("watched"), "20");
  const RestAnswer tripped = Get(kGuardrails + "/night");
  EXPECT_EQ(tripped.Field("state"), "TRIPPED") << tripped;
  EXPECT_EQ(tripped.Field("hour_cost"), "6");
  EXPECT_EQ(tripped.Field("day_before_mean_hour"), "0.583333");
  EXPECT_EQ(tripped.Field("trip_time"), "2026-01-02T01:00:00Z");
}

TEST_F(Guardrails, AreMissedByWhoHasNone) {
  EXPECT_EQ(EvaluateByNight("unwatched", 1, "0.2"), 70);
  EXPECT_EQ(EvaluateByNight("unwatched", 2, "6"), 70);
  // 14 USD by the first night, and 420 by the second: 6 would have been spent of it.
  EXPECT_EQ(CostOf("unwatched"), "434");
}

TEST_F(Guardrails, TellWhoIsStoppedAndGoOnWhenReset) {
  ASSERT_EQ(Post(kGuardrails, R"({"id":"all","expected_hourly_cost":"10"})").status, 201);
  EXPECT_EQ(Get(kGuardrails + "/all").Field("state"), "ARMED");
  const RestAnswer early = Post(Concat(kGuardrails, "/all:reset"), R"({"reason":"just so"})");
  EXPECT_EQ(early.status, 409);
  EXPECT_EQ(early.code(), "wrong_state");
  ASSERT_EQ(Post(kCharges, Usd("c1", "12")).status, 201);
  EXPECT_EQ(Post(kReservations, Ask("a", "1")).status, 201);
  ASSERT_EQ(Post(kCharges, Usd("c2", "0.000001")).status, 201);
  const RestAnswer denied = Post(kReservations, Ask("b", "1"));
  EXPECT_EQ(denied.code(), "frozen") << denied;
  EXPECT_THAT(denied.body,
              HasSubstr("the hour costs 12.000001 USD, more than 120 % of the expected 10"));
  EXPECT_THAT(denied.body, HasSubstr("lift_freezes"));
  const RestAnswer freezes = Get(kBooks + "/freezes");
  EXPECT_THAT(freezes.body, HasSubstr(R"("guardrail":"all")"));
  // Who serves, who rolls back, and what runs.
  EXPECT_EQ(Post(kReservations, Ask("s", "1", "SERVING")).status, 201);
  EXPECT_EQ(Post(kReservations, Ask("r", "1", "ROLLBACK")).status, 201);
  EXPECT_EQ(Post(kReservations + "/a:start", "{}").status, 200);
  EXPECT_EQ(Post(kReservations + "/a:renew", "{}").status, 200);
  EXPECT_EQ(Post(kReservations + "/a:charge", R"({"amounts":{"gpu_hours":"1"}})").status, 201);
  // It stays so over a kill.
  const RestAnswer before = Get(kGuardrails);
  KillAndRestart();
  EXPECT_EQ(Get(kGuardrails).body, before.body);
  EXPECT_EQ(Get(kBooks + "/freezes").body, freezes.body);
  EXPECT_EQ(Post(kReservations, Ask("b2", "1")).code(), "frozen");
  const RestAnswer tried = Post(kGuardrails + "/all:reset?dry_run=true", R"({"reason":"seen"})");
  EXPECT_EQ(tried.Field("state"), "ARMED") << tried;
  EXPECT_EQ(Get(kGuardrails + "/all").Field("state"), "TRIPPED");
  const RestAnswer reset =
      Post(kGuardrails + "/all:reset", R"({"reason":"seen"})", {{"Idempotency-Key", "reset-1"}});
  EXPECT_EQ(reset.status, 200) << reset;
  EXPECT_EQ(reset.Field("state"), "ARMED");
  EXPECT_EQ(Post(kReservations, Ask("c", "1")).status, 201);
  const RestAnswer again =
      Post(kGuardrails + "/all:reset", R"({"reason":"seen"})", {{"Idempotency-Key", "reset-1"}});
  EXPECT_EQ(again.status, 200) << again;
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  EXPECT_THAT(Get(kBooks + "/journal").body, HasSubstr("seen"));
  // Once an hour.
  ASSERT_EQ(Post(kCharges, Usd("c3", "100")).status, 201);
  EXPECT_EQ(Get(kGuardrails + "/all").Field("state"), "ARMED");
  AdvanceTo("2026-01-01T01:00:00Z");
  ASSERT_EQ(Post(kCharges, Usd("c4", "13")).status, 201);
  EXPECT_EQ(Get(kGuardrails + "/all").Field("state"), "TRIPPED");
  EXPECT_EQ(Get(kGuardrails + "/all").Field("hour_start"), "2026-01-01T01:00:00Z");
  // The freeze is the guardrail's: lifting it resets that.
  const std::string freeze = Get(kGuardrails + "/all").Field("freeze");
  EXPECT_EQ(Delete(Concat(kBooks, "/freezes/", freeze), IfMatch("*")).status, 200);
  EXPECT_EQ(Get(kGuardrails + "/all").Field("state"), "ARMED");
}

// The 29th of March has 23 hours in Berlin, and begins at 23:00 of the 28th by UTC.
TEST_F(Guardrails, KnowTheDaysOfTheirTimeZone) {
  const std::string berlin = "/v1/populations/berlin";
  AdvanceTo("2026-03-28T23:00:00Z");
  ASSERT_EQ(Post("/v1/populations", R"({"name":"berlin","time_zone":"Europe/Berlin"})").status,
            201);
  MakeMoney(berlin);
  ASSERT_EQ(Post(berlin + "/guardrails", R"({"id":"g"})").status, 201);
  ASSERT_EQ(Post(berlin + "/charges", Usd("c1", "3")).status, 201);
  AdvanceTo("2026-03-29T21:59:59.999999Z");
  ASSERT_EQ(Post(berlin + "/charges", Usd("c2", "20")).status, 201);
  EXPECT_EQ(Get(berlin + "/guardrails/g").Field("hour_start"), "2026-03-29T21:00:00Z");
  EXPECT_EQ(Get(berlin + "/guardrails/g").Field("state"), "UNARMED");
  AdvanceTo("2026-03-29T22:00:00Z");
  ASSERT_EQ(Post(berlin + "/charges", Usd("c3", "3")).status, 201);
  EXPECT_EQ(Get(berlin + "/guardrails/g").Field("day_before_mean_hour"), "1");
  EXPECT_EQ(Get(berlin + "/guardrails/g").Field("state"), "ARMED");
  ASSERT_EQ(Post(berlin + "/charges", Usd("c4", "0.000001")).status, 201);
  EXPECT_EQ(Get(berlin + "/guardrails/g").Field("state"), "TRIPPED");
}

TEST_F(Guardrails, AreChangedDeletedAndRefused) {
  const std::string body =
      R"({"id":"g","labels":{"operator_family":"docs"},"expected_hourly_cost":"10"})";
  const RestAnswer made = Post(kGuardrails, body);
  EXPECT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Header("Location"), kGuardrails + "/g");
  EXPECT_EQ(made.Header("ETag"), "\"1\"");
  EXPECT_EQ(Post(kGuardrails, body).status, 200);
  EXPECT_EQ(Post(kGuardrails, R"({"id":"g"})").code(), "id_conflict");
  const std::string path = kGuardrails + "/g";
  EXPECT_EQ(Patch(path, R"({"expected_hourly_cost":"20"})").status, 428);
  const RestAnswer changed = Patch(path, R"({"expected_hourly_cost":"20"})", IfMatch("\"1\""));
  EXPECT_EQ(changed.Field("expected_hourly_cost"), "20") << changed;
  EXPECT_EQ(Patch(path, R"({"expected_hourly_cost":"30"})", IfMatch("\"1\"")).status, 412);
  EXPECT_EQ(Patch(path, R"({"expected_hourly_cost":"30"})", IfMatch("*")).status, 200);
  EXPECT_EQ(Patch(path, "{}", IfMatch("*")).Field("expected_hourly_cost"), "30");
  const RestAnswer other =
      Patch(path, R"({"labels":{"team":"x"},"expected_hourly_cost":"1"})", IfMatch("*"));
  EXPECT_EQ(other.code(), "immutable") << other;
  const RestAnswer bad = Post(kGuardrails, R"({"id":"-","labels":{"capability":{"ocr":"1"}},)"
                                           R"("expected_hourly_cost":"-1","state":"ARMED"})");
  EXPECT_EQ(bad.status, 400);
  for (const char* field : {"id", "labels.capability", "expected_hourly_cost", "state"}) {
    EXPECT_THAT(bad.body, HasSubstr(Concat("\"path\":\"", field, "\""))) << bad;
  }
  EXPECT_EQ(Get(kGuardrails + "/none").status, 404);
  EXPECT_EQ(Post(kGuardrails + "/none:reset", "{}").status, 404);
  // What it stopped goes on when it is deleted.
  ASSERT_EQ(Post(kCharges, Usd("c1", "100")).status, 201);
  const std::string ask = Concat(R"({"id":"a","purpose":"TRAINING","on_shortage":"QUEUE",)",
                                 R"("amounts":{"gpu_hours":"1"},)", LabelsOf("docs"), "}");
  EXPECT_EQ(Post(kReservations, ask).status, 202);
  EXPECT_EQ(Delete(path).status, 428);
  EXPECT_EQ(Delete(path, IfMatch("*")).status, 200);
  EXPECT_EQ(Get(kReservations + "/a").Field("state"), "GRANTED");
  EXPECT_EQ(Get(path).status, 404);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(Post(kGuardrails, Concat(R"({"id":"g)", i, "\"}")).status, 201);
  }
  EXPECT_EQ(Post(kGuardrails, R"({"id":"one-more"})").code(), "limit_of_the_daemon");
}

}  // namespace
}  // namespace purser
