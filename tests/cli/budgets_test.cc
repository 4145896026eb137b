// `purser budgets`, and the approvals that budgets ask for: what is asked of the daemon, and how
// the answer is shown.
#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kBudget[] =
    R"({"id":"docs","labels":{"operator_family":"docs"},"amount":"100","enforcement":"SHOWBACK",)"
    R"("period":"2026-11","period_start":"2026-11-01T00:00:00Z",)"
    R"("period_end":"2026-12-01T00:00:00Z","counted_since":"2026-11-01T00:00:00Z",)"
    R"("spent":"60.5","held":"20","left":"19.5","level":"WARN","burn_per_day":"6.05",)"
    R"("forecast":"181.5","spent_time":"2026-11-17T12:00:00Z",)"
    R"("override":{"principal":"bob","reason":"launch","until":"2026-11-20T00:00:00Z"},)"
    R"("generation":"7","create_time":"2026-10-22T12:00:00Z"})";
// As the POST that makes it is answered.
constexpr char kUncounted[] =
    R"({"id":"docs","labels":{"operator_family":"docs"},"amount":"100","spent":"0","left":"100",)"
    R"("level":"BELOW","generation":"1","create_time":"2026-11-22T12:00:00Z"})";
constexpr char kApproval[] =
    R"({"id":"run-1","principal":"alice","create_time":"2026-11-22T12:00:00Z",)"
    R"("expire_time":"2026-11-23T12:00:00Z","reservation":"run-1","budgets":["docs","all"]})";
constexpr char kBooks[] = "/v1/populations/default";
constexpr char kBudgets[] = "/v1/populations/default/budgets";

class PurserBudgets : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), "");
  }
  // What changed something last: the answer is read behind it.
  ReceivedRequest Change() {
    const std::vector<ReceivedRequest> all = daemon_.received();
    const auto changes = [](const ReceivedRequest& each) { return each.method != "GET"; };
    return *std::find_if(all.rbegin(), all.rend(), changes);
  }
  std::string Body() { return Change().body; }
  FakeDaemon daemon_;
};

TEST_F(PurserBudgets, ShowsWhatIsSpentAndWhereThatLeads) {
  daemon_.Answer(Concat("GET ", kBudgets, "?page_size=1000"), 200,
                 Concat(R"({"budgets":[)", kBudget, R"(],"next_page_token":""})"));
  const PurserRun run = Run("budgets list");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  for (const char* const text :
       {"docs", "operator_family=docs", "60.5", "19.5", "WARN", "181.5", "2026-11-17T12:00:00Z",
        "showback", "overridden until 2026-11-20T00:00:00Z by bob: launch"}) {
    EXPECT_THAT(run.out, HasSubstr(text));
  }
}

TEST_F(PurserBudgets, SaysThatThereAreNone) {
  daemon_.Answer(Concat("GET ", kBudgets, "?page_size=1000"), 200,
                 R"({"budgets":[],"next_page_token":""})");
  EXPECT_EQ(Run("budgets list").out, "no budgets\n");
}

TEST_F(PurserBudgets, MakesChangesOverridesAndDeletes) {
  const std::string path = Concat(kBudgets, "/docs");
  daemon_.Answer(Concat("POST ", kBudgets), 201, kBudget);
  daemon_.Answer(Concat("GET ", path), 200, kBudget);
  daemon_.Answer(Concat("PATCH ", path), 200, kBudget);
  daemon_.Answer(Concat("DELETE ", path), 200, kBudget);
  daemon_.Answer(Concat("POST ", path, ":override"), 200, kBudget);
  const PurserRun made =
      Run("budgets make docs --amount 100 --enforcement showback --label operator_family=docs");
  EXPECT_EQ(made.exit_code, 0) << made.err;
  const std::string body = daemon_.received().front().body;
  EXPECT_THAT(body, HasSubstr(R"("amount":"100")"));
  EXPECT_THAT(body, HasSubstr(R"("enforcement":"SHOWBACK")"));
  EXPECT_THAT(body, HasSubstr(R"("operator_family":"docs")"));
  EXPECT_EQ(Run("budgets change docs --amount 120").exit_code, 0);
  EXPECT_EQ(Change().Header("if-match"), "\"7\"");
  EXPECT_THAT(Body(), Not(HasSubstr("enforcement")));
  EXPECT_EQ(Run("budgets override docs --reason launch --until 2026-11-20T00:00:00Z").exit_code, 0);
  EXPECT_THAT(Body(), HasSubstr(R"("reason":"launch","until":"2026-11-20T00:00:00Z")"));
  EXPECT_EQ(Run("budgets delete docs").out, "budget docs deleted\n");
  EXPECT_EQ(Change().Header("if-match"), "\"7\"");
  EXPECT_THAT(Run("budgets show docs").out, HasSubstr("181.5"));
  const size_t before = daemon_.received().size();
  for (const char* const wrong :
       {"make docs", "make docs --amount x", "make docs --amount 1 --enforcement none",
        "change docs", "override docs --reason launch",
        "override docs --until 2026-11-20T00:00:00Z", "delete"}) {
    EXPECT_EQ(Run(Concat("budgets ", wrong)).exit_code, 2) << wrong;
  }
  EXPECT_EQ(daemon_.received().size(), before);
}

