// Advance reservations: what they keep from others, when they start, what is told where capacity is
// lost. Of active_model_memory 60 are free to begin with.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class Advances : public DaemonTest {
 protected:
  RestAnswer AskForMemory(const std::string& id, const std::string& amount,
                          const std::string& more) {
    return Post(kReservations,
                Concat(R"({"id":")", id, R"(","purpose":"TRAINING","amounts":{)",
                       R"("active_model_memory":")", amount, R"("},)", kLabels, more, "}"));
  }
  RestAnswer BookMemory(const std::string& id, const std::string& amount, const std::string& hour) {
    return AskForMemory(id, amount, Concat(R"(,"start_at":"2026-01-01T)", hour, R"(:00:00Z")"));
  }
  std::string State(const std::string& id) { return Get(kReservations + "/" + id).Field("state"); }
};

TEST_F(Advances, StartWhenTheySaidAlsoAfterAKill) {
  const RestAnswer booked = BookMemory("b", "60", "02");
  ASSERT_EQ(booked.status, 202) << booked;
  EXPECT_EQ(booked.Header("Location"), kReservations + "/b");
  EXPECT_EQ(booked.Field("state"), "SCHEDULED");
  EXPECT_EQ(booked.Field("estimated_start"), "2026-01-01T02:00:00Z");
  EXPECT_EQ(booked.Field("expire_time"), "2026-01-01T03:00:00Z");
  KillAndRestart();
  EXPECT_EQ(BookMemory("b", "60", "02").body, booked.body);
  EXPECT_EQ(BookMemory("b", "60", "02").status, 202);
  EXPECT_EQ(BookMemory("b", "60", "03").code(), "id_conflict");
  EXPECT_EQ(Post(kReservations + "/b:start", "{}").code(), "not_granted");
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T02:00:00Z"})").status, 200);
  EXPECT_EQ(State("b"), "GRANTED");
  EXPECT_EQ(Get(kReservations + "/b").Field("grant_time"), "2026-01-01T02:00:00Z");
  EXPECT_EQ(Get(kReservations + "/b?as_of=2").Field("state"), "SCHEDULED");
  KillAndRestart();
  EXPECT_EQ(BookMemory("b", "60", "02").body, booked.body);
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Advances, AreLeftWhatTheyBooked) {
  ASSERT_EQ(BookMemory("b", "50", "02").status, 202);
  ASSERT_EQ(AskForMemory("short", "20", R"(,"lease":"7200s")").status, 201);
  const RestAnswer longer = Post(kReservations + "/short:renew", R"({"lease":"7201s"})");
  EXPECT_EQ(longer.code(), "capacity_booked") << longer;
  EXPECT_THAT(longer.body, HasSubstr(R"("at":"2026-01-01T02:00:00Z","booked":"50")"));
  const RestAnswer denied = AskForMemory("long", "20", R"(,"lease":"7201s")");
  EXPECT_EQ(denied.code(), "insufficient_capacity") << denied;
  EXPECT_THAT(denied.body, HasSubstr(R"({"kind":"SHORTEN","lease":"7200s"})"));
  const RestAnswer second = BookMemory("c", "20", "02");
  EXPECT_EQ(second.code(), "insufficient_capacity");
  EXPECT_THAT(second.body, HasSubstr(R"({"kind":"START_LATER","until":"2026-01-01T03:00:00Z"})"));
  const RestAnswer calendar = Get(kBooks + "/calendar?resource=active_model_memory");
  EXPECT_THAT(calendar.body,
              HasSubstr(R"("from":"2026-01-01T02:00:00Z","until":"2026-01-01T03:00:00Z",)"
                        R"("granted":"80","reserve":"20","occupied":"0","booked":"50",)"
                        R"("available":"10")"));
  // A released one lets others in.
  ASSERT_EQ(Post(kReservations + "/b:release", "{}").status, 200);
  EXPECT_EQ(Post(kReservations + "/short:renew", R"({"lease":"7201s"})").status, 200);
}

TEST_F(Advances, AreToldWhichFreezesAreInTheirWayToo) {
  ASSERT_EQ(BookMemory("b", "50", "02").status, 202);
  const std::string memory = kBooks + "/resources/active_model_memory";
  ASSERT_EQ(Post(memory + ":withdraw", R"({"amount":"40","reason":"a rack failed"})").status, 200);
  const auto freeze = [&](const std::string& more) {
    return Post(kBooks + "/freezes", Concat(R"({"population":true,"reason":"audit",)", more, "}"));
  };
  // What ends before its start need not be lifted; less is booked by nobody while it lasts.
  ASSERT_EQ(freeze(R"("id":"short","until":"2026-01-01T01:00:00Z")").status, 201);
  const RestAnswer until = Get(kReservations + "/b");
  EXPECT_THAT(until.body,
              HasSubstr(R"({"kind":"OPERATOR_ACTION","grants":{"active_model_memory")"));
  EXPECT_THAT(until.body, Not(HasSubstr("lift_freezes")));
  EXPECT_THAT(until.body, Not(HasSubstr("REDUCE")));
  ASSERT_EQ(Delete(kBooks + "/freezes/short").status, 200);
  ASSERT_EQ(freeze(R"("id":"long")").status, 201);
  EXPECT_THAT(Get(kReservations + "/b").body, HasSubstr(R"("lift_freezes":["long"])"));
  ASSERT_EQ(Delete(kBooks + "/freezes/long").status, 200);
  ASSERT_EQ(Post(memory + ":grant", R"({"amount":"40","reason":"mended"})").status, 200);
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T02:00:00Z"})").status, 200);
  EXPECT_EQ(State("b"), "GRANTED");
}

