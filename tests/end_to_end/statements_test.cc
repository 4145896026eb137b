// Statements of months, over REST.
#include <algorithm>

#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kCharges = kBooks + "/charges";
const std::string kCosts = kBooks + "/costs";
const std::string kEntries = kBooks + "/cost-entries";

std::string Charge(const std::string& id, const std::string& usd, const std::string& labels) {
  return Concat(R"({"id":")", id, R"(","amounts":{"inference_cost":")", usd, R"("},"labels":{)",
                labels, "}}");
}

class Statements : public DaemonTest {
 protected:
  std::string Month() { return Get(kCosts).Field("period"); }
  RestAnswer Read(const std::string& month, const Headers& headers = {}) {
    return Get(Concat(kBooks, "/statements/", month), headers);
  }
  void EndMonth() {
    ASSERT_EQ(Advance(Concat(R"({"to":")", Get(kCosts).Field("until"), "\"}")).status, 200);
  }
};

TEST_F(Statements, AddUpOnEachAxis) {
  ASSERT_EQ(
      Post(kCharges, Charge("c1", "4", R"("operator_family":"docs","capability":"ocr")")).status,
      201);
  ASSERT_EQ(Post(kCharges, Charge("c2", "0.5",
                                  R"("operator_family":"vision","capability":)"
                                  R"({"layout":"1","ocr":"1"})"))
                .status,
            201);
  const RestAnswer statement = Read(Month());
  ASSERT_EQ(statement.status, 200) << statement;
  EXPECT_EQ(statement.Field("state"), "OPEN");
  EXPECT_EQ(statement.Field("total"), "4.5");
  EXPECT_THAT(statement.body, HasSubstr(R"("by_operator_family":[{"name":"docs","cost":"4"},)"
                                        R"({"name":"vision","cost":"0.5"}])"));
  EXPECT_THAT(statement.body, HasSubstr(R"("by_capability":[{"name":"layout","cost":"0.25"},)"
                                        R"({"name":"ocr","cost":"4.25"}])"));
  EXPECT_THAT(statement.body, HasSubstr(R"("by_category":[{"name":"inference","cost":"4.5"}])"));
  EXPECT_EQ(Read("2026-13").status, 400);
  EXPECT_EQ(Read("november").status, 400);
}

// More than a report has.
TEST_F(Statements, HaveManyLines) {
  constexpr int kFamilies = 10'500;
  for (int first = 0; first < kFamilies; first += 1'000) {
    std::vector<std::string> operations;
    for (int i = first; i < std::min(first + 1'000, kFamilies); ++i) {
      const std::string labels = Concat(R"("operator_family":"f)", i, R"(","capability":"ocr")");
      operations.push_back(
          Concat(R"({"post_charge":)", Charge(Concat("c", i), "0.000001", labels), "}"));
    }
    const RestAnswer batch = Post(kBatch, Batch(operations));
    ASSERT_EQ(batch.status, 200) << batch;
  }
  const RestAnswer report = Get(kCosts + "?group_by=operator_family");
  EXPECT_EQ(report.code(), "limit_of_the_daemon") << report;
  EXPECT_THAT(report.body, HasSubstr("a report has at most 10000 groups"));
  const std::string month = Month();
  EndMonth();
  ASSERT_EQ(Post(Concat(kBooks, "/periods/", month, ":close"), R"({"reason":"done"})").status, 200);
  const RestAnswer statement = Read(month);
  ASSERT_EQ(statement.status, 200);
  EXPECT_EQ(statement.Field("total"), "0.0105");
  EXPECT_THAT(statement.body, HasSubstr(R"({"operator_family":"f10499",)"));
  const std::string csv = Read(month, {{"Accept", "text/csv"}}).body;
  EXPECT_GT(std::count(csv.begin(), csv.end(), '\n'), kFamilies);
}

TEST_F(Statements, AreFinalOnceNothingIsHeldSinceAndNeverChangeThen) {
  const std::string month = Month();
  ASSERT_EQ(Post(kReservations, Ask("exp", "40", "TRAINING", R"(,"lease":"5184000s")")).status,
            201);
  ASSERT_EQ(
      Post(kCharges, Charge("c1", "4", R"("operator_family":"docs","capability":"ocr")")).status,
      201);
  EndMonth();
  const RestAnswer held = Read(month);
  EXPECT_EQ(held.Field("state"), "HELD") << held;
  EXPECT_THAT(held.body, HasSubstr(R"("held_by":["exp"])"));
  // What it still charges within its hold is of that month.
  ASSERT_EQ(Post(kReservations + "/exp:charge", R"({"id":"x","amounts":{"gpu_hours":"1"}})").status,
            201);
  ASSERT_EQ(Post(kReservations + "/exp:release", "{}").status, 200);
  const RestAnswer final = Read(month);
  EXPECT_EQ(final.Field("state"), "FINAL") << final;
  EXPECT_THAT(final.body, HasSubstr(R"("resource":"gpu_hours","cost":"0","unpriced":"1")"));
  // Whatever comes now is of another month.
  ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"id":"r1"})").status, 201);
  ASSERT_EQ(Post(kEntries, R"({"id":"k1","amount":"-2","category":"inference","corrects":"c1",)"
                           R"("labels":{"operator_family":"docs","capability":"ocr"}})")
                .status,
            201);
  ASSERT_EQ(Post(kReservations, Ask("new", "40", "TRAINING", "")).status, 201);
  KillAndRestart();
  const std::string body = Read(month).body;
  const auto before_sequence = [](const std::string& text) {
    return text.substr(0, text.find(R"("ledger_sequence")"));
  };
  EXPECT_EQ(before_sequence(body), before_sequence(final.body));
  EXPECT_EQ(Read(Month()).Field("total"), "-6");
}

TEST_F(Statements, AsCsvAreNoFormulas) {
  const std::string formula = R"x("operator_family":"=HYPERLINK(\"http://x\")",)x";
  ASSERT_EQ(Post(kCharges, Charge("c1", "4", Concat(formula, R"("capability":"a,b")"))).status,
            201);
  ASSERT_EQ(Post(kEntries, R"({"id":"k1","amount":"-2","category":"incident",)"
                           R"("labels":{"operator_family":"@sum","capability":"-1"}})")
                .status,
            201);
  const RestAnswer csv = Read(Month(), {{"Accept", "text/csv"}});
  ASSERT_EQ(csv.status, 200) << csv;
  EXPECT_EQ(csv.Header("Content-Type"), "text/csv; charset=utf-8");
  const std::string month = Month();
  EXPECT_THAT(csv.body,
              testing::StartsWith("period,state,operator_family,capability,category,resource,"
                                  "origin,cost_usd,unpriced,occupied,occupied_unpriced,"
                                  "occupied_unit,ledger_sequence\r\n"));
  EXPECT_THAT(csv.body, HasSubstr(Concat(month, ",OPEN,\"'=HYPERLINK(\"\"http://x\"\")\",\"a,b\",",
                                         "inference,inference_cost,CHARGE,4,0,,,,")));
  EXPECT_THAT(csv.body, HasSubstr(Concat(month, ",OPEN,'@sum,'-1,incident,,COST_ENTRY,-2,0,,,,")));
  EXPECT_EQ(Read(month, {{"Accept", "image/png"}}).status, 406);
  EXPECT_EQ(Read(month, {{"Accept", "application/json"}}).Header("Content-Type"),
            "application/json");
}

}  // namespace
}  // namespace purser
