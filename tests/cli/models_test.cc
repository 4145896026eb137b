// `purser models` and `purser population`: what they ask of the daemon, and how they show the
// answer.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kModels[] = "/v1/populations/default/models";
constexpr char kApprovals[] = "/v1/populations/default/approvals";
constexpr char kModel[] =
    R"({"id":"ocr-2","operator_family":"vision","capabilities":["layout","ocr"],)"
    R"("footprint":{"active_model_memory":"12"},"monthly_costs":{"inference":"120","storage":"4"},)"
    R"("quality":{"ocr":"0.93"},"constraints":[{"kind":"LEGAL","name":"audit","forbids":["PURGE"],)"
    R"("set_time":"2026-11-22T12:00:00Z"}],"state":"ACTIVE","generation":"7",)"
    R"("create_time":"2026-11-22T12:00:00Z","state_time":"2026-11-22T13:00:00Z",)"
    R"("replaced_target":"ocr-1","monthly_cost":"124","occupies":{"active_model_memory":"12"}})";
constexpr char kApproval[] =
    R"({"id":"_9","model":"ocr-2","principal":"alice","reason":"launch",)"
    R"("due_back":"2026-12-01T00:00:00Z","create_time":"2026-11-22T12:00:00Z",)"
    R"("expire_time":"2026-11-23T12:00:00Z"})";

class PurserModels : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), "");
  }
  std::string Body() { return daemon_.received().back().body; }
  FakeDaemon daemon_;
};

TEST_F(PurserModels, ListsThem) {
  daemon_.Answer(Concat("GET ", kModels, "?page_size=50&state=ACTIVE"), 200,
                 Concat(R"({"models":[)", kModel, R"(],"next_page_token":""})"));
  const PurserRun run = Run("models list --state active");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "MODEL  STATE   FAMILY  CAPABILITIES  USD/MONTH  ROLLS BACK TO\n"
            "ocr-2  ACTIVE  vision  layout ocr          124  ocr-1\n");
}

TEST_F(PurserModels, ShowsOne) {
  daemon_.Answer(Concat("GET ", kModels, "/ocr-2"), 200, kModel);
  const PurserRun run = Run("models show ocr-2");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("ACTIVE since 2026-11-22T13:00:00Z"));
  EXPECT_THAT(run.out, HasSubstr("inference=120 storage=4"));
  EXPECT_THAT(run.out, HasSubstr("LEGAL audit forbids PURGE, since 2026-11-22T12:00:00Z"));
  EXPECT_THAT(run.out, HasSubstr("ocr-1 (until its window ends)"));
}

TEST_F(PurserModels, RegistersWhatIsSaid) {
  daemon_.Answer(Concat("POST ", kModels), 201, kModel);
  const PurserRun run =
      Run("models register ocr-2 --family vision --capability ocr --capability layout "
          "--footprint active_model_memory=12 --cost inference=120 --quality ocr=0.93 --value 900 "
          "--constraint legal:audit=retire,purge --reason law");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  for (const char* part :
       {R"("id":"ocr-2")", R"("capabilities":["ocr","layout"])", R"("inference":"120")",
        R"("quality":{"ocr":"0.93"})", R"("business_value_monthly":"900")",
        R"("kind":"LEGAL","name":"audit","forbids":["RETIRE","PURGE"])", R"("reason":"law")"}) {
    EXPECT_THAT(Body(), HasSubstr(part));
  }
  EXPECT_THAT(Body(), Not(HasSubstr("rollback_target")));
}

TEST_F(PurserModels, ChangesWhatItRead) {
  daemon_.Answer(Concat("GET ", kModels, "/ocr-2"), 200, kModel);
  daemon_.Answer(Concat("PATCH ", kModels, "/ocr-2"), 200, kModel);
  EXPECT_EQ(Run("models change ocr-2 --rollback-target - --no-constraints --reason over").exit_code,
            0);
  EXPECT_EQ(daemon_.received().back().Header("if-match"), "\"7\"");
  EXPECT_THAT(Body(), HasSubstr(R"("rollback_target":"")"));
  EXPECT_THAT(Body(), HasSubstr(R"("constraints":[])"));
}

