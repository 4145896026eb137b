// What others wait for over REST, and what it changes: what proposals are worth, which of them the
// policy approves and the reviewer makes, and which models are selected.
#include "tests/end_to_end/daemon_fixture.h"

namespace purser {
namespace {

const std::string kDemand = kBooks + "/demand";
const std::string kModels = kBooks + "/models";
const std::string kProposals = kBooks + "/proposals";
const std::string kSelection = kBooks + "/selection:evaluate";

class Demand : public DaemonTest {
 protected:
  // Of 80 GB, 60 of them above the reserve.
  void PriceMemory() {
    const RestAnswer made =
        Post(kBooks + "/rate-cards",
             R"({"id":"card","rates":{"active_model_memory":{"rate":"0.1","per":"HOUR"}}})");
    ASSERT_EQ(made.status, 201) << made;
  }
  RestAnswer AskFor(const std::string& id, const std::string& memory, const std::string& experiment,
                    const std::string& more = "") {
    return Post(
        kReservations,
        Concat(R"({"id":")", id, R"(","purpose":"TRAINING","amounts":)",
               R"({"active_model_memory":")", memory, R"("},"labels":{"operator_family":)",
               R"("vision","capability":"ocr","experiment":")", experiment, "\"}", more, "}"));
  }
  // Seven eighths of the base.
  void Deny() { ASSERT_EQ(AskFor("large", "70", "e1").status, 409); }
  std::string Memory() {
    const std::string body = Get(kDemand).body;
    const size_t at = body.find(R"("active_model_memory":)");
    return at == body.npos ? body : body.substr(at, body.find('}', at) + 1 - at);
  }
  void Serve(const std::string& id, const std::string& memory, const std::string& value,
             const std::string& quality = "0.5", const std::string& cost = "100") {
    Register(id, memory, value, quality, cost);
    const RestAnswer done = Post(Concat(kModels, "/", id, ":activate"), R"({"vacancy":{}})");
    ASSERT_EQ(done.status, 200) << done;
  }
  void Register(const std::string& id, const std::string& memory, const std::string& value,
                const std::string& quality = "0.5", const std::string& cost = "100") {
    const RestAnswer made = Post(
        kModels, Concat(R"({"id":")", id, R"(","operator_family":"vision","capabilities":["ocr"],)",
                        R"("quality":{"ocr":")", quality, R"("},"footprint":)",
                        R"({"active_model_memory":")", memory, R"("},"business_value_monthly":")",
                        value, R"(","monthly_costs":{"inference":")", cost, "\"}}"));
    ASSERT_EQ(made.status, 201) << made;
  }
};

TEST_F(Demand, IsWhatWasDeniedOrWaitsLessWhatTheExperimentGot) {
  EXPECT_EQ(Memory(), R"("active_model_memory":{"unserved":"0","base":"80"})");
  PriceMemory();
  EXPECT_EQ(Memory(), R"("active_model_memory":{"unserved":"0","base":"80","rate":"0.1",)"
                      R"("per":"HOUR","shadow_price":"0"})");
  Deny();
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"70","base":"80")"));
  EXPECT_THAT(Memory(), HasSubstr(R"("shadow_price":"0.0875")"));
  ASSERT_EQ(AskFor("small", "30", "e1").status, 201);
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"40")"));
  ASSERT_EQ(AskFor("waits", "50", "e2", R"(,"on_shortage":"QUEUE")").status, 202);
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"90")"));
  EXPECT_THAT(Memory(), HasSubstr(R"("shadow_price":"0.1")"));
  // What is given back stays served, and who waited serves itself.
  ASSERT_EQ(Post(kReservations + "/small:release", "{}").status, 200);
  ASSERT_EQ(Get(kReservations + "/waits").Field("state"), "GRANTED");
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"40")"));
  const RestAnswer read = Get(kDemand);
  EXPECT_EQ(read.Field("time"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(read.Field("from"), "2025-12-04T00:00:00Z");
  EXPECT_EQ(read.Field("ledger_sequence"), Sequence());
  EXPECT_EQ(read.Header("Ledger-Sequence"), Sequence());
}

TEST_F(Demand, IsOfTwentyEightDaysButForWhoWaitsStill) {
  Deny();
  ASSERT_EQ(AskFor("holds", "60", "e2", R"(,"lease":"4000000s")").status, 201);
  ASSERT_EQ(
      AskFor("waits", "50", "e3", R"(,"on_shortage":"QUEUE","max_queue_wait":"4000000s")").status,
      202);
  ASSERT_EQ(AskFor("gives_up", "20", "e4", R"(,"on_shortage":"QUEUE","max_queue_wait":"2505600s")")
                .status,
            202);
  ASSERT_EQ(Advance(R"({"to":"2026-01-28T23:59:59Z"})").status, 200);
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"140")"));
  clock_ = "2026-01-28T23:59:59Z";
  KillAndRestart();
  ASSERT_EQ(Advance(R"({"to":"2026-01-29T00:00:00Z"})").status, 200);
  // The denial is too old. Who waits came before these days, and counts.
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"70")"));
  // A day later one of them was denied, at the end of its wait.
  ASSERT_EQ(Advance(R"({"to":"2026-01-31T00:00:00Z"})").status, 200);
  ASSERT_EQ(Get(kReservations + "/gives_up").Field("state"), "DENIED");
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"70")"));
  ASSERT_EQ(Post(kReservations + "/holds:release", "{}").status, 200);
  ASSERT_EQ(Get(kReservations + "/waits").Field("state"), "GRANTED");
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"20")"));
  ASSERT_EQ(AskFor("later", "8", "e4").status, 201);
  EXPECT_THAT(Memory(), HasSubstr(R"("unserved":"12")"));
}

