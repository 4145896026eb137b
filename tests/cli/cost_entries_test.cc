// `purser cost-entries`, `outcomes`, `quote` and `accepted-result-costs`.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fixtures.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kPopulation[] = "/v1/populations/default";
constexpr char kEntry[] =
    R"({"id":"e1","amount":"-12.5","category":"incident","labels":{"capability":)"
    R"({"layout":"1","ocr":"2"},"operator_family":"docs"},"reason":"an outage","corrects":"c1",)"
    R"("principal":"local","create_time":"2026-11-22T12:00:00Z","ledger_sequence":"9"})";
constexpr char kOutcomes[] =
    R"({"id":"o1","labels":{"capability":"ocr"},"accepted":3,"rejected":1,"escalated":0,)"
    R"("principal":"local","create_time":"2026-11-22T12:00:00Z","ledger_sequence":"9"})";
constexpr char kOutcomesText[] =
    "outcomes o1: 3 accepted, 1 rejected, 0 escalated of capability=ocr\n";
constexpr char kCreateEntry[] = "cost-entries create --amount -12.5 --category incident";
constexpr char kReport[] =
    "outcomes create --id o1 --label capability=ocr --accepted 3 --rejected 1";

class PurserCostEntries : public testing::Test {
 protected:
  PurserRun Run(const std::string& arguments) {
    return RunPurser(Concat("--url ", daemon_.url(), " ", arguments), "");
  }
  FakeDaemon daemon_;
};

TEST_F(PurserCostEntries, AreCreatedAndListed) {
  daemon_.Answer(Concat("POST ", kPopulation, "/cost-entries"), 201, kEntry);
  const PurserRun run =
      Run("cost-entries create --id e1 --amount -12.5 --category incident --reason 'an outage' "
          "--corrects c1 --label operator_family=docs "
          "--label 'capability={\"layout\":\"1\",\"ocr\":\"2\"}'");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("-12.5"));
  EXPECT_THAT(run.out, HasSubstr("incident"));
  const std::string sent = daemon_.received().back().body;
  EXPECT_THAT(sent, HasSubstr(R"("amount":"-12.5","category":"incident")"));
  EXPECT_THAT(sent, HasSubstr(R"("capability":{"layout":"1","ocr":"2"})"));
  daemon_.Answer(Concat("GET ", kPopulation, "/cost-entries?page_size=50"), 200,
                 Concat(R"({"cost_entries":[)", kEntry, R"(],"next_page_token":""})"));
  EXPECT_THAT(Run("cost-entries list").out, HasSubstr("e1"));
  EXPECT_EQ(Run("cost-entries create --amount 1").exit_code, 2);
  EXPECT_EQ(Run("cost-entries create --amount x --category incident").exit_code, 2);
}

TEST_F(PurserCostEntries, TakeWeightsAsNumbers) {
  daemon_.Answer(Concat("POST ", kPopulation, "/cost-entries"), 201, kEntry);
  const PurserRun run =
      Run("cost-entries create --id e1 --amount 1 --category incident "
          "--label 'capability={\"layout\": 1, \"a 2,\\\"b\": \"2\",\"ocr\": 0.5}'");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(daemon_.received().back().body,
              HasSubstr(R"("capability":{"layout":"1","a 2,\"b":"2","ocr":"0.5"})"));
}

TEST_F(PurserCostEntries, LeaveToTheDaemonWhatIsNoSplit) {
  daemon_.Answer(Concat("POST ", kPopulation, "/cost-entries"), 201, kEntry);
  for (const std::string value :
       {R"({ocr:1})", R"({"a":1}},"reason":{"b":1)", R"({"a":1}},"allocation":{"label":"b")"}) {
    Run(Concat("cost-entries create --amount 1 --category incident --label 'capability=", value,
               "'"));
    std::string sent = daemon_.received().back().body;
    std::erase(sent, '\\');
    EXPECT_THAT(sent, HasSubstr(Concat(R"("capability":")", value, "\"")));
  }
}

TEST_F(PurserCostEntries, AreSharedByWhatWasUsed) {
  daemon_.Answer(
      Concat("POST ", kPopulation, "/cost-entries"), 201,
      R"({"id":"e1","amount":"300","category":"observability","labels":{"capability":"ocr",)"
      R"("operator_family":{"":"1","docs":"2"}},"reason":"","corrects":"","principal":"local",)"
      R"("create_time":"2026-11-22T12:00:00Z","ledger_sequence":"9","allocation":{)"
      R"("label":"operator_family","resource":"gpu_hours","period":"2026-10",)"
      R"("from":"2026-10-01T00:00:00Z","until":"2026-11-01T00:00:00Z",)"
      R"("labels":{"team":"a"},"as_of":"8","unattributed":"1"}})");
  const std::string create =
      "cost-entries create --id e1 --amount 300 --category observability --label capability=ocr ";
  const PurserRun run = Run(create +
                            "--allocate operator_family=gpu_hours --period 2026-10 "
                            "--used-with team=a --as-of 8");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("operator_family by gpu_hours used from 2026-10-01T00:00:00Z to "
                                 "2026-11-01T00:00:00Z with team=a, as of entry 8; 1 without it "
                                 "is unattributed\n"));
  EXPECT_THAT(daemon_.received().back().body,
              HasSubstr(R"("allocation":{"label":"operator_family","resource":"gpu_hours",)"
                        R"("period":"2026-10","labels":{"team":"a"},"as_of":"8"})"));
  EXPECT_EQ(Run(create + "--allocate operator_family=gpu_hours --from 2026-10-01T00:00:00Z "
                         "--until 2026-10-02T00:00:00Z")
                .exit_code,
            0);
  EXPECT_THAT(daemon_.received().back().body,
              HasSubstr(R"("from":"2026-10-01T00:00:00Z","until":"2026-10-02T00:00:00Z"})"));
  EXPECT_EQ(Run(create + "--period 2026-10").exit_code, 2);
  EXPECT_EQ(Run(create + "--allocate operator_family").exit_code, 2);
}

