// What tables cannot show of preemption: its bounds, and what it costs who has nothing to do with
// it.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Action;
using model::Verb;

constexpr int64_t kUnit = 1'000'000;

Action Capacity(const std::string& name, int64_t units) {
  Action action;
  action.verb = Verb::kCreateResource;
  action.resource = name;
  action.settings.capacity = true;
  action.settings.amount = units * kUnit;
  action.settings.reserve_percent = 0;
  return action;
}

Action Ask(const std::string& id, const std::string& resource, int64_t units, int tier) {
  Action action;
  action.verb = Verb::kReserve;
  action.id = id;
  action.purpose = "TRAINING";
  action.tier = tier;
  action.amounts = {{resource, units * kUnit}};
  action.labels = {{"capability", "any"}, {"operator_family", "any"}};
  action.queue = tier < 3;
  return action;
}

class PreemptionTest : public testing::Test {
 protected:
  void Fill(int leases) {
    EXPECT_EQ(subject_.Do(Capacity("gpu", leases)).code, "");
    EXPECT_EQ(subject_.Do(Capacity("other", 1'000'000)).code, "");
    for (int i = 0; i < leases; ++i) {
      EXPECT_EQ(subject_.Do(Ask("f" + std::to_string(i), "gpu", 1, 4)).code, "");
    }
  }
  int CountNoticed() const {
    int count = 0;
    for (const auto& [id, open] : subject_.population().reservations.ListOpen()) {
      count += open->gives_way() ? 1 : 0;
    }
    return count;
  }
  // Of one that has nothing to do with it, in microseconds.
  double TimeOfHold(const std::string& prefix) {
    constexpr int kHolds = 500;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kHolds; ++i) {
      EXPECT_EQ(subject_.Do(Ask(prefix + std::to_string(i), "other", 1, 2)).code, "");
    }
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
    return time.count() / kHolds;
  }

  SequencerSubject subject_;
};

TEST_F(PreemptionTest, TakesSixtyFourAtMost) {
  Fill(100);
  EXPECT_TRUE(subject_.Do(Ask("too_much", "gpu", 65, 2)).queued);
  EXPECT_EQ(CountNoticed(), 0);
  EXPECT_EQ(subject_
                .Do([] {
                  Action release;
                  release.verb = Verb::kRelease;
                  release.id = "too_much";
                  return release;
                }())
                .code,
            "");
  EXPECT_TRUE(subject_.Do(Ask("enough", "gpu", 64, 2)).queued);
  EXPECT_EQ(CountNoticed(), 64);
}

TEST_F(PreemptionTest, LooksAtAThousandAtMost) {
  EXPECT_EQ(subject_.Do(Capacity("tape", 1)).code, "");
  EXPECT_EQ(subject_.Do(Ask("first", "tape", 1, 4)).code, "");
  Fill(1'000);
  // Those granted later come first, and have nothing of it.
  EXPECT_TRUE(subject_.Do(Ask("in_vain", "tape", 1, 2)).queued);
  EXPECT_EQ(CountNoticed(), 0);
  Action release;
  release.verb = Verb::kRelease;
  release.id = "f0";
  EXPECT_EQ(subject_.Do(release).code, "");
  EXPECT_EQ(CountNoticed(), 1);
}

TEST_F(PreemptionTest, PrintsWhatItCostsWhoHasNothingToDoWithIt) {
  Fill(2'000);
  const double without = TimeOfHold("a");
  EXPECT_TRUE(subject_.Do(Ask("too_much", "gpu", 500, 2)).queued);
  const double in_vain = TimeOfHold("b");
  for (int i = 0; i < 99; ++i) {
    EXPECT_TRUE(subject_.Do(Ask("q" + std::to_string(i), "gpu", 5, 1)).queued);
  }
  const double with = TimeOfHold("c");
  std::printf(
      "a hold costs %.1f us, %.1f us with 2,000 that may give way and one for whom that is "
      "not enough, %.1f us with 99 that wait behind it\n",
      without, in_vain, with);
  EXPECT_EQ(CountNoticed(), 0);
}

TEST_F(PreemptionTest, PrintsWhatItCostsWhileNoticesStand) {
  Fill(2'000);
  const double without = TimeOfHold("a");
  for (int i = 0; i < 99; ++i) {
    EXPECT_TRUE(subject_.Do(Ask("q" + std::to_string(i), "gpu", 5, 1)).queued);
  }
  EXPECT_EQ(CountNoticed(), 495);
  const double with = TimeOfHold("c");
  std::printf("a hold costs %.1f us, %.1f us while 99 notices to 495 stand\n", without, with);
}

}  // namespace
}  // namespace purser
