// Budgets over REST: what they count and tell, and where they lead.
#include "tests/end_to_end/budgets_fixture.h"

namespace purser {
namespace {

TEST_F(Budgets, AreMadeChangedAndDeleted) {
  const std::string body = R"({"id":"docs","labels":{"operator_family":"docs"},"amount":"100"})";
  EXPECT_EQ(Post(kBudgets + "?dry_run=true", body).Field("dry_run"), "true");
  EXPECT_EQ(Get(kBudget).status, 404);
  const RestAnswer made = Post(kBudgets, body, Key("made"));
  ASSERT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Header("Location"), kBudget);
  EXPECT_EQ(made.Header("ETag"), "\"1\"");
  EXPECT_THAT(
      made.body,
      HasSubstr(R"("amount":"100","enforcement":"CHARGEBACK","period":"2026-01",)"
                R"("period_start":"2026-01-01T00:00:00Z","period_end":"2026-02-01T00:00:00Z",)"
                R"("counted_since":"2026-01-01T00:00:00Z","spent":"0","held":"0","left":"100",)"
                R"("level":"BELOW","generation":"1","create_time":"2026-01-01T00:00:00Z"})"));
  EXPECT_EQ(Get(kBudget).body, made.body);
  EXPECT_EQ(Post(kBudgets, body).status, 200);
  const RestAnswer other = Post(kBudgets, R"({"id":"docs","amount":"99"})");
  EXPECT_EQ(other.code(), "id_conflict");
  EXPECT_THAT(other.body, HasSubstr(R"("path":"amount")"));
  EXPECT_EQ(Patch(kBudget, R"({"amount":"90"})").status, 428);
  EXPECT_EQ(Patch(kBudget, R"({"amount":"90"})", IfMatch("\"1\"")).Field("left"), "90");
  EXPECT_EQ(Patch(kBudget, R"({"amount":"80"})", IfMatch("\"1\"")).status, 412);
  const RestAnswer shown = Patch(kBudget, R"({"enforcement":"SHOWBACK"})", IfMatch("*"));
  EXPECT_EQ(shown.Field("enforcement"), "SHOWBACK") << shown;
  EXPECT_EQ(shown.Field("amount"), "90");
  EXPECT_EQ(Patch(kBudget, "{}", IfMatch("*")).Field("enforcement"), "SHOWBACK");
  // What was answered first is answered again, whatever has come since.
  const RestAnswer again = Post(kBudgets, body, Key("made"));
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, made.body);
  EXPECT_THAT(Get(kBudgets).body, HasSubstr(R"({"budgets":[{"id":"docs",)"));
  EXPECT_THAT(Journal(), HasSubstr(R"("kind":"budget_set")"));
  EXPECT_EQ(Delete(kBudget).status, 428);
  EXPECT_EQ(Delete(kBudget, IfMatch("*")).status, 200);
  EXPECT_EQ(Get(kBudget).status, 404);
  EXPECT_THAT(Journal(), HasSubstr(R"("kind":"budget_deleted","subject":"docs")"));
}

TEST_F(Budgets, AreNotMadeOfWhatIsWrong) {
  const RestAnswer bad = Post(kBudgets, R"({"id":"-","labels":{"capability":{"ocr":"1"}},)"
                                        R"("amount":"0","spent":"1","level":"WARN"})");
  EXPECT_EQ(bad.status, 400);
  for (const char* field : {"id", "labels.capability", "amount", "spent", "level"}) {
    EXPECT_THAT(bad.body, HasSubstr(Concat("\"path\":\"", field, "\""))) << bad;
  }
  EXPECT_THAT(Post(kBudgets, R"({"id":"b"})").body, HasSubstr("is required"));
  EXPECT_EQ(Post(kBudgets, R"({"amount":"-1"})").code(), "invalid_argument");
  EXPECT_EQ(Post(kBudgets, R"({"amount":"1","enforcement":"NONE"})").code(), "invalid_argument");
  EXPECT_EQ(bob_->Post(kBudgets, R"({"amount":"1"})").status, 403);
  MakeBudget("100");
  EXPECT_EQ(Patch(kBudget, R"({"labels":{"team":"x"}})", IfMatch("*")).code(), "immutable");
  EXPECT_EQ(Patch(kBudget, R"({"amount":"0"})", IfMatch("*")).code(), "invalid_argument");
  const RestAnswer nothing = Post(kBudget + ":override", "{}");
  EXPECT_EQ(nothing.status, 400);
  EXPECT_THAT(nothing.body, HasSubstr(R"("path":"reason")"));
  EXPECT_THAT(nothing.body, HasSubstr(R"("path":"until")"));
  for (const char* until : {"2026-01-01T00:00:00Z", "2026-02-01T00:00:00.000001Z"}) {
    const RestAnswer refused =
        Post(kBudget + ":override", Concat(R"({"reason":"x","until":")", until, "\"}"));
    EXPECT_EQ(refused.code(), "invalid_argument") << refused;
  }
  EXPECT_EQ(Get(kBudgets + "/none").status, 404);
  EXPECT_EQ(Delete(kBudgets + "/none", IfMatch("*")).status, 404);
  EXPECT_EQ(
      Post(kBudgets + "/none:override", R"({"reason":"x","until":"2026-01-02T00:00:00Z"})").status,
      404);
  for (int i = 1; i < 100; ++i) {
    ASSERT_EQ(Post(kBudgets, Concat(R"({"id":"b)", i, R"(","amount":"1"})")).status, 201);
  }
  EXPECT_EQ(Post(kBudgets, R"({"id":"one-more","amount":"1"})").code(), "limit_of_the_daemon");
}

