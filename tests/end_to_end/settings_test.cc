// Populations, resources, freezes, debts, refunds and rollover, over REST.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

class Settings : public DaemonTest {};
class Books : public DaemonTest {};

TEST_F(Settings, NeedAnIfMatchThatIsFresh) {
  const std::string body = R"({"reserve_percent":"50"})";
  const RestAnswer without = Patch(kGpuHours, body);
  EXPECT_EQ(without.status, 428) << without;
  EXPECT_EQ(without.code(), "precondition_required");
  const RestAnswer stale = Patch(kGpuHours, body, {{"If-Match", "\"7\""}});
  EXPECT_EQ(stale.status, 412) << stale;
  EXPECT_EQ(stale.code(), "precondition_failed");
  const std::string etag = Get(kGpuHours).Header("ETag");
  EXPECT_EQ(etag, "\"1\"");
  const RestAnswer good = Patch(kGpuHours, body, {{"If-Match", etag}});
  EXPECT_EQ(good.status, 200) << good;
  EXPECT_EQ(good.Header("ETag"), "\"2\"");
  EXPECT_EQ(good.Field("generation"), "2");
  EXPECT_EQ(GpuHours(), "granted 400 = available 200 + reserve 200");
  EXPECT_EQ(Patch(kGpuHours, body, {{"If-Match", etag}}).status, 412);
}

TEST_F(Settings, OfPopulationsAndDeletionsNeedIfMatchToo) {
  EXPECT_EQ(Patch(kBooks, R"({"required_labels":[]})").status, 428);
  EXPECT_EQ(Patch(kBooks, R"({"required_labels":[]})", {{"If-Match", "\"1\""}}).status, 200);
  const std::string disks = kBooks + "/resources/archive_storage";
  EXPECT_EQ(Delete(disks).status, 428);
  EXPECT_EQ(Delete(disks, {{"If-Match", "\"9\""}}).status, 412);
  EXPECT_EQ(Delete(disks, {{"If-Match", "\"1\""}}).status, 200);
  EXPECT_EQ(Get(disks).status, 404);
}

TEST_F(Settings, RefuseAnIfMatchThatIsNone) {
  for (const std::string match : {"1", "\"x\"", "W/\"1\"", "\"\"", "\"-1\""}) {
    EXPECT_EQ(Patch(kGpuHours, "{}", {{"If-Match", match}}).code(), "invalid_argument") << match;
  }
}

TEST_F(Settings, HonourIfMatchOnVerbs) {
  ASSERT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
  EXPECT_EQ(Post(kReservations + "/e:start", "{}", {{"If-Match", "\"2\""}}).status, 412);
  EXPECT_EQ(Post(kReservations + "/e:start", "{}", {{"If-Match", "\"1\""}}).status, 200);
  EXPECT_EQ(Post(kReservations + "/e:release", "{}", {{"If-Match", "\"1\""}}).status, 412);
}

TEST_F(Settings, NameEveryImmutableField) {
  const RestAnswer answer =
      Patch(kGpuHours, R"({"name":"x","unit":"y","kind":"CAPACITY","period":"NONE"})",
            {{"If-Match", "\"1\""}});
  EXPECT_EQ(answer.status, 400) << answer;
  EXPECT_EQ(answer.code(), "immutable");
  for (const std::string field : {"name", "unit", "kind", "period"}) {
    EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"", field, "\""))) << field;
  }
  EXPECT_EQ(Patch(kBooks, R"({"time_zone":"Europe/Berlin"})", {{"If-Match", "\"1\""}}).code(),
            "immutable");
}

