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

TEST(ScenariosOnTheModel, AllTablesHold) {
  const std::vector<std::string> paths = ListScenarios(kScenarios);
  ASSERT_GE(paths.size(), 19u);
  for (const std::string& path : paths) {
    Model model;
    for (const std::string& problem : RunScenario(path, &model)) ADD_FAILURE() << problem;
  }
}

TEST(ScenarioRunner, EveryCommandReadsBackWhatItPrints) {
  for (const std::string& path : ListScenarios(kScenarios)) {
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
    Action action = Command();
    if (orchestrator) action.admin = action.reserve_spend = false;
    const bool advances = action.verb == Verb::kAdvance || action.verb == Verb::kResume;
    log_ += ToString(action) + "\n";
    const Verdict verdict = model_.Do(action);
    if (verdict.code.empty()) ++accepted_[action.verb];
    if (std::string broken = model_.CheckInvariants(); !broken.empty()) return broken;
    // Invariant 10 (and 4): without reserve:spend and admin no reserve falls, save by the clock.
    if (!orchestrator || advances) return "";
    for (const auto& [name, reserve] : before) {
      if (model_.FindResource(name)->reserve < reserve) return "the reserve of " + name + " fell";
    }
    return "";
  }

  const std::string& log() const { return log_; }
  const std::map<Verb, int>& accepted() const { return accepted_; }

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
};

TEST(RandomCommands, KeepTheInvariantsOfTheModel) {
  const char* given = std::getenv("PURSER_SEED");
  const uint64_t first_seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::cout << "first seed " << first_seed << "\n";
  std::map<Verb, int> accepted;
  for (uint64_t seed = first_seed; seed < first_seed + 200; ++seed) {
    Walk walk(seed);
    for (int step = 0; step < 300; ++step) {
      const std::string broken = walk.Step();
      ASSERT_EQ(broken, "") << "seed " << seed << "\n" << walk.log();
    }
    for (const auto& [verb, count] : walk.accepted()) accepted[verb] += count;
  }
  for (const Verb verb : {Verb::kReserve, Verb::kStart, Verb::kRenew, Verb::kCharge, Verb::kSettle,
                          Verb::kRelease, Verb::kPostCharge, Verb::kRefund, Verb::kBatch}) {
    EXPECT_GT(accepted[verb], 20) << ToString(verb) << " was hardly ever accepted";
  }
}

}  // namespace
}  // namespace purser::model