TEST_F(Budgets, CountThePartOfASplitLabel) {
  ASSERT_EQ(Post(kBudgets, R"({"id":"ocr","labels":{"capability":"ocr"},"amount":"100"})").status,
            201);
  const std::string split = R"("labels":{"operator_family":"docs",)"
                            R"("capability":{"ocr":"1","layout":"1"}}})";
  const std::string ask = R"({"purpose":"TRAINING","amounts":{"api_calls":)";
  EXPECT_EQ(Post(kReservations, Concat(ask, R"("180.000002"},)", split)).code(),
            "approval_required");
  EXPECT_EQ(Post(kReservations, Concat(ask, R"("180"},)", split)).status, 201);
  EXPECT_EQ(Get(kBudgets + "/ocr").Field("held"), "90");
}

TEST_F(Budgets, TellOnceAndShowbackRefusesNothing) {
  MakeBudget("100", "SHOWBACK");
  Charge("c1", "75");
  EXPECT_EQ(Get(kBudget).Field("level"), "BELOW");
  Charge("c2", "0.000001");
  EXPECT_EQ(Get(kBudget).Field("level"), "WARN");
  ASSERT_EQ(Post(kReservations, Usd("r", "40", kTrains)).status, 201);
  EXPECT_EQ(Get(kBudget).Field("level"), "BLOCK");
  // What falls and rises again is told no more, nor a threshold below one that was told.
  ASSERT_EQ(Post(kReservations + "/r:release", "{}").status, 200);
  Charge("c3", "20");
  EXPECT_EQ(Get(kBudget).Field("level"), "BLOCK");
  const std::string journal = Journal();
  EXPECT_EQ(CountOf(journal, R"("kind":"budget_crossed")"), 2u) << journal;
  EXPECT_THAT(journal, HasSubstr(R"("level":"warn")"));
  EXPECT_THAT(journal, HasSubstr(R"("level":"block")"));
  const RestAnswer before = Get(kBudgets);
  KillAndRestart();
  Connect();
  EXPECT_EQ(Get(kBudgets).body, before.body);
  EXPECT_EQ(Get(kBudget).Field("spent"), "95.000001");
  EXPECT_EQ(CountOf(Journal(), R"("kind":"budget_crossed")"), 2u);
}

TEST_F(Budgets, KeepWhatIsHeldAndAskedOverAKill) {
  MakeBudget("100");
  Charge("c", "10");
  ASSERT_EQ(Post(kReservations, Usd("r", "20", kTrains)).status, 201);
  ASSERT_EQ(Post(kReservations, Usd("w", "70", kWaits)).status, 202);
  const RestAnswer budgets = Get(kBudgets);
  const RestAnswer approvals = Get(kApprovals);
  EXPECT_EQ(budgets.Field("held"), "20");
  KillAndRestart();
  Connect();
  EXPECT_EQ(Get(kBudgets).body, budgets.body);
  EXPECT_EQ(Get(kApprovals).body, approvals.body);
  ASSERT_EQ(bob_->Post(kApprovals + "/w:approve", "{}").status, 200);
  EXPECT_EQ(Get(kBudget).Field("held"), "90");
  EXPECT_EQ(Get(kReservations + "/w").Field("approver"), "bob");
}