TEST_F(Settings, MakeAPopulationWithResourcesInOneTransaction) {
  const RestAnswer made = Post(
      "/v1/populations",
      R"({"name":"p0","resources":[{"name":"gpu_hours","unit":"h","kind":"CONSUMABLE",)"
      R"("period":"MONTHLY","amount":"400","reserve_percent":"25"},{"name":"memory","unit":"GB",)"
      R"("kind":"CAPACITY","amount":"80","reserve_percent":"25","min_amount":"1",)"
      R"("max_amount":"40","step":"0.5","overcommit":"3/2"}]})");
  EXPECT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Header("Location"), "/v1/populations/p0");
  EXPECT_EQ(made.Header("ETag"), "\"1\"");
  EXPECT_EQ(Get("/v1/populations/p0").Header("Ledger-Sequence"), "1");
  EXPECT_EQ(Get("/v1/populations/p0/resources/memory").Field("identity"),
            "granted 110 = available 90 + reserve 20");
  const RestAnswer bounds =
      Post("/v1/populations/p0/reservations",
           Concat(R"({"purpose":"TRAINING","amounts":{"memory":"40.75"},)", kLabels, "}"));
  EXPECT_EQ(bounds.status, 400) << bounds;
  EXPECT_EQ(bounds.FieldAfter("fields", "path"), "amounts.memory");
  EXPECT_EQ(Post("/v1/populations", R"({"name":"p0"})").status, 409);
}

TEST_F(Settings, RefuseAnOvercommitThatIsNoFractionOfAtLeastOne) {
  for (const std::string ratio : {"0/0", "1/0", "0/1", "1/2", "-3/-2", "1.5", "", "/", "3/2/1"}) {
    const RestAnswer made =
        Post(kBooks + "/resources",
             Concat(R"({"name":"slots","unit":"s","kind":"CAPACITY","amount":"8","overcommit":")",
                    ratio, "\"}"));
    EXPECT_EQ(made.status, 400) << ratio << made;
    EXPECT_EQ(made.FieldAfter("fields", "path"), "overcommit") << ratio;
    EXPECT_EQ(Patch(kBooks + "/resources/active_model_memory",
                    Concat("{\"overcommit\":\"", ratio, "\"}"), {{"If-Match", "*"}})
                  .status,
              400)
        << ratio;
  }
}

TEST_F(Settings, JudgeAReserveThatIsNoneTogetherWithAnOvercommit) {
  const std::string before =
      R"({"name":"m","unit":"GB","kind":"CAPACITY","amount":"8","overcommit":"3/2",)";
  for (const std::string reserve :
       {R"("reserve_percent":"150"})", R"("reserve_percent":"-1"})", R"("reserve_amount":"-1"})"}) {
    EXPECT_EQ(Post(kBooks + "/resources", before + reserve).code(), "invalid_argument") << reserve;
    const std::string memory = kBooks + "/resources/active_model_memory";
    EXPECT_EQ(Patch(memory, R"({"overcommit":"3/2",)" + reserve, {{"If-Match", "*"}}).code(),
              "invalid_argument")
        << reserve;
  }
}

TEST_F(Settings, JudgeValuesBeforeTheyAskWhetherThereIsSuchAResource) {
  const std::string nobody = kBooks + "/resources/nobody";
  const RestAnswer answer =
      Patch(nobody, R"({"amount":"-1","step":"0","min_amount":"3","max_amount":"2"})",
            {{"If-Match", "*"}});
  EXPECT_EQ(answer.code(), "invalid_argument") << answer;
  for (const std::string field : {"amount", "step", "max_amount"}) {
    EXPECT_THAT(answer.body, HasSubstr(Concat("\"path\":\"", field, "\""))) << field;
  }
  EXPECT_EQ(Patch(nobody, R"({"amount":"1"})", {{"If-Match", "*"}}).status, 404);
  EXPECT_EQ(Get(kBooks).status, 200);
}

// 400 amounts and wrong states first, then the generation.
TEST_F(Settings, JudgeTheGenerationAfterTheStateAndBeforeWhatAReservationNames) {
  const Headers stale = {{"If-Match", "\"99\""}};
  EXPECT_EQ(Post(kGpuHours + ":withdraw", R"({"amount":"1000"})", stale).code(),
            "invalid_argument");
  ASSERT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
  EXPECT_EQ(Delete(kGpuHours).code(), "resource_in_use");
  const std::string other = R"({"amounts":{"evaluation_hours":"1"}})";
  EXPECT_EQ(Post(kReservations + "/e:charge", other, stale).status, 412);
  EXPECT_EQ(Post(kReservations + "/e:charge", other).status, 400);
  ASSERT_EQ(Advance(R"({"by":"2h"})").status, 400);
  ASSERT_EQ(Advance(R"({"by":"7200s"})").status, 200);
  // A late charge has a generation as well.
  const std::string late = R"({"id":"late","amounts":{"gpu_hours":"1"}})";
  EXPECT_EQ(Post(kReservations + "/e:charge", late, stale).status, 412);
  EXPECT_EQ(Post(kReservations + "/e:charge", late, {{"If-Match", "\"2\""}}).status, 201);
}