TEST_F(PurserModels, ActivatesOnOneGround) {
  daemon_.Answer(Concat("POST ", kModels, "/ocr-2:activate"), 200, kModel);
  EXPECT_EQ(Run("models activate ocr-2 --vacancy").exit_code, 0);
  EXPECT_EQ(Body(), R"({"vacancy":{}})");
  EXPECT_EQ(Run("models activate ocr-2 --replaces a --replaces b").exit_code, 0);
  EXPECT_EQ(Body(), R"({"replaces":{"models":["a","b"]}})");
  EXPECT_EQ(Run("models activate ocr-2 --retire a --lower b:inference=3").exit_code, 0);
  EXPECT_EQ(Body(), R"({"reduces_cost":{"retire":["a"],"cost_changes":{"b":{"inference":"3"}}}})");
}

TEST_F(PurserModels, ShowsTheApprovalThatItWaitsFor) {
  daemon_.Answer(Concat("POST ", kModels, "/ocr-2:activate"), 202, kApproval);
  const PurserRun run = Run(
      "models activate ocr-2 --consumes-reserve --due-back 2026-12-01T00:00:00Z --reason launch");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("_9        ocr-2  alice     2026-12-01T00:00:00Z"));
  daemon_.Answer(Concat("GET ", kApprovals), 200,
                 Concat(R"({"approvals":[)", kApproval, R"(],"next_page_token":""})"));
  EXPECT_EQ(Run("models approvals").out, run.out);
  daemon_.Answer(Concat("POST ", kApprovals, "/_9:approve"), 200, kModel);
  EXPECT_THAT(Run("models approve _9").out, HasSubstr("ACTIVE since"));
  daemon_.Answer(Concat("POST ", kApprovals, "/_9:reject"), 200, kApproval);
  EXPECT_EQ(Run("models reject _9 --reason no").exit_code, 0);
  EXPECT_EQ(Body(), R"({"reason":"no"})");
}

TEST_F(PurserModels, SendsTheVerbs) {
  for (const std::string verb : {"shadow", "retire", "archive", "purge", "rollback"}) {
    daemon_.Answer(Concat("POST ", kModels, "/ocr-2:", verb, "?dry_run=true"), 200, kModel);
    EXPECT_EQ(Run(Concat("models ", verb, " ocr-2 --dry-run")).exit_code, 0) << verb;
  }
}

TEST_F(PurserModels, ShowsThePopulation) {
  daemon_.Answer("GET /v1/populations/default/population", 200,
                 R"({"candidates":1,"active":2,"budget":"2","lent_slots":"1","monthly_cost":"31",)"
                 R"("residency":[{"resource":"active_model_memory","occupied":"12","headroom":"8",)"
                 R"("coverage":1,"needed":"4","reserve":"5"}],"coverage":1,)"
                 R"("loans":[{"model":"b","drawn":{"active_model_memory":"3"},)"
                 R"("due_back":"2026-12-01T00:00:00Z","reason":"launch","overdue":true}],)"
                 R"("rollback_blocked":["a"],"active_models":["a","b"]})");
  const PurserRun run = Run("population");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("2 of 2, 1 lent or taken away"));
  EXPECT_THAT(run.out, HasSubstr("due back 2026-12-01T00:00:00Z (OVERDUE): launch"));
  EXPECT_THAT(run.out,
              HasSubstr("active_model_memory        12         8        5       4       1"));
}

TEST_F(PurserModels, ShowsTheScheduleOfABudget) {
  daemon_.Answer(
      Concat("POST ", kModels, "/ocr-2:retire"), 409,
      R"({"title":"The population budget changes slowly","status":409,)"
      R"("code":"budget_step","schedule":[{"from":"2026-12-01T00:00:00Z","amount":"12"}]})");
  const PurserRun run = Run("models retire ocr-2");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("from 2026-12-01T00:00:00Z: 12"));
}

TEST_F(PurserModels, RefusesWhatMakesNoSense) {
  for (const std::string arguments :
       {"models", "models register x", "models activate x",
        "models activate x --vacancy --retire a", "models activate x --reduces-cost --lower a=3",
        "models activate x --reduces-cost --lower a:meals=3",
        "models register x --family f --cost meals=3",
        "models register x --family f --constraint audit=PURGE",
        "models activate x --consumes-reserve --due-back soon", "models show"}) {
    EXPECT_EQ(Run(arguments).exit_code, 2) << arguments;
  }
  EXPECT_TRUE(daemon_.received().empty());
}

}  // namespace
}  // namespace purser
