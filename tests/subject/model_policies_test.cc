// What the configuration says of models, where the scenario tables have its defaults: proposals
// that are approved as they are made, and more than one rollback target to be covered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "daemon/time_zones.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "ledger/text.h"
#include "lifecycle/reviewer.h"
#include "lifecycle/state_machine.h"
#include "tests/model/action_text.h"
#include "tests/subject/action_command.h"

namespace purser {
namespace {

using stored::ProposalSettings;

constexpr char kZoo[] = "zoo";
constexpr char kFamily[] = " family=any";
constexpr InstantUs kNowUs = 1'768'003'200 * kSecondUs;  // 2026-01-10T00:00:00Z

// A population in memory, to which is said what a scenario table would say.
class Zoo {
 public:
  explicit Zoo(const ModelPolicy& models) : machine_(PolicyWith(models), FirstOfNextMonth) {
    Command create;
    create.caller = {"root", true};
    CreatePopulation body;
    body.settings.set_name(kZoo);
    body.settings.set_time_zone("UTC");
    create.body = std::move(body);
    PURSER_CHECK(Do(std::move(create)).empty(), "a population is made");
    Say("create", "memory capacity amount=100 reserve=25");
    Say("create", "active_models capacity amount=10 reserve=0");
  }

  // "" or the code of the refusal.
  std::string Say(const std::string& command, const std::string& arguments) {
    model::Action action;
    const std::string fault = model::ParseAction(command, arguments, kNowUs, &action);
    PURSER_CHECK(fault.empty(), "the words make a command");
    Translated translated = Translate(action, "");
    if (!translated.refusal.empty()) return translated.refusal;
    return Do(std::move(translated.command));
  }
  const ProposalRecord& Proposal(const std::string& id) const {
    return *machine_.Find(kZoo)->models.proposals().Find(id);
  }
  // The models of each proposal that the reviewer would make so long after.
  std::vector<std::string> Review(const ReviewPolicy& policy, int64_t later_us) const {
    std::vector<std::string> named;
    for (const auto& each : Suggestions(policy, later_us)) {
      named.push_back(absl::StrJoin(each.proposal.models(), ","));
    }
    return named;
  }
  void ProposeAsReviewer(const ReviewPolicy& policy) {
    for (const auto& each : Suggestions(policy, 0)) {
      Command command;
      command.caller.principal = kReviewer;
      command.body = Propose{each.proposal};
      PURSER_CHECK(Do(std::move(command)).empty(), "what is found may be proposed");
    }
  }

 private:
  std::vector<purser::Review::Suggestion> Suggestions(const ReviewPolicy& policy,
                                                      int64_t later_us) const {
    const Population& population = *machine_.Find(kZoo);
    ReviewQuestion question;
    question.now_us = kNowUs + later_us;
    return ReviewModels(population.models, population.books, policy, question).suggestions;
  }
  static Policy PolicyWith(const ModelPolicy& models) {
    Policy policy;
    policy.models = models;
    return policy;
  }
  std::string Do(Command command) {
    command.population = kZoo;
    google::protobuf::Arena arena;
    const Verdict verdict = machine_.Decide(command, kNowUs, &arena);
    if (!verdict.status.ok()) return ReasonCode(RefusalOf(verdict.status).reason());
    if (verdict.entry == nullptr) return "";
    ReservationBook::Changes changes;
    machine_.Apply(kZoo, *verdict.entry, command.lookup, &changes);
    return "";
  }