TEST_F(Budgets, BeginAnewWithTheMonth) {
  MakeBudget("100");
  AdvanceTo("2026-01-31T12:00:00Z");
  Charge("c", "80");
  ASSERT_EQ(Post(kReservations, Usd("r", "5", Concat(kTrains, R"(,"lease":"864000s")"))).status,
            201);
  ASSERT_EQ(Post(kReservations, Usd("w", "15", kWaits)).status, 202);
  AdvanceTo("2026-01-31T23:59:59.999999Z");
  EXPECT_EQ(StateOf("w"), "QUEUED");
  AdvanceTo("2026-02-01T00:00:00Z");
  EXPECT_EQ(StateOf("w"), "GRANTED");
  const RestAnswer budget = Get(kBudget);
  EXPECT_EQ(budget.Field("period"), "2026-02") << budget;
  EXPECT_EQ(budget.Field("counted_since"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(budget.Field("spent"), "0");
  EXPECT_EQ(budget.Field("held"), "15") << "what is held since January is January's";
  EXPECT_EQ(budget.Field("level"), "BELOW");
  EXPECT_THAT(Journal(), HasSubstr(R"("kind":"cost_month_began")"));
}

TEST_F(Budgets, CountWhatWasSpentInTheMonthBefore) {
  Charge("december", "7");
  AdvanceTo("2026-02-11T00:00:00Z");
  Charge("c1", "60");
  ASSERT_EQ(Post(kCharges, Usd("c2", "5", "", "vision")).status, 201);
  ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"id":"r1","amounts":{"api_calls":"10"}})").status,
            201);
  const std::string body = R"({"id":"docs","labels":{"operator_family":"docs"},"amount":"50"})";
  EXPECT_EQ(Post(kBudgets + "?dry_run=true", body).Field("spent"), "0");
  EXPECT_THAT(Journal(), Not(HasSubstr("budget_counted")));
  const RestAnswer made = Post(kBudgets, body, Key("made"));
  ASSERT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Field("counted_since"), "2026-02-11T00:00:00Z") << "the entry behind counts";
  const RestAnswer budget = Get(kBudget);
  EXPECT_EQ(budget.Field("spent"), "50") << budget;
  EXPECT_EQ(budget.Field("counted_since"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(budget.Field("burn_per_day"), "5");
  EXPECT_EQ(budget.Field("level"), "REVIEW");
  EXPECT_EQ(Post(kReservations, Usd("r", "5.000001", kTrains)).code(), "budget_blocked");
  const std::string costs = Get(kBooks + "/costs?group_by=operator_family").body;
  EXPECT_THAT(costs, HasSubstr(R"("operator_family":"docs"},"missing":[],"cost":"50")"))
      << "as a report says";
  // Once, and what was answered first is answered again.
  EXPECT_EQ(Post(kBudgets, body, Key("made")).body, made.body);
  EXPECT_EQ(Post(kBudgets, body).status, 200);
  EXPECT_EQ(CountOf(Journal(), R"("kind":"budget_counted")"), 1u) << Journal();
  EXPECT_EQ(Get(kBudget).body, budget.body);
  KillAndRestart();
  Connect();
  EXPECT_EQ(Get(kBudget).body, budget.body);
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
  EXPECT_EQ(CountOf(Journal(), R"("kind":"budget_counted")"), 1u);
  // Before which nothing was spent.
  ASSERT_EQ(
      Post(kBudgets, R"({"id":"none","labels":{"operator_family":"none"},"amount":"1"})").status,
      201);
  EXPECT_EQ(Get(kBudgets + "/none").Field("counted_since"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(CountOf(Journal(), R"("kind":"budget_counted")"), 2u);
  AdvanceTo("2026-03-01T00:00:00Z");
  EXPECT_EQ(Get(kBudget).Field("spent"), "0");
  EXPECT_EQ(Get(kBudget).Field("counted_since"), "2026-03-01T00:00:00Z");
}

// In several entries, each of which has all that one entry held.
TEST_F(Budgets, CountWhatIsHeldSinceBefore) {
  const auto request = [](const std::string& prefix, int i) {
    return Concat(R"({"create":)",
                  Usd(Concat(prefix, i), i % 2 == 0 ? "0.01" : "0.02",
                      Concat(kTrains, R"(,"lease":"172800s")"), i % 4 == 0 ? "vision" : "docs"),
                  "}");
  };
  for (const auto& [prefix, count, is_atomic] :
       {std::tuple("a", 400, false), {"b", 1'024, true}, {"c", 800, false}}) {
    std::vector<std::string> operations;
    operations.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) operations.push_back(request(prefix, i));
    ASSERT_EQ(Post(kBatch, Batch(operations, is_atomic)).status, 200);
  }
  AdvanceTo("2026-01-02T00:00:00Z");
  MakeBudget("50");
  // Of each four docs have 0.02, 0.01 and 0.02: 556 × 0.05. The first entry has those of c and b.
  const RestAnswer budget = Get(kBudget);
  EXPECT_EQ(budget.Field("held"), "27.8") << budget;
  EXPECT_EQ(budget.Field("counted_since"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(CountOf(Journal(), R"("kind":"budget_counted")"), 2u);
  EXPECT_EQ(Post(kReservations, Usd("r", "30", kTrains)).code(), "budget_blocked");
  ASSERT_EQ(Post(kReservations + "/b3:release", "{}").status, 200);
  EXPECT_EQ(Get(kBudget).Field("held"), "27.78");
  KillAndRestart();
  Connect();
  EXPECT_EQ(Get(kBudget).Field("held"), "27.78");
  const RestAnswer verified = Post(kBooks + "/journal:verify", "{}");
  EXPECT_EQ(verified.Field("ok"), "true") << verified;
}

TEST_F(Budgets, SpendNothingOfWhatIsRefundedInPieces) {
  ASSERT_EQ(Post(kBudgets, R"({"id":"docs","labels":{"capability":"ocr"},"amount":"1"})").status,
            201);
  ASSERT_EQ(Post(kCharges, R"({"id":"c1","amounts":{"api_calls":"0.000005"},"labels":)"
                           R"({"operator_family":"docs","capability":{"layout":"1","ocr":"1"}}})")
                .status,
            201);
  for (const char* left : {"0.000002", "0.000001", "0.000001", "0", "0"}) {
    ASSERT_EQ(Post(kCharges + "/c1:refund", R"({"amounts":{"api_calls":"0.000001"}})").status, 201);
    EXPECT_EQ(Get(kBudget).Field("spent"), left);
  }
}

TEST_F(Budgets, KnowTheMonthsOfTheirTimeZone) {
  const std::string berlin = "/v1/populations/berlin";
  ASSERT_EQ(Post("/v1/populations", R"({"name":"berlin","time_zone":"Europe/Berlin"})").status,
            201);
  const RestAnswer made = Post(berlin + "/budgets", R"({"id":"all","amount":"1"})");
  EXPECT_EQ(made.Field("period"), "2026-01") << made;
  EXPECT_EQ(made.Field("period_start"), "2025-12-31T23:00:00Z");
  EXPECT_EQ(made.Field("period_end"), "2026-01-31T23:00:00Z");
  EXPECT_EQ(made.Field("counted_since"), "2026-01-01T00:00:00Z");
  AdvanceTo("2026-03-31T22:00:00Z");
  EXPECT_EQ(Get(berlin + "/budgets/all").Field("period"), "2026-04");
}

TEST_F(Budgets, SayWhereSpendingLeads) {
  const std::string summary = kBooks + "/summary";
  EXPECT_THAT(Get(summary).body, HasSubstr(R"("budgets":[])"));
  MakeBudget("100");
  Charge("c1", "10");
  EXPECT_THAT(Get(kBudget).body, Not(HasSubstr("forecast"))) << "no time has passed";
  AdvanceTo("2026-01-03T00:00:00Z");
  const RestAnswer early = Get(kBudget);
  EXPECT_EQ(early.Field("burn_per_day"), "5") << early;
  EXPECT_EQ(early.Field("forecast"), "155") << "10, and 29 days more";
  EXPECT_EQ(early.Field("spent_time"), "2026-01-21T00:00:00Z");
  // 10 in 21 days, and 10 days more.
  AdvanceTo("2026-01-22T00:00:00Z");
  const RestAnswer late = Get(kBudget);
  EXPECT_EQ(late.Field("burn_per_day"), "0.47619") << late;
  EXPECT_EQ(late.Field("forecast"), "14.761905");
  EXPECT_THAT(late.body, Not(HasSubstr("spent_time"))) << "not within the month";
  Charge("c2", "90");
  EXPECT_THAT(Get(kBudget).body, Not(HasSubstr("spent_time"))) << "it is spent";
  // The same, whatever family is asked for.
  const std::string body = Get(kBudget).body;
  const std::string shown = Concat(R"("budgets":[)", body.substr(0, body.find('\n')), "]");
  EXPECT_THAT(Get(summary).body, HasSubstr(shown));
  EXPECT_THAT(Get(summary + "?operator_family=vision").body, HasSubstr(shown));
}

}  // namespace
}  // namespace purser
