// What charges cost, on the charge and in reports, over REST.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kCards = kBooks + "/rate-cards";
const std::string kCharges = kBooks + "/charges";
const std::string kCosts = kBooks + "/costs";

std::string Charge(const std::string& id, const std::string& amounts, const std::string& family,
                   const std::string& capability) {
  return Concat(R"({"id":")", id, R"(","amounts":{)", amounts, R"(},"labels":{"operator_family":")",
                family, R"(","capability":")", capability, R"("}})");
}

class Costs : public DaemonTest {
 protected:
  void SetUp() override {
    DaemonTest::SetUp();
    ASSERT_EQ(Post(kCards, R"({"id":"cloud","rates":{"gpu_hours":{"rate":"2.5"}}})").status, 201);
    ASSERT_EQ(Post(kReservations, Ask("exp", "40", "TRAINING", R"(,"lease":"5184000s")")).status,
              201);
  }
};

TEST_F(Costs, StandOnTheCharge) {
  const RestAnswer charged =
      Post(kReservations + "/exp:charge", R"({"id":"c1","amounts":{"gpu_hours":"1.234567"}})");
  EXPECT_EQ(charged.status, 201) << charged;
  EXPECT_EQ(charged.FieldAfter("rates", "gpu_hours"), "2.5");
  EXPECT_EQ(charged.FieldAfter("costs", "gpu_hours"), "3.086418");
  EXPECT_EQ(charged.FieldAfter("refunded_costs", "gpu_hours"), "0");
  EXPECT_EQ(charged.FieldAfter("cost_categories", "gpu_hours"), "training");
  const RestAnswer refunded = Post(kCharges + "/c1:refund", R"({"id":"r1"})");
  EXPECT_EQ(refunded.FieldAfter("refunded_costs", "gpu_hours"), "3.086418");
  EXPECT_EQ(Get(kCharges + "/c1").FieldAfter("refunded_costs", "gpu_hours"), "3.086418");
  const RestAnswer bad = Post(kReservations + "/exp:charge",
                              R"({"id":"c2","amounts":{"gpu_hours":"1"},"category":"gpu"})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("vendor_license or rollback_reserve"));
}

TEST_F(Costs, LeaveNothingWithAnyValueOfWhatIsRefundedInPieces) {
  const std::string charge = R"({"id":"c1","amounts":{"inference_cost":"0.000005"},"labels":)"
                             R"({"operator_family":"docs","capability":{"layout":"1","ocr":"1"}}})";
  ASSERT_EQ(Post(kCharges, charge).status, 201);
  const auto part = [](const char* capability, const char* cost) {
    return HasSubstr(
        Concat(R"({"by":{"capability":")", capability, R"("},"missing":[],"cost":")", cost, "\""));
  };
  for (const auto& [id, layout, ocr] : {std::tuple("r1", "0.000002", "0.000002"),
                                        {"r2", "0.000002", "0.000001"},
                                        {"r3", "0.000001", "0.000001"},
                                        {"r4", "0.000001", "0"},
                                        {"r5", "0", "0"}}) {
    const RestAnswer refunded =
        Post(kCharges + "/c1:refund",
             Concat(R"({"id":")", id, R"(","amounts":{"inference_cost":"0.000001"}})"));
    ASSERT_EQ(refunded.status, 201) << refunded;
    const std::string report = Get(kCosts + "?group_by=capability").body;
    EXPECT_THAT(report, part("layout", layout));
    EXPECT_THAT(report, part("ocr", ocr));
  }
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

TEST_F(Costs, AddUpOnBothAxesAsOfAnyEntry) {
  ASSERT_EQ(
      Post(kReservations + "/exp:charge", R"({"id":"c1","amounts":{"gpu_hours":"10"}})").status,
      201);
  const std::string then = Sequence();
  ASSERT_EQ(Post(kCharges, Charge("c2", R"("gpu_hours":"4","evaluation_hours":"1")", "docs", "ocr"))
                .status,
            201);
  ASSERT_EQ(Post(kCharges, Charge("c3", R"("inference_cost":"0.5")", "docs", "layout")).status,
            201);
  const RestAnswer families = Get(kCosts + "?group_by=operator_family");
  EXPECT_EQ(families.status, 200) << families;
  EXPECT_EQ(families.Field("total"), "35.5");
  EXPECT_EQ(families.Field("unattributed"), "0");
  EXPECT_THAT(families.body, HasSubstr(R"({"by":{"operator_family":"docs"},"missing":[],)"
                                       R"("cost":"10.5","unpriced":{"evaluation_hours":"1"},)"
                                       R"("occupied":{}})"));
  EXPECT_THAT(families.body, HasSubstr(R"({"by":{"operator_family":"vision-specialists"},)"
                                       R"("missing":[],"cost":"25","unpriced":{},"occupied":{}})"));
  const RestAnswer capabilities = Get(kCosts + "?group_by=capability,category");
  EXPECT_EQ(capabilities.Field("total"), "35.5");
  EXPECT_THAT(capabilities.body, HasSubstr(R"({"by":{"capability":"layout","category":)"
                                           R"("inference"},"missing":[],"cost":"0.5")"));
  // What was not said is missing, and spread over nobody.
  const RestAnswer teams = Get(kCosts + "?group_by=team");
  EXPECT_EQ(teams.Field("unattributed"), "35.5");
  EXPECT_THAT(teams.body, HasSubstr(R"({"by":{},"missing":["team"],"cost":"35.5")"));
  const RestAnswer before = Get(Concat(kCosts, "?group_by=operator_family&as_of=", then));
  EXPECT_EQ(before.Field("total"), "25");
  EXPECT_EQ(before.Header("Ledger-Sequence"), then);
  ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"id":"r1","amounts":{"gpu_hours":"4"}})").status,
            201);
  EXPECT_EQ(Get(kCosts).Field("total"), "25.5");
  EXPECT_EQ(Get(Concat(kCosts, "?group_by=operator_family&as_of=", then)).body, before.body);
  const RestAnswer now = Get(kCosts + "?group_by=resource");
  KillAndRestart();
  EXPECT_EQ(Get(kCosts + "?group_by=resource").body, now.body);
}

