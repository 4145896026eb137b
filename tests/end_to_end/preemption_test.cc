// Who gives way to whom, over REST, through a kill and in the words that users read.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class Preemption : public DaemonTest {
 protected:
  // What is asked for, with more fields.
  static std::string With(const std::string& id, const std::string& amount,
                          const std::string& fields) {
    std::string body = Ask(id, amount);
    body.pop_back();
    return Concat(body, ",", fields, "}");
  }
};

constexpr char kFlex[] = R"("tier":"FLEX","preemption_grace":"90s")";

TEST_F(Preemption, GivesNoticeAndThenTheRoom) {
  ASSERT_EQ(Post(kReservations, With("low", "200", kFlex)).status, 201);
  ASSERT_EQ(Post(kReservations, With("lower", "100", kFlex)).status, 201);
  ASSERT_EQ(Post(kReservations + "/low:start", "{}").status, 200);
  const RestAnswer asked = Post(kReservations, With("high", "50", R"("on_shortage":"QUEUE")"));
  ASSERT_EQ(asked.status, 202) << asked;
  EXPECT_EQ(asked.Field("queue_position"), "1");
  EXPECT_EQ(asked.Field("estimated_start"), "2026-01-01T00:01:30Z");
  EXPECT_THAT(asked.body,
              HasSubstr(R"("assumptions":["lower gives way at 2026-01-01T00:01:30Z"])"));
  // What has not started loses nothing.
  EXPECT_THAT(Get(kReservations + "/low").body, Not(HasSubstr("preempt_at")));
  const RestAnswer told = Get(kReservations + "/lower");
  EXPECT_EQ(told.Field("preempt_at"), "2026-01-01T00:01:30Z");
  EXPECT_EQ(told.Field("preempted_for"), "high");
  EXPECT_EQ(told.Field("state"), "GRANTED");
  EXPECT_EQ(told.Field("expire_time"), "2026-01-01T01:00:00Z");
  KillAndRestart();
  EXPECT_EQ(Get(kReservations + "/lower").body, told.body);
  ASSERT_EQ(Advance(R"({"by":"89s"})").status, 200);
  EXPECT_EQ(Get(kReservations + "/high").Field("state"), "QUEUED");
  ASSERT_EQ(Advance(R"({"by":"1s"})").status, 200);
  EXPECT_EQ(Get(kReservations + "/high").Field("state"), "GRANTED");
  const RestAnswer gone = Get(kReservations + "/lower");
  EXPECT_EQ(gone.Field("state"), "PREEMPTED");
  EXPECT_EQ(gone.Field("preempted_for"), "high");
  EXPECT_EQ(gone.Field("end_time"), "2026-01-01T00:01:30Z");
  EXPECT_EQ(Post(kReservations + "/lower:renew", "{}").code(), "preempted");
  const RestAnswer late = Post(kReservations + "/lower:charge", R"({"amounts":{"gpu_hours":"1"}})");
  EXPECT_EQ(late.status, 201) << late;
  EXPECT_EQ(late.Field("late"), "true");
  const std::string journal = Get(kBooks + "/journal").body;
  for (const char* kind : {"notice_given", "notice_received", "preempted"}) {
    EXPECT_THAT(journal, HasSubstr(Concat(R"("kind":")", kind, "\"")));
  }
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Preemption, GoesOnWhereTheRequestGivesUp) {
  ASSERT_EQ(Post(kReservations, With("low", "300", kFlex)).status, 201);
  ASSERT_EQ(Post(kReservations, With("high", "50", R"("on_shortage":"QUEUE")")).status, 202);
  EXPECT_THAT(Get(kReservations + "/low").body, HasSubstr("preempted_for"));
  ASSERT_EQ(Post(kReservations + "/high:release", "{}").status, 200);
  EXPECT_THAT(Get(kReservations + "/low").body, Not(HasSubstr("preempt")));
  ASSERT_EQ(Advance(R"({"by":"600s"})").status, 200);
  EXPECT_EQ(Get(kReservations + "/low").Field("state"), "GRANTED");
  EXPECT_THAT(Get(kBooks + "/journal").body, HasSubstr(R"("kind":"notice_withdrawn")"));
}

TEST_F(Preemption, IsOfferedToWhoIsDenied) {
  ASSERT_EQ(Post(kReservations, With("low", "300", kFlex)).status, 201);
  const RestAnswer denied = Post(kReservations, Ask("standard", "50"));
  EXPECT_EQ(denied.status, 409);
  EXPECT_THAT(denied.body, HasSubstr(R"({"kind":"QUEUE","until":"2026-01-01T00:01:30Z"})"));
  // No tier does better than that.
  EXPECT_THAT(denied.body, Not(HasSubstr(R"("kind":"TIER")")));
  const RestAnswer flex = Post(kReservations, With("flex", "50", R"("tier":"FLEX")"));
  EXPECT_THAT(flex.body,
              HasSubstr(R"({"kind":"TIER","until":"2026-01-01T00:01:30Z","tier":"STANDARD"})"));
  // What was offered comes true.
  ASSERT_EQ(
      Post(kReservations, With("again", "50", R"("on_shortage":"QUEUE")")).Field("estimated_start"),
      "2026-01-01T00:01:30Z");
  ASSERT_EQ(Advance(R"({"by":"90s"})").status, 200);
  EXPECT_EQ(Get(kReservations + "/again").Field("state"), "GRANTED");
  EXPECT_EQ(Get(kReservations + "/low").Field("state"), "PREEMPTED");
}

TEST_F(Preemption, RefusesAGraceThatThereIsNot) {
  for (const char* fields :
       {R"("preemption_grace":"30s")", R"("tier":"REALTIME","preemption_grace":"0s")",
        R"("tier":"FLEX","preemption_grace":"3601s")",
        R"("tier":"BATCH","preemption_grace":"-1s")"}) {
    const RestAnswer answer = Post(kReservations, With("e", "1", fields));
    EXPECT_EQ(answer.status, 400) << fields << answer;
    EXPECT_THAT(answer.body, HasSubstr(R"("path":"preemption_grace")")) << fields;
  }
  EXPECT_EQ(Get(kReservations + "/e").status, 404);
}

}  // namespace
}  // namespace purser