TEST_F(Demand, CountsNoFreezeAndNoDryRun) {
  ASSERT_EQ(Post(kReservations + "?dry_run=true", Ask("dry", "5000")).status, 409);
  ASSERT_EQ(Post(kReservations + ":explain", Ask("why", "5000")).status, 200);
  ASSERT_EQ(Post(kBooks + "/freezes", R"({"id":"f","population":true,"reason":"r"})").status, 201);
  ASSERT_EQ(Post(kReservations, Ask("frozen", "1")).status, 409);
  EXPECT_EQ(Get(kDemand).body.find(R"("unserved":"5)"), std::string::npos);
  EXPECT_THAT(Get(kDemand).body, HasSubstr(R"("gpu_hours":{"unserved":"0")"));
}

TEST_F(Demand, NamesWhatIsWrong) {
  EXPECT_EQ(Get(kDemand + "?as_of=1").code(), "unknown_field");
  EXPECT_EQ(Get("/v1/populations/nobody/demand").code(), "not_found");
  EXPECT_EQ(Post(kDemand, "{}").status, 405);
}

TEST_F(Demand, IsATermOfWhatAProposalIsWorth) {
  Serve("old", "20", "500");
  ASSERT_EQ(Post(kProposals, R"({"id":"p","kind":"RETIRE","models":["old"]})").status, 201);
  EXPECT_THAT(Get(kProposals + "/p").body, HasSubstr(R"("opportunity_cost":"0","sum":"-400")"));
  PriceMemory();
  Deny();
  // 20 GB × 0.1 USD × 7/8 × 720 h.
  EXPECT_THAT(Get(kProposals + "/p").body, HasSubstr(R"("opportunity_cost":"1260","sum":"860")"));
  EXPECT_THAT(Get(kBooks + "/summary").body, HasSubstr(R"("expected_saving":"860")"));
  // Who takes more costs more.
  Register("new", "30", "500");
  ASSERT_EQ(Post(kProposals, R"({"id":"q","kind":"REPLACE","models":["old"],"result_model":"new"})")
                .status,
            201);
  EXPECT_THAT(Get(kProposals + "/q").body, HasSubstr(R"("opportunity_cost":"-630","sum":"-130")"));
}

TEST_F(Demand, LeavesOutWhoIsWorthLessThanTheirPlace) {
  Serve("steady", "20", "9000");
  Register("big", "35", "600");
  EXPECT_THAT(Post(kSelection, "{}").body, HasSubstr(R"("admit":["big"],"drop":[])"));
  PriceMemory();
  Deny();
  const RestAnswer best = Post(kSelection, "{}");
  EXPECT_THAT(best.body, HasSubstr(R"("admit":[],"drop":[],"keep":["steady"])"));
  EXPECT_THAT(best.body, HasSubstr(R"({"model":"big","verdict":"WORTH_NOTHING")"));
  EXPECT_THAT(best.body, HasSubstr(R"("opportunity_cost":"-2205","sum":"-1705")"));
  EXPECT_EQ(best.Field("value"), "7640");
}

// What they cost a month stays within budgets of money.
TEST_F(Demand, LetsNoBudgetOfMoneyBeExceededBySelections) {
  Serve("steady", "1", "9000");
  Register("a", "1", "600");
  Register("b", "1", "600");
  EXPECT_THAT(Post(kSelection, "{}").body, HasSubstr(R"("admit":["a","b"])"));
  const std::string budgets = kBooks + "/budgets";
  ASSERT_EQ(Post(budgets, R"({"id":"ocr","labels":{"capability":"ocr"},"amount":"250"})").status,
            201);
  ASSERT_EQ(Post(budgets, R"({"id":"other","labels":{"operator_family":"x"},"amount":"1"})").status,
            201);
  const RestAnswer best = Post(kSelection, "{}");
  EXPECT_THAT(best.body, HasSubstr(R"("admit":["a"],"drop":[],"keep":["steady"])"));
  EXPECT_THAT(best.body, HasSubstr(R"({"model":"b","verdict":"DOES_NOT_FIT")"));
  EXPECT_THAT(best.body, HasSubstr(R"("short_by":{"budget:ocr":"50"})"));
  EXPECT_THAT(best.body, HasSubstr(R"("slack":{"active_model_memory":"58","budget:ocr":"50"})"));
  // One that nobody has to keep to binds nobody.
  const std::string both = R"("admit":["a","b"])";
  ASSERT_EQ(
      Post(budgets + "/ocr:override", R"({"reason":"r","until":"2026-01-02T00:00:00Z"})").status,
      200);
  EXPECT_THAT(Post(kSelection, "{}").body, HasSubstr(both));
  ASSERT_EQ(Advance(R"({"to":"2026-01-02T00:00:00Z"})").status, 200);
  EXPECT_THAT(Post(kSelection, "{}").body, Not(HasSubstr(both)));
  ASSERT_EQ(Patch(budgets + "/ocr", R"({"enforcement":"SHOWBACK"})", {{"If-Match", "*"}}).status,
            200);
  EXPECT_THAT(Post(kSelection, "{}").body, HasSubstr(both));
}

class DemandOfPolicies : public Demand {
 protected:
  void SetUp() override {
    WriteConfig("[models]\nauto_approve = [\"REPLACE\", \"MERGE\"]\nreview_proposals_max = 1\n");
    Start();
  }
  std::string EntryOf(const RestAnswer& answer) {
    return Get(Concat(kBooks, "/journal/", answer.Header("Ledger-Sequence"))).body;
  }
};

TEST_F(DemandOfPolicies, KeepsThePolicyFromApproving) {
  Serve("old", "10", "500");
  Register("new", "30", "800", "0.9");
  const std::string replace = R"("kind":"REPLACE","models":["old"],"result_model":"new"})";
  PriceMemory();
  RestAnswer made = Post(kProposals, Concat(R"({"id":"free",)", replace));
  ASSERT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Field("state"), "APPROVED");
  EXPECT_EQ(made.Field("approved_by_policy"), "true");
  // 20 GB more: 1260 USD, for 300 of value.
  Deny();
  const Headers key = {{"Idempotency-Key", "k"}};
  made = Post(kProposals, Concat(R"({"id":"dear",)", replace), key);
  ASSERT_EQ(made.status, 201) << made;
  EXPECT_EQ(made.Field("state"), "OPEN");
  EXPECT_THAT(EntryOf(made), HasSubstr(R"("shadow_price.active_model_memory":"0.0875")"));
  // It says the same again, whatever others wait for by then.
  ASSERT_EQ(AskFor("more", "70", "e2").status, 409);
  EXPECT_EQ(
      Post(kProposals, Concat(R"({"id":"dear",)", replace), key).Header("Idempotency-Replayed"),
      "true");
  EXPECT_EQ(Post(kProposals, Concat(R"({"id":"dear",)", replace)).status, 200);
  // As does the result that is given later.
  Serve("two", "1", "0");
  ASSERT_EQ(Post(kProposals, R"({"id":"merge","kind":"MERGE","models":["old","two"]})").status,
            201);
  const RestAnswer changed =
      Patch(kProposals + "/merge", R"({"result_model":"new"})", {{"If-Match", "*"}});
  EXPECT_EQ(changed.Field("state"), "OPEN") << changed;
  EXPECT_THAT(EntryOf(changed), HasSubstr(R"("shadow_price.active_model_memory":"0.1")"));
  KillAndRestart();
  EXPECT_EQ(Get(kProposals + "/dear").Field("state"), "OPEN");
  EXPECT_EQ(Post(kBooks + "/journal:verify", "{}").Field("ok"), "true");
}

// With room for one proposal a review, the one that frees what others wait for comes first.
TEST_F(DemandOfPolicies, OrdersWhatTheReviewerProposes) {
  Deny();
  Serve("best", "1", "0", "0.9", "1");
  Serve("dear", "1", "0", "0.5", "110");
  Serve("large", "10", "0", "0.6", "105");
  const std::string review = kBooks + "/proposals:review";
  EXPECT_THAT(Post(review + "?dry_run=true", "{}").body, HasSubstr(R"("models":["dear"])"));
  PriceMemory();
  EXPECT_THAT(Post(review + "?dry_run=true", "{}").body, HasSubstr(R"("models":["large"])"));
}

}  // namespace
}  // namespace purser
