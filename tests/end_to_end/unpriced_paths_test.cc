// What is not priced stays out of money on every path: it takes no rate, no budget, no opportunity
// cost and no term of net value, and is recorded beside the money (ledger.md 5).
//
// The routes of API.md that take or show money, and the test that tries each:
//
// | route | test |
// |---|---|
// | …/rate-cards, POST, PATCH, GET; …/resources PATCH | TakesNoRateOnAnyCard, IsNotWhatHadItsName |
// | …/quotes, `quoted_at` | IsQuotedAtNothing, IsNotWhatHadItsName |
// | …/reservations, :explain, :start, :charge, :settle, :release | IsHeldAndChargedForNothing |
// | …/reservations:batch, advance reservations, ROLLBACK | IsHeldAndChargedForNothing |
// | …/charges POST, GET, :refund; debts; late charges | IsOverrunOwedAndRefundedForNothing |
// | …/journal/{sequence}, …/watch (the same) | IsOverrunOwedAndRefundedForNothing |
// | …/cost-entries: money of no resource | IsNoCostEntry |
// | …/costs on each axis | IsCountedBesideTheMoneyOnEachAxis |
// | …/outcomes, …/accepted-result-costs | IsNoPartOfWhatAnAcceptedResultCost |
// | …/statements as JSON, as CSV, as lines; …/periods :close | IsALineWithoutMoneyOfAStatement |
// | …/digest, …/summary | MovesNoDigestAndNoSummary |
// | residency, idle, reserve in …/costs | IsOccupiedHeldAndKeptByTheDay |
// | …/budgets, …/approvals, :override | IsCountedByNoBudget |
// | …/guardrails, :reset, …/freezes | TripsNoGuardrail |
// | …/models, :shadow, :activate, :rollback | UnpricedModels.IsNoCostOfAModel |
// | …/population | UnpricedModels.IsNoCostOfAModel |
// | …/proposals, :review, :execute, …/proposers | UnpricedModels.IsNoTermOfNetValue |
// | …/demand | UnpricedModels.IsNoTermOfNetValue |
// | …/selection:evaluate; opportunities of …/summary | UnpricedModels.IsNoTermOfNetValue |
#include "tests/end_to_end/unpriced_world.h"

namespace purser {
namespace {

const std::string kCards = kBooks + "/rate-cards";

TEST_F(Unpriced, TakesNoRateOnAnyCard) {
  for (const auto& [name, per] : {std::pair("visits", ""), std::pair("play_money", ""),
                                  std::pair("risk_capacity", R"(,"per":"HOUR")"),
                                  std::pair("risk_capacity", R"(,"per":"MONTH")")}) {
    const std::string rates = Concat(R"("rates":{"evaluation_hours":{"rate":"1"},")", name,
                                     R"(":{"rate":"1")", per, "}}");
    const RestAnswer refused = Post(kCards, Concat(R"({"id":"a",)", rates, "}"));
    EXPECT_EQ(refused.code(), "invalid_argument") << refused;
    EXPECT_EQ(refused.FieldAfter("fields", "path"), Concat("rates.", name));
    EXPECT_THAT(refused.body, HasSubstr("the resource is not priced"));
    Expect(400, Post(kCards + "?dry_run=true", Concat("{", rates, "}")));
  }
  Expect(201, Post(kCards, R"({"id":"next","valid_from":"2026-02-01T00:00:00Z",)"
                           R"("rates":{"gpu_hours":{"rate":"3"}}})"));
  const RestAnswer changed =
      Patch(kCards + "/next",
            R"({"rates":{"visits":{"rate":"1"},"risk_capacity":{"rate":"1","per":)"
            R"("HOUR"}}})",
            {{"If-Match", "*"}});
  EXPECT_EQ(changed.code(), "invalid_argument") << changed;
  EXPECT_THAT(changed.body, HasSubstr(R"("path":"rates.risk_capacity")"));
  EXPECT_THAT(changed.body, HasSubstr(R"("path":"rates.visits")"));
  for (const char* name : {"visits", "play_money", "risk_capacity"}) {
    EXPECT_THAT(Get(kCards).body, Not(HasSubstr(name)));
  }
  // Nor can what a card has a rate of, now or later, be said to be none.
  const RestAnswer priced = Patch(kGpuHours, R"({"priced":false})", {{"If-Match", "*"}});
  EXPECT_EQ(priced.code(), "resource_in_use") << priced;
  ExpectMoney("0");
}

