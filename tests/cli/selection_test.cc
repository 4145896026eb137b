// `purser models select`: what it asks of the daemon, and how it shows the answer.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/text.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/purser_run.h"

namespace purser {
namespace {

using testing::HasSubstr;

TEST(PurserSelection, ShowsWhatIsBestAndWhyNotTheOthers) {
  FakeDaemon daemon;
  daemon.Answer(
      "POST /v1/populations/default/selection:evaluate", 200,
      R"({"verdict":"FOUND","admit":["big"],"drop":["old"],"keep":["steady"],"value":"1300",)"
      R"("bound":"1300.5","gap":"0.5","optimal":false,"rank_exact":false,"candidates":[)"
      R"({"model":"big","verdict":"ADMITTED","net_value":{"sum":"500"},"marginal_value":"300",)"
      R"("marginal_least":"300","marginal_most":"300.5"},)"
      R"({"model":"small","verdict":"DOES_NOT_FIT","net_value":{"sum":"200"},)"
      R"("short_by":{"active_model_memory":"5"},"displaces":["big"]},)"
      R"({"model":"no","verdict":"BARRED","net_value":{"sum":"9"},"constraint_kind":"LEGAL",)"
      R"("constraint":"licence"}],"slack":{},"slots_left":1,"ledger_sequence":"9"})");
  const PurserRun run =
      RunPurser(Concat("--url ", daemon.url(), " models select big small no"), "");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(daemon.received().back().body, HasSubstr(R"("candidates":["big","small","no"])"));
  EXPECT_EQ(run.out,
            "admit big\ndrop old\nkeep steady\n"
            "1300 USD a month; at most 0.5 more may be possible\n"
            "CANDIDATE  VERDICT       NET VALUE  ADDS  WHY NOT\n"
            "big        admitted            500   300  -\n"
            "small      does not fit        200     -  short by 5 active_model_memory; instead of "
            "big\n"
            "no         barred                9     -  LEGAL licence\n");
}

}  // namespace
}  // namespace purser