TEST_F(PurserBudgets, ShowsWhatWasSpentBeforeItWasMade) {
  const std::string make = "budgets make docs --amount 100 --label operator_family=docs";
  daemon_.Answer(Concat("POST ", kBudgets), 201, kUncounted);
  const PurserRun unread = Run(make);
  EXPECT_EQ(unread.exit_code, 0) << unread.err;
  EXPECT_EQ(unread.err, "");
  EXPECT_THAT(unread.out, HasSubstr("BELOW"));
  EXPECT_EQ(Run(make + " --json").out, Concat(kUncounted, "\n"));
  daemon_.Answer(Concat("GET ", kBudgets, "/docs"), 200, kBudget);
  const PurserRun made = Run(make);
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(made.out, Run("budgets show docs").out);
  EXPECT_THAT(made.out, HasSubstr("60.5"));
  EXPECT_EQ(Run(make + " --json").out, Concat(kBudget, "\n"));
}

// Behind the answer of a change those are granted whom it lets through.
TEST_F(PurserBudgets, ShowsWhatAChangeGrants) {
  const std::string path = Concat(kBudgets, "/docs");
  daemon_.Answer(Concat("GET ", path), 200, kBudget);
  daemon_.Answer(Concat("PATCH ", path), 200, kUncounted);
  daemon_.Answer(Concat("POST ", path, ":override"), 200, kUncounted);
  const std::string now = Run("budgets show docs").out;
  const std::string override = "budgets override docs --reason x --until 2026-11-20T00:00:00Z";
  EXPECT_EQ(Run("budgets change docs --amount 120").out, now);
  EXPECT_EQ(Run(override).out, now);
  EXPECT_EQ(Run(override + " --json").out, Concat(kBudget, "\n"));
  // What was done is told where the second reading fails.
  daemon_.Answer(Concat("POST ", kBudgets, "/other:override"), 200,
                 R"({"id":"other","amount":"100","spent":"0","left":"100","level":"BELOW"})");
  const PurserRun unread = Run("budgets override other --reason x --until 2026-11-20T00:00:00Z");
  EXPECT_EQ(unread.exit_code, 0) << unread.err;
  EXPECT_THAT(unread.out, HasSubstr("BELOW"));
}

TEST_F(PurserBudgets, SaysWhatCameOfAnApproval) {
  const std::string reservation = Concat(kBooks, "/reservations/run-1");
  daemon_.Answer(Concat("POST ", kBooks, "/approvals/run-1:approve"), 200, kApproval);
  daemon_.Answer(Concat("GET ", reservation), 200, R"({"id":"run-1","state":"GRANTED"})");
  daemon_.Answer(Concat("GET ", reservation), 200,
                 R"({"id":"run-1","state":"QUEUED","queue_reasons":["gpu_hours: short by 4"]})");
  EXPECT_THAT(Run("models approve run-1").out, EndsWith("\nnow reservation run-1 is GRANTED\n"));
  EXPECT_EQ(Run("models approve run-1 --json").out, Concat(kApproval, "\n"));
  EXPECT_THAT(Run("models approve run-1").out,
              EndsWith("\nnow reservation run-1 is QUEUED\nwaits for: gpu_hours: short by 4\n"));
}

TEST_F(PurserBudgets, SaysThatItWasMadeBefore) {
  const std::string make = "budgets make docs --amount 100 --idempotency-key k";
  daemon_.Answer(Concat("POST ", kBudgets), 201, kUncounted, kReplayedHeader);
  EXPECT_THAT(Run(make).out, StartsWith(Concat(kSentBefore, "BUDGET")));
  daemon_.Answer(Concat("GET ", kBudgets, "/docs"), 200, kBudget);
  const PurserRun again = Run(make);
  EXPECT_THAT(again.out, StartsWith("sent before: this is the budget as it is now\nBUDGET"));
  EXPECT_THAT(again.out, HasSubstr("60.5"));
}

