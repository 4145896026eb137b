// Closing months, and the costs of one line by line, over REST.
#include <algorithm>

#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kCharges = kBooks + "/charges";
const std::string kEntries = kBooks + "/cost-entries";
const std::string kPeriods = kBooks + "/periods";
const std::string kStatements = kBooks + "/statements";
constexpr char kOfDocs[] = R"("operator_family":"docs","capability":"ocr")";

std::string Charge(const std::string& id, const std::string& usd) {
  return Concat(R"({"id":")", id, R"(","amounts":{"inference_cost":")", usd, R"("},"labels":{)",
                kOfDocs, "}}");
}

class Periods : public DaemonTest {
 protected:
  RestAnswer Close(const std::string& month, const Headers& headers = {}) {
    return Post(Concat(kPeriods, "/", month, ":close"), R"({"reason":"booked"})", headers);
  }
  std::string Stream(const std::string& month, const std::string& type) {
    return GetStream(Concat(kStatements, "/", month, "/lines"), type);
  }
  void GoTo(const std::string& instant) {
    ASSERT_EQ(Advance(Concat(R"({"to":")", instant, "\"}")).status, 200);
  }
};

TEST_F(Periods, CloseOnceNobodyHoldsSinceAndNeverChangeThen) {
  ASSERT_EQ(Post(kReservations, Ask("exp", "40", "TRAINING", R"(,"lease":"5184000s")")).status,
            201);
  ASSERT_EQ(Post(kCharges, Charge("c1", "4")).status, 201);
  EXPECT_EQ(Close("2026-01").code(), "period_not_over");
  EXPECT_EQ(Close("2026-05").code(), "period_not_over");
  EXPECT_EQ(Close("2025-12").code(), "not_found");
  EXPECT_EQ(Close("2026-13").code(), "invalid_argument");
  EXPECT_EQ(Get(kPeriods + "/2026-01").Field("state"), "OPEN");
  ASSERT_EQ(Post(kBooks + "/resources", R"({"name":"hours","unit":"h","kind":"CONSUMABLE",)"
                                        R"("amount":"10","reserve_percent":"0"})")
                .status,
            201);
  GoTo("2026-01-20T00:00:00Z");
  const RestAnswer booked =
      Post(kReservations, R"({"id":"books","purpose":"TRAINING","amounts":{"hours":"1"},"labels":)"
                          R"({"operator_family":"docs","capability":"ocr"},)"
                          R"("start_at":"2026-02-01T12:00:00Z","duration":"3600s"})");
  ASSERT_EQ(booked.status, 202) << booked;
  GoTo("2026-02-01T00:00:00Z");
  EXPECT_THAT(Close("2026-01").body, HasSubstr(R"({"kind":"HOLD","name":"books","detail":"",)"
                                               R"("until":"2026-02-01T13:00:00Z"})"));
  ASSERT_EQ(Post(kReservations + "/books:release", "{}").status, 200);
  const RestAnswer held = Close("2026-01");
  EXPECT_EQ(held.status, 409) << held;
  EXPECT_EQ(held.code(), "period_held");
  EXPECT_THAT(held.body, HasSubstr(R"("blocking":[{"kind":"HOLD","name":"exp")"));
  EXPECT_THAT(held.body,
              HasSubstr(Concat(R"("until":")", Get(kReservations + "/exp").Field("expire_time"))));
  EXPECT_THAT(Get(kPeriods + "/2026-01").body,
              HasSubstr(R"("state":"HELD","held_by":["exp"],"held_count":"1")"));
  ASSERT_EQ(Post(kReservations + "/exp:charge", R"({"id":"x","amounts":{"gpu_hours":"1"}})").status,
            201);
  ASSERT_EQ(Post(kReservations + "/exp:release", "{}").status, 200);
  EXPECT_EQ(Get(kPeriods + "/2026-01").Field("state"), "FINAL");
  EXPECT_THAT(Post(kPeriods + "/2026-01:close?dry_run=true", "{}").body,
              HasSubstr(R"("dry_run":true)"));
  const Headers key = {{"Idempotency-Key", "k"}};
  const RestAnswer closed = Close("2026-01", key);
  ASSERT_EQ(closed.status, 200) << closed;
  EXPECT_THAT(closed.body,
              HasSubstr(R"("state":"CLOSED","closed":{"principal":"local",)"
                        R"("time":"2026-02-01T00:00:00Z","reason":"booked","ledger_sequence":")"));
  EXPECT_EQ(Close("2026-01", key).body, closed.body);
  EXPECT_EQ(Close("2026-01").body, closed.body);
  EXPECT_EQ(Get(kPeriods + "/2026-01").body, closed.body);
}

TEST_F(Periods, KeepTheBytesOfTheirStatementsWhateverComes) {
  ASSERT_EQ(Post(kCharges, Charge("c1", "4")).status, 201);
  GoTo("2026-02-01T00:00:00Z");
  ASSERT_EQ(Close("2026-01").status, 200);
  const Headers csv = {{"Accept", "text/csv"}};
  const std::string statement = Get(kStatements + "/2026-01").body;
  const std::string table = Get(kStatements + "/2026-01", csv).body;
  const std::string lines = Stream("2026-01", "*/*");
  EXPECT_THAT(lines, HasSubstr(R"("cost":"4")"));
  EXPECT_THAT(statement, HasSubstr(R"("state":"CLOSED")"));
  EXPECT_THAT(table, HasSubstr("2026-01,CLOSED,docs,ocr,inference,inference_cost,CHARGE,4,0,"));
  ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"id":"r1"})").status, 201);
  ASSERT_EQ(Post(kEntries, Concat(R"({"id":"k1","amount":"-2","category":"inference",)"
                                  R"("corrects":"c1","labels":{)",
                                  kOfDocs, "}}"))
                .status,
            201);
  ASSERT_EQ(Post(kCharges, Charge("late", "7")).status, 201);
  KillAndRestart();
  EXPECT_EQ(Get(kStatements + "/2026-01").body, statement);
  EXPECT_EQ(Get(kStatements + "/2026-01", csv).body, table);
  EXPECT_EQ(Stream("2026-01", "*/*"), lines);
  EXPECT_EQ(Get(kStatements + "/2026-02").Field("total"), "1");
}

TEST_F(Periods, AreListedBackToTheFirst) {
  GoTo("2026-04-10T00:00:00Z");
  ASSERT_EQ(Close("2026-02").status, 200);
  const RestAnswer first = Get(kPeriods + "?page_size=3");
  EXPECT_THAT(first.body, HasSubstr(R"({"periods":[{"period":"2026-04",)"));
  EXPECT_THAT(first.body, HasSubstr(R"("period":"2026-02","from":"2026-02-01T00:00:00Z",)"
                                    R"("until":"2026-03-01T00:00:00Z","state":"CLOSED")"));
  const RestAnswer second =
      Get(Concat(kPeriods, "?page_size=3&page_token=", first.Field("next_page_token")));
  EXPECT_THAT(second.body, HasSubstr(R"({"periods":[{"period":"2026-01",)")) << second;
  EXPECT_EQ(second.Field("next_page_token"), "");
  for (const char* const path :
       {"/periods/2025-12", "/statements/2025-12", "/statements/2025-12/lines", "/periods/2026-05",
        "/statements/2026-05", "/statements/2026-05/lines"}) {
    EXPECT_EQ(Get(kBooks + path).code(), "not_found") << path << ": before it was made, or to come";
  }
  EXPECT_EQ(Get(kPeriods + "/2026-13").status, 400);
}

// On 2026-03-29 clocks go from 2:00 to 3:00 there: the month begins an hour after UTC's first
// instant less one, and ends less two.
TEST_F(Periods, EndByTheClockOfTheirTimeZone) {
  ASSERT_EQ(Post("/v1/populations",
                 R"({"name":"berlin","time_zone":"Europe/Berlin","required_labels":[]})")
                .status,
            201);
  const std::string close = "/v1/populations/berlin/periods/2026-03:close";
  GoTo("2026-03-31T21:59:59Z");
  EXPECT_EQ(Post(close, "{}").code(), "period_not_over");
  GoTo("2026-03-31T22:00:00Z");
  const RestAnswer closed = Post(close, "{}");
  EXPECT_EQ(closed.status, 200) << closed;
  EXPECT_EQ(closed.Field("from"), "2026-02-28T23:00:00Z");
  EXPECT_EQ(closed.Field("until"), "2026-03-31T22:00:00Z");
}

TEST_F(Periods, GiveTheirLinesOneByOne) {
  ASSERT_EQ(Post(kCharges, Charge("c1", "4")).status, 201);
  ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"id":"r1","amounts":{"inference_cost":"1"}})").status,
            201);
  ASSERT_EQ(Post(kEntries, R"({"id":"k1","amount":"12","category":"incident",)"
                           R"("labels":{"operator_family":"=1+1","capability":)"
                           R"({"ocr":"1","layout":"2"}}})")
                .status,
            201);
  const RestAnswer answer = Get(kStatements + "/2026-01/lines");
  ASSERT_EQ(answer.status, 200) << answer;
  EXPECT_EQ(answer.Header("Content-Type"), "application/x-ndjson; charset=utf-8");
  const std::string lines = Stream("2026-01", "application/x-ndjson");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
  EXPECT_THAT(lines,
              HasSubstr(R"("origin":"CHARGE","category":"inference","resource":"inference_cost",)"
                        R"("amount":"4","cost":"4","labels":{"capability":"ocr",)"
                        R"("operator_family":"docs"}})"));
  EXPECT_THAT(lines,
              HasSubstr(R"("origin":"REFUND","category":"inference","resource":"inference_cost",)"
                        R"("amount":"-1","cost":"-1")"));
  EXPECT_THAT(lines, HasSubstr(R"("origin":"COST_ENTRY","category":"incident","resource":"",)"
                               R"("amount":"0","cost":"12","labels":{"capability":)"
                               R"({"layout":"2","ocr":"1"},"operator_family":"=1+1"})"));
  EXPECT_EQ(Get(kStatements + "/2026-01").Field("total"), "15");
  const std::string csv = Stream("2026-01", "text/csv");
  EXPECT_THAT(csv, testing::StartsWith("time,ledger_sequence,origin,category,resource,amount,"
                                       "cost_usd,labels\r\n"));
  // No cell begins as a formula does.
  EXPECT_THAT(csv, Not(HasSubstr(",=")));
  EXPECT_EQ(Get(kStatements + "/2026-13/lines").status, 400);
  EXPECT_EQ(Get(kStatements + "/2026-01/lines", {{"Accept", "image/png"}}).status, 406);
  EXPECT_EQ(Get(kStatements + "/2026-09/lines").code(), "not_found") << "it is to come";
  // Of a month without any.
  ASSERT_EQ(Advance(R"({"to":"2026-09-02T00:00:00Z"})").status, 200);
  EXPECT_EQ(Stream("2026-08", "*/*"), "");
}