TEST_F(Books, RollOverOnTheBoundaryOfTheClock) {
  ASSERT_EQ(Post(kReservations, Ask("e", "40", "TRAINING", R"(,"lease":"34560000s")")).status, 201);
  ASSERT_EQ(Post(kReservations + "/e:charge", R"({"amounts":{"gpu_hours":"10"}})").status, 201);
  ASSERT_EQ(Advance(R"({"to":"2026-01-31T23:59:59.999999Z"})").status, 200);
  EXPECT_EQ(GpuHours(), "granted 400 = available 260 + reserve 100 + held 30 + spent 10");
  ASSERT_EQ(Advance(R"({"to":"2026-02-01T00:00:00Z"})").status, 200);
  EXPECT_EQ(GpuHours(), "granted 430 = available 300 + reserve 100 + held 30");
  // What an older period's hold gives back lapses.
  ASSERT_EQ(Post(kReservations + "/e:release", "{}").status, 200);
  EXPECT_EQ(GpuHours(), "granted 400 = available 300 + reserve 100");
}

TEST_F(Books, CatchUpOnEveryBoundaryThatWasMissed) {
  Restart();
  clock_ = "2026-04-15T00:00:00Z";
  Restart();
  EXPECT_EQ(Get(kGpuHours).Field("next_rollover"), "2026-05-01T00:00:00Z");
  EXPECT_EQ(Get(kBooks + "/journal?page_size=1").Field("time"), "2026-04-01T00:00:00Z");
}

TEST_F(Books, NeverGoBackInTime) {
  ASSERT_EQ(Advance(R"({"to":"2026-01-02T00:00:00Z"})").status, 200);
  ASSERT_EQ(Post(kReservations, Ask("e", "1")).status, 201);
  EXPECT_EQ(Advance(R"({"to":"2026-01-01T00:00:00Z"})").status, 400);
  clock_ = "2020-01-01T00:00:00Z";
  Restart();
  const RestAnswer next = Post(kReservations, Ask("f", "1"));
  EXPECT_EQ(next.Field("create_time"), "2026-01-02T00:00:00Z");
  EXPECT_EQ(Get(kReservations + "/e").Field("state"), "GRANTED");
}