TEST_F(PurserBudgets, SaysThatADryRunRecordedNothing) {
  const std::string path = Concat(kBudgets, "/docs");
  const std::string dry = "?dry_run=true";
  daemon_.Answer(Concat("GET ", path), 200, kBudget);
  for (const std::string& request : {Concat("POST ", kBudgets), Concat("PATCH ", path),
                                     Concat("POST ", path, ":override"), Concat("DELETE ", path)}) {
    daemon_.Answer(request + dry, 200, AsDryRun(kUncounted));
  }
  for (const std::string verb : {"make docs --amount 100", "change docs --amount 100",
                                 "override docs --reason x --until 2026-11-20T00:00:00Z"}) {
    const PurserRun run = Run(Concat("budgets ", verb, " --dry-run"));
    EXPECT_EQ(run.exit_code, 0) << verb << ": " << run.err;
    EXPECT_THAT(run.out, StartsWith(Concat(kNothingRecorded, "BUDGET"))) << verb;
    EXPECT_THAT(run.out, Not(HasSubstr("60.5"))) << verb;
  }
  EXPECT_EQ(Run("budgets delete docs --dry-run").out,
            Concat(kNothingRecorded, "budget docs would be deleted\n"));
}

TEST_F(PurserBudgets, SaysWhatTheThresholdsAre) {
  daemon_.Answer(Concat("GET ", kBudgets, "/docs"), 200, kBudget);
  const PurserRun shown = Run("budgets show docs");
  EXPECT_THAT(shown.out, HasSubstr("  TOLD  "));
  EXPECT_THAT(shown.out, Not(HasSubstr("LEVEL")));
  for (const char* const help : {"budgets --help", "budgets list --help"}) {
    const PurserRun run = Run(help);
    EXPECT_EQ(run.exit_code, 0) << help;
    EXPECT_THAT(run.out, HasSubstr("\nTOLD is the highest threshold told this month: WARN above "
                                   "75 %, REVIEW above 90 %"));
    EXPECT_THAT(run.out, HasSubstr("BLOCK above 110 %"));
    EXPECT_THAT(run.out, HasSubstr("Exit codes"));
  }
}

TEST_F(PurserBudgets, ShowsThemInASummary) {
  daemon_.Answer(
      Concat("GET ", kBooks, "/summary"), 200,
      Concat(R"({"period":"2026-11","from":"2026-11-01T00:00:00Z","until":"2026-12-01T00:00:00Z",)",
             R"("time":"2026-11-11T00:00:00Z","month_to_date":"60.5",)",
             R"("burn_from":"2026-11-04T00:00:00Z","by_category":[],"by_model":[],)",
             R"("top_drivers":[],"trend":[],"opportunities":[],"ledger_sequence":"1",)",
             R"("budgets":[)", kBudget, "]}"));
  const PurserRun run = Run("summary");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("60.5 USD so far\n\nBUDGET"));
  EXPECT_THAT(run.out, HasSubstr("181.5"));
}

TEST_F(PurserBudgets, ApprovesWhatTheyAskFor) {
  const std::string approvals = Concat(kBooks, "/approvals");
  daemon_.Answer(Concat("GET ", approvals), 200,
                 Concat(R"({"approvals":[)", kApproval, R"(],"next_page_token":""})"));
  const PurserRun listed = Run("models approvals");
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("run-1"));
  EXPECT_THAT(listed.out, HasSubstr("docs all"));
  daemon_.Answer(Concat("POST ", approvals, "/run-1:approve"), 200, kApproval);
  EXPECT_EQ(Run("models approve run-1 --reason enough").out,
            Concat("approval run-1: APPROVED\n", listed.out));
  EXPECT_EQ(Body(), R"({"reason":"enough"})");
  daemon_.Answer(Concat("POST ", approvals, "/run-1:reject"), 200, kApproval);
  EXPECT_EQ(Run("models reject run-1 --reason no").out,
            Concat("approval run-1: REJECTED\n", listed.out));
  EXPECT_EQ(Body(), R"({"reason":"no"})");
  for (const auto& [verb, outcome] :
       {std::pair("approve", "APPROVED"), std::pair("reject", "REJECTED")}) {
    daemon_.Answer(Concat("POST ", approvals, "/run-1:", verb, "?dry_run=true"), 200,
                   AsDryRun(kApproval));
    EXPECT_EQ(Run(Concat("models ", verb, " run-1 --dry-run")).out,
              Concat(kNothingRecorded, "approval run-1: would be ", outcome, "\n", listed.out));
  }
}

