// Budgets over REST: what they refuse, what has to be approved, and what would help.
#include "tests/end_to_end/budgets_fixture.h"

namespace purser {
namespace {

TEST_F(Budgets, AskForAnApproval) {
  MakeBudget("100");
  EXPECT_EQ(Post(kReservations + "?dry_run=true", Usd("r", "90", kTrains)).status, 201);
  const RestAnswer denied = Post(kReservations, Usd("a", "90.000001", kTrains));
  EXPECT_EQ(denied.status, 409);
  EXPECT_EQ(denied.code(), "approval_required") << denied;
  EXPECT_THAT(denied.body, HasSubstr(R"("kind":"BUDGET","name":"docs")"));
  EXPECT_THAT(denied.body, HasSubstr(R"("limit":"90","used":"0")"));
  EXPECT_THAT(denied.body, HasSubstr(R"({"kind":"APPROVAL","budgets":["docs"]})"));
  EXPECT_THAT(denied.body, HasSubstr(R"({"kind":"OVERRIDE","budgets":["docs"]})"));
  // Of others it asks nothing, nor of who rolls back.
  EXPECT_EQ(Post(kReservations, Usd("o", "500", kTrains, "vision")).status, 201);
  EXPECT_EQ(
      Post(kReservations + "?dry_run=true", Usd("b", "500", R"(,"purpose":"ROLLBACK")")).status,
      201);
  const RestAnswer waits = Post(kReservations, Usd("w", "100", kWaits));
  ASSERT_EQ(waits.status, 202) << waits;
  EXPECT_THAT(waits.body, HasSubstr("another has to approve it"));
  EXPECT_THAT(Get(kApprovals).body,
              HasSubstr(R"({"approvals":[{"id":"w","principal":"alice",)"
                        R"("create_time":"2026-01-01T00:00:00Z",)"
                        R"("expire_time":"2026-01-02T00:00:00Z","reservation":"w",)"
                        R"("budgets":["docs"]}])"));
  const std::string approve = kApprovals + "/w:approve";
  EXPECT_EQ(Post(approve, "{}").code(), "forbidden");
  EXPECT_EQ(bob_->Post(kApprovals + "/none:approve", "{}").code(), "not_found");
  EXPECT_EQ(bob_->Post(approve, R"({"reason":"\u0001"})").status, 400);
  EXPECT_EQ(bob_->Post(approve + "?dry_run=true", "{}").Field("dry_run"), "true");
  EXPECT_EQ(StateOf("w"), "QUEUED");
  const std::string reason = R"({"reason":"worth it"})";
  const RestAnswer approved = bob_->Post(approve, reason, Key("approve-1"));
  ASSERT_EQ(approved.status, 200) << approved;
  EXPECT_EQ(approved.Field("reservation"), "w");
  EXPECT_EQ(StateOf("w"), "GRANTED");
  EXPECT_EQ(Get(kReservations + "/w").Field("approver"), "bob");
  EXPECT_THAT(Get(kApprovals).body, HasSubstr(R"("approvals":[])"));
  const RestAnswer again = bob_->Post(approve, reason, Key("approve-1"));
  EXPECT_EQ(again.Header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.body, approved.body);
  EXPECT_EQ(bob_->Post(approve, "{}").code(), "wrong_state");
  const std::string journal = Journal();
  EXPECT_THAT(journal, HasSubstr(R"("kind":"reviewed","subject":"w")"));
  EXPECT_THAT(journal, HasSubstr("worth it"));
  const RestAnswer budget = Get(kBudget);
  EXPECT_EQ(budget.Field("held"), "100") << budget;
  EXPECT_EQ(budget.Field("level"), "REVIEW");
}

TEST_F(Budgets, HaveWhatIsRejectedDenied) {
  MakeBudget("100");
  ASSERT_EQ(Post(kReservations, Usd("w", "100", kWaits)).status, 202);
  EXPECT_EQ(Post(kApprovals + "/w:reject", R"({"reason":"no"})").code(), "forbidden");
  const RestAnswer rejected = bob_->Post(kApprovals + "/w:reject", R"({"reason":"too dear"})");
  ASSERT_EQ(rejected.status, 200) << rejected;
  EXPECT_EQ(rejected.Field("id"), "w");
  const RestAnswer denied = Get(kReservations + "/w");
  EXPECT_EQ(denied.Field("state"), "DENIED") << denied;
  EXPECT_EQ(denied.Field("approver"), "bob");
  EXPECT_EQ(denied.FieldAfter("denial", "code"), "approval_required");
  EXPECT_THAT(denied.body,
              HasSubstr(R"("detail":"bob rejected it: too dear; at first: BUDGET docs:)"));
  EXPECT_THAT(Journal(), HasSubstr("too dear"));
  EXPECT_THAT(Get(kApprovals).body, HasSubstr(R"("approvals":[])"));
  EXPECT_EQ(Post(kReservations, Usd("x", "90", kTrains)).status, 201);
}

TEST_F(Budgets, HaveWhatWasApprovedAndWaitsStillRejected) {
  MakeBudget("100");
  ASSERT_EQ(Post(kReservations, Usd("r", "20", kTrains)).status, 201);
  ASSERT_EQ(Post(kReservations, Usd("w", "90", kWaits)).status, 202);
  ASSERT_EQ(Post(kReservations, Usd("x", "10", kTrains)).status, 201);
  ASSERT_EQ(bob_->Post(kApprovals + "/w:approve", R"({"reason":"launch"})").status, 200);
  EXPECT_EQ(StateOf("w"), "QUEUED") << "120 of 100 USD";
  const RestAnswer again = bob_->Post(kApprovals + "/w:approve", "{}");
  EXPECT_EQ(again.code(), "wrong_state");
  EXPECT_THAT(again.body, HasSubstr("bob has approved it"));
  EXPECT_EQ(Post(kApprovals + "/w:reject", "{}").code(), "forbidden");
  ASSERT_EQ(bob_->Post(kApprovals + "/w:reject", R"({"reason":"too late"})").status, 200);
  const RestAnswer denied = Get(kReservations + "/w");
  EXPECT_EQ(denied.Field("state"), "DENIED") << denied;
  EXPECT_THAT(denied.body, HasSubstr("bob rejected it: too late"));
  EXPECT_EQ(bob_->Post(kApprovals + "/w:reject", "{}").code(), "wrong_state");
}

TEST_F(Budgets, SayWhenWhatIsShortAsWellWouldBeGranted) {
  ASSERT_EQ(Post(kBooks + "/resources", R"({"name":"slots","unit":"slot","kind":"CAPACITY",)"
                                        R"("amount":"10","reserve_percent":"0"})")
                .status,
            201);
  MakeBudget("100");
  ASSERT_EQ(Post(kReservations,
                 Concat(R"({"id":"h","amounts":{"slots":"8"},)", LabelsOf("docs"), kTrains, "}"))
                .status,
            201);
  const std::string asked =
      Concat(R"("amounts":{"api_calls":"95","slots":"4"},)", LabelsOf("docs"));
  const std::string offered =
      R"({"kind":"APPROVAL","until":"2026-01-01T01:00:00Z","budgets":["docs"]})";
  const RestAnswer denied = Post(kReservations, Concat(R"({"id":"a",)", asked, kTrains, "}"));
  EXPECT_EQ(denied.code(), "approval_required") << denied;
  EXPECT_THAT(denied.body, HasSubstr(offered));
  EXPECT_THAT(denied.body, Not(HasSubstr("OVERRIDE"))) << "that alone does not help";
  const RestAnswer waits = Post(kReservations, Concat(R"({"id":"w",)", asked, kWaits, "}"));
  ASSERT_EQ(waits.status, 202) << waits;
  EXPECT_THAT(waits.body, HasSubstr(offered));
  ASSERT_EQ(bob_->Post(kApprovals + "/w:approve", "{}").status, 200);
  const RestAnswer approved = Get(kReservations + "/w");
  EXPECT_EQ(approved.Field("state"), "QUEUED");
  EXPECT_THAT(approved.body, HasSubstr(R"("earliest_start":"2026-01-01T01:00:00Z")"));
  AdvanceTo("2026-01-01T00:59:59.999999Z");
  EXPECT_EQ(StateOf("w"), "QUEUED");
  AdvanceTo("2026-01-01T01:00:00Z");
  EXPECT_EQ(StateOf("w"), "GRANTED");
}

TEST_F(Budgets, SayWhenTheyBeginAnew) {
  MakeBudget("100");
  Charge("c", "50");
  const std::string until = R"("until":"2026-02-01T00:00:00Z")";
  const RestAnswer denied = Post(kReservations, Usd("a", "80", kTrains));
  EXPECT_EQ(denied.code(), "budget_blocked");
  EXPECT_THAT(denied.body, HasSubstr(R"("limit":"110","used":"50",)" + until));
  // What asks for an approval in any month is not told of one, nor what is to begin before.
  EXPECT_THAT(Post(kReservations, Usd("b", "91", kTrains)).body, Not(HasSubstr(until)));
  const std::string books = Concat(kTrains, R"(,"start_at":"2026-01-20T00:00:00Z")");
  EXPECT_THAT(Post(kReservations, Usd("s", "80", books)).body, Not(HasSubstr(until)));
  AdvanceTo("2026-01-31T23:59:59.999999Z");
  EXPECT_EQ(Post(kReservations + "?dry_run=true", Usd("c", "80", kTrains)).status, 409);
  AdvanceTo("2026-02-01T00:00:00Z");
  EXPECT_EQ(Post(kReservations, Usd("d", "80", kTrains)).status, 201);
}

TEST_F(Budgets, BeginAnewAtTheRatesOfThen) {
  ASSERT_EQ(Post(kBooks + "/resources", R"({"name":"hours","unit":"h","kind":"CONSUMABLE",)"
                                        R"("amount":"1000","reserve_percent":"0"})")
                .status,
            201);
  const std::string cards = kBooks + "/rate-cards";
  ASSERT_EQ(Post(cards, R"({"id":"january","rates":{"hours":{"rate":"1"}}})").status, 201);
  ASSERT_EQ(Post(cards, R"({"id":"dearer","rates":{"hours":{"rate":"2"}},)"
                        R"("valid_from":"2026-02-01T00:00:00Z"})")
                .status,
            201);
  MakeBudget("100");
  Charge("c", "90");
  const auto ask = [](const std::string& hours) {
    return Concat(R"({"amounts":{"hours":")", hours, R"("},)", LabelsOf("docs"), kTrains, "}");
  };
  const std::string until = R"("until":"2026-02-01T00:00:00Z")";
  const std::string explain = kReservations + ":explain";
  EXPECT_THAT(Post(explain, ask("45")).body, HasSubstr(until));
  EXPECT_THAT(Post(explain, ask("45.000001")).body, Not(HasSubstr(until)));
  AdvanceTo("2026-02-01T00:00:00Z");
  EXPECT_EQ(Post(explain, ask("45")).Field("fits"), "true");
  EXPECT_EQ(Post(explain, ask("45.000001")).Field("fits"), "false");
}

// Nor does one that is overridden until then.
TEST_F(Budgets, BeginAnewWhereNoOtherIsInTheWay) {
  MakeBudget("60");
  ASSERT_EQ(Post(kBudgets, R"({"id":"all","amount":"200"})").status, 201);
  Charge("c", "130");
  const std::string until = R"("until":"2026-02-01T00:00:00Z")";
  const std::string override = R"({"reason":"it matters","until":"2026-01-20T00:00:00Z"})";
  ASSERT_EQ(Post(kBudget + ":override", override).status, 200);
  EXPECT_THAT(Post(kReservations, Usd("a", "100", kTrains)).body, Not(HasSubstr(until)));
  EXPECT_THAT(Post(kReservations, Usd("b", "100", kTrains, "vision")).body, HasSubstr(until));
}

TEST_F(Budgets, OfferNoApprovalOfWhatNeverFits) {
  ASSERT_EQ(
      Post(kBooks + "/resources",
           R"({"name":"hours","unit":"h","kind":"CONSUMABLE","amount":"10","period":"86400s",)"
           R"("carry_over":{"available":"ALL"},"reserve_percent":"0"})")
          .status,
      201);
  MakeBudget("100");
  const std::string asked =
      Concat(R"("amounts":{"api_calls":"95","hours":"15"},)", LabelsOf("docs"));
  const RestAnswer denied = Post(kReservations, Concat(R"({"id":"a",)", asked, kTrains, "}"));
  EXPECT_EQ(denied.code(), "approval_required") << denied;
  EXPECT_THAT(denied.body, Not(HasSubstr("APPROVAL\"")));
  EXPECT_EQ(Post(kReservations, Concat(R"({"id":"b",)", asked, kWaits, "}")).status, 409);
}

TEST_F(Budgets, PlanWithNothingOfLastMonthsCredits) {
  ASSERT_EQ(Post(kBooks + "/resources", R"({"name":"slots","unit":"slot","kind":"CAPACITY",)"
                                        R"("amount":"10","reserve_percent":"0"})")
                .status,
            201);
  Charge("c", "50");
  AdvanceTo("2026-02-28T22:00:00Z");
  MakeBudget("100");
  ASSERT_EQ(Post(kCharges + "/c:refund", R"({"id":"r"})").status, 201);
  EXPECT_EQ(Get(kBudget).Field("spent"), "-50");
  ASSERT_EQ(Post(kReservations, Concat(R"({"id":"h","amounts":{"slots":"8"},"lease":"14400s",)",
                                       LabelsOf("docs"), kTrains, "}"))
                .status,
            201);
  // 95 of 100 now, 145 once there are slots, in March.
  const std::string asked =
      Concat(R"("amounts":{"api_calls":"145","slots":"4"},)", LabelsOf("docs"), kTrains, "}");
  const RestAnswer denied = Post(kReservations, Concat(R"({"id":"a",)", asked));
  EXPECT_EQ(denied.code(), "approval_required") << denied;
  EXPECT_THAT(denied.body, Not(HasSubstr("APPROVAL\"")));
  // Nor is waiting told of what has to be small enough in March.
  const std::string smaller =
      Concat(R"("amounts":{"api_calls":"112","slots":"4"},)", LabelsOf("docs"), kTrains, "}");
  const RestAnswer small = Post(kReservations, Concat(R"({"id":"b",)", smaller));
  EXPECT_EQ(small.code(), "insufficient_capacity") << small;
  EXPECT_THAT(small.body, Not(HasSubstr("WAIT\"")));
  EXPECT_THAT(small.body,
              Not(HasSubstr("earliest_start\":\"2026-03-01T02:00:00Z\",\"complete\":true")));
}

// Whoever waits may be granted by what frees a booking, and use up its budget.
TEST_F(Budgets, FreeNoBookingThatOthersComeBefore) {
  MakeBudget("100");
  ASSERT_EQ(Post(kBooks + "/freezes", R"({"id":"f","population":true,"reason":"r"})").status, 201);
  MakeMoney(kBooks, "usd");
  const std::string waits =
      Concat(R"({"id":"w","amounts":{"usd":"60"},)", LabelsOf("docs"), kWaits, "}");
  ASSERT_EQ(Post(kReservations, waits).status, 202);
  const std::string books = Concat(kTrains, R"(,"start_at":"2026-01-02T00:00:00Z")");
  const RestAnswer denied = Post(kReservations, Usd("b", "60", books));
  EXPECT_EQ(denied.code(), "frozen") << denied;
  EXPECT_THAT(denied.body, Not(HasSubstr("OPERATOR_ACTION")));
  ASSERT_EQ(Delete(kBooks + "/freezes/f").status, 200);
  EXPECT_EQ(StateOf("w"), "GRANTED");
  EXPECT_EQ(Post(kReservations, Usd("c", "60", books)).status, 409);
}

TEST_F(Budgets, PlanForNobodyWhomTheyHoldUp) {
  MakeBudget("100");
  ASSERT_EQ(Post(kBooks + "/freezes",
                 R"({"id":"f","population":true,"reason":"r","until":"2026-01-01T03:00:00Z"})")
                .status,
            201);
  const RestAnswer waits = Post(kReservations, Usd("w", "95", kWaits));
  ASSERT_EQ(waits.status, 202) << waits;
  EXPECT_THAT(waits.body, Not(HasSubstr("earliest_start")));
  EXPECT_THAT(waits.body, HasSubstr(R"({"kind":"APPROVAL","until":"2026-01-01T03:00:00Z",)"));
}

// Whoever joins in front leaves one less of those behind that are planned for, who use the same
// budget.
TEST_F(Budgets, CountWhoIsPassedInTheQueue) {
  MakeMoney(kBooks, "usd");
  for (const char* name : {"a", "b"}) {
    ASSERT_EQ(
        Post(kBooks + "/resources", Concat(R"({"name":")", name, R"(","unit":"slot","kind":)",
                                           R"("CAPACITY","amount":"10","reserve_percent":"0"})"))
            .status,
        201);
  }
  MakeBudget("100");
  const auto ask = [](const std::string& id, const std::string& amounts, const std::string& family,
                      const std::string& more) {
    return Concat(R"({"id":")", id, R"(","amounts":{)", amounts, "},", LabelsOf(family), kTrains,
                  more, "}");
  };
  const std::string waits = R"(,"on_shortage":"QUEUE")";
  ASSERT_EQ(Post(kReservations, ask("ha", R"("a":"10")", "vision", "")).status, 201);
  const std::string longer = R"(,"lease":"7200s")";
  ASSERT_EQ(Post(kReservations, ask("hb", R"("b":"10")", "vision", longer)).status, 201);
  for (int i = 0; i < 99; ++i) {
    const std::string id = Concat("f", i);
    ASSERT_EQ(Post(kReservations, ask(id, R"("a":"0.01")", "vision", waits)).status, 202);
  }
  const std::string of_z = R"("a":"0.01","usd":"20")";
  ASSERT_EQ(Post(kReservations, ask("z", of_z, "docs", waits)).status, 202);
  const RestAnswer denied =
      Post(kReservations, ask("x", R"("b":"1","api_calls":"95")", "docs", R"(,"priority":5)"));
  EXPECT_EQ(denied.code(), "approval_required") << denied;
  EXPECT_THAT(denied.body, Not(HasSubstr("APPROVAL\"")));
}

TEST_F(Budgets, RefuseWhatNobodyOverrides) {
  MakeBudget("100");
  for (const char* more : {kTrains, kWaits}) {
    const RestAnswer blocked = Post(kReservations, Usd(Concat("a", more == kWaits), "111", more));
    EXPECT_EQ(blocked.status, 409);
    EXPECT_EQ(blocked.code(), "budget_blocked") << blocked;
    EXPECT_THAT(blocked.body, HasSubstr(R"("limit":"110","used":"0")"));
    EXPECT_THAT(blocked.body, Not(HasSubstr("APPROVAL")));
  }
  const std::string body = R"({"reason":"launch","until":"2026-01-02T00:00:00Z"})";
  const RestAnswer overridden = bob_->Post(kBudget + ":override", body, Key("launch"));
  ASSERT_EQ(overridden.status, 200) << overridden;
  const std::string shown =
      R"("override":{"principal":"bob","reason":"launch","until":"2026-01-02T00:00:00Z"})";
  EXPECT_THAT(overridden.body, HasSubstr(shown));
  EXPECT_EQ(Post(kReservations, Usd("b", "111", kTrains)).status, 201);
  const RestAnswer during = Get(kBudget);
  EXPECT_EQ(during.Field("left"), "-11") << during;
  EXPECT_EQ(during.Field("level"), "BLOCK");
  EXPECT_THAT(during.body, HasSubstr(shown));
  const RestAnswer again = bob_->Post(kBudget + ":override", body, Key("launch"));
  EXPECT_EQ(again.body, overridden.body);
  ASSERT_EQ(Post(kReservations + "/b:settle", R"({"amounts":{"api_calls":"111"}})").status, 200);
  AdvanceTo("2026-01-02T00:00:00Z");
  EXPECT_THAT(Get(kBudget).body, Not(HasSubstr("override")));
  EXPECT_EQ(Post(kReservations, Usd("c", "1", kTrains)).code(), "budget_blocked");
  // What was refused goes on when the budget is gone; charges always do.
  Charge("late", "5");
  EXPECT_EQ(Delete(kBudget, IfMatch("*")).status, 200);
  EXPECT_EQ(Post(kReservations, Usd("d", "1", kTrains)).status, 201);
}

TEST_F(Budgets, ReduceARequestBesideATinyAmount) {
  MakeMoney(kBooks, "tokens");
  MakeBudget("10");
  Charge("c1", "5");
  const auto ask = [](const std::string& id, const std::string& usd) {
    return Concat(R"({"id":")", id, R"(","amounts":{"api_calls":")", usd,
                  R"(","tokens":"0.000001"},"purpose":"TRAINING",)", LabelsOf("docs"), "}");
  };
  const RestAnswer denied = Post(kReservations, ask("r", "5"));
  EXPECT_EQ(denied.code(), "approval_required") << denied;
  EXPECT_THAT(denied.body, HasSubstr(R"({"kind":"REDUCE","amounts":{"api_calls":"3.999999"})"));
  EXPECT_EQ(Post(kReservations, ask("more", "4")).code(), "approval_required");
  EXPECT_EQ(Post(kReservations, ask("s", "3.999999")).status, 201);
}

