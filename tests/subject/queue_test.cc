// What tables cannot show of the queue: its bounds, many grants at once, a restart, its cost.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Action;
using model::Verb;

constexpr int64_t kUnit = 1'000'000;

Action Resource(Verb verb, const std::string& name, int64_t units) {
  Action action;
  action.verb = verb;
  action.resource = name;
  action.amount = units * kUnit;
  action.settings.capacity = true;
  action.settings.amount = units * kUnit;
  action.settings.reserve_percent = 0;
  return action;
}

Action Ask(const std::string& id, int64_t units, const std::string& by = "local") {
  Action action;
  action.verb = Verb::kReserve;
  action.id = id;
  action.principal = by;
  action.purpose = "TRAINING";
  action.amounts = {{"gpu", units * kUnit}};
  action.labels = {{"capability", "any"}, {"operator_family", "any"}};
  action.queue = true;
  return action;
}

Action OnReservation(Verb verb, const std::string& id) {
  Action action;
  action.verb = verb;
  action.id = id;
  return action;
}

class QueueTest : public testing::Test {
 protected:
  // All of 1,000 are held by one, so that whoever asks for gpu waits.
  QueueTest() {
    EXPECT_EQ(subject_.Do(Resource(Verb::kCreateResource, "gpu", 1'000)).code, "");
    EXPECT_EQ(subject_.Do(Resource(Verb::kCreateResource, "other", 1'000'000)).code, "");
    EXPECT_EQ(subject_.Do(Ask("all", 1'000)).code, "");
  }
  // Grants of each entry behind `after`.
  std::vector<std::pair<stored::CommandKind, int>> GrantsOfEntries(uint64_t after) {
    std::vector<std::pair<stored::CommandKind, int>> grants;
    EXPECT_TRUE(subject_.TakeHistory()
                    .ForEachEntry(after + 1,
                                  [&](const auto& visited) {
                                    int count = 0;
                                    for (const auto& fact : visited.entry.reservation_facts()) {
                                      count += fact.has_granted() ? 1 : 0;
                                    }
                                    grants.emplace_back(visited.entry.command(), count);
                                    return true;
                                  })
                    .ok());
    return grants;
  }

  SequencerSubject subject_;
};

TEST_F(QueueTest, GrantsAtMost256AnEntryAndTheRestRightBehindIt) {
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(subject_.Do(Ask("q" + std::to_string(i), 1)).queued);
  const uint64_t before = subject_.population().last_sequence;
  ASSERT_EQ(subject_.Do(OnReservation(Verb::kRelease, "all")).code, "");
  const std::vector<std::pair<stored::CommandKind, int>> expected = {
      {stored::RELEASE_RESERVATION, 256}, {stored::GRANT_QUEUED, 256}, {stored::GRANT_QUEUED, 88}};
  EXPECT_EQ(GrantsOfEntries(before), expected);
  EXPECT_TRUE(subject_.ListQueue().empty());
  EXPECT_EQ(subject_.Identity("gpu"), "granted 1000 = available 400 + held 600");
  EXPECT_EQ(subject_.CheckInvariants(), "");
  // Leases end in the order of the grants.
  Action later;
  later.at_us = subject_.NowUs() + 3'600 * kUnit;
  ASSERT_EQ(subject_.Do(later).code, "");
  EXPECT_EQ(subject_.Identity("gpu"), "granted 1000 = available 1000");
}

TEST_F(QueueTest, IsBoundedForThePrincipalAndThePopulation) {
  for (int i = 0; i < 10'000; ++i) {
    const std::string by = "p" + std::to_string(i % 10);
    ASSERT_TRUE(subject_.Do(Ask("q" + std::to_string(i), 1, by)).queued) << i;
  }
  const model::Verdict of_principal = subject_.Do(Ask("one", 1, "p3"));
  EXPECT_EQ(of_principal.code, "limit_exceeded");
  const model::Verdict of_all = subject_.Do(Ask("another", 1, "q"));
  EXPECT_EQ(of_all.code, "limit_exceeded");
  const std::vector<std::string> reasons = {"limit_exceeded", "behind_queue",
                                            "insufficient_capacity"};
  EXPECT_EQ(of_all.reasons, reasons);
  // A place is free again.
  ASSERT_EQ(subject_.Do(OnReservation(Verb::kRelease, "q7")).code, "");
  EXPECT_TRUE(subject_.Do(Ask("third", 1, "q")).queued);
}

TEST_F(QueueTest, IsThereAgainAfterARestart) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(subject_.Do(Ask("q" + std::to_string(i), 300)).queued);
  const std::vector<std::string> before = subject_.ListQueue();
  subject_.controller().Crash();
  ASSERT_TRUE(subject_.controller().Reopen().ok() && subject_.controller().Open().ok());
  EXPECT_EQ(subject_.ListQueue(), before);
  ASSERT_EQ(subject_.Do(OnReservation(Verb::kRelease, "all")).code, "");
  EXPECT_EQ(subject_.ListQueue(), std::vector<std::string>({"q3", "q4"}));
}

TEST_F(QueueTest, WritesAnEntryADayWhereLimitsCountDaysAndSomebodyWaits) {
  const auto entries_of_three_days = [&] {
    const uint64_t before = subject_.population().last_sequence;
    Action later;
    later.at_us = subject_.NowUs() + 3 * 86'400 * kUnit;
    EXPECT_EQ(subject_.Do(later).code, "");
    return subject_.population().last_sequence - before;
  };
  Action forever = Ask("other", 1);
  forever.amounts = {{"other", 1'000'000 * kUnit}};
  forever.lease_us = 30 * 86'400 * kUnit;
  ASSERT_EQ(subject_.Do(forever).code, "");
  EXPECT_EQ(entries_of_three_days(), 1u) << "the lease of \"all\" ends";
  forever.id = "waits";
  forever.max_queue_wait_us = 20 * 86'400 * kUnit;
  ASSERT_TRUE(subject_.Do(forever).queued);
  EXPECT_EQ(entries_of_three_days(), 0u) << "no limit counts days";
  Action limit;
  limit.verb = Verb::kLimit;
  limit.limit_id = "l";
  limit.limit_kind = "principal";
  limit.limit_name = "somebody";
  limit.limit.month = {{"gpu", kUnit}};
  ASSERT_EQ(subject_.Do(limit).code, "");
  EXPECT_EQ(entries_of_three_days(), 3u);
  ASSERT_EQ(subject_.Do(OnReservation(Verb::kRelease, "waits")).code, "");
  EXPECT_EQ(entries_of_three_days(), 0u) << "nobody waits";
}

// Of an atomic batch: who is judged behind somebody is granted with them at its end.
TEST_F(QueueTest, MayGrantInTheEntryThatMadeItWait) {
  ASSERT_TRUE(subject_.Do(Ask("first", 600)).queued);
  Action batch;
  batch.verb = Verb::kBatch;
  batch.members = {Ask("c", 400), OnReservation(Verb::kRelease, "all")};
  ASSERT_EQ(subject_.Do(batch).code, "");
  EXPECT_EQ(subject_.FindReservation("c")->state, "GRANTED");
  EXPECT_TRUE(subject_.ListQueue().empty());
  // Its place in the order of expiries stays, whatever else happens to it.
  Action renew = OnReservation(Verb::kRenew, "c");
  renew.lease_us = 60 * kUnit;
  ASSERT_EQ(subject_.Do(renew).code, "");
  subject_.controller().Crash();
  ASSERT_TRUE(subject_.controller().Reopen().ok() && subject_.controller().Open().ok());
  EXPECT_EQ(subject_.CheckInvariants(), "");
  Action later;
  later.at_us = subject_.NowUs() + 60 * kUnit;
  ASSERT_EQ(subject_.Do(later).code, "");
  EXPECT_EQ(subject_.FindReservation("c")->state, "EXPIRED");
}

// Prints; what a machine needs is no test.
TEST_F(QueueTest, CostsTheWriterLittle) {
  const auto time_of = [&](const std::string& prefix) {
    Action ask = Ask("", 1);
    ask.queue = false;
    ask.amounts = {{"other", kUnit}};
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 2'000; ++i) {
      ask.id = prefix + std::to_string(i);
      EXPECT_EQ(subject_.Do(ask).code, "");
    }
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
               .count() /
           2'000;
  };
  const double without = time_of("a");
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(subject_.Do(Ask("q" + std::to_string(i), 1, "p" + std::to_string(i % 10))).queued);
  }
  const double with = time_of("b");
  std::printf("a hold costs %.1f us, with 10,000 waiting %.1f us\n", without, with);
}

// Of two resources that 100,000 leases hold: for one of them 10,000 wait. Prints, as above.
class AmongMany : public QueueTest {
 protected:
  AmongMany() {
    EXPECT_EQ(subject_.Do(Resource(Verb::kCreateResource, "third", 1'000'000)).code, "");
    for (int i = 0; i < 100; ++i) MakeThousand("h", i, &Hold);
    for (int i = 0; i < 10; ++i) MakeThousand("q", i, &Wait);
  }
  static Action Hold(int i) {
    Action hold;
    hold.amounts = {{"other", 10 * kUnit}, {"third", 10 * kUnit}};
    hold.lease_us = (3'600 + i % 7'200) * kSecondUs;
    return hold;
  }
  static Action Wait(int i) {
    Action wait;
    wait.amounts = {{"other", (1 + i % 500) * kUnit}};
    return wait;
  }

  static RequestReservation Request(const char* resource, int64_t units) {
    RequestReservation request;
    request.purpose = stored::TRAINING;
    request.amounts = {{resource, Amount::FromUnits(units)}};
    request.labels = {{"capability", "any"}, {kFamilyLabel, "any"}};
    return request;
  }

 private:
  void MakeThousand(const std::string& prefix, int thousand, Action (*make)(int)) {
    Action batch;
    batch.verb = Verb::kBatch;
    batch.principal = "p" + std::to_string(thousand);
    batch.atomic = false;
    for (int i = thousand * 1'000; i < (thousand + 1) * 1'000; ++i) {
      Action member = make(i);
      const Action ask = Ask(prefix + std::to_string(i), 1);
      member.verb = ask.verb;
      member.id = ask.id;
      member.purpose = ask.purpose;
      member.labels = ask.labels;
      member.queue = true;
      batch.members.push_back(std::move(member));
    }
    for (const model::Verdict& each : subject_.Do(batch).results) ASSERT_EQ(each.code, "");
  }
};

TEST_F(AmongMany, ExplanationsTakeLittleTime) {
  EXPECT_EQ(subject_.population().reservations.open_count(), 100'001u);
  const auto& queue = subject_.population().reservations.queue().by_key();
  ASSERT_EQ(queue.size(), 10'000u);
  api::Controller& controller = subject_.controller();
  const api::View view = controller.Peek(SequencerSubject::kPopulation);
  std::map<std::string, std::vector<double>> milliseconds;
  const auto measure = [&milliseconds](const std::string& what, const auto& call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    milliseconds[what].push_back(took.count());
  };
  auto waits = queue.begin();
  for (int i = 0; i < 100; ++i, ++waits) {
    for (const char* resource : {"other", "third"}) {
      measure(resource, [&] {
        ReturnSchedule::Steps steps{kOutlookStepsMax};
        const auto explained =
            controller.Explain(view, Request(resource, 1 + 3'000 * i), "p", &steps);
        ASSERT_TRUE(explained.ok());
        EXPECT_NE(explained->refusal.reason(), stored::REASON_UNSPECIFIED);
        EXPECT_EQ(explained->explanation.has_earliest_start_us(), resource == std::string("third"));
      });
    }
    // The plan of a state is made once; a renewal makes a new one.
    if (i % 2 == 0) {
      ASSERT_EQ(subject_.Do(OnReservation(Verb::kRenew, "h" + std::to_string(i))).code, "");
    }
    measure(i % 2 == 0 ? "a place in a new state" : "a place", [&] {
      ReturnSchedule::Steps steps{kOutlookStepsMax};
      EXPECT_TRUE(controller.ExplainQueued(view, *waits->second, &steps).ok());
    });
  }
  for (auto& [what, times] : milliseconds) {
    std::sort(times.begin(), times.end());
    std::printf("%s: %.2f ms, %.2f at most\n", what.c_str(), times[times.size() / 2], times.back());
  }
}

}  // namespace
}  // namespace purser