// A card has a rate of a name: not of what was made anew under it and is not priced.
TEST_F(Unpriced, IsNotWhatHadItsName) {
  const std::string calls = kBooks + "/resources/calls";
  const std::string body = R"({"name":"calls","unit":"call","kind":"CONSUMABLE","amount":"100")";
  Expect(201, Post(kBooks + "/resources", body + "}"));
  Expect(201, Post(kCards, R"({"id":"calls","rates":{"calls":{"rate":"1"}}})"));
  EXPECT_EQ(Post(kBooks + "/quotes", R"({"amounts":{"calls":"2"}})").Field("cost"), "2");
  Expect(200, Delete(calls, {{"If-Match", "*"}}));
  GoTo("2026-01-01T00:01:00Z");
  Expect(201, Post(kBooks + "/resources", body + R"(,"priced":false})"));
  EXPECT_EQ(Post(kBooks + "/quotes", R"({"amounts":{"calls":"2"}})").Field("cost"), "0");
  const RestAnswer late =
      Post(kReservations, Request("q", R"("calls":"1")", R"(,"quoted_at":"2026-01-01T00:00:00Z")"));
  EXPECT_EQ(late.code(), "quote_expired") << late;
  EXPECT_THAT(Post(kCharges, Charged("c", R"("calls":"2")")).body, HasSubstr(kNoMoney));
  ExpectMoney("0");
}

TEST_F(Unpriced, IsQuotedAtNothing) {
  const RestAnswer quote =
      Post(kBooks + "/quotes", R"({"amounts":{"gpu_hours":"2","visits":"3","play_money":"7"}})");
  EXPECT_EQ(quote.Field("cost"), "4") << quote;
  EXPECT_THAT(quote.body, HasSubstr(R"("rates":{"gpu_hours":"2"},"costs":{"gpu_hours":"4"},)"
                                    R"("cost":"4","unpriced":{"play_money":"7","visits":"3"})"));
  const RestAnswer alone = Post(kBooks + "/quotes", R"({"amounts":{"visits":"3"}})");
  EXPECT_THAT(alone.body,
              HasSubstr(R"("rates":{},"costs":{},"cost":"0","unpriced":{"visits":"3"})"));
  EXPECT_THAT(Post(kBooks + "/quotes", R"({"amounts":{"risk_capacity":"3"}})").body,
              HasSubstr("only a consumable is charged"));
  // What is charged by a quote costs what it says: nothing.
  Expect(201,
         Post(kReservations, Request("q", R"("visits":"3","play_money":"7")",
                                     Concat(R"(,"quoted_at":")", quote.Field("quoted_at"), "\""))));
  EXPECT_THAT(
      Post(kReservations + "/q:charge", R"({"id":"c","amounts":{"visits":"3","play_money":"8"}})")
          .body,
      HasSubstr(kNoMoney));
  ExpectMoney("0");
}

