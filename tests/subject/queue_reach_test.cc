// How far the queue is looked at, where much of it is held up by what nobody ends soon: on the
// reference model and on the product. And what that costs the writer.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <type_traits>

#include "ledger/text.h"
#include "tests/model/action_text.h"
#include "tests/model/model.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Action;
using model::Verdict;

// A population where `memory` is all held by x.
template <typename Subject>
class Crowd {
 public:
  Crowd() {
    subject_.Reset(0, {});
    Do("create", "memory capacity amount=10 reserve=0");
    Do("create", "gpu_hours consumable amount=100000");
    Do("rate_card", "r gpu_hours=1");
    Do("reserve", "x TRAINING memory=10 lease=30d");
  }

  Verdict Do(const std::string& command, const std::string& arguments) {
    Action action;
    EXPECT_EQ(model::ParseAction(command, arguments, subject_.NowUs(), &action), "") << arguments;
    return subject_.Do(action);
  }
  void Wait(const std::string& prefix, int count, const std::string& how) {
    for (int i = 0; i < count; ++i) {
      const std::string id = prefix + std::to_string(i);
      ASSERT_TRUE(Do("reserve", std::string(id).append(" TRAINING queue ").append(how)).queued)
          << id;
    }
  }
  std::string StateOf(const std::string& id) { return subject_.FindReservation(id)->state; }

 private:
  Subject subject_;
};

template <typename Subject>
class QueueReachTest : public testing::Test {
 protected:
  // More than the hundred that are looked at. The model needs a second for each hundred.
  static constexpr int kMany = std::is_same_v<Subject, SequencerSubject> ? 1'000 : 120;

  Crowd<Subject> crowd_;
};

class Names {
 public:
  template <typename Subject>
  static std::string GetName(int /*index*/) {
    return std::is_same_v<Subject, model::Model> ? "Model" : "Product";
  }
};
using Subjects = testing::Types<model::Model, SequencerSubject>;
TYPED_TEST_SUITE(QueueReachTest, Subjects, Names);

TYPED_TEST(QueueReachTest, GoesPastThoseWhomALimitHoldsUp) {
  auto& crowd = this->crowd_;
  crowd.Do("limit", "l principal=alice open=1");
  ASSERT_EQ(crowd.Do("reserve", "runs TRAINING gpu_hours=1 by=alice").code, "");
  crowd.Wait("a", this->kMany, "memory=1 by=alice");
  // 100 in whose way nothing stands but x.
  crowd.Wait("b", 99, "memory=1 by=bob");
  ASSERT_TRUE(crowd.Do("reserve", "last TRAINING queue memory=10 by=carol").queued);
  ASSERT_TRUE(crowd.Do("reserve", "behind TRAINING queue gpu_hours=1 memory=1 by=carol").queued);
  crowd.Do("release", "x");
  EXPECT_EQ(crowd.StateOf("a0"), "QUEUED");
  EXPECT_EQ(crowd.StateOf("b9"), "GRANTED");
  EXPECT_EQ(crowd.StateOf("b10"), "QUEUED");
  EXPECT_EQ(crowd.StateOf("last"), "QUEUED");
  crowd.Do("release", "runs by=alice");
  EXPECT_EQ(crowd.StateOf("a0"), "QUEUED") << "there is no room for it yet";
  crowd.Do("release", "b0 by=bob");
  EXPECT_EQ(crowd.StateOf("a0"), "GRANTED");
  EXPECT_EQ(crowd.StateOf("a1"), "QUEUED");
}

TYPED_TEST(QueueReachTest, GoesPastThoseWhoWaitForAnApproval) {
  auto& crowd = this->crowd_;
  crowd.Do("create_budget", "g amount=100 label:team=docs");
  ASSERT_EQ(crowd.Do("post_charge", "c gpu_hours=90 label:team=docs").code, "");
  crowd.Wait("a", 150, "gpu_hours=1 label:team=docs");
  ASSERT_TRUE(
      crowd.Do("reserve", "free TRAINING queue memory=1 gpu_hours=1 label:team=web").queued);
  EXPECT_EQ(crowd.Do("reserve", "now TRAINING gpu_hours=1 label:team=web").code, "behind_queue");
  crowd.Do("release", "x");
  EXPECT_EQ(crowd.StateOf("free"), "GRANTED");
  EXPECT_EQ(crowd.StateOf("a0"), "QUEUED");
  ASSERT_EQ(crowd.Do("approve_request", "a149 by=carol scopes=approvals:write").code, "");
  EXPECT_EQ(crowd.StateOf("a149"), "GRANTED");
  EXPECT_EQ(crowd.Do("reserve", "later TRAINING gpu_hours=1 label:team=web").code, "");
}