TEST_F(Budgets, OfferAnOverrideUnlessItMightFreeOthers) {
  ASSERT_EQ(Post(kBooks + "/resources", R"({"name":"slots","unit":"slot","kind":"CONSUMABLE",)"
                                        R"("amount":"10","reserve_percent":"0"})")
                .status,
            201);
  MakeBudget("10");
  Charge("c1", "9");
  const std::string of_others =
      Concat(R"("amounts":{"slots":"8"},)", LabelsOf("docs"), R"(,"purpose":"TRAINING")");
  ASSERT_EQ(Post(kReservations, Concat(R"({"id":"h",)", of_others, "}")).status, 201);
  ASSERT_EQ(
      Post(kReservations, Concat(R"({"id":"w",)", of_others, R"(,"on_shortage":"QUEUE"})")).status,
      202);
  const std::string offered = R"({"kind":"OVERRIDE","budgets":["docs"])";
  const RestAnswer denied = Post(kReservations, Usd("r", "3", kTrains));
  EXPECT_EQ(denied.code(), "budget_blocked");
  EXPECT_THAT(denied.body, HasSubstr(offered)) << "who waits waits for something else";
  ASSERT_EQ(Post(kReservations, Usd("q", "0.5", kWaits)).status, 202);
  EXPECT_THAT(Post(kReservations, Usd("s", "3", kTrains)).body, Not(HasSubstr(offered)));
  ASSERT_EQ(Post(kBudget + ":override", R"({"reason":"it matters","until":"2026-01-02T00:00:00Z"})")
                .status,
            200);
  EXPECT_EQ(Post(kReservations, Usd("t", "3", kTrains)).status, 201);
}

}  // namespace
}  // namespace purser
