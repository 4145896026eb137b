// The scenario tables on the reference model, and the model's own invariants under random commands.
#include "tests/model/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/scenario.h"

namespace purser::model {
namespace {

const std::string kScenarios = std::string(PURSER_SOURCE_DIR) + "/tests/scenarios";

std::vector<std::string> AllScenarios() {
  std::vector<std::string> paths;
  for (const char* folder : {"", "/models"}) {
    for (const std::string& path : ListScenarios(kScenarios + folder)) paths.push_back(path);
  }
  return paths;
}

TEST(ScenariosOnTheModel, AllTablesHold) {
  const std::vector<std::string> paths = AllScenarios();
  ASSERT_GE(paths.size(), 48u);
  for (const std::string& path : paths) {
    Model model;
    for (const std::string& problem : RunScenario(path, &model)) ADD_FAILURE() << problem;
  }
}

TEST(ScenarioRunner, EveryCommandReadsBackWhatItPrints) {
  for (const std::string& path : AllScenarios()) {
    for (const Step& step : ParseScenario(path).steps) {
      if (step.kind != Step::Kind::kAct || !step.action.members.empty()) continue;
      const std::string printed = ToString(step.action);
      const std::vector<std::string> cells = SplitAt(printed, '|');
      Action again;
      ASSERT_EQ(ParseAction(Trimmed(cells[1]), cells[2], 0, &again), "") << printed;
      EXPECT_EQ(ToString(again), printed) << path << ":" << step.line;
    }
  }
}

TEST(Calendar, MonthsBeginWhereTheyBegin) {
  const auto next = [](const char* text) { return FormatInstant(NextMonth(*ParseInstant(text))); };
  EXPECT_EQ(next("2026-01-01T00:00:00Z"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(next("2028-02-29T23:59:59.999999Z"), "2028-03-01T00:00:00Z");
  EXPECT_EQ(next("2026-12-31T12:00:00Z"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(FormatInstant(*ParseInstant("2100-02-28T23:59:59.000001Z")),
            "2100-02-28T23:59:59.000001Z");
  EXPECT_FALSE(ParseInstant("2100-02-29T00:00:00Z"));
}

TEST(Decimal, IsExactAndStrict) {
  EXPECT_EQ(ParseDecimal("12.500001"), 12'500'001);
  EXPECT_EQ(ParseDecimal("-0.5"), -500'000);
  for (const char* bad : {"", ".5", "1.", "1.0000000", "1e3", "+1", "99999999999999"}) {
    EXPECT_FALSE(ParseDecimal(bad)) << bad;
  }
  EXPECT_EQ(FormatDecimal(12'500'000), "12.5");
  EXPECT_EQ(FormatDecimal(-5), "-0.000005");
  EXPECT_EQ(FormatDecimal(0), "0");
}

// A population whose memory is all held, for what is too long for a table.
class Crowd {
 public:
  Crowd() {
    model_.Reset(0, {});
    Do("create", "memory capacity amount=10 reserve=0");
    Do("create", "tape capacity amount=10 reserve=0");
    Do("reserve", "x TRAINING memory=10 lease=30d");
  }

  Verdict Do(const std::string& command, const std::string& arguments) {
    Action action;
    EXPECT_EQ(ParseAction(command, arguments, model_.NowUs(), &action), "") << arguments;
    return model_.Do(action);
  }

  void Wait(int from, int to, const std::string& how) {
    for (int i = from; i < to; ++i) {
      const std::string id = "w" + std::to_string(i);
      EXPECT_TRUE(
          Do("reserve", std::string(id).append(" TRAINING queue memory=1 ").append(how)).queued)
          << id;
    }
  }

  std::string StateOf(const std::string& id) { return model_.FindReservation(id)->state; }
  size_t Length() const { return model_.ListQueue().size(); }

 private:
  Model model_;
};

TEST(Queue, HoldsAThousandOfOnePrincipal) {
  Crowd crowd;
  crowd.Wait(0, 1'000, "by=alice");
  const Verdict full = crowd.Do("reserve", "a TRAINING queue memory=1 by=alice");
  EXPECT_EQ(full.reasons,
            (std::vector<std::string>{"limit_exceeded", "behind_queue", "insufficient_capacity"}));
  EXPECT_EQ(full.code, "limit_exceeded");
  EXPECT_EQ(crowd.Do("reserve", "b TRAINING queue memory=11 by=alice").code, "never_fits");
  // What is granted at once needs no place.
  EXPECT_EQ(crowd.Do("reserve", "c TRAINING queue tape=1 by=alice").code, "");
  EXPECT_TRUE(crowd.Do("reserve", "d TRAINING queue memory=1 by=bob").queued);
  EXPECT_EQ(crowd.Do("release", "w7 by=alice").code, "");
  EXPECT_TRUE(crowd.Do("reserve", "e TRAINING queue memory=1 by=alice").queued);
}

TEST(Queue, GrantsOverItsFirstHundredPlaces) {
  Crowd crowd;
  crowd.Wait(0, 100, "");
  crowd.Do("freeze", "resource=tape");
  EXPECT_TRUE(crowd.Do("reserve", "late TRAINING queue tape=10").queued);
  // There is room for it now, and nobody claims it; but it stands at the 101st place.
  crowd.Do("unfreeze", "resource=tape");
  EXPECT_EQ(crowd.StateOf("late"), "QUEUED");
  // Nor does it claim: an arrival passes.
  EXPECT_EQ(crowd.Do("reserve", "a TRAINING tape=1").code, "");
  crowd.Do("release", "a");
  EXPECT_EQ(crowd.Do("release", "w50").code, "");
  EXPECT_EQ(crowd.StateOf("late"), "GRANTED");
  crowd.Do("release", "x");
  EXPECT_EQ(crowd.Length(), 89u);
}

// Random commands over a small world.
class Walk {
 public:
  explicit Walk(uint64_t seed) : random_(seed) {
    model_.Reset(*ParseInstant("2026-01-30T12:00:00Z"), {"operator_family"});
    Do("create",
       "a consumable period=36000s amount=60 reserve=25% carry_available=ALL debt_limit=5");
    Do("create", "b consumable period=7200s amount=40 reserve=9 carry_available=2 carry_reserve=1");
    Do("create", "c capacity amount=30 reserve=20% overcommit=3/2 step=0.5");
    Do("create", "d consumable amount=90 reserve=33.333333%");
  }

  // Returns "" or what went wrong; the log tells how it came to it.
  std::string Step() {
    const bool orchestrator = Pick(2) == 0;
    const std::map<std::string, int64_t> before = Reserves();
    const std::vector<Waiting> queue = model_.state().queue;
    const bool blocks = AnythingBlocks();
    Action action = Command();
    if (orchestrator) action.admin = action.reserve_spend = false;
    const bool advances = action.verb == Verb::kAdvance || action.verb == Verb::kResume;
    log_ += ToString(action) + "\n";
    const Verdict verdict = model_.Do(action);
    if (verdict.code.empty()) ++accepted_[action.verb];
    if (verdict.queued) ++queued_;
    if (verdict.scheduled) ++scheduled_;
    if (std::string broken = model_.CheckInvariants(); !broken.empty()) return broken;
    if (std::string passed = SomebodyPassed(queue);
        !passed.empty() && !blocks && !AnythingBlocks()) {
      return passed;
    }
    // Invariant 10 (and 4): without reserve:spend and admin no reserve falls, save by the clock,
    // and by who waited with that scope and is granted.
    if (!orchestrator || advances) return "";
    for (const auto& [name, reserve] : before) {
      if (model_.FindResource(name)->reserve >= reserve || IsDrawnFrom(queue, name)) continue;
      return "the reserve of " + name + " fell";
    }
    return "";
  }

  const std::string& log() const { return log_; }
  const std::map<Verb, int>& accepted() const { return accepted_; }
  int queued() const { return queued_; }
  int scheduled() const { return scheduled_; }
  int granted_late() const { return granted_late_; }

 private:
  uint64_t Pick(uint64_t n) { return random_() % n; }
  std::string Resource() { return std::string(1, "abcd"[Pick(4)]); }
  std::string Amount() { return std::to_string(1 + Pick(6)) + (Pick(3) == 0 ? ".5" : ""); }
  std::string Of() { return " " + Resource() + "=" + Amount(); }
  // Mostly of the last few.
  std::string Id() { return "r" + std::to_string(next_ - 1 - Pick(8)); }
  std::string NewId() { return Pick(6) == 0 ? Id() : "r" + std::to_string(next_++); }
  std::string ChargeId() { return "c" + std::to_string(next_ - Pick(8)); }
  std::string Family() { return Pick(2) == 0 ? " family=x" : " family=y"; }

  void Do(const std::string& command, const std::string& arguments) {
    Action action;
    ASSERT_EQ(ParseAction(command, arguments, model_.NowUs(), &action), "");
    ASSERT_EQ(model_.Do(action).code, "") << command << " " << arguments;
  }

  Action Parse(const std::string& command, const std::string& arguments) {
    Action action;
    EXPECT_EQ(ParseAction(command, arguments, model_.NowUs(), &action), "") << arguments;
    return action;
  }

  Action Reservation() {
    static constexpr const char* kPurposes[] = {"TRAINING", "SERVING", "ROLLBACK", "BREEDING"};
    static constexpr const char* kPolicies[] = {"STOP", "EXTEND", "DEBT"};
    std::string amounts = Of() + Of();
    Action action = Parse("reserve", NewId() + " " + kPurposes[Pick(4)] + amounts + Family() +
                                         " policy=" + kPolicies[Pick(3)] +
                                         " lease=" + std::to_string(1 + Pick(30)) + "m");
    if (Pick(3) == 0) action.minimum_amounts[action.amounts.begin()->first] = 0;
    action.queue = Pick(2) == 0;
    if (!action.queue && Pick(3) == 0) {
      action.start_at_us = model_.NowUs() + static_cast<int64_t>(1 + Pick(3'000)) * kOne;
    }
    action.priority = static_cast<int>(Pick(4)) - 1;
    if (Pick(2) == 0) action.max_queue_wait_us = static_cast<int64_t>(1 + Pick(60)) * 60 * kOne;
    return action;
  }

  Action OnReservation() {
    switch (Pick(6)) {
      case 0:
        return Parse("start", Id());
      case 1:
        return Parse("renew", Id() + " lease=20m");
      case 2:
        return Parse("settle", Id() + (Pick(2) == 0 ? " all" : Of()));
      case 3:
        return Parse("release", Id());
      default:
        return Parse("charge", Id() + " " + ChargeId() + Of());
    }
  }

  Action Operators() {
    const std::string resource = Resource();
    switch (Pick(6)) {
      case 0:
        return Parse("grant", resource + " " + Amount());
      case 1:
        return Parse("withdraw", resource + " " + Amount());
      case 2:
        return Parse("update", resource + " amount=" + std::to_string(20 + Pick(60)));
      case 3:
        return Parse("update", resource + " reserve=" + std::to_string(Pick(60)) + "%");
      case 4:
        return Parse("freeze",
                     "operator_family=x until=" + FormatInstant(model_.NowUs() + 60 * kOne));
      default:
        return Parse("update", "c overcommit=" + std::to_string(4 + Pick(4)) + "/4");
    }
  }

  Action Batch() {
    Action batch = Parse("batch", "atomic");
    for (uint64_t i = 0; i < 3; ++i) {
      batch.members.push_back(Pick(2) == 0 ? Reservation() : OnReservation());
    }
    return batch;
  }

  Action Command() {
    switch (Pick(10)) {
      case 0:
      case 1:
      case 2:
        return Reservation();
      case 3:
      case 4:
      case 5:
        return OnReservation();
      case 6:
        return Operators();
      case 7:
        return Pick(2) == 0 ? Parse("refund", ChargeId() + " f" + std::to_string(next_++) +
                                                  (Pick(2) == 0 ? "" : " " + Resource() + "=1"))
                            : Parse("post_charge", ChargeId() + Of() + Family());
      case 8:
        return Batch();
      default:
        return Pick(9) == 0 ? Parse("resume", "10m")
                            : Parse("advance", "+" + std::to_string(1 + Pick(1500)) + "s");
    }
  }

  bool AnythingBlocks() const {
    return !model_.ListFreezes().empty() || !model_.ListDebts().empty();
  }

  // Nobody who waited is passed by one who waited behind him for something that he waits for too,
  // where nothing is frozen or owed. `queue` is who waited before, in no order.
  std::string SomebodyPassed(const std::vector<Waiting>& queue) {
    const State& now = model_.state();
    std::string passed;
    for (const Waiting& late : queue) {
      const Action& got = late.request;
      if (!now.reservations.at(late.id).IsOpen()) continue;
      ++granted_late_;
      for (const Waiting& ahead : now.queue) {
        const Action& waits = ahead.request;
        const int64_t place = ahead.arrived_us - waits.priority * 600 * kOne;
        const int64_t late_place = late.arrived_us - got.priority * 600 * kOne;
        const bool first = std::tie(place, ahead.arrived_us, ahead.order) <
                           std::tie(late_place, late.arrived_us, late.order);
        const bool waited = std::any_of(queue.begin(), queue.end(), [&ahead](const Waiting& each) {
          return each.id == ahead.id;
        });
        if (!first || !waited || got.purpose == "ROLLBACK") continue;
        for (const auto& [resource, amount] : got.amounts) {
          // Who could not start in time has what it booked of budgets.
          const bool capacity = now.books.at(resource).settings.capacity;
          const bool has = !capacity && (late.booked || ahead.booked);
          if (!has && waits.amounts.contains(resource))
            passed = late.id + " has passed " + ahead.id;
        }
      }
    }
    return passed;
  }

  // One that waited is granted what it may take out of the reserve. `queue`: who waited before.
  bool IsDrawnFrom(const std::vector<Waiting>& queue, const std::string& resource) const {
    return std::any_of(queue.begin(), queue.end(), [&](const Waiting& waited) {
      return DrawsOnReserve(waited.request.purpose) && waited.request.amounts.contains(resource) &&
             model_.state().reservations.at(waited.id).IsOpen();
    });
  }

  std::map<std::string, int64_t> Reserves() const {
    std::map<std::string, int64_t> reserves;
    for (const char* name : {"a", "b", "c", "d"}) {
      reserves[name] = model_.FindResource(name)->reserve;
    }
    return reserves;
  }

  Model model_;
  std::mt19937_64 random_;
  uint64_t next_ = 100;
  std::string log_;
  std::map<Verb, int> accepted_;
  int queued_ = 0;
  int scheduled_ = 0;
  int granted_late_ = 0;
};

TEST(RandomCommands, KeepTheInvariantsOfTheModel) {
  const char* given = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first_seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::cout << "first seed " << first_seed << "\n";
  std::map<Verb, int> accepted;
  int queued = 0;
  int scheduled = 0;
  int granted_late = 0;
  for (uint64_t seed = first_seed; seed < first_seed + 200; ++seed) {
    Walk walk(seed);
    for (int step = 0; step < 300; ++step) {
      const std::string broken = walk.Step();
      ASSERT_EQ(broken, "") << "seed " << seed << "\n" << walk.log();
    }
    for (const auto& [verb, count] : walk.accepted()) accepted[verb] += count;
    queued += walk.queued();
    scheduled += walk.scheduled();
    granted_late += walk.granted_late();
  }
  for (const Verb verb : {Verb::kReserve, Verb::kStart, Verb::kRenew, Verb::kCharge, Verb::kSettle,
                          Verb::kRelease, Verb::kPostCharge, Verb::kRefund, Verb::kBatch}) {
    EXPECT_GT(accepted[verb], 20) << ToString(verb) << " was hardly ever accepted";
  }
  EXPECT_GT(queued, 500);
  EXPECT_GT(scheduled, 500);
  EXPECT_GT(granted_late, 200);
}

}  // namespace
}  // namespace purser::model