TEST_F(Books, FreezeAndThaw) {
  const RestAnswer frozen =
      Post(kBooks + "/freezes", R"({"id":"f1","resource":"gpu_hours","reason":"audit",)"
                                R"("until":"2026-01-01T01:00:00Z"})");
  EXPECT_EQ(frozen.status, 201) << frozen;
  EXPECT_EQ(frozen.Header("Location"), kBooks + "/freezes/f1");
  const RestAnswer refused = Post(kReservations, Ask("e", "1"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "frozen");
  EXPECT_EQ(refused.FieldAfter("blocking", "kind"), "FREEZE");
  EXPECT_EQ(refused.FieldAfter("blocking", "detail"), "audit");
  EXPECT_EQ(Post(kReservations, Ask("back", "1", "ROLLBACK")).status, 201);
  EXPECT_EQ(Get(kGpuHours).Field("frozen"), "true");
  // Again: the first id, with reason and end replaced.
  const RestAnswer again =
      Post(kBooks + "/freezes", R"({"id":"f2","resource":"gpu_hours","reason":"fire"})");
  EXPECT_EQ(again.status, 200) << again;
  EXPECT_EQ(again.Field("id"), "f1");
  EXPECT_EQ(again.Field("reason"), "fire");
  EXPECT_EQ(Delete(kBooks + "/freezes/f1").status, 200);
  EXPECT_EQ(Get(kBooks + "/freezes/f1").status, 404);
  EXPECT_EQ(Post(kReservations, Ask("e2", "1")).status, 201);
}

TEST_F(Books, ThawByThemselves) {
  ASSERT_EQ(Post(kBooks + "/freezes",
                 R"({"population":true,"until":"2026-01-01T01:00:00Z","reason":"x"})")
                .status,
            201);
  ASSERT_EQ(Advance(R"({"by":"3599s"})").status, 200);
  EXPECT_EQ(Post(kReservations, Ask("e", "1")).code(), "frozen");
  ASSERT_EQ(Advance(R"({"by":"1s"})").status, 200);
  EXPECT_EQ(Post(kReservations, Ask("e2", "1")).status, 201);
  EXPECT_EQ(Get(kBooks + "/freezes").body, "{\"freezes\":[],\"next_page_token\":\"\"}\n");
}

TEST_F(Books, FreezeATargetOnceWhateverTheIdsAreCalled) {
  const auto freeze = [this](const std::string& id, const std::string& family) {
    return Post(kBooks + "/freezes",
                Concat(R"({"id":")", id, R"(","operator_family":")", family, R"("})"));
  };
  for (const std::string name : {"a1", "m1", "z1"}) ASSERT_EQ(freeze(name, name).status, 201);
  for (const std::string id : {"a1", "z1", "new"}) {
    const RestAnswer again = freeze(id, "m1");
    EXPECT_EQ(again.status, 200) << again;
    EXPECT_EQ(again.Field("id"), "m1");
  }
  EXPECT_EQ(freeze("a1", "other").code(), "id_conflict");
}

TEST_F(Books, HoldABoundedNumberOfFreezes) {
  constexpr int kFreezesMax = 1'000;
  for (int i = 0; i < kFreezesMax; ++i) {
    ASSERT_EQ(Post(kBooks + "/freezes", Concat(R"({"operator_family":"f)", i, R"("})")).status,
              201);
  }
  EXPECT_EQ(Post(kBooks + "/freezes", R"({"population":true})").code(), "limit_of_the_daemon");
  EXPECT_EQ(Post(kBooks + "/freezes", R"({"operator_family":"f7"})").status, 200);
}

TEST_F(Books, RefuseADebtThatNoAmountHolds) {
  const auto charge = [this](const std::string& id) {
    return Post(
        kBooks + "/charges",
        Concat(R"({"id":")", id, R"(","amounts":{"gpu_hours":"9000000000000"},)", kLabels, "}"));
  };
  ASSERT_EQ(charge("c0").status, 201);
  EXPECT_EQ(charge("c1").code(), "invalid_argument");
  // What was spent goes with its period, the debt stays.
  ASSERT_EQ(Advance(R"({"to":"2026-02-01T00:00:00Z"})").status, 200);
  EXPECT_EQ(charge("c1").code(), "invalid_argument");
  EXPECT_EQ(Get(kGpuHours).Field("overdraft"), "-8999999999300");
}

TEST_F(Books, GrantWhatOnlyCancelsAShortfall) {
  const std::string most = "9223372036854.775807";
  ASSERT_EQ(Post(kBooks + "/resources",
                 Concat(R"({"name":"m","unit":"GB","kind":"CAPACITY","reserve_percent":"0",)",
                        R"("amount":")", most, "\"}"))
                .status,
            201);
  ASSERT_EQ(Post(kReservations,
                 Concat(R"({"purpose":"TRAINING","amounts":{"m":")", most, "\"},", kLabels, "}"))
                .status,
            201);
  const std::string m = kBooks + "/resources/m";
  ASSERT_EQ(Post(m + ":withdraw", R"({"amount":"1000"})").status, 200);
  EXPECT_EQ(Get(m).Field("shortfall"), "1000");
  EXPECT_EQ(Post(m + ":grant", R"({"amount":"1000.000001"})").status, 400);
  EXPECT_EQ(Post(m + ":grant", R"({"amount":"1000"})").status, 200);
  EXPECT_EQ(Get(m).Field("shortfall"), "0");
}

TEST_F(Books, KeepDebtsAndRepayThemWithAGrant) {
  const std::string usage = Concat(R"({"id":"c1","amounts":{"gpu_hours":"305"},)", kLabels, "}");
  const RestAnswer charge = Post(kBooks + "/charges", usage);
  EXPECT_EQ(charge.status, 201) << charge;
  EXPECT_EQ(charge.FieldAfter("overdraft", "gpu_hours"), "5");
  EXPECT_EQ(GpuHours(), "granted 400 = reserve 100 + spent 305 + overdraft -5");
  EXPECT_EQ(Get(kGpuHours).Field("reserve_backed"), "95");
  const RestAnswer debts = Get(kBooks + "/debts");
  EXPECT_EQ(debts.Field("operator_family"), "vision-specialists");
  EXPECT_EQ(debts.Field("amount"), "5");
  EXPECT_EQ(debts.Field("charge"), "c1");
  const std::string memory =
      Concat(R"({"purpose":"TRAINING","amounts":{"active_model_memory":"1"},)", kLabels, "}");
  EXPECT_EQ(Post(kReservations, memory).code(), "overdrawn");
  ASSERT_EQ(Post(kGpuHours + ":grant", R"({"amount":"20","reason":"write-off"})").status, 200);
  EXPECT_EQ(GpuHours(), "granted 420 = available 10 + reserve 105 + spent 305");
  EXPECT_EQ(Post(kReservations, memory).status, 201);
}

