// The life of reservations, over REST.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class ReservationLife : public DaemonTest {};

TEST_F(ReservationLife, IsCreatedStartedChargedRenewedAndSettled) {
  const RestAnswer created = Post(kReservations, Ask("exp-1", "40"));
  EXPECT_EQ(created.status, 201) << created;
  EXPECT_EQ(created.Header("Location"), kReservations + "/exp-1");
  EXPECT_EQ(created.Header("ETag"), "\"1\"");
  EXPECT_EQ(created.Header("Ledger-Sequence"), "2");
  EXPECT_EQ(created.Field("state"), "GRANTED");
  EXPECT_EQ(GpuHours(), "granted 400 = available 260 + reserve 100 + held 40");

  const RestAnswer started = Post(kReservations + "/exp-1:start", "");
  EXPECT_EQ(started.status, 200) << started;
  EXPECT_EQ(started.Field("state"), "ACTIVE");
  EXPECT_EQ(started.Header("ETag"), "\"2\"");

  const RestAnswer charged =
      Post(kReservations + "/exp-1:charge", R"({"id":"c1","amounts":{"gpu_hours":"30"}})");
  EXPECT_EQ(charged.status, 201) << charged;
  EXPECT_EQ(charged.Header("Location"), kBooks + "/charges/c1");
  EXPECT_EQ(charged.FieldAfter("within_hold", "gpu_hours"), "30");

  const RestAnswer renewed = Post(kReservations + "/exp-1:renew", R"({"lease":"7200s"})");
  EXPECT_EQ(renewed.status, 200) << renewed;
  EXPECT_EQ(renewed.Field("expire_time"), "2026-01-01T02:00:00Z");

  const RestAnswer settled =
      Post(kReservations + "/exp-1:settle", R"({"amounts":{"gpu_hours":"1.5"}})");
  EXPECT_EQ(settled.status, 200) << settled;
  EXPECT_EQ(settled.Field("state"), "SETTLED");
  EXPECT_EQ(settled.FieldAfter("charged", "gpu_hours"), "31.5");
  EXPECT_EQ(GpuHours(), "granted 400 = available 268.5 + reserve 100 + spent 31.5");
  EXPECT_EQ(Get(kReservations + "/exp-1").Header("Ledger-Sequence"), "6");
}

TEST_F(ReservationLife, ShowsADenialWithItsNumbersAndWhatTheReserveProtects) {
  const RestAnswer denied = Post(kReservations, Ask("exp-1", "328"));
  EXPECT_EQ(denied.status, 409);
  EXPECT_EQ(denied.Header("Content-Type"), "application/problem+json");
  EXPECT_EQ(denied.code(), "reserve_protected");
  EXPECT_EQ(denied.FieldAfter("shortages", "requested"), "328");
  EXPECT_EQ(denied.FieldAfter("shortages", "available"), "300");
  EXPECT_EQ(denied.FieldAfter("shortages", "reserve"), "100");
  EXPECT_EQ(denied.FieldAfter("shortages", "short_by"), "28");
  EXPECT_THAT(denied.body, HasSubstr(R"("reserve_protected":"28")"));
  EXPECT_EQ(GpuHours(), "granted 400 = available 300 + reserve 100");
}

TEST_F(ReservationLife, ShowsTheLeastThatWouldDoOfAnUpTo) {
  const RestAnswer denied = Post(
      kReservations, Concat(R"({"id":"exp-1","purpose":"ROLLBACK","amounts":{"gpu_hours":"500"},)",
                            R"("minimum_amounts":{"gpu_hours":"410.5"},)", kLabels, "}"));
  EXPECT_EQ(denied.code(), "insufficient_capacity");
  EXPECT_EQ(denied.FieldAfter("shortages", "minimum"), "410.5");
  EXPECT_EQ(denied.FieldAfter("shortages", "short_by"), "10.5");
  EXPECT_EQ(denied.Field("detail"), "gpu_hours is short by 10.5, the rollback reserve counted in");
}

TEST_F(ReservationLife, ListsEveryShortageOfADenial) {
  const RestAnswer denied =
      Post(kReservations,
           Concat(R"({"id":"exp-1","purpose":"TRAINING","amounts":{"gpu_hours":"401",)",
                  R"("active_model_memory":"61","evaluation_hours":"1"},)", kLabels, "}"));
  EXPECT_EQ(denied.code(), "insufficient_capacity");
  EXPECT_THAT(denied.body, HasSubstr(R"("resource":"gpu_hours","requested":"401")"));
  EXPECT_THAT(denied.body, HasSubstr(R"("resource":"active_model_memory","requested":"61")"));
  EXPECT_THAT(denied.body, Not(HasSubstr(R"("resource":"evaluation_hours")")));
}

TEST_F(ReservationLife, LetsARollbackDrawOnTheReserveWhereAnExperimentMayNot) {
  ASSERT_EQ(Post(kReservations, Ask("exp-1", "300")).status, 201);
  EXPECT_EQ(Post(kReservations, Ask("exp-2", "50")).code(), "reserve_protected");
  const RestAnswer rollback = Post(kReservations, Ask("back-1", "50", "ROLLBACK"));
  EXPECT_EQ(rollback.status, 201) << rollback;
  EXPECT_EQ(GpuHours(), "granted 400 = reserve 50 + held 350");
  ASSERT_EQ(Post(kReservations + "/back-1:release", "{}").status, 200);
  EXPECT_EQ(GpuHours(), "granted 400 = reserve 100 + held 300");
}

