// What seeds seldom bring about: somebody of whom one that waits, or has booked, knows nothing
// decides when it starts. What is told as certain comes true all the same.
#include <gtest/gtest.h>

#include <map>
#include <optional>
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

Action Ask(const std::string& id, int tier, const std::map<std::string, int64_t>& units,
           int64_t hours) {
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

Action ByAlice(Action action) {
  action.principal = "alice";
  return action;
}

class ToldTimesTest : public testing::Test {
 protected:
  static constexpr int kRealtime = 1;
  static constexpr int kStandard = 2;
  static constexpr int kBatch = 3;
  static constexpr int kFlex = 4;

  ToldTimesTest() { start_us_ = subject_.NowUs(); }

  void Do(const Action& action) { ASSERT_EQ(subject_.Do(action).code, "") << action.id; }
  void Make(const std::string& capacity, int64_t units) {
    Do(OnCapacity(Verb::kCreateResource, capacity, units));
  }
  void Withdraw(const std::string& capacity, int64_t units) {
    Do(OnCapacity(Verb::kWithdraw, capacity, units));
  }
  void Book(Action action, double in_hours) {
    action.start_at_us = At(in_hours);
    ASSERT_EQ(subject_.Do(action).code, "") << action.id;
  }
  void Queue(Action action, double wait_hours = 24) {
    action.queue = true;
    action.max_queue_wait_us = static_cast<int64_t>(wait_hours * kHourUs);
    ASSERT_TRUE(subject_.Do(action).queued) << action.id;
  }
  // Others wait for what nobody gives back, until so many wait; the last gives up after so long.
  void FillQueue(size_t length, double last_hours) {
    Make("nothing", 1);
    Do(Ask("has_it", kStandard, {{"nothing", 1}}, 100));
    while (true) {
      const size_t waiting = subject_.ListQueue().size();
      if (waiting >= length) return;
      const double hours = waiting + 1 == length ? last_hours : 24;
      Queue(Ask("q" + std::to_string(waiting), kFlex, {{"nothing", 1}}, 1), hours);
    }
  }
  void Freeze(const std::string& family, double until_hours) {
    Action freeze;
    freeze.verb = Verb::kFreeze;
    freeze.freeze_kind = "operator_family";
    freeze.freeze_name = family;
    freeze.until_us = At(until_hours);
    Do(freeze);
  }
  void LimitAliceToHalfOf(const std::string& capacity) {
    Action limit;
    limit.verb = Verb::kLimit;
    limit.limit_id = "l";
    limit.limit_kind = "principal";
    limit.limit_name = "alice";
    limit.limit.share_percent = {{capacity, 50 * kUnit}};
    Do(limit);
  }
  int64_t At(double hours) const { return start_us_ + static_cast<int64_t>(hours * kHourUs); }
  void AdvanceTo(int64_t at_us) {
    Action later;
    later.at_us = at_us;
    Do(later);
  }
  std::optional<stored::Explanation> Find(const std::string& id) {
    api::Controller& controller = subject_.controller();
    const api::View view = controller.Peek(SequencerSubject::kPopulation);
    std::optional<stored::Explanation> found;
    const auto look = [&](const auto& list) {
      for (const auto& [key, each] : list.by_key()) {
        if (each->id != id) continue;
        ReturnSchedule::Steps steps{kOutlookStepsMax};
        found = controller.ExplainQueued(view, *each, &steps)->explanation;
      }
    };
    look(subject_.population().reservations.queue());
    look(subject_.population().reservations.bookings());
    return found;
  }
  stored::Explanation Explain(const std::string& id) {
    const auto found = Find(id);
    EXPECT_TRUE(found.has_value()) << id << " neither waits nor is booked";
    return found.value_or(stored::Explanation());
  }
  // Whether it had started by then.
  bool StartedBy(const std::string& id, int64_t at_us) {
    AdvanceTo(at_us);
    return !Find(id).has_value();
  }
  // What it is told, if it is told it as certain, comes true.
  void ExpectTruth(const std::string& id) {
    const stored::Explanation told = Explain(id);
    if (!told.complete()) return;
    ASSERT_TRUE(told.has_earliest_start_us());
    const int64_t at_us = told.earliest_start_us();
    EXPECT_FALSE(StartedBy(id, at_us - 1)) << "told " << (at_us - start_us_) / 1e6 / 3'600 << " h";
    EXPECT_TRUE(StartedBy(id, at_us)) << "told " << (at_us - start_us_) / 1e6 / 3'600 << " h";
  }

  SequencerSubject subject_;
  int64_t start_us_ = 0;
};

TEST_F(ToldTimesTest, OfWhatIsHeld) {
  Make("a", 1);
  Do(Ask("has", kFlex, {{"a", 1}}, 10));
  Queue(Ask("waits", kFlex, {{"a", 1}}, 1));
  EXPECT_TRUE(Explain("waits").complete());
  EXPECT_EQ(Explain("waits").earliest_start_us(), At(10));
  ExpectTruth("waits");
}

// The one that gives way has all of b, and of a what others lack.
TEST_F(ToldTimesTest, WhereABookingOfSomethingElseGivesNotice) {
  Make("a", 2);
  Make("b", 1);
  Do(Ask("gives_way", kFlex, {{"a", 1}, {"b", 1}}, 10));
  Book(Ask("booking", kRealtime, {{"a", 1}}, 1), 2);
  Queue(Ask("waits", kFlex, {{"b", 1}}, 1));
  EXPECT_TRUE(Explain("waits").complete()) << "there is enough for the booking";
  Withdraw("a", 1);
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereOneThatMovesUpGivesNotice) {
  Make("a", 3);
  Make("b", 1);
  Do(Ask("gives_way", kFlex, {{"a", 1}, {"b", 1}}, 10));
  Do(Ask("ends", kStandard, {{"a", 2}}, 1));
  Queue(Ask("waits", kFlex, {{"b", 1}}, 1));
  FillQueue(kQueuePlanDepth, 0.5);
  EXPECT_TRUE(Explain("waits").complete()) << "nobody may give notice";
  Queue(Ask("wants_all", kStandard, {{"a", 3}}, 1));
  ExpectTruth("waits");
}

// Periods of `a` are alike as long as nobody is granted any.
TEST_F(ToldTimesTest, OfPeriodsThatAreAlikeUntilOneGivesUp) {
  Action hourly = OnCapacity(Verb::kCreateResource, "a", 2);
  hourly.settings.capacity = false;
  hourly.settings.period_us = kHourUs;
  Do(hourly);
  Make("nothing", 1);
  Do(Ask("has_it", kStandard, {{"nothing", 1}}, 100));
  Queue(Ask("gives_up", kStandard, {{"a", 1}, {"nothing", 1}}, 1), 10.5);
  Queue(Ask("takes_all", kStandard, {{"a", 2}}, 1));
  Queue(Ask("waits", kStandard, {{"a", 1}}, 1));
  Withdraw("nothing", 1);
  Action gives_back = Ask("has_it", 0, {}, 0);
  gives_back.verb = Verb::kRelease;
  Do(gives_back);
  EXPECT_EQ(Explain("waits").earliest_start_us(), At(11));
  EXPECT_TRUE(Explain("waits").complete());
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereOneThatIsBookedWillGiveWay) {
  Make("a", 2);
  Book(Ask("gives_way", kFlex, {{"a", 1}}, 10), 1);
  Book(Ask("booking", kStandard, {{"a", 1}}, 1), 2);
  Withdraw("a", 1);
  ExpectTruth("booking");
}

TEST_F(ToldTimesTest, WhereOneThatMovesUpGivesNoticeToOneThatIsPlanned) {
  Make("a", 1);
  Do(Ask("has", kStandard, {{"a", 1}}, 1));
  Queue(Ask("first", kFlex, {{"a", 1}}, 10));
  Queue(Ask("waits", kFlex, {{"a", 1}}, 1));
  FillQueue(kQueuePlanDepth, 24);
  Queue(Ask("higher", kStandard, {{"a", 1}}, 1));
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereALimitWillDelayABooking) {
  Make("a", 4);
  LimitAliceToHalfOf("a");
  Book(ByAlice(Ask("booking", kStandard, {{"a", 2}}, 1)), 2);
  Do(ByAlice(Ask("has", kStandard, {{"a", 1}}, 10)));
  ExpectTruth("booking");
}

TEST_F(ToldTimesTest, WhereALimitWillDelayABookingOnceAnotherIsGranted) {
  Make("a", 6);
  LimitAliceToHalfOf("a");
  Do(Ask("has", kStandard, {{"a", 4}}, 1));
  Book(ByAlice(Ask("booking", kStandard, {{"a", 2}}, 1)), 2);
  Queue(ByAlice(Ask("another", kStandard, {{"a", 3}}, 8)));
  ExpectTruth("booking");
}

TEST_F(ToldTimesTest, WhereALimitLeavesAllOfThemEnough) {
  Make("a", 4);
  LimitAliceToHalfOf("a");
  Do(Ask("has", kStandard, {{"a", 4}}, 1));
  Queue(ByAlice(Ask("waits", kStandard, {{"a", 1}}, 5)));
  Queue(ByAlice(Ask("another", kStandard, {{"a", 1}}, 5)));
  EXPECT_TRUE(Explain("waits").complete());
  Queue(ByAlice(Ask("third", kStandard, {{"a", 1}}, 5)));
  EXPECT_FALSE(Explain("third").complete());
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, OfWhoComesBehindThoseThatAreLookedAt) {
  Make("a", 1);
  Do(Ask("has", kStandard, {{"a", 1}}, 1));
  FillQueue(kQueuePlanDepth, 2.5);
  Queue(Ask("next", kStandard, {{"a", 1}}, 2));
  RequestReservation request;
  request.purpose = stored::TRAINING;
  request.amounts = {{"a", Amount::FromUnits(1)}};
  request.labels = {{"capability", "any"}, {kFamilyLabel, "any"}};
  request.tier = kStandard;
  api::Controller& controller = subject_.controller();
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  const auto explained =
      controller.Explain(controller.Peek(SequencerSubject::kPopulation), request, "local", &steps);
  ASSERT_TRUE(explained.ok());
  for (const auto& remedy : explained->explanation.remedies()) {
    if (remedy.kind() != stored::Explanation::Remedy::WAIT) continue;
    AdvanceTo(remedy.until_us());
    Do(Ask("waited", kStandard, {{"a", 1}}, 1));
  }
}

TEST_F(ToldTimesTest, WhereOneThatMovesUpTakesWhatOneThatIsFrozenWaitsFor) {
  Make("a", 1);
  Do(Ask("has", kStandard, {{"a", 1}}, 1));
  Freeze("frozen", 3);
  Action frozen = Ask("waits", kStandard, {{"a", 1}}, 1);
  frozen.labels["operator_family"] = "frozen";
  Queue(frozen);
  FillQueue(kQueuePlanDepth, 2);
  Queue(Ask("next", kStandard, {{"a", 1}}, 5));
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereTwoLeasesOfOneInstantGrantOneAfterTheOther) {
  Make("a", 2);
  Action batch;
  batch.verb = Verb::kBatch;
  batch.members = {Ask("one", kStandard, {{"a", 1}}, 1), Ask("two", kStandard, {{"a", 1}}, 1)};
  Do(batch);
  Action up_to = Ask("up_to", kStandard, {{"a", 2}}, 5);
  up_to.minimum_amounts = {{"a", kUnit}};
  Queue(up_to);
  Queue(Ask("waits", kStandard, {{"a", 1}}, 1));
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereOneThatNoClaimBindsTakesTheFirstOfTwo) {
  Make("a", 1);
  Make("b", 1);
  Action batch;
  batch.verb = Verb::kBatch;
  batch.members = {Ask("one", kStandard, {{"a", 1}}, 1), Ask("two", kStandard, {{"b", 1}}, 1)};
  Do(batch);
  Queue(Ask("waits", kStandard, {{"a", 1}, {"b", 1}}, 1));
  Action unbound = Ask("unbound", kStandard, {{"a", 1}}, 5);
  unbound.purpose = "ROLLBACK";
  Queue(unbound);
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereAPeriodEndsBeforeAFreezeOfTheSameInstant) {
  Action hours = OnCapacity(Verb::kCreateResource, "hours", 300);
  hours.settings.capacity = false;
  hours.settings.period_us = 10 * kHourUs;
  Do(hours);
  Do(Ask("has", kStandard, {{"hours", 300}}, 100));
  Freeze("frozen", 10);
  Action frozen = Ask("waits", kStandard, {{"hours", 200}}, 1);
  frozen.labels["operator_family"] = "frozen";
  Queue(frozen);
  Queue(Ask("next", kStandard, {{"hours", 200}}, 1));
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereTwoFreezesEndInOneInstant) {
  Make("a", 1);
  Do(Ask("has", kStandard, {{"a", 1}}, 1));
  Freeze("one", 3);
  Freeze("two", 3);
  for (const std::string family : {"one", "two"}) {
    Action frozen = Ask(family, kStandard, {{"a", 1}}, 1);
    frozen.labels["operator_family"] = family;
    Queue(frozen);
  }
  if (!Explain("one").complete()) return;
  AdvanceTo(At(3));
  EXPECT_FALSE(Find("one").has_value());
}

TEST_F(ToldTimesTest, OfABookingBesideThoseThatWaitForSomethingElse) {
  Make("a", 2);
  Make("b", 1);
  Book(Ask("booking", kStandard, {{"a", 2}}, 1), 2);
  Do(Ask("gives_way", kFlex, {{"b", 1}}, 10));
  Do(Ask("has", kStandard, {{"a", 1}}, 1));
  Freeze("frozen", 3);
  Action frozen = Ask("waits", kStandard, {{"b", 1}}, 1);
  frozen.labels["operator_family"] = "frozen";
  Queue(frozen);
  EXPECT_FALSE(Explain("waits").complete()) << "it may give notice once it is not frozen";
  EXPECT_TRUE(Explain("booking").complete());
  ExpectTruth("booking");
}

TEST_F(ToldTimesTest, OfWhoStartsBeforeWhatIsNotCertain) {
  Make("a", 2);
  Action batch;
  batch.verb = Verb::kBatch;
  batch.members = {Ask("one", kStandard, {{"a", 1}}, 5), Ask("two", kStandard, {{"a", 1}}, 5)};
  Do(batch);
  Make("b", 1);
  Do(Ask("has", kStandard, {{"b", 1}}, 1));
  Queue(Ask("waits", kStandard, {{"b", 1}}, 1));
  Action up_to = Ask("up_to", kStandard, {{"a", 2}}, 5);
  up_to.minimum_amounts = {{"a", kUnit}};
  Queue(up_to);
  EXPECT_FALSE(Explain("up_to").complete());
  EXPECT_TRUE(Explain("waits").complete());
  ExpectTruth("waits");
}

TEST_F(ToldTimesTest, WhereABookingThatNoClaimBindsComesLate) {
  Make("a", 4);
  Do(Ask("has", kStandard, {{"a", 2}}, 10));
  Do(Ask("ends", kStandard, {{"a", 1}}, 1));
  Action unbound = Ask("unbound", kStandard, {{"a", 2}}, 1);
  unbound.purpose = "ROLLBACK";
  Book(unbound, 1.5);
  Book(Ask("booking", kStandard, {{"a", 2}}, 1), 2.5);
  Withdraw("a", 1);
  ExpectTruth("booking");
}

TEST_F(ToldTimesTest, OfWhoWouldGiveNoticeWhereAnotherGivesOneBefore) {
  Make("a", 2);
  Make("b", 1);
  Action gives_way = Ask("gives_way", kFlex, {{"a", 1}}, 10);
  gives_way.grace_us = kHourUs;
  Do(gives_way);
  Action both = Ask("both", kBatch, {{"a", 1}, {"b", 1}}, 10);
  both.grace_us = 0;
  Do(both);
  AdvanceTo(At(1));  // it has run for as long as it must
  Freeze("frozen", 1.2);
  Action frozen = Ask("frozen", kRealtime, {{"b", 1}}, 1);
  frozen.labels["operator_family"] = "frozen";
  Queue(frozen);
  RequestReservation request;
  request.purpose = stored::TRAINING;
  request.amounts = {{"a", Amount::FromUnits(1)}};
  request.labels = {{"capability", "any"}, {kFamilyLabel, "any"}};
  request.tier = kStandard;
  request.lease_us = kHourUs;
  api::Controller& controller = subject_.controller();
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  const auto told =
      controller.Explain(controller.Peek(SequencerSubject::kPopulation), request, "local", &steps);
  ASSERT_TRUE(told.ok());
  Queue(Ask("waits", kStandard, {{"a", 1}}, 1));
  for (const auto& remedy : told->explanation.remedies()) {
    if (remedy.kind() != stored::Explanation::Remedy::QUEUE) continue;
    EXPECT_FALSE(StartedBy("waits", remedy.until_us() - 1));
    EXPECT_TRUE(StartedBy("waits", remedy.until_us()));
  }
}

}  // namespace
}  // namespace purser