TEST_F(Advances, AreToldEarlyWhatEndangersThem) {
  ASSERT_EQ(BookMemory("b", "50", "02").status, 202);
  ASSERT_EQ(Post(kBooks + "/resources/active_model_memory:withdraw",
                 R"({"amount":"40","reason":"a rack failed"})")
                .status,
            200);
  EXPECT_THAT(Get(kBooks + "/journal/3").body, HasSubstr(R"("kind":"endangered")"));
  const RestAnswer told = Get(kReservations + "/b");
  EXPECT_THAT(told.body, HasSubstr(R"("kind":"REDUCE","amounts":{"active_model_memory":"30"})"));
  EXPECT_THAT(told.body, HasSubstr(R"("kind":"OPERATOR_ACTION")"));
  ASSERT_EQ(Advance(R"({"to":"2026-01-01T02:00:00Z"})").status, 200);
  EXPECT_EQ(State("b"), "QUEUED");
  // What it lacked at its start, what it booked itself not counted against it.
  EXPECT_THAT(Get(kReservations + "/b?as_of=4").body, HasSubstr(R"("short_by":"20")"));
  ASSERT_EQ(
      Post(kBooks + "/resources/active_model_memory:grant", R"({"amount":"40","reason":"mended"})")
          .status,
      200);
  EXPECT_EQ(State("b"), "GRANTED");
}

// It was content with nothing, and booked nothing.
TEST_F(Advances, OfNothingAreNotEndangered) {
  ASSERT_EQ(BookMemory("b", "60", "02").status, 202);
  const RestAnswer none =
      Post(kReservations,
           Concat(R"({"id":"none","purpose":"TRAINING","amounts":{"active_model_memory":"10"},)",
                  R"("minimum_amounts":{"active_model_memory":"0"},)",
                  R"("start_at":"2026-01-01T02:00:00Z",)", kLabels, "}"));
  ASSERT_EQ(none.status, 202) << none;
  EXPECT_THAT(none.body, HasSubstr(R"("granted":{"active_model_memory":"0"})"));
  ASSERT_EQ(Post(kBooks + "/resources/active_model_memory:withdraw",
                 R"({"amount":"40","reason":"a rack failed"})")
                .status,
            200);
  const RestAnswer told = Get(kBooks + "/journal/4");
  EXPECT_THAT(told.body, HasSubstr(R"("kind":"endangered")"));
  EXPECT_THAT(told.body, Not(HasSubstr("none")));
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Advances, AreToldOfARollbackThatLastsLonger) {
  ASSERT_EQ(Post(kReservations, Concat(R"({"id":"back","purpose":"ROLLBACK","amounts":{)",
                                       R"("active_model_memory":"60"},)", kLabels, "}"))
                .status,
            201);
  ASSERT_EQ(BookMemory("b", "60", "02").status, 202);
  ASSERT_EQ(Post(kReservations + "/back:renew", R"({"lease":"7200s"})").status, 200);
  EXPECT_THAT(Get(kBooks + "/journal/4").body, Not(HasSubstr("endangered")));
  ASSERT_EQ(Post(kReservations + "/back:renew", R"({"lease":"7201s"})").status, 200);
  EXPECT_THAT(Get(kBooks + "/journal/5").body, HasSubstr(R"("kind":"endangered")"));
  // Once.
  ASSERT_EQ(Post(kReservations + "/back:renew", R"({"lease":"7202s"})").status, 200);
  EXPECT_THAT(Get(kBooks + "/journal/6").body, Not(HasSubstr("endangered")));
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Advances, ForTimesThatThereAreNotAreRefused) {
  for (const auto& [more, path] :
       {std::pair(R"(,"start_at":"2025-12-31T23:59:59Z")", "start_at"),
        std::pair(R"(,"start_at":"1970-01-01T00:00:00Z")", "start_at"),
        std::pair(R"(,"start_at":"2027-03-01T00:00:00Z")", "start_at"),
        std::pair(R"(,"start_at":"2026-01-01T01:00:00Z","duration":"-1s")", "duration"),
        std::pair(R"(,"start_at":"2026-01-01T01:00:00Z","duration":"0s")", "duration"),
        std::pair(R"(,"start_at":"2026-01-01T01:00:00Z","duration":"1s","lease":"1s")", "duration"),
        std::pair(R"(,"duration":"60s")", "duration"),
        std::pair(R"(,"start_at":"2026-01-01T01:00:00Z","on_shortage":"QUEUE")", "on_shortage")}) {
    const RestAnswer answer = AskForMemory("x", "1", more);
    EXPECT_EQ(answer.status, 400) << more << answer;
    EXPECT_THAT(answer.body, HasSubstr(Concat(R"("path":")", path, "\"")));
  }
  // Budgets are held from the running month.
  EXPECT_EQ(Post(kReservations, Ask("x", "1", "TRAINING", R"(,"start_at":"2026-02-01T00:00:00Z")"))
                .code(),
            "period_not_open");
  EXPECT_EQ(Get(kReservations + "/x").status, 404);
  EXPECT_EQ(Get(kBooks + "/calendar?from=tomorrow").status, 400);
  EXPECT_EQ(Get(kBooks + "/calendar?page_token=x").status, 400);
}

}  // namespace
}  // namespace purser