TEST_F(ReservationLife, TakesCapacityFromHeldToInUseAndBack) {
  const std::string body = Concat(
      R"({"id":"m1","purpose":"SERVING","amounts":{"active_model_memory":12},)", kLabels, "}");
  ASSERT_EQ(Post(kReservations, body).status, 201);
  ASSERT_EQ(Post(kReservations + "/m1:start", "{}").status, 200);
  EXPECT_EQ(Get(kBooks + "/resources/active_model_memory").Field("identity"),
            "granted 80 = available 48 + reserve 20 + in_use 12");
  ASSERT_EQ(Post(kReservations + "/m1:settle", "{}").status, 200);
  EXPECT_EQ(Get(kBooks + "/resources/active_model_memory").Field("identity"),
            "granted 80 = available 60 + reserve 20");
}

TEST_F(ReservationLife, NeverReopensWhatEnded) {
  ASSERT_EQ(Post(kReservations, Ask("s", "1")).status, 201);
  ASSERT_EQ(Post(kReservations, Ask("r", "1")).status, 201);
  ASSERT_EQ(Post(kReservations, Ask("d", "900")).status, 409);
  ASSERT_EQ(Post(kReservations + "/s:settle", R"({"charge_all":true})").status, 200);
  ASSERT_EQ(Post(kReservations + "/r:release", "{}").status, 200);
  for (const auto& [id, code] : std::map<std::string, std::string>{
           {"s", "already_settled"}, {"r", "already_released"}, {"d", "denied"}}) {
    for (const std::string verb : {":start", ":renew", ":settle", ":release"}) {
      const RestAnswer answer = Post(Concat(kReservations, "/", id, verb), "{}");
      EXPECT_EQ(answer.status, 410) << id << verb << answer;
      EXPECT_EQ(answer.code(), code) << id << verb;
    }
    const RestAnswer charge =
        Post(Concat(kReservations, "/", id, ":charge"), R"({"amounts":{"gpu_hours":"1"}})");
    EXPECT_EQ(charge.code(), code) << id << charge;
  }
}

TEST_F(ReservationLife, RefusesASecondStart) {
  ASSERT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
  ASSERT_EQ(Post(kReservations + "/e:start", "{}").status, 200);
  const RestAnswer again = Post(kReservations + "/e:start", "{}");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.code(), "already_started");
}

TEST_F(ReservationLife, GivesUpToWhatThereIs) {
  ASSERT_EQ(Post(kReservations, Ask("e1", "290")).status, 201);
  const RestAnswer got =
      Post(kReservations, Ask("e2", "40", "TRAINING", R"(,"minimum_amounts":{"gpu_hours":"5"})"));
  EXPECT_EQ(got.status, 201) << got;
  EXPECT_EQ(got.FieldAfter("amounts", "gpu_hours"), "40");
  EXPECT_EQ(got.FieldAfter("granted", "gpu_hours"), "10");
}

TEST_F(ReservationLife, MakesAnIdWhereNoneIsGivenThatNobodyMayChoose) {
  const std::string body =
      Concat(R"({"purpose":"TRAINING","amounts":{"gpu_hours":"1"},)", kLabels, "}");
  const RestAnswer made = Post(kReservations, body);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.Field("id"), "_2");
  EXPECT_EQ(made.Header("Location"), kReservations + "/_2");
  EXPECT_EQ(Get(kReservations + "/_2").status, 200);
  EXPECT_EQ(Post(kReservations, Ask("_3", "1")).status, 400);
}

TEST_F(ReservationLife, ShowsAnExpiryExactlyAtItsInstant) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40", "TRAINING", R"(,"lease":"60s")")).status, 201);
  ASSERT_EQ(Advance(R"({"by":"59.999999s"})").status, 200);
  EXPECT_EQ(Get(kReservations + "/e").Field("state"), "GRANTED");
  ASSERT_EQ(Advance(R"({"by":"0.000001s"})").status, 200);
  const RestAnswer expired = Get(kReservations + "/e");
  EXPECT_EQ(expired.Field("state"), "EXPIRED");
  EXPECT_EQ(expired.Field("end_time"), "2026-01-01T00:01:00Z");
  EXPECT_EQ(GpuHours(), "granted 400 = available 300 + reserve 100");
  EXPECT_EQ(Post(kReservations + "/e:renew", "{}").code(), "expired");
  const RestAnswer late =
      Post(kReservations + "/e:charge", R"({"id":"c","amounts":{"gpu_hours":"2"}})");
  EXPECT_EQ(late.status, 201) << late;
  EXPECT_EQ(late.Field("late"), "true");
}

TEST_F(ReservationLife, TellsAnOverrunToStop) {
  ASSERT_EQ(Post(kReservations, Ask("e", "1", "TRAINING", R"(,"overrun_policy":"STOP")")).status,
            201);
  const RestAnswer over =
      Post(kReservations + "/e:charge", R"({"id":"c","amounts":{"gpu_hours":"1.5"}})");
  EXPECT_EQ(over.status, 201);
  EXPECT_EQ(over.Field("action"), "STOP");
  EXPECT_EQ(over.FieldAfter("overrun", "gpu_hours"), "0.5");
  const RestAnswer renew = Post(kReservations + "/e:renew", "{}");
  EXPECT_EQ(renew.status, 409);
  EXPECT_EQ(renew.code(), "overrun_stop");
}

}  // namespace
}  // namespace purser