TEST_F(Unpriced, IsHeldAndChargedForNothing) {
  const std::string amounts = R"("visits":"100","play_money":"900","risk_capacity":"4")";
  EXPECT_EQ(Post(kReservations + ":explain", Request("r", amounts)).Field("fits"), "true");
  Expect(201, Post(kReservations, Request("r", amounts, R"(,"lease":"86400s")")));
  ExpectMoney("0");
  Expect(200, Post(kReservations + "/r:start", "{}"));
  const RestAnswer charged = Post(kReservations + "/r:charge",
                                  R"({"id":"c","amounts":{"visits":"60","play_money":"850"}})");
  EXPECT_THAT(charged.body, HasSubstr(kNoMoney));
  EXPECT_EQ(Get(kCharges + "/c").body, charged.body);
  ExpectMoney("0");
  Expect(200, Post(kReservations + "/r:settle", R"({"charge_all":true,"charge_id":"s"})"));
  EXPECT_THAT(Get(kCharges + "/s").body, HasSubstr(R"("visits":"40")"));
  EXPECT_THAT(Get(kCharges + "/s").body, HasSubstr(kNoMoney));
  ExpectMoney("0");
  // Booked ahead, and by who draws on the reserve.
  Expect(202,
         Post(kReservations, Request("b", R"("visits":"1","risk_capacity":"4")",
                                     R"(,"start_at":"2026-01-01T06:00:00Z","duration":"3600s")")));
  Expect(201, Post(kReservations, Request("rb", R"("risk_capacity":"10","visits":"9")",
                                          R"(,"purpose":"ROLLBACK","lease":"60s")")));
  ExpectMoney("0");
  // Beside what is priced, each in its own member.
  const RestAnswer batch =
      Post(kBatch,
           Concat(R"({"operations":[{"create":)", Request("m", R"("visits":"3","gpu_hours":"4")"),
                  R"(},{"post_charge":)", Charged("p", R"("visits":"5","play_money":"6")"),
                  R"(},{"charge":{"reservation":"m","id":"mc","amounts":{"visits":"4",)",
                  R"("gpu_hours":"1.5"}}}]})"));
  Expect(200, batch);
  EXPECT_EQ(CountOf(batch.body, kNoMoney), 1u) << batch;
  EXPECT_THAT(batch.body, HasSubstr(R"("rates":{"gpu_hours":"2"},"costs":{"gpu_hours":"3"})"));
  ExpectMoney("3", "5");
  Expect(200, Post(kReservations + "/m:release", "{}"));
  ExpectMoney("3");
}

TEST_F(Unpriced, IsOverrunOwedAndRefundedForNothing) {
  Expect(201, Post(kReservations, Request("r", R"("visits":"10")", R"(,"lease":"60s")")));
  const RestAnswer over =
      Post(kReservations + "/r:charge", R"({"id":"over","amounts":{"visits":"30"}})");
  EXPECT_EQ(over.FieldAfter("overrun", "visits"), "20") << over;
  EXPECT_THAT(over.body, HasSubstr(kNoMoney));
  GoTo("2026-01-01T00:02:00Z");
  const RestAnswer late =
      Post(kReservations + "/r:charge", R"({"id":"late","amounts":{"visits":"1"}})");
  EXPECT_EQ(late.Field("late"), "true");
  EXPECT_THAT(late.body, HasSubstr(kNoMoney));
  // More than there is: owed in visits, and not in money.
  const RestAnswer owed = Post(kCharges, Charged("owed", R"("visits":"1000","play_money":"2000")"));
  EXPECT_EQ(owed.FieldAfter("overdraft", "visits"), "31") << owed;
  EXPECT_THAT(owed.body, HasSubstr(kNoMoney));
  EXPECT_THAT(Get(kBooks + "/debts").body, HasSubstr(R"("amount":"31")"));
  const std::string sequence = owed.Header("Ledger-Sequence");
  const RestAnswer entry = Get(Concat(kBooks, "/journal/", sequence));
  EXPECT_THAT(entry.body, HasSubstr(R"("kind":"charged","subject":"owed")"));
  EXPECT_THAT(entry.body, Not(HasSubstr("cost")));
  EXPECT_THAT(entry.body, Not(HasSubstr("rate\"")));
  ExpectMoney("0");
  Expect(200,
         Post(kBooks + "/resources/visits:grant", R"({"amount":"31","reason":"written off"})"));
  const RestAnswer refunded =
      Post(kCharges + "/over:refund", R"({"id":"f","amounts":{"visits":"5"}})");
  EXPECT_EQ(refunded.FieldAfter("refunded", "visits"), "5") << refunded;
  EXPECT_THAT(refunded.body, HasSubstr(kNoMoney));
  Expect(201, Post(kCharges + "/owed:refund", R"({"id":"g"})"));
  ExpectMoney("0");
  EXPECT_THAT(Get(kCosts).body, HasSubstr(R"("unpriced":{"play_money":"0","visits":"26"})"));
}

