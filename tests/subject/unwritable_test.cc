// While the disk takes no writes, what was granted, ended or denied is still answered as a replay
// or a conflict: only what is new is refused.
#include <gtest/gtest.h>

#include <string>

#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Action;
using model::Verb;

constexpr int64_t kUnit = 1'000'000;

Action Reserve(const std::string& id, int64_t units) {
  Action action;
  action.verb = Verb::kReserve;
  action.id = id;
  action.purpose = "TRAINING";
  action.amounts = {{"gpu", units * kUnit}};
  action.labels = {{"capability", "any"}, {"operator_family", "any"}};
  return action;
}

Action MakeResource() {
  Action action;
  action.verb = Verb::kCreateResource;
  action.resource = "gpu";
  action.settings.amount = 100 * kUnit;
  return action;
}

Action Release(const std::string& id) {
  Action action;
  action.verb = Verb::kRelease;
  action.id = id;
  return action;
}

TEST(WithoutADisk, WhatIsKnownIsStillAnswered) {
  SequencerSubject subject;
  ASSERT_EQ(subject.Do(MakeResource()).code, "");
  ASSERT_EQ(subject.Do(Reserve("open", 1)).code, "");
  ASSERT_EQ(subject.Do(Reserve("ended", 1)).code, "");
  ASSERT_EQ(subject.Do(Release("ended")).code, "");
  const std::string denied = subject.Do(Reserve("denied", 1'000)).code;
  subject.controller().breakable().BreakNextAppend(1);
  ASSERT_EQ(subject.Do(Reserve("new", 1)).code, "commit_unknown");
  for (const std::string id : {"open", "ended"}) {
    const model::Verdict again = subject.Do(Reserve(id, 1));
    EXPECT_EQ(again.code, "") << id;
    EXPECT_TRUE(again.replayed) << id;
    EXPECT_EQ(subject.Do(Reserve(id, 2)).code, "id_conflict") << id;
  }
  EXPECT_EQ(subject.Do(Reserve("denied", 1'000)).code, denied);
  EXPECT_EQ(subject.Do(Reserve("denied", 2'000)).code, "id_conflict");
  EXPECT_EQ(subject.Do(Reserve("new", 1)).code, "read_only");
}

// A replay that shares a group which the disk does not confirm needed nothing of it.
TEST(WithoutADisk, AReplayInALostGroupIsAnswered) {
  SequencerSubject subject;
  ASSERT_EQ(subject.Do(MakeResource()).code, "");
  ASSERT_EQ(subject.Do(Reserve("open", 1)).code, "");
  subject.controller().breakable().BreakNextAppend(1);
  model::Verdict again;
  subject.controller().Join([&] { again = subject.Do(Reserve("open", 1)); });
  EXPECT_EQ(subject.Do(Reserve("new", 1)).code, "commit_unknown");
  EXPECT_EQ(again.code, "");
  EXPECT_TRUE(again.replayed);
}

}  // namespace
}  // namespace purser