TEST(QueueReach, EndsAfterElevenHundred) {
  Crowd<SequencerSubject> crowd;
  crowd.Do("limit", "a principal=alice open=1");
  crowd.Do("limit", "d principal=dave open=1");
  ASSERT_EQ(crowd.Do("reserve", "one TRAINING gpu_hours=1 by=alice").code, "");
  ASSERT_EQ(crowd.Do("reserve", "two TRAINING gpu_hours=1 by=dave").code, "");
  crowd.Wait("a", 1'000, "memory=1 by=alice");
  crowd.Wait("d", 100, "memory=1 by=dave");
  ASSERT_TRUE(crowd.Do("reserve", "behind TRAINING queue memory=1 by=bob").queued);
  // It is not looked at, and claims nothing.
  crowd.Do("release", "x");
  EXPECT_EQ(crowd.StateOf("behind"), "QUEUED");
  EXPECT_EQ(crowd.Do("reserve", "arrives TRAINING memory=1 by=carol").code, "");
  crowd.Do("release", "d7 by=dave");
  EXPECT_EQ(crowd.StateOf("behind"), "GRANTED");
}

TYPED_TEST(QueueReachTest, EndsAfterAHundredThatNothingBlocks) {
  auto& crowd = this->crowd_;
  crowd.Do("freeze", "resource=gpu_hours");
  crowd.Wait("f", 10, "gpu_hours=1");
  crowd.Wait("w", 100, "memory=1");
  crowd.Do("create", "tape capacity amount=10 reserve=0");
  crowd.Do("freeze", "resource=tape");
  ASSERT_TRUE(crowd.Do("reserve", "late TRAINING queue tape=10").queued);
  crowd.Do("unfreeze", "resource=tape");
  EXPECT_EQ(crowd.StateOf("late"), "QUEUED");
  EXPECT_EQ(crowd.Do("reserve", "a TRAINING tape=1").code, "");
  crowd.Do("release", "a");
  // What is looked at is that many fewer where these move up.
  crowd.Do("unfreeze", "resource=gpu_hours");
  EXPECT_EQ(crowd.StateOf("f9"), "GRANTED");
  EXPECT_EQ(crowd.StateOf("late"), "QUEUED");
  crowd.Do("release", "w3");
  EXPECT_EQ(crowd.StateOf("late"), "GRANTED");
}

// Prints; what a machine needs is no test.
class QueueReachCost : public testing::Test {
 protected:
  double MicrosecondsOfAHold(const std::string& prefix) {
    constexpr int kHolds = 200;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kHolds; ++i) {
      const std::string id = prefix + std::to_string(i);
      EXPECT_EQ(crowd_.Do("reserve", id + " TRAINING tape=1").code, "");
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    return took.count() / kHolds;
  }
  QueueReachCost() { crowd_.Do("create", "tape capacity amount=1000000 reserve=0"); }

  Crowd<SequencerSubject> crowd_;
};

TEST_F(QueueReachCost, OfElevenHundredThatLimitsHoldUp) {
  const double without = MicrosecondsOfAHold("h");
  crowd_.Do("limit", "a principal=alice open=1");
  crowd_.Do("reserve", "one TRAINING gpu_hours=1 by=alice");
  crowd_.Wait("a", 1'000, "memory=1 by=alice");
  const double with = MicrosecondsOfAHold("i");
  crowd_.Do("limit", "d each open=1");
  crowd_.Do("reserve", "two TRAINING gpu_hours=1 by=dave");
  for (int i = 0; i < 100; ++i) {
    crowd_.Wait("d" + std::to_string(i), 1, "memory=1 by=dave label:team=t" + std::to_string(i));
  }
  std::printf("a hold costs %.1f us, behind 1,000 alike %.1f us, behind 100 others too %.1f us\n",
              without, with, MicrosecondsOfAHold("j"));
}

// 100 budgets, each of a value of a label, and requests with that label split in 32.
TEST_F(QueueReachCost, OfWhomAHundredBudgetsHoldUp) {
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    crowd_.Do("create_budget", Concat("b", number, " amount=10 label:team=t", number));
  }
  const auto split = [](int first) {
    std::string labels = " label:team={";
    for (int i = 0; i < 32; ++i) {
      if (i > 0) labels += ",";
      labels += Concat("\"t", (first + i) % 100, "\":\"", 1 + i, "\"");
    }
    return labels + "}";
  };
  for (int i = 0; i < 100; ++i) {
    const std::string value = std::to_string(i);
    crowd_.Do("post_charge", Concat("c", value, " gpu_hours=9.5 label:team=t", value));
  }
  const double without = MicrosecondsOfAHold("h");
  for (int i = 0; i < 100; ++i) crowd_.Wait("a" + std::to_string(i), 1, "gpu_hours=1" + split(i));
  const double with = MicrosecondsOfAHold("i");
  for (int i = 0; i < 300; ++i) {
    const std::string other = Concat(" label:project=p", i, " by=alice");
    crowd_.Wait("n" + std::to_string(i), 1, "gpu_hours=1" + split(i) + other);
  }
  std::printf("a hold costs %.1f us, behind 100 %.1f us, behind 400 that differ %.1f us\n", without,
              with, MicrosecondsOfAHold("j"));
}

}  // namespace
}  // namespace purser