TEST_F(PurserBudgets, SaysWhatWouldHelp) {
  daemon_.Answer(
      Concat("POST ", kBooks, "/reservations"), 409,
      R"({"type":"/problems/approval_required","title":"Approval required","status":409,)"
      R"("detail":"","code":"approval_required","request_id":"x","blocking":[{"kind":"BUDGET",)"
      R"("name":"docs","detail":"","limit":"90","used":"80.5"}],"remedies":[{"kind":"APPROVAL",)"
      R"("budgets":["docs"]},{"kind":"OVERRIDE","budgets":["docs"]}],"complete":true})");
  const PurserRun run = Run("reservations create --purpose training --amount gpu_hours=4");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("above the budget: docs; limit 90; used 80.5"));
  EXPECT_THAT(run.err, HasSubstr("    send it again with --queue, under a new id, and have another "
                                 "approve it for budget docs: purser models approve ID (the "
                                 "reservation's id)\n"));
  EXPECT_THAT(run.err, HasSubstr("an approver overrides budget docs: purser budgets override ID "));
}

TEST_F(PurserBudgets, SaysThatARefusalIsThatOfThen) {
  daemon_.Answer(Concat("POST ", kBooks, "/reservations"), 409,
                 R"({"type":"/problems/budget_blocked","title":"","status":409,"detail":"above",)"
                 R"("code":"budget_blocked","request_id":"x"})",
                 kReplayedHeader);
  EXPECT_THAT(Run("reservations create --id r --purpose training --amount gpu_hours=4").err,
              HasSubstr("\n  sent before: this is the first answer again, as it was then"));
}

TEST_F(PurserBudgets, NamesTheCommandThatApproves) {
  const std::string explanation =
      R"("fits":false,"code":"approval_required","detail":"","blocking":[{"kind":"BUDGET",)"
      R"("name":"docs","detail":"","limit":"90","used":"80.5"}],"complete":true)";
  daemon_.Answer(
      Concat("POST ", kBooks, "/reservations:explain"), 200,
      Concat("{", explanation, R"(,"remedies":[{"kind":"APPROVAL","budgets":["docs"]}]})"));
  EXPECT_THAT(Run("why --purpose training --amount gpu_hours=4").out,
              HasSubstr("    wait in the queue (--queue), and have another approve it for budget "
                        "docs: purser models approve ID (the reservation's id)\n"));
  daemon_.Answer(
      Concat("GET ", kBooks, "/reservations/run-1"), 200,
      Concat(R"({"id":"run-1","state":"QUEUED","purpose":"TRAINING","explanation":{)", explanation,
             R"(,"remedies":[{"kind":"APPROVAL","until":"2026-11-22T15:00:00Z",)"
             R"("budgets":["docs"]}]}})"));
  EXPECT_THAT(Run("reservations show run-1").out,
              HasSubstr("  what would help:\n"
                        "    have another approve it for budget docs: purser models approve "
                        "run-1; granted at 2026-11-22T15:00:00Z\n"));
}

TEST_F(PurserBudgets, SaysWhoApprovedAndWhoRejected) {
  const std::string path = Concat("GET ", kBooks, "/reservations/");
  const auto show = [&](const std::string& id, const std::string& more) {
    daemon_.Answer(path + id, 200,
                   Concat(R"({"id":"run-1","purpose":"TRAINING","approver":"carol",)", more, "}"));
    return Run(Concat("reservations show ", id)).out;
  };
  EXPECT_THAT(show("granted", R"("state":"GRANTED")"), HasSubstr("\napproved by  carol\n"));
  EXPECT_THAT(show("rejected", R"("state":"DENIED","denial":{"code":"approval_required"})"),
              HasSubstr("\nrejected by  carol\n"));
  // What it was short of does not hide why.
  EXPECT_THAT(show("short", R"("state":"DENIED","denial":{"code":"approval_required",)"
                            R"("detail":"carol rejected it: no; at first: no; at first: BUDGET",)"
                            R"("shortages":[{"resource":"gpus","requested":"9","short_by":"1"}]})"),
              HasSubstr("\n  carol rejected it: no; at first: no\n"));
  // It was approved, and then there was no room for it in time.
  EXPECT_THAT(show("in-vain", R"("state":"DENIED","denial":{"code":"queue_timeout"})"),
              HasSubstr("\napproved by  carol\n"));
}

}  // namespace
}  // namespace purser