// More than one piece, of several groups.
TEST_F(Periods, GiveAsManyLinesAsThereAre) {
  std::vector<std::string> operations;
  operations.reserve(500);
  for (int i = 0; i < 500; ++i) {
    operations.push_back(Concat(R"({"post_charge":)", Charge(Concat("c", i), "0.25"), "}"));
  }
  ASSERT_EQ(Post(kBatch, Batch(operations)).status, 200);
  for (std::string& operation : operations) operation.replace(operation.find(R"("c)"), 2, R"("d)");
  ASSERT_EQ(Post(kBatch, Batch(operations)).status, 200);
  ASSERT_EQ(Post(kCharges, Charge("last", "0.5")).status, 201);
  const std::string lines = Stream("2026-01", "*/*");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1'001);
  EXPECT_EQ(Get(kStatements + "/2026-01").Field("total"), "250.5");
}

TEST_F(Periods, AreToldOfByWeek) {
  // From Monday, 2026-01-05, four weeks of 1 a day; then 4 on one day, 1 on another.
  GoTo("2026-01-05T12:00:00Z");
  for (int day = 0; day < 28; ++day) {
    ASSERT_EQ(Post(kCharges, Charge(Concat("c", day), "1")).status, 201);
    ASSERT_EQ(Advance(R"({"by":"86400s"})").status, 200);
  }
  ASSERT_EQ(Post(kCharges, Charge("dear", "3.000001")).status, 201);
  ASSERT_EQ(Advance(R"({"by":"86400s"})").status, 200);
  ASSERT_EQ(Post(kCharges, Charge("fair", "3")).status, 201);
  GoTo("2026-02-09T00:00:00Z");
  const RestAnswer digest = Get(kBooks + "/digest");
  ASSERT_EQ(digest.status, 200) << digest;
  EXPECT_EQ(digest.Field("week"), "2026-W06");
  EXPECT_THAT(digest.body, HasSubstr(R"("total":{"cost":"6.000001","week_before":"7",)"
                                     R"("mean_of_four":"7","change":"-0.999999"})"));
  EXPECT_THAT(digest.body, HasSubstr(R"("movers_up":[],"movers_down":[{"operator_family":"docs",)"
                                     R"("category":"inference","model":"")"));
  EXPECT_THAT(digest.body,
              HasSubstr(R"("anomalies":[{"day":"2026-02-02","from":"2026-02-02T00:00:00Z",)"
                        R"("until":"2026-02-03T00:00:00Z","cost":"3.000001","mean_day":"1"}],)"
                        R"("weeks_before":4)"));
  EXPECT_EQ(Get(kBooks + "/digest?week=2026-W06").body, digest.body);
  EXPECT_EQ(Get(kBooks + "/digest?week=2026-W54").code(), "invalid_argument");
  EXPECT_EQ(Get(kBooks + "/digest?week=2026-02").code(), "invalid_argument");
  // 2026 has a 53rd week.
  EXPECT_THAT(Get(kBooks + "/digest?week=2026-W53").body, HasSubstr("it has not begun"));
  EXPECT_THAT(Get(kBooks + "/digest?week=2025-W53").body, HasSubstr("an ISO week"));
}

}  // namespace
}  // namespace purser