TEST_F(Unpriced, IsNoCostEntry) {
  const std::string rest = Concat(R"("category":"incident",)", kLabels, "}");
  for (const char* what : {R"("resource":"visits","amount":"1")", R"("amounts":{"visits":"1"})"}) {
    EXPECT_EQ(Post(kBooks + "/cost-entries", Concat("{", what, ",", rest)).code(), "unknown_field");
  }
  ExpectMoney("0");
}

TEST_F(Unpriced, IsCountedBesideTheMoneyOnEachAxis) {
  UseUnpriced();
  for (const char* axis : {"operator_family", "capability", "team", "category", "resource",
                           "origin", "origin,resource", "model,category,operator_family"}) {
    const RestAnswer report = Get(Concat(kCosts, "?group_by=", axis));
    ExpectAllCostsZero(report);
    EXPECT_EQ(report.Field("total"), "0") << axis;
    EXPECT_EQ(report.Field("unattributed"), "0") << axis;
    EXPECT_THAT(report.body, HasSubstr(R"("unpriced":{"play_money":"5","visits":"6"})")) << axis;
    EXPECT_THAT(report.body, HasSubstr(R"("risk_capacity":{"amount":"7","unit":"point·day",)"
                                       R"("unpriced":"7"})"))
        << axis;
  }
  ExpectMoney("0");
  Expect(201, Post(kCharges, Charged("g", R"("gpu_hours":"3","visits":"7")")));
  ExpectMoney("6");
  const RestAnswer beside = Get(kCosts + "?group_by=category,resource");
  EXPECT_EQ(CountOf(beside.body, R"("cost":"6")"), 1u) << beside;
  EXPECT_THAT(beside.body, HasSubstr(R"({"by":{"category":"inference","resource":"visits"},)"
                                     R"("missing":[],"cost":"0","unpriced":{"visits":"7"})"));
}

TEST_F(Unpriced, IsNoPartOfWhatAnAcceptedResultCost) {
  Expect(201, Post(kCharges, Charged("g", R"("gpu_hours":"3","visits":"7")")));
  Expect(201, Post(kBooks + "/outcomes", R"({"labels":{"capability":"ocr"},"accepted":4})"));
  const std::string path = kBooks + "/accepted-result-costs";
  EXPECT_EQ(Get(path).Field("cost_per_accepted_result"), "1.5");
  UseUnpriced();
  const RestAnswer report = Get(path);
  EXPECT_THAT(report.body, HasSubstr(R"({"by":{"capability":"ocr"},"missing":[],"cost":"6",)"
                                     R"("parts":{"other":"6"},"accepted":"4","rejected":"0",)"
                                     R"("escalated":"0","cost_per_accepted_result":"1.5",)"
                                     R"("unpriced":{"play_money":"5","visits":"13"})"));
  EXPECT_THAT(report.body, HasSubstr(R"("risk_capacity":{"amount":"2","unit":"point·day",)"));
  // Of who used nothing else it is 0, as everything else that costs nothing.
  Expect(201, Post(kCharges, R"({"amounts":{"visits":"7"},"labels":{"operator_family":"docs",)"
                             R"("capability":"layout"}})"));
  Expect(201, Post(kBooks + "/outcomes", R"({"labels":{"capability":"layout"},"accepted":4})"));
  EXPECT_THAT(Get(path).body, HasSubstr(R"({"by":{"capability":"layout"},"missing":[],"cost":"0",)"
                                        R"("parts":{"other":"0"},"accepted":"4","rejected":"0",)"
                                        R"("escalated":"0","cost_per_accepted_result":"0",)"
                                        R"("unpriced":{"visits":"7"},"occupied":{}})"));
}

