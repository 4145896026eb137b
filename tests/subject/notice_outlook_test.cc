// What seeds seldom bring about: somebody who has nothing to do with one that waits takes what it
// waits for from those that have it. A time that this may bring forward is not told as certain.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Action;
using model::Verb;

constexpr int64_t kUnit = 1'000'000;
constexpr int64_t kHourUs = 3'600 * kUnit;

Action OnCapacity(Verb verb, const std::string& name, int64_t units) {
  Action action;
  action.verb = verb;
  action.resource = name;
  action.amount = units * kUnit;
  action.settings.capacity = true;
  action.settings.amount = units * kUnit;
  action.settings.reserve_percent = 0;
  return action;
}

Action Ask(const std::string& id, int tier, std::map<std::string, int64_t> units, int64_t hours) {
  Action action;
  action.verb = Verb::kReserve;
  action.id = id;
  action.purpose = "TRAINING";
  action.tier = tier;
  for (const auto& [resource, amount] : units) action.amounts[resource] = amount * kUnit;
  action.labels = {{"capability", "any"}, {"operator_family", "any"}};
  action.lease_us = hours * kHourUs;
  return action;
}

Action Queue(Action ask) {
  ask.queue = true;
  return ask;
}

class NoticeOutlookTest : public testing::Test {
 protected:
  // One that may give way has all of b, and of a what others may lack.
  NoticeOutlookTest() {
    Do(OnCapacity(Verb::kCreateResource, "a", 3));
    Do(OnCapacity(Verb::kCreateResource, "b", 1));
    Do(Ask("gives_way", 4, {{"a", 1}, {"b", 1}}, 10));
    start_us_ = subject_.NowUs();
  }
  void Do(const Action& action) { ASSERT_EQ(subject_.Do(action).code, "") << action.id; }
  void DoInQueue(const Action& action) {
    ASSERT_TRUE(subject_.Do(Queue(action)).queued) << action.id;
  }
  void AdvanceTo(int64_t at_us) {
    Action later;
    later.at_us = at_us;
    Do(later);
  }
  stored::Explanation Explain(const std::string& id) {
    const auto& waiting = subject_.population().reservations.queue().by_key();
    for (const auto& [key, queued] : waiting) {
      if (queued->id != id) continue;
      api::Controller& controller = subject_.controller();
      const api::View view = controller.Peek(SequencerSubject::kPopulation);
      ReturnSchedule::Steps steps{kOutlookStepsMax};
      return controller.ExplainQueued(view, *queued, &steps)->explanation;
    }
    ADD_FAILURE() << id << " does not wait";
    return {};
  }
  std::string StateOf(const std::string& id) { return subject_.FindReservation(id)->state; }

  SequencerSubject subject_;
  int64_t start_us_ = 0;
};

TEST_F(NoticeOutlookTest, KnowsWhenWhatIsHeldComesBack) {
  DoInQueue(Ask("waits", 4, {{"b", 1}}, 1));
  const stored::Explanation told = Explain("waits");
  EXPECT_TRUE(told.complete());
  EXPECT_EQ(told.earliest_start_us(), start_us_ + 10 * kHourUs);
}

TEST_F(NoticeOutlookTest, IsNotCertainWhereABookingWillGiveNotice) {
  Do(OnCapacity(Verb::kWithdraw, "a", 1));
  Action booking = Ask("booking", 1, {{"a", 1}}, 1);
  booking.start_at_us = start_us_ + 2 * kHourUs;
  Do(booking);
  DoInQueue(Ask("waits", 4, {{"b", 1}}, 1));
  EXPECT_TRUE(Explain("waits").complete()) << "there is enough for the booking";
  Do(OnCapacity(Verb::kWithdraw, "a", 1));
  EXPECT_FALSE(Explain("waits").complete()) << "the booking lacks what it booked";
  AdvanceTo(start_us_ + 4 * kHourUs);
  EXPECT_EQ(StateOf("waits"), "EXPIRED") << "granted long before the other lease would have ended";
}

TEST_F(NoticeOutlookTest, IsNotCertainWhereOneFarBehindMayGiveNotice) {
  Do(OnCapacity(Verb::kCreateResource, "nothing", 1));
  Do(Ask("has_it", 2, {{"nothing", 1}}, 100));
  Do(Ask("ends", 2, {{"a", 2}}, 1));
  DoInQueue(Ask("waits", 4, {{"b", 1}}, 1));
  Action gives_up = Ask("gives_up", 4, {{"nothing", 1}}, 1);
  gives_up.max_queue_wait_us = kHourUs / 2;  // then others are looked at
  DoInQueue(gives_up);
  for (size_t i = 2; i < kQueuePlanDepth; ++i) {
    DoInQueue(Ask("q" + std::to_string(i), 4, {{"nothing", 1}}, 1));
  }
  EXPECT_TRUE(Explain("waits").complete()) << "nobody may give notice";
  DoInQueue(Ask("wants_all", 2, {{"a", 3}}, 1));
  EXPECT_FALSE(Explain("waits").complete());
  AdvanceTo(start_us_ + 4 * kHourUs);
  EXPECT_EQ(StateOf("waits"), "EXPIRED") << "granted long before the other lease would have ended";
}

}  // namespace
}  // namespace purser