TEST_F(Books, RefundWhatIsLeftOfACharge) {
  const std::string refund = kBooks + "/charges/c1:refund";
  ASSERT_EQ(
      Post(kBooks + "/charges", Concat(R"({"id":"c1","amounts":{"gpu_hours":"10"},)", kLabels, "}"))
          .status,
      201);
  const RestAnswer part =
      Post(refund, R"({"id":"r1","amounts":{"gpu_hours":"4"},"reason":"wrong"})");
  EXPECT_EQ(part.status, 201) << part;
  const RestAnswer more = Post(refund, R"({"id":"r2","amounts":{"gpu_hours":"7"}})");
  EXPECT_EQ(more.status, 409) << more;
  EXPECT_EQ(more.code(), "refund_exceeds_charge");
  EXPECT_THAT(more.body, HasSubstr("more than is left of the charge: of gpu_hours "));
  EXPECT_EQ(Post(refund, R"({"id":"r3"})").status, 201);
  EXPECT_EQ(Get(kBooks + "/charges/c1").FieldAfter("refunded", "gpu_hours"), "10");
  EXPECT_EQ(GpuHours(), "granted 400 = available 300 + reserve 100");
  EXPECT_EQ(Post(kBooks + "/charges/nobody:refund", "{}").status, 404);
}

TEST_F(Books, GrantAndWithdraw) {
  ASSERT_EQ(Post(kGpuHours + ":grant", R"({"amount":"100","reason":"more"})").status, 200);
  EXPECT_EQ(GpuHours(), "granted 500 = available 375 + reserve 125");
  ASSERT_EQ(Post(kGpuHours + ":withdraw", R"({"amount":"200","reason":"less"})").status, 200);
  EXPECT_EQ(GpuHours(), "granted 300 = available 225 + reserve 75");
  EXPECT_EQ(Post(kGpuHours + ":withdraw", R"({"amount":"301","reason":"x"})").status, 400);
  EXPECT_EQ(Post(kGpuHours + ":grant", R"({"amount":"0","reason":"x"})").status, 400);
}

TEST_F(Books, AreListedInPagesThatWritesDoNotMove) {
  for (int i = 0; i < 7; ++i) {
    ASSERT_EQ(Post(kReservations, Ask(Concat("e", i), "1")).status, 201);
  }
  std::string seen;
  std::string token;
  for (int page = 0; page < 4; ++page) {
    const RestAnswer answer =
        Get(kReservations + "?page_size=2" + (token.empty() ? "" : "&page_token=" + token));
    ASSERT_EQ(answer.status, 200) << answer;
    for (size_t at = 0; (at = answer.body.find("{\"id\":\"", at)) != std::string::npos; ++at) {
      seen += answer.body.substr(at + 7, 2) + " ";
    }
    token = answer.Field("next_page_token");
    ASSERT_EQ(Post(kReservations, Ask(Concat("late", page), "1")).status, 201);
    ASSERT_EQ(Post(Concat(kReservations, "/e", page, ":release"), "{}").status, 200);
  }
  EXPECT_EQ(seen, "e6 e5 e4 e3 e2 e1 e0 ");
  EXPECT_EQ(token, "");
  EXPECT_EQ(Get(kReservations + "?page_size=0").status, 400);
  EXPECT_EQ(Get(kReservations + "?page_size=x").status, 400);
  EXPECT_EQ(Get(kReservations + "?page_size=100000").status, 200);
  EXPECT_EQ(Get(kReservations + "?page_token=nonsense").status, 400);
}

}  // namespace
}  // namespace purser