TEST_F(Unpriced, IsALineWithoutMoneyOfAStatement) {
  UseUnpriced();
  Expect(200, Post(kReservations + "/use:settle", "{}"));
  const RestAnswer statement = Get(kStatement);
  ExpectAllCostsZero(statement);
  EXPECT_EQ(statement.Field("unattributed"), "0");
  EXPECT_THAT(statement.body, HasSubstr(R"("resource":"visits","cost":"0","unpriced":"6")"));
  EXPECT_THAT(statement.body, HasSubstr(R"("unpriced":{"play_money":"5","visits":"6"})"));
  EXPECT_THAT(
      statement.body,
      HasSubstr(R"("resource":"risk_capacity","cost":"0","unpriced":"0","origin":)"
                R"("OCCUPIED","occupied":{"amount":"1","unit":"point·day","unpriced":"1"}})"));
  const RestAnswer table = Get(kStatement, {{"Accept", "text/csv"}});
  EXPECT_THAT(table.body, HasSubstr(",training,visits,CHARGE,0,6,,,,"));
  EXPECT_THAT(table.body, HasSubstr(",training,play_money,CHARGE,0,5,,,,"));
  EXPECT_THAT(table.body, HasSubstr(",residency,risk_capacity,HELD,0,0,1,1,point·day,"));
  EXPECT_THAT(table.body, HasSubstr(",rollback_reserve,risk_capacity,RESERVE,0,0,5,5,point·day,"));
  const std::string lines = Lines("application/x-ndjson");
  EXPECT_EQ(CountOf(lines, R"("origin":"CHARGE")"), 2u) << lines;
  EXPECT_THAT(lines, HasSubstr(R"("resource":"visits","amount":"6","labels")"));
  EXPECT_THAT(lines, Not(HasSubstr(R"("cost")")));
  EXPECT_THAT(Lines("text/csv"), HasSubstr(",CHARGE,training,visits,6,,"));
  GoTo("2026-02-01T00:00:00Z");
  Expect(200, Post(kBooks + "/periods/2026-01:close", R"({"reason":"r"})"));
  const RestAnswer closed = Get(kStatement);
  EXPECT_EQ(closed.Field("state"), "CLOSED");
  ExpectAllCostsZero(closed);
  EXPECT_THAT(closed.body, HasSubstr(R"("unpriced":{"play_money":"5","visits":"6"})"));
}

TEST_F(Unpriced, MovesNoDigestAndNoSummary) {
  UseUnpriced();
  const RestAnswer digest = Get(kBooks + "/digest?week=2026-W01");
  ExpectAllCostsZero(digest);
  EXPECT_THAT(digest.body, HasSubstr(R"("movers_up":[],"movers_down":[],"anomalies":[])"));
  const RestAnswer summary = Get(kBooks + "/summary");
  ExpectAllCostsZero(summary);
  EXPECT_EQ(summary.Field("burn_per_day"), "0");
  EXPECT_EQ(summary.Field("forecast"), "0");
  EXPECT_THAT(summary.body, HasSubstr(R"("top_drivers":[])"));
  const RestAnswer family = Get(kBooks + "/summary?operator_family=vision-specialists");
  EXPECT_EQ(family.Field("month_to_date"), "0") << family;
  EXPECT_EQ(family.Field("forecast"), "0") << family;
}

TEST_F(Unpriced, IsOccupiedHeldAndKeptByTheDay) {
  UseUnpriced();
  Expect(201, Post(kReservations, Request("rb", R"("risk_capacity":"17")",
                                          R"(,"purpose":"ROLLBACK","lease":"864000s")")));
  GoTo("2026-01-03T00:00:00Z");
  const RestAnswer report = Get(kCosts + "?group_by=origin,resource");
  ExpectAllCostsZero(report);
  // 2 points from noon on, and the whole second day; 2 in the morning, and 17 of the second day; 5
  // are kept but for the second day, of which the rollback has 4.
  for (const auto& [origin, days] :
       {std::pair("OCCUPIED", "3"), std::pair("HELD", "18"), std::pair("RESERVE", "6")}) {
    EXPECT_THAT(
        report.body,
        HasSubstr(Concat(R"({"by":{"origin":")", origin, R"(","resource":"risk_capacity"},)",
                         R"("missing":[],"cost":"0","unpriced":{},"occupied":{)",
                         R"("risk_capacity":{"amount":")", days,
                         R"(","unit":"point·day","unpriced":")", days, "\"}}}")));
  }
  // What has no card is told by the hour; once it is said not to be priced, by the day as well.
  EXPECT_THAT(report.body, HasSubstr(R"("archive_storage":{"amount":"60","unit":"TB·h")"));
  Expect(200,
         Patch(kBooks + "/resources/archive_storage", R"({"priced":false})", {{"If-Match", "*"}}));
  GoTo("2026-01-03T12:00:00Z");
  EXPECT_THAT(Get(kCosts).body,
              HasSubstr(R"("archive_storage":{"amount":"3.125","unit":"TB·day")"));
  ExpectMoney("0");
}

