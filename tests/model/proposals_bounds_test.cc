// How many proposals there may be, and how much may be said of one (decisions/0011).
#include <gtest/gtest.h>

#include "tests/model/action_text.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

Verdict Do(const std::string& command, const std::string& arguments, Model* model) {
  Action action;
  EXPECT_EQ(ParseAction(command, arguments, model->NowUs(), &action), "") << arguments;
  return model->Do(action);
}

TEST(Proposals, AreAThousandLiveAtMost) {
  Model model;
  model.Reset(0, {});
  Do("register", "a", &model);
  Do("register", "b", &model);
  Do("activate", "a vacancy", &model);
  const auto propose = [&model](int i) {
    return Do("propose",
              "p" + std::to_string(i) + " RETIRE models=a by=alice scopes=proposals:write", &model);
  };
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(propose(i).code, "") << i;
  // One that is approved counts too.
  EXPECT_EQ(Do("approve_proposal", "p7", &model).code, "");
  EXPECT_EQ(propose(1'000).code, "limit_of_the_daemon");
  // What could not be executed is told before.
  EXPECT_EQ(Do("propose", "x RETIRE models=b", &model).code, "wrong_state");
  EXPECT_TRUE(propose(3).replayed);
  EXPECT_EQ(Do("withdraw_proposal", "p3", &model).code, "");
  EXPECT_EQ(propose(1'000).code, "");
  EXPECT_EQ(propose(1'001).code, "limit_of_the_daemon");
  EXPECT_EQ(Do("retire", "a", &model).code, "");
  EXPECT_EQ(model.FindProposal("p7")->state, "SUPERSEDED");
  EXPECT_EQ(Do("propose", "x ARCHIVE models=a", &model).code, "");
}

TEST(Proposals, OfSixtyFourOneModelIsWatchedAtMost) {
  Model model;
  model.Reset(0, {});
  Do("register", "a", &model);
  const auto execute = [&model](int i) {
    const std::string id = "p" + std::to_string(i);
    EXPECT_EQ(Do("activate", "a vacancy", &model).code, "");
    EXPECT_EQ(Do("propose", id + " RETIRE models=a by=alice scopes=proposals:write", &model).code,
              "");
    EXPECT_EQ(Do("approve_proposal", id, &model).code, "");
    return Do("execute", id, &model).code;
  };
  for (int i = 0; i < 64; ++i) ASSERT_EQ(execute(i), "") << i;
  EXPECT_EQ(execute(64), "limit_of_the_daemon");
  Do("advance", "+28d", &model);
  EXPECT_EQ(Do("approve_proposal", "p64", &model).code, "");
  EXPECT_EQ(Do("execute", "p64", &model).code, "");
}

TEST(Proposals, EvidenceIsThirtyTwoTextsOfTwoThousandCharacters) {
  Model model;
  model.Reset(0, {});
  Do("register", "a", &model);
  Do("activate", "a vacancy", &model);
  std::string texts;
  for (int i = 0; i < 32; ++i) texts.append(" evidence:e").append(std::to_string(i)).append("=t");
  EXPECT_EQ(Do("propose", "p RETIRE models=a evidence:more=t" + texts, &model).code,
            "invalid_argument");
  EXPECT_EQ(Do("propose", "p RETIRE models=a" + texts, &model).code, "");
  const std::string longest(2'000, 'x');
  EXPECT_EQ(Do("propose", "q RETIRE models=a evidence:e=" + longest + "x", &model).code,
            "invalid_argument");
  EXPECT_EQ(Do("propose", "q RETIRE models=a evidence:e=" + longest, &model).code, "");
}

}  // namespace
}  // namespace purser::model