TEST_F(PurserCostEntries, QuotesSayHowToUseThem) {
  daemon_.Answer(Concat("POST ", kPopulation, "/quotes"), 200,
                 R"({"quoted_at":"2026-11-22T12:00:00Z","valid_until":"2026-11-23T12:00:00Z",)"
                 R"("amounts":{"gpu_hours":"2","visits":"1"},"rates":{"gpu_hours":"2.5"},)"
                 R"("costs":{"gpu_hours":"5"},"cost":"5","unpriced":{"visits":"1"},)"
                 R"("cost_categories":{"gpu_hours":"training","visits":"training"}})");
  const PurserRun run = Run("quote --purpose training --amount gpu_hours=2 --amount visits=1");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "RESOURCE   AMOUNT  USD A UNIT  USD  CATEGORY\n"
            "gpu_hours       2         2.5    5  training\n"
            "visits          1  not priced    -  training\n"
            "total 5 USD; reserve with --quoted-at 2026-11-22T12:00:00Z before "
            "2026-11-23T12:00:00Z\n");
}

TEST_F(PurserCostEntries, AcceptedResultsAreCompared) {
  daemon_.Answer(
      Concat("GET ", kPopulation, "/accepted-result-costs?group_by=model"), 200,
      R"({"period":"2026-11","from":"2026-11-01T00:00:00Z","until":"2026-12-01T00:00:00Z",)"
      R"("group_by":["model"],"groups":[{"by":{"model":"small"},"missing":[],"cost":"21",)"
      R"("parts":{"invocation":"2","fallback":"19"},"accepted":"400","rejected":"0",)"
      R"("escalated":"600","cost_per_accepted_result":"0.0525","unpriced":{}},)"
      R"({"by":{},"missing":["model"],"cost":"5","parts":{"other":"5"},"accepted":"0",)"
      R"("rejected":"0","escalated":"0","unpriced":{}}],"total":"26","accepted":"400",)"
      R"("ledger_sequence":"9"})");
  const PurserRun run = Run("accepted-result-costs --by model");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("small"));
  EXPECT_THAT(run.out, HasSubstr("fallback 19, invocation 2"));
  EXPECT_THAT(run.out, HasSubstr("(unattributed)  none accepted"));
  daemon_.Answer(Concat("POST ", kPopulation, "/outcomes"), 201, kOutcomes);
  EXPECT_EQ(Run(kReport).out, kOutcomesText);
  EXPECT_EQ(Run("outcomes create --accepted -3").exit_code, 2);
}

TEST_F(PurserCostEntries, SayThatADryRunRecordedNothing) {
  const auto as_judged = [](const std::string& answer) {
    std::string judged = AsDryRun(answer);
    return judged.insert(judged.size() - 1, R"(,"judged_at_sequence":"42")");
  };
  daemon_.Answer(Concat("POST ", kPopulation, "/cost-entries?dry_run=true"), 201,
                 as_judged(kEntry));
  EXPECT_THAT(Run(Concat(kCreateEntry, " --dry-run")).out,
              StartsWith("dry run: nothing was recorded; judged at sequence 42\nCOST ENTRY"));
  daemon_.Answer(Concat("POST ", kPopulation, "/outcomes?dry_run=true"), 201, as_judged(kOutcomes));
  EXPECT_EQ(Run(Concat(kReport, " --dry-run")).out,
            Concat("dry run: nothing was recorded; judged at sequence 42\n", kOutcomesText));
}

TEST_F(PurserCostEntries, SayThatTheyWereSentBefore) {
  daemon_.Answer(Concat("POST ", kPopulation, "/cost-entries"), 201, kEntry, kReplayedHeader);
  EXPECT_THAT(Run(kCreateEntry).out, StartsWith(Concat(kSentBefore, "COST ENTRY")));
  daemon_.Answer(Concat("POST ", kPopulation, "/outcomes"), 201, kOutcomes, kReplayedHeader);
  EXPECT_EQ(Run(kReport).out, Concat(kSentBefore, kOutcomesText));
}

TEST_F(PurserCostEntries, HaveTheirCategoriesInTheHelp) {
  const PurserRun run = Run("cost-entries create --help");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out,
              HasSubstr("what for: must be training, evaluation, inference, residency, cold_start, "
                        "storage, network, observability, security_review, compliance, incident, "
                        "on_call, vendor_license or rollback_reserve\n"));
}

}  // namespace
}  // namespace purser