TEST_F(Costs, BelongToTheMonthOfTheirHold) {
  const std::string month = Get(kCosts).Field("period");
  const std::string next_begins = Get(kCosts).Field("until");
  ASSERT_EQ(Advance(Concat(R"({"to":")", next_begins, "\"}")).status, 200);
  // 10 more than it holds: they are of the month in which they come.
  ASSERT_EQ(
      Post(kReservations + "/exp:charge", R"({"id":"c1","amounts":{"gpu_hours":"50"}})").status,
      201);
  EXPECT_EQ(Get(Concat(kCosts, "?period=", month)).Field("total"), "100");
  const RestAnswer running = Get(kCosts);
  EXPECT_EQ(running.Field("from"), next_begins);
  EXPECT_EQ(running.Field("total"), "25");
}

TEST_F(Costs, AreOfCalendarMonthsOfTheTimeZone) {
  ASSERT_EQ(Post("/v1/populations",
                 R"({"name":"berlin","time_zone":"Europe/Berlin","required_labels":[]})")
                .status,
            201);
  // In March the clocks go forward.
  const RestAnswer march = Get("/v1/populations/berlin/costs?period=2026-03");
  EXPECT_EQ(march.Field("from"), "2026-02-28T23:00:00Z");
  EXPECT_EQ(march.Field("until"), "2026-03-31T22:00:00Z");
  EXPECT_EQ(march.Field("total"), "0");
  EXPECT_EQ(Get("/v1/populations/berlin/costs?period=2026-10").Field("until"),
            "2026-10-31T23:00:00Z");
}

TEST_F(Costs, OfColdStartsArePartedAmongCapabilities) {
  const std::string models = kBooks + "/models";
  ASSERT_EQ(Post(models, R"({"id":"m","operator_family":"vision","capabilities":["layout","ocr"],)"
                         R"("cold_start_cost":"0.000003"})")
                .status,
            201);
  ASSERT_EQ(Post(models + "/m:activate", R"({"vacancy":{}})").status, 200);
  const RestAnswer capabilities = Get(kCosts + "?group_by=capability");
  EXPECT_EQ(capabilities.Field("total"), "0.000003");
  EXPECT_THAT(capabilities.body, HasSubstr(R"({"by":{"capability":"layout"},"missing":[],)"
                                           R"("cost":"0.000002")"));
  EXPECT_THAT(capabilities.body,
              HasSubstr(R"({"by":{"capability":"ocr"},"missing":[],"cost":"0.000001")"));
  const RestAnswer resources = Get(kCosts + "?group_by=category,resource,model");
  EXPECT_THAT(resources.body, HasSubstr(R"({"by":{"category":"cold_start","model":"m"},)"
                                        R"("missing":[],"cost":"0.000003","unpriced":{},)"
                                        R"("occupied":{}})"));
  EXPECT_EQ(resources.Field("unattributed"), "0");
}

TEST_F(Costs, AddUpBeyondTheLargestAmount) {
  for (const char* id : {"c1", "c2"}) {
    ASSERT_EQ(Post(kCharges, Charge(id, R"("gpu_hours":"3600000000000")", "docs", id)).status, 201);
  }
  EXPECT_EQ(Get(kCosts + "?group_by=capability").Field("total"), "18000000000000");
  ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"id":"r1"})").status, 201);
  EXPECT_EQ(Get(kCosts).Field("total"), "9000000000000");
}

TEST_F(Costs, HaveABoundedNumberOfGroups) {
  for (int batch = 0; batch < 11; ++batch) {
    std::vector<std::string> charges;
    for (int i = 0; i < 1'000; ++i) {
      const std::string id = Concat("c", batch, "-", i);
      charges.push_back(
          Concat(R"({"post_charge":)", Charge(id, R"("gpu_hours":"0.000001")", "x", id), "}"));
    }
    ASSERT_EQ(Post(kBatch, Batch(charges)).status, 200);
  }
  const RestAnswer all = Get(kCosts + "?group_by=capability");
  EXPECT_EQ(all.status, 409) << all;
  EXPECT_EQ(all.code(), "limit_of_the_daemon");
  EXPECT_EQ(Get(kCosts + "?group_by=operator_family").status, 200);
}

TEST_F(Costs, AreRefusedWithTheFault) {
  for (const char* query : {"?group_by=Team", "?group_by=team,team", "?group_by=a,b,c,d,e,f,g,h,i",
                            "?group_by=a,", "?period=2026-13", "?period=2026-1", "?period=26-01",
                            "?period=1969-12", "?period=now", "?period=", "?as_of=yesterday"}) {
    const RestAnswer answer = Get(kCosts + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(answer.code(), "invalid_argument") << query;
  }
  EXPECT_EQ(Get(kCosts + "?as_of=1000000").code(), "as_of_in_future");
  EXPECT_EQ(Get(kCosts + "?from=2026-01-01").status, 400);
}

}  // namespace
}  // namespace purser
