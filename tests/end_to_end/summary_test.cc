// What the month costs, how fast, and where that leads, over REST.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kSummary = kBooks + "/summary";

class Summaries : public DaemonTest {
 protected:
  void SetUp() override { Start(); }

  void Spend(const std::string& id, const std::string& usd, const std::string& family) {
    const RestAnswer made =
        Post(kBooks + "/charges",
             Concat(R"({"id":")", id, R"(","amounts":{"inference_cost":")", usd,
                    R"("},"labels":{"operator_family":")", family, R"(","capability":"ocr"}})"));
    ASSERT_EQ(made.status, 201) << made;
  }
  // A dollar a day of docs and two of vision, at each beginning.
  void SpendTenDays() {
    for (int day = 0; day < 10; ++day) {
      Spend(Concat("d", day), "1", "docs");
      Spend(Concat("v", day), "2", "vision");
      ASSERT_EQ(Advance(R"({"by":"86400s"})").status, 200);
    }
  }
};

TEST_F(Summaries, SayWhereTheRateOfTheLastWeekLeads) {
  SpendTenDays();
  // Seven days: from the fourth of January on.
  const RestAnswer all = Get(kSummary);
  ASSERT_EQ(all.status, 200) << all;
  EXPECT_EQ(all.Field("period"), "2026-01");
  EXPECT_EQ(all.Field("time"), "2026-01-11T00:00:00Z");
  EXPECT_EQ(all.Field("month_to_date"), "30");
  EXPECT_EQ(all.Field("burn_from"), "2026-01-04T00:00:00Z");
  EXPECT_EQ(all.Field("burn_per_day"), "3");
  EXPECT_EQ(all.Field("forecast"), "93") << "21 days more";
  EXPECT_THAT(all.body, Not(HasSubstr(R"("operator_family":"docs","month_to_date")")));
  EXPECT_THAT(all.body, HasSubstr(R"("by_category":[{"category":"inference","cost":"30",)"
                                  R"("burnt":"21"},)"));
  EXPECT_THAT(all.body, HasSubstr(R"("by_model":[{"model":"","cost":"30","burnt":"21"}])"));
  EXPECT_THAT(all.body, HasSubstr(R"("top_drivers":[{"operator_family":"vision",)"
                                  R"("category":"inference","model":"","cost":"20","burnt":"14"},)"
                                  R"({"operator_family":"docs",)"));
  // At the very instant that is asked for.
  Spend("late1", "2", "docs");
  Spend("late2", "2", "vision");
  const RestAnswer docs = Get(kSummary + "?operator_family=docs");
  EXPECT_EQ(docs.Field("operator_family"), "docs");
  EXPECT_EQ(docs.Field("month_to_date"), "12");
  EXPECT_EQ(docs.Field("burn_per_day"), "1.285714") << "9 in 7 days";
  EXPECT_EQ(docs.Field("forecast"), "39") << "12 and 21 times 9 / 7";
  EXPECT_THAT(docs.body, HasSubstr(R"("trend":[{"day":"2026-01-01","from":"2026-01-01T00:00:00Z",)"
                                   R"("until":"2026-01-02T00:00:00Z","cost":"1"},)"));
  EXPECT_THAT(docs.body, HasSubstr(R"({"day":"2026-01-10","from":"2026-01-10T00:00:00Z",)"
                                   R"("until":"2026-01-11T00:00:00Z","cost":"1"}])"));
  EXPECT_THAT(docs.body, HasSubstr(R"("opportunities":[])"));
  // 34 USD, and 25 in 7 days for 21 days.
  EXPECT_EQ(Get(kSummary).Field("forecast"), "109");
}

TEST_F(Summaries, KnowNoRateWhereNoTimeHasPassedAndNothingOfAnybodyElse) {
  EXPECT_THAT(Get(kSummary).body, Not(HasSubstr("forecast")));
  // An hour after it was made the rate is of that hour.
  Spend("c", "1", "docs");
  ASSERT_EQ(Advance(R"({"by":"3600s"})").status, 200);
  const RestAnswer young = Get(kSummary);
  EXPECT_EQ(young.Field("burn_from"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(young.Field("burn_per_day"), "24");
  EXPECT_EQ(young.Field("forecast"), "744") << "31 days of 24 hours";
  const RestAnswer nobody = Get(kSummary + "?operator_family=nobody");
  EXPECT_EQ(nobody.Field("month_to_date"), "0");
  EXPECT_EQ(nobody.Field("forecast"), "0");
  EXPECT_THAT(nobody.body, HasSubstr(R"("by_category":[],"by_model":[],)"
                                     R"("top_drivers":[],"trend":[])"));
  EXPECT_EQ(Get(kSummary + "?operator_family=").code(), "invalid_argument");
  EXPECT_EQ(Get(kSummary + "?operator_family=%01").code(), "malformed");
  EXPECT_EQ(Get(kSummary + "?family=docs").code(), "unknown_field");
  EXPECT_EQ(Get("/v1/populations/nobody/summary").status, 404);
}

TEST_F(Summaries, ShowProposalsOfTheFamily) {
  const std::string models = kBooks + "/models";
  ASSERT_EQ(Post(models, R"({"id":"a","operator_family":"vision","capabilities":["ocr"],)"
                         R"("footprint":{"active_model_memory":"10"}})")
                .status,
            201);
  ASSERT_EQ(Post(models + "/a:activate", R"({"vacancy":{}})").status, 200);
  ASSERT_EQ(Post(kBooks + "/proposals", R"({"id":"p","kind":"RETIRE","models":["a"],"reason":"r"})")
                .status,
            201);
  ASSERT_EQ(Post(models, R"({"id":"b","operator_family":"vision","capabilities":["tables"],)"
                         R"("business_value_monthly":"500","monthly_costs":{"inference":"10"}})")
                .status,
            201);
  ASSERT_EQ(Post(models + "/b:activate", R"({"vacancy":{}})").status, 200);
  const std::string loses = R"({"id":"loses","kind":"RETIRE","models":["b"],"reason":"r"})";
  ASSERT_EQ(Post(kBooks + "/proposals", loses).status, 201);
  const std::string shown = R"("opportunities":[{"id":"p","kind":"RETIRE","frees":{)";
  EXPECT_THAT(Get(kSummary).body, AllOf(HasSubstr(shown), Not(HasSubstr(R"("id":"loses")"))));
  EXPECT_THAT(Get(kSummary + "?operator_family=vision").body, HasSubstr(shown));
  EXPECT_THAT(Get(kSummary + "?operator_family=docs").body, HasSubstr(R"("opportunities":[])"));
}

}  // namespace
}  // namespace purser