  StateMachine machine_;
};

class AutoApproval : public testing::Test {
 protected:
  AutoApproval() : zoo_(Policy()) {
    for (const char* model :
         {"dear fp:memory=1 cost:inference=100",
          "other fp:memory=1 "
          "cost:inference=40",
          "cheap fp:memory=1 cost:inference=39.999999",
          "kept fp:memory=1 cost:inference=500 forbid:LEGAL:audit=PURGE reason=r"}) {
      const std::string id = std::string(model).substr(0, std::string(model).find(' '));
      EXPECT_EQ(zoo_.Say("register", std::string(model) + kFamily), "");
      EXPECT_EQ(zoo_.Say("activate", id + " vacancy"), "");
    }
  }
  static ModelPolicy Policy() {
    ModelPolicy policy;
    policy.auto_approve = {ProposalSettings::RETIRE, ProposalSettings::MERGE};
    policy.auto_approve_net_value_min = Amount::FromUnits(40);
    return policy;
  }
  Zoo zoo_;
};

TEST_F(AutoApproval, IsOfWhatIsWorthEnough) {
  ASSERT_EQ(zoo_.Say("propose", "p RETIRE models=dear"), "");
  EXPECT_EQ(zoo_.Proposal("p").state(), stored::PROPOSAL_APPROVED);
  EXPECT_TRUE(zoo_.Proposal("p").by_policy());
  EXPECT_EQ(zoo_.Proposal("p").approver(), "");
  // Exactly the least that it may be worth; and a millionth less.
  ASSERT_EQ(zoo_.Say("propose", "q RETIRE models=other"), "");
  EXPECT_EQ(zoo_.Proposal("q").state(), stored::PROPOSAL_APPROVED);
  ASSERT_EQ(zoo_.Say("propose", "r RETIRE models=cheap"), "");
  EXPECT_EQ(zoo_.Proposal("r").state(), stored::PROPOSAL_OPEN);
  // It is carried out as any other, and by nobody on its own.
  EXPECT_EQ(zoo_.Say("execute", "p"), "");
  EXPECT_EQ(zoo_.Proposal("p").state(), stored::PROPOSAL_EXECUTED);
}

TEST_F(AutoApproval, IsNotOfWhatAnyConstraintIsOn) {
  ASSERT_EQ(zoo_.Say("propose", "p RETIRE models=kept"), "");
  EXPECT_EQ(zoo_.Proposal("p").state(), stored::PROPOSAL_OPEN);
  ASSERT_EQ(zoo_.Say("propose", "q RETIRE models=dear,kept"), "");
  EXPECT_EQ(zoo_.Proposal("q").state(), stored::PROPOSAL_OPEN);
}

TEST_F(AutoApproval, IsOfTheKindsThatAreNamed) {
  ASSERT_EQ(zoo_.Say("retire", "dear"), "");
  ASSERT_EQ(zoo_.Say("propose", "p ARCHIVE models=dear"), "");
  EXPECT_EQ(zoo_.Proposal("p").state(), stored::PROPOSAL_OPEN);
}

// Until a merge has a result nobody knows what it is worth.
TEST_F(AutoApproval, OfAMergeComesWithItsResult) {
  ASSERT_EQ(zoo_.Say("register", "result fp:memory=1 cost:inference=10 family=any"), "");
  ASSERT_EQ(zoo_.Say("propose", "p MERGE models=dear,other"), "");
  EXPECT_EQ(zoo_.Proposal("p").state(), stored::PROPOSAL_OPEN);
  ASSERT_EQ(zoo_.Say("amend", "p result=result"), "");
  EXPECT_EQ(zoo_.Proposal("p").state(), stored::PROPOSAL_APPROVED);
  EXPECT_TRUE(zoo_.Proposal("p").by_policy());
}

// What was approved by the policy is an approval of what was seen, too.
TEST_F(AutoApproval, EndsWithItsPremises) {
  ASSERT_EQ(zoo_.Say("propose", "p RETIRE models=dear"), "");
  ASSERT_EQ(zoo_.Say("patch", "dear cost:inference=1"), "");
  EXPECT_EQ(zoo_.Say("execute", "p"), "premises_changed");
  EXPECT_EQ(zoo_.Say("approve_proposal", "p by=bob scopes=proposals:approve"), "");
  EXPECT_FALSE(zoo_.Proposal("p").by_policy());
  EXPECT_EQ(zoo_.Proposal("p").approver(), "bob");
  EXPECT_EQ(zoo_.Say("execute", "p"), "");
}

// Of a model that is retired and comes back all the time.
TEST_F(AutoApproval, IsOfNoUseToWhatIsWatchedByMany) {
  const auto execute = [this](int i) {
    const std::string id = Concat("p", i);
    EXPECT_EQ(zoo_.Say("propose", Concat(id, " RETIRE models=dear")), "");
    std::string code = zoo_.Say("execute", id);
    if (code.empty()) zoo_.Say("activate", "dear vacancy");
    return code;
  };
  for (size_t i = 0; i < kWatchersMax; ++i) ASSERT_EQ(execute(static_cast<int>(i)), "") << i;
  EXPECT_EQ(execute(kWatchersMax), "limit_of_the_daemon");
  EXPECT_EQ(zoo_.Say("retire", "dear"), "");
}

// The two largest targets together; of whom nobody is rolled back to any more is none of them.
TEST(CoverageOfTwo, IsOfThoseWhoAreTargets) {
  ModelPolicy policy;
  policy.coverage_minimum = 2;
  Zoo zoo(policy);
  for (const char* model : {"a fp:memory=20", "b fp:memory=10", "c fp:memory=5", "d fp:memory=6"}) {
    ASSERT_EQ(zoo.Say("register", std::string(model) + kFamily), "");
  }
  ASSERT_EQ(zoo.Say("activate", "a vacancy"), "");
  ASSERT_EQ(zoo.Say("activate", "c replaces leaving=a"), "");  // 20 of 25
  ASSERT_EQ(zoo.Say("activate", "b vacancy"), "");
  // 20 and 10 are more than 25; of the two, one is no target as soon as the other leaves for it.
  EXPECT_EQ(zoo.Say("activate", "d replaces leaving=b"), "coverage_lost");
  EXPECT_EQ(zoo.Say("activate", "d replaces leaving=b,c"), "");
}

// Idle both, one because of whom the other had best leave: not both of them in one review.
TEST(Reviewer, ProposesNobodyBecauseOfWhomAnotherLeaves) {
  Zoo zoo{ModelPolicy()};
  for (const char* model : {"good fp:memory=1 quality:ocr=0.9 cost:inference=10 value=5",
                            "poor fp:memory=1 quality:ocr=0.5 cost:inference=100"}) {
    const std::string words(model);
    ASSERT_EQ(zoo.Say("register", words + " caps=ocr" + kFamily), "");
    ASSERT_EQ(zoo.Say("activate", words.substr(0, 4) + " vacancy"), "");
  }
  ReviewPolicy policy;
  EXPECT_THAT(zoo.Review(policy, 0), testing::ElementsAre("poor"));
  EXPECT_THAT(zoo.Review(policy, 28 * kDayUs), testing::ElementsAre("poor"));
  // Nor in a later one, while that proposal is pending.
  zoo.ProposeAsReviewer(policy);
  EXPECT_THAT(zoo.Review(policy, 28 * kDayUs), testing::IsEmpty());
  ASSERT_EQ(zoo.Say("retire", "poor"), "");
  EXPECT_THAT(zoo.Review(policy, 28 * kDayUs), testing::ElementsAre("good"));
}

// So that what others propose has room.
TEST(Reviewer, LeavesHalfOfThePlacesToOthers) {
  Zoo zoo{ModelPolicy()};
  for (const std::string id : {"busy", "idle"}) {
    ASSERT_EQ(zoo.Say("register", Concat(id, " caps=", id, " cost:inference=1", kFamily)), "");
    ASSERT_EQ(zoo.Say("activate", id + " vacancy"), "");
  }
  for (size_t i = 0; i < kProposalsOpenMax / 2; ++i) {
    EXPECT_THAT(zoo.Review(ReviewPolicy(), 28 * kDayUs), testing::Contains("idle")) << i;
    ASSERT_EQ(zoo.Say("propose", Concat("p", i, " RETIRE models=busy")), "");
  }
  EXPECT_THAT(zoo.Review(ReviewPolicy(), 28 * kDayUs), testing::IsEmpty());
}

}  // namespace
}  // namespace purser
