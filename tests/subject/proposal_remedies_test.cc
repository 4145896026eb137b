// How many proposals are looked at for who was denied.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ledger/check.h"
#include "ledger/text.h"
#include "lifecycle/proposal_remedy.h"
#include "tests/model/action_text.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

class ProposalRemedies : public testing::Test {
 protected:
  ProposalRemedies() {
    Do("create", "memory capacity amount=100 reserve=0");
    Do("create", "active_models capacity amount=10 reserve=0");
    for (const char* model : {"small fp:memory=1", "large fp:memory=60"}) {
      const std::string words(model);
      Do("register", words + " family=any");
      Do("activate", words.substr(0, 5) + " vacancy");
    }
  }
  void Do(const std::string& command, const std::string& arguments) {
    model::Action action;
    const std::string fault = model::ParseAction(command, arguments, subject_.NowUs(), &action);
    PURSER_CHECK(fault.empty(), "the words make a command");
    ASSERT_EQ(subject_.Do(action).code, "") << command << " " << arguments;
  }
  // So many that free some of what is short and are not to be executed, then one that would help.
  void Propose(size_t in_vain) {
    for (size_t i = 0; i < in_vain; ++i) {
      Do("propose", Concat("p", 1'000 + i, " RETIRE models=small"));
    }
    Do("patch", "small forbid:LEGAL:audit=RETIRE reason=r");
    Do("propose", "p9999 RETIRE models=large");
  }
  std::vector<std::string> Remedies() {
    RequestReservation request;
    request.purpose = stored::TRAINING;
    request.amounts = {{"memory", Amount::FromUnits(50)}};
    request.labels = {{"capability", "any"}, {kFamilyLabel, "any"}};
    ReturnSchedule::Steps steps{kOutlookStepsMax};
    api::Controller& controller = subject_.controller();
    const auto explained =
        controller.Explain(controller.Peek(SequencerSubject::kPopulation), request, "p", &steps);
    PURSER_CHECK(explained.ok(), "what may be asked is explained");
    std::vector<std::string> proposals;
    for (const auto& remedy : explained->explanation.remedies()) {
      if (!remedy.proposal().empty()) proposals.push_back(remedy.proposal());
    }
    return proposals;
  }

  SequencerSubject subject_;
};

TEST_F(ProposalRemedies, AreSoughtAmongTheOldest) {
  Propose(kProposalsLookedAtMax - 1);
  EXPECT_EQ(Remedies(), std::vector<std::string>{"p9999"});
}

TEST_F(ProposalRemedies, AreNotSoughtBeyond) {
  Propose(kProposalsLookedAtMax);
  EXPECT_TRUE(Remedies().empty());
}

}  // namespace
}  // namespace purser