TEST_F(Unpriced, IsCountedByNoBudget) {
  const std::string least = R"({"id":"least","labels":{"operator_family":"vision-specialists"},)"
                            R"("amount":"0.000001"})";
  Expect(201, Post(kBooks + "/budgets", least));
  UseUnpriced();
  const RestAnswer budget = Get(kBooks + "/budgets/least");
  for (const char* field : {"spent", "held", "burn_per_day", "forecast"}) {
    EXPECT_EQ(budget.Field(field), "0") << field << budget;
  }
  EXPECT_EQ(budget.Field("level"), "BELOW");
  EXPECT_THAT(budget.body, Not(HasSubstr("spent_time")));
  // Nor is anything of it in the way of a budget that is spent: at once, and without an approval.
  Expect(201, Post(kCharges, Charged("g", R"("gpu_hours":"50")")));
  EXPECT_EQ(Get(kBooks + "/budgets/all").Field("level"), "REVIEW");
  EXPECT_EQ(Get(kBooks + "/budgets/least").Field("level"), "BLOCK");
  const std::string amounts = R"("visits":"500","play_money":"500","risk_capacity":"4")";
  EXPECT_EQ(Post(kReservations + ":explain", Request("r", amounts)).Field("fits"), "true");
  EXPECT_EQ(Post(kReservations, Request("r", amounts, R"(,"on_shortage":"QUEUE")")).status, 201);
  EXPECT_THAT(Get(kBooks + "/approvals").body, HasSubstr(R"("approvals":[])"));
  Expect(200, Post(kReservations + "/r:renew", "{}"));
  Expect(200, Post(kReservations + "/r:settle", R"({"charge_all":true})"));
  ExpectMoney("100");
  // What is priced is, by its own part alone.
  const RestAnswer blocked = Post(kReservations, Request("s", R"("visits":"1","gpu_hours":"1")"));
  EXPECT_EQ(blocked.code(), "budget_blocked") << blocked;
  EXPECT_THAT(blocked.body, HasSubstr("which costs it 2 USD"));
  EXPECT_THAT(Get(kBooks + "/journal?page_size=1000").body, HasSubstr("budget_crossed"));
}

TEST_F(Unpriced, TripsNoGuardrail) {
  const std::string guardrail = kBooks + "/guardrails/g";
  Expect(201, Post(kBooks + "/guardrails", R"({"id":"g","expected_hourly_cost":"0.000001"})"));
  Expect(201, Post(kCharges, Charged("c", R"("visits":"900","play_money":"900")")));
  UseUnpriced();
  EXPECT_EQ(Get(guardrail).Field("state"), "ARMED");
  EXPECT_EQ(Get(guardrail).Field("hour_cost"), "0");
  EXPECT_EQ(Post(guardrail + ":reset", R"({"reason":"r"})").code(), "wrong_state");
  EXPECT_THAT(Get(kBooks + "/freezes").body, HasSubstr(R"("freezes":[])"));
  // A day of it is none with a mean above 0, to which the next could be compared.
  Expect(201, Post(kBooks + "/guardrails", R"({"id":"mean"})"));
  GoTo("2026-01-03T00:00:00Z");
  Expect(201, Post(kCharges, Charged("d", R"("visits":"50","play_money":"50")")));
  GoTo("2026-01-04T00:00:00Z");
  Expect(201, Post(kCharges, Charged("e", R"("visits":"1","gpu_hours":"1")")));
  EXPECT_EQ(Get(kBooks + "/guardrails/mean").Field("state"), "UNARMED");
  EXPECT_EQ(Get(guardrail).Field("hour_cost"), "2") << "the hours alone";
  EXPECT_EQ(Get(guardrail).Field("state"), "TRIPPED");
}

}  // namespace
}  // namespace purser
