// The best set of models: by hand, and beside every subset tried.
#include "lifecycle/selection.h"

#include <gtest/gtest.h>
#include <printf.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <thread>

#include "tests/selection/selection_world.h"

namespace purser::selection {
namespace {

using Ids = std::vector<std::string>;
using Verdict = Selection::Verdict;
using Judged = SelectionCandidate::Verdict;

Amount Usd(int64_t units) { return Amount::FromUnits(units); }

SelectionOption Candidate(const std::string& id, int64_t value, int64_t use) {
  SelectionOption option;
  option.id = id;
  option.value = Usd(value);
  option.uses = {Usd(use)};
  return option;
}
SelectionOption Active(const std::string& id, int64_t value, int64_t use) {
  SelectionOption option = Candidate(id, value, use);
  option.is_active = true;
  return option;
}
SelectionQuestion Ask(int64_t capacity, int64_t slots, std::vector<SelectionOption> options) {
  return {{"gpu_hours"}, {Usd(capacity)}, slots, std::move(options), {}};
}
Selection Evaluate(const SelectionQuestion& question, const SelectionLimits& limits) {
  const absl::StatusOr<Selection> selection = EvaluateSelection(question, limits);
  EXPECT_TRUE(selection.ok()) << selection.status();
  return *selection;
}
Selection Evaluate(const SelectionQuestion& question) {
  return Evaluate(question, DefaultLimits(question));
}
const SelectionCandidate& JudgedAs(const Selection& selection, const std::string& id) {
  return *std::find_if(selection.candidates.begin(), selection.candidates.end(),
                       [&](const auto& each) { return each.id == id; });
}

TEST(EvaluateSelection, OfNothingIsNothing) {
  const Selection selection = Evaluate(SelectionQuestion{});
  EXPECT_EQ(selection.verdict, Verdict::kFound);
  EXPECT_EQ(selection.chosen, Ids{});
  EXPECT_TRUE(selection.is_optimal);
  EXPECT_TRUE(selection.is_first);
  EXPECT_TRUE(selection.is_rank_exact);
}

TEST(EvaluateSelection, AdmitsWhatIsWorthMoreThanWhatItDisplaces) {
  const Selection selection =
      Evaluate(Ask(10, 3, {Active("a", 5, 6), Active("b", 9, 4), Candidate("c", 7, 6)}));
  EXPECT_EQ(selection.chosen, (Ids{"b", "c"}));
  EXPECT_EQ(selection.admitted, Ids{"c"});
  EXPECT_EQ(selection.dropped, Ids{"a"});
  EXPECT_EQ(selection.value, 16'000'000);
  EXPECT_EQ(selection.bound, 16'000'000);
  EXPECT_TRUE(selection.is_optimal);
  EXPECT_EQ(selection.slack, std::vector<Amount>{Usd(0)});
  EXPECT_EQ(selection.slots_left, 1);
  EXPECT_EQ(selection.candidates[0].verdict, Judged::kAdmitted);
  EXPECT_EQ(selection.candidates[0].marginal.value, 2'000'000);
}

TEST(EvaluateSelection, SaysWhyACandidateIsNotAdmitted) {
  SelectionOption barred = Candidate("barred", 99, 1);
  barred.barred = SelectionGate{"LEGAL", "no-eu-data"};
  SelectionOption rival = Candidate("rival", 3, 1);
  rival.forbids = {"active"};
  const SelectionQuestion question =
      Ask(10, 2,
          {Active("active", 12, 8), barred, Candidate("idle", 0, 1), rival,
           Candidate("large", 8, 6), Candidate("second", 1, 2)});
  const Selection selection = Evaluate(question);
  EXPECT_EQ(selection.chosen, (Ids{"active", "second"}));
  EXPECT_EQ(JudgedAs(selection, "barred").verdict, Judged::kBarred);
  EXPECT_EQ(JudgedAs(selection, "barred").gate, (SelectionGate{"LEGAL", "no-eu-data"}));
  EXPECT_EQ(JudgedAs(selection, "barred").marginal.value, std::nullopt);
  EXPECT_EQ(JudgedAs(selection, "idle").verdict, Judged::kWorthNothing);
  EXPECT_EQ(JudgedAs(selection, "rival").verdict, Judged::kForbidden);
  EXPECT_EQ(JudgedAs(selection, "rival").forbidden_by, Ids{"active"});
  const SelectionCandidate& large = JudgedAs(selection, "large");
  EXPECT_EQ(large.verdict, Judged::kDoesNotFit);
  EXPECT_EQ(large.shortages, (std::vector<SelectionShortage>{{0, Usd(6)}}));
  EXPECT_TRUE(large.lacks_slot);
  EXPECT_EQ(large.displaces, (Ids{"active", "second"})) << "rival comes with it";
  EXPECT_EQ(large.marginal.value, 1'000'000 * ((8 + 3) - (12 + 1)));
  Ids ranked;
  for (const SelectionCandidate& each : selection.candidates) ranked.push_back(each.id);
  EXPECT_EQ(ranked, (Ids{"second", "idle", "large", "rival", "barred"}));
}

TEST(EvaluateSelection, KeepsWhatIsPinnedAndCovered) {
  SelectionOption pinned = Active("pinned", -5, 1);
  pinned.is_pinned = true;
  SelectionQuestion question =
      Ask(3, 3, {pinned, Active("cover", -3, 1), Candidate("other", -2, 1), Active("loss", -9, 1)});
  question.coverage = {{"ocr", {"cover", "other"}}, {"sql", {"other"}}};
  EXPECT_EQ(Evaluate(question).chosen, (Ids{"other", "pinned"}));
  question.options[2].value = Usd(-4);
  EXPECT_EQ(Evaluate(question).chosen, (Ids{"cover", "pinned"}));
}

TEST(EvaluateSelection, SaysWhereNothingFits) {
  SelectionOption pinned = Active("pinned", 5, 4);
  pinned.is_pinned = true;
  const Selection selection = Evaluate(Ask(3, 3, {pinned, Candidate("c", 1, 1)}));
  EXPECT_EQ(selection.verdict, Verdict::kNone);
  EXPECT_EQ(selection.chosen, Ids{});
  EXPECT_EQ(selection.candidates[0].marginal.value, std::nullopt);
}

TEST(EvaluateSelection, OfTheSameValueChangesLittleAndTakesTheFirst) {
  // One slot: everything is worth the same.
  EXPECT_EQ(Evaluate(Ask(9, 1, {Candidate("a", 4, 1), Active("b", 4, 1)})).chosen, Ids{"b"});
  EXPECT_EQ(Evaluate(Ask(9, 1, {Candidate("c", 4, 1), Candidate("a", 4, 1)})).chosen, Ids{"a"});
  EXPECT_EQ(Evaluate(Ask(9, 1, {Active("d", 4, 1), Active("b", 4, 1)})).chosen, Ids{"b"});
  EXPECT_EQ(Evaluate(Ask(9, 2, {Active("d", 0, 1), Candidate("b", 0, 1)})).chosen, Ids{"d"});
}

TEST(EvaluateSelection, RefusesWhatIsNoQuestion) {
  using Change = std::function<void(SelectionQuestion*)>;
  const std::vector<std::pair<std::string, Change>> table = {
      {"the capacity of gpu_hours is -1: give at least 0",
       [](auto* q) { q->capacities[0] = Usd(-1); }},
      {"capacities has 0 entries for 1 resources: give one for each",
       [](auto* q) { q->capacities.clear(); }},
      {"a resource has no name: give each one", [](auto* q) { q->resources[0].clear(); }},
      {"resource gpu_hours is named twice: name each once",
       [](auto* q) {
         q->resources.push_back("gpu_hours");
         q->capacities.push_back(Usd(1));
       }},
      {"slots is -1: give at least 0", [](auto* q) { q->slots = -1; }},
      {"option a uses -1 of gpu_hours: give at least 0",
       [](auto* q) { q->options[0].uses[0] = Usd(-1); }},
      {"option a uses 0 resources of 1: give an amount of each, 0 where it uses none",
       [](auto* q) { q->options[0].uses.clear(); }},
      {"an option has no id: give each one", [](auto* q) { q->options[0].id.clear(); }},
      {"option a is there twice: give each once", [](auto* q) { q->options[1].id = "a"; }},
      {"option b is pinned and not active: pin only active ones",
       [](auto* q) { q->options[1].is_pinned = true; }},
      {"option a is pinned and barred by LEGAL x: lift one of the two",
       [](auto* q) {
         q->options[0].is_pinned = true;
         q->options[0].barred = SelectionGate{"LEGAL", "x"};
       }},
      {"option a forbids itself: bar it instead", [](auto* q) { q->options[0].forbids = {"a"}; }},
      {"option a forbids z, which is no option: name options only",
       [](auto* q) { q->options[0].forbids = {"z"}; }},
      {"capability ocr is provided by z, which is no option: name options only",
       [](auto* q) {
         q->coverage = {{"ocr", {"z"}}};
       }},
      {"options has 1025 entries: ask about at most 1024 at once",
       [](auto* q) {
         while (q->options.size() < 1'025) q->options.push_back(Candidate("x", 1, 1));
       }},
      {"resources has 193 entries: ask about at most 192 at once",
       [](auto* q) { q->resources.resize(193); }},
      {"coverage has 1025 entries: ask about at most 1024 at once",
       [](auto* q) { q->coverage.resize(1'025); }},
      {"forbids, of all options together, has 4097 entries: ask about at most 4096 at once",
       [](auto* q) { q->options[0].forbids.assign(4'097, "b"); }},
  };
  for (const auto& [message, change] : table) {
    SelectionQuestion question = Ask(9, 2, {Active("a", 1, 1), Candidate("b", 1, 1)});
    change(&question);
    const auto selection = EvaluateSelection(question, {});
    EXPECT_EQ(selection.status().code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_EQ(selection.status().message(), message);
  }
}

// ---- every subset

void ExpectMarginals(const SelectionQuestion& question, const Selection& selection) {
  for (size_t i = 0; i < question.options.size(); ++i) {
    if (question.options[i].is_active) continue;
    const SelectionMarginal& marginal = JudgedAs(selection, question.options[i].id).marginal;
    const PlainBest with = TryAll(question, i, true);
    const PlainBest without = TryAll(question, i, false);
    EXPECT_TRUE(marginal.is_exact);
    ASSERT_EQ(marginal.value.has_value(), with.set && without.set);
    if (marginal.value.has_value()) {
      EXPECT_EQ(*marginal.value, ToAbsl(with.value - without.value));
    }
  }
}

// What stands in an answer beside the set follows from the set.
void ExpectConsistent(const SelectionQuestion& question, const Selection& selection) {
  ASSERT_EQ(selection.verdict, Verdict::kFound);
  const Places set = PlacesOf(question, selection.chosen);
  EXPECT_TRUE(Fits(question, set));
  EXPECT_EQ(selection.value, ToAbsl(ValueOf(question, set)));
  EXPECT_GE(selection.bound, selection.value);
  EXPECT_EQ(selection.is_optimal, selection.bound == selection.value);
  EXPECT_TRUE(std::is_sorted(selection.chosen.begin(), selection.chosen.end()));
  Ids admitted;
  Ids dropped;
  std::vector<Amount> slack = question.capacities;
  for (size_t i = 0; i < set.size(); ++i) {
    const SelectionOption& option = question.options[i];
    if (set[i] && !option.is_active) admitted.push_back(option.id);
    if (!set[i] && option.is_active) dropped.push_back(option.id);
    for (size_t r = 0; r < slack.size() && set[i]; ++r) slack[r] -= option.uses[r];
    if (option.is_active) continue;
    const SelectionCandidate& candidate = JudgedAs(selection, option.id);
    EXPECT_EQ(candidate.verdict == Judged::kAdmitted, set[i]);
    EXPECT_EQ(candidate.verdict == Judged::kBarred, option.barred.has_value());
    if (candidate.verdict == Judged::kDoesNotFit) {
      EXPECT_TRUE(candidate.lacks_slot || !candidate.shortages.empty());
    }
    EXPECT_FALSE(selection.is_optimal && candidate.verdict == Judged::kNotFound);
  }
  std::sort(admitted.begin(), admitted.end());
  std::sort(dropped.begin(), dropped.end());
  EXPECT_EQ(selection.admitted, admitted);
  EXPECT_EQ(selection.dropped, dropped);
  EXPECT_EQ(selection.slack, slack);
}

TEST(EvaluateSelection, IsTheBestOfAllSubsets) {
  const uint64_t first = FirstSeed();
  int found = 0;
  int none = 0;
  for (uint64_t seed = first; seed < first + 3'000; ++seed) {
    SCOPED_TRACE(testing::Message() << "PURSER_SEED=" << seed);
    Random random(seed);
    const SelectionQuestion question = DrawSmall(&random, random.OneIn(60) ? 14 : 8);
    const PlainBest plain = TryAll(question);
    const Selection selection = Evaluate(question);
    ++(plain.set ? found : none);
    ASSERT_EQ(selection.verdict, plain.set ? Verdict::kFound : Verdict::kNone);
    if (plain.set) {
      ExpectConsistent(question, selection);
      EXPECT_EQ(selection.value, ToAbsl(plain.value));
      EXPECT_TRUE(selection.is_optimal);
      EXPECT_TRUE(selection.is_first);
      EXPECT_EQ(PlacesOf(question, selection.chosen), *plain.set) << "the first of its value";
    }
    if (question.options.size() <= 8) ExpectMarginals(question, selection);
    if (HasFailure()) return;
  }
  std::printf("%d with a set, %d without\n", found, none);
}

// With too few steps it may fall short, but never of its word.
TEST(EvaluateSelection, WithinStepsSaysNothingFalse) {
  const uint64_t first = FirstSeed();
  std::map<Verdict, int> verdicts;
  int with_gap = 0;
  for (uint64_t seed = first; seed < first + 2'000; ++seed) {
    SCOPED_TRACE(testing::Message() << "PURSER_SEED=" << seed);
    Random random(seed);
    const SelectionQuestion question = DrawSmall(&random, 9);
    const PlainBest plain = TryAll(question);
    const int64_t steps = std::vector<int64_t>{0, 1, 2, 3, 5, 9}[seed % 6];
    const Selection selection = Evaluate(question, {steps, steps});
    ++verdicts[selection.verdict];
    EXPECT_LE(selection.steps, 2 * steps);
    if (selection.verdict == Verdict::kFound) {
      ExpectConsistent(question, selection);
      ASSERT_TRUE(plain.set);
      EXPECT_LE(selection.value, ToAbsl(plain.value));
      EXPECT_GE(selection.bound, ToAbsl(plain.value));
      with_gap += selection.is_optimal ? 0 : 1;
      if (selection.is_first) {
        EXPECT_EQ(PlacesOf(question, selection.chosen), *plain.set);
      }
    } else {
      EXPECT_TRUE(selection.verdict == Verdict::kUnknown || !plain.set);
    }
    for (size_t i = 0; i < question.options.size() && plain.set; ++i) {
      if (question.options[i].is_active) continue;
      const SelectionMarginal& marginal = JudgedAs(selection, question.options[i].id).marginal;
      if (!marginal.value.has_value()) continue;
      const Wide value = TryAll(question, i, true).value - TryAll(question, i, false).value;
      EXPECT_LE(marginal.least, ToAbsl(value));
      EXPECT_GE(marginal.most, ToAbsl(value));
    }
    if (HasFailure()) return;
  }
  std::printf("%d found, %d of them with a gap; %d none, %d unknown\n", verdicts[Verdict::kFound],
              with_gap, verdicts[Verdict::kNone], verdicts[Verdict::kUnknown]);
  EXPECT_GT(with_gap, 0);
  EXPECT_GT(verdicts[Verdict::kUnknown], 0);
}

TEST(EvaluateSelection, IsTheSameInWhateverOrder) {
  const uint64_t first = FirstSeed();
  for (uint64_t seed = first; seed < first + 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "PURSER_SEED=" << seed);
    Random random(seed);
    const SelectionQuestion question =
        seed % 30 == 0 ? DrawLarge(&random, {30, 60, 5, true}) : DrawSmall(&random, 12);
    const SelectionLimits limits = {500, 500};
    const std::string told = Told(Evaluate(question, limits));
    EXPECT_EQ(Told(Evaluate(question, limits)), told);
    SelectionQuestion other = Shuffled(question, &random);
    // Shortages are told in the order of the resources.
    other.resources = question.resources;
    other.capacities = question.capacities;
    std::map<std::string, std::vector<Amount>> uses;
    for (const SelectionOption& option : question.options) uses[option.id] = option.uses;
    for (SelectionOption& option : other.options) option.uses = uses[option.id];
    EXPECT_EQ(Told(Evaluate(other, limits)), told);
    const Selection turned = Evaluate(Shuffled(question, &random), limits);
    EXPECT_EQ(turned.chosen, Evaluate(question, limits).chosen) << "other resources first";
    if (HasFailure()) return;
  }
}

// ---- more than can be tried

// A feasible set of any kind: pinned ones and providers, then whoever fits, in a drawn order.
Places DrawFeasible(const SelectionQuestion& question, Random* random) {
  Places set(question.options.size(), false);
  std::vector<size_t> order;
  for (size_t i = 0; i < set.size(); ++i) order.push_back(i);
  random->Shuffle(&order);
  const size_t stays = static_cast<size_t>(random->Between(0, order.size()));
  std::stable_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(stays),
                   [&](size_t a, size_t b) {
                     return question.options[a].is_active > question.options[b].is_active;
                   });
  for (size_t i = 0; i < set.size(); ++i) set[i] = question.options[i].is_active;
  for (const size_t i : order) {
    set[i] = !set[i];
    if (!Fits(question, set)) set[i] = !set[i];
  }
  return set;
}

TEST(EvaluateSelection, OfManyIsWithinItsBound) {
  const uint64_t first = FirstSeed();
  int with_gap = 0;
  for (uint64_t seed = first; seed < first + 30; ++seed) {
    SCOPED_TRACE(testing::Message() << "PURSER_SEED=" << seed);
    Random random(seed);
    const Shape shape = {static_cast<int>(random.Between(25, 60)),
                         static_cast<int>(random.Between(10, 80)),
                         static_cast<int>(random.Between(1, 6)), random.OneIn(2)};
    const SelectionQuestion question = DrawLarge(&random, shape);
    const Selection few = Evaluate(question, {30, 30});
    const Selection many = Evaluate(question, {5'000, 0});
    ExpectConsistent(question, few);
    ExpectConsistent(question, many);
    EXPECT_LE(few.value, many.bound);
    EXPECT_GE(few.bound, many.value);
    EXPECT_LE(many.bound, few.bound);
    EXPECT_GE(many.value, few.value);
    for (int i = 0; i < 10; ++i) {
      const Places set = DrawFeasible(question, &random);
      if (!Fits(question, set)) continue;
      EXPECT_GE(few.bound, ToAbsl(ValueOf(question, set)));
      if (many.is_optimal) {
        EXPECT_GE(many.value, ToAbsl(ValueOf(question, set)));
      }
    }
    with_gap += few.is_optimal ? 0 : 1;
    if (HasFailure()) return;
  }
  std::printf("%d of 30 with a gap after 30 steps\n", with_gap);
  EXPECT_GT(with_gap, 0);
}

TEST(EvaluateSelection, IsExactWithTwentyFourAmongManyActives) {
  const char* const text =
      std::getenv("PURSER_SELECTION_QUESTIONS");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t questions = text == nullptr ? 20 : std::strtoull(text, nullptr, 10);
  int64_t steps = 0;
  double slowest = 0;
  for (uint64_t seed = 1; seed <= questions; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const SelectionQuestion question = DrawLarge(&random, {24, 200, 8, false});
    const auto start = std::chrono::steady_clock::now();
    const Selection selection = Evaluate(question);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    ExpectConsistent(question, selection);
    EXPECT_TRUE(selection.is_optimal);
    EXPECT_TRUE(selection.is_first);
    EXPECT_TRUE(selection.is_rank_exact);
    steps = std::max(steps, selection.steps);
    slowest = std::max(slowest, seconds.count());
  }
  std::printf("%llu of 24 beside 200 with 8 resources: %.3f s at worst, %lld steps\n",
              static_cast<unsigned long long>(questions), slowest, static_cast<long long>(steps));
}

TEST(EvaluateSelection, IsExactWithTwentyFourWhereValuesFollowSizes) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    const SelectionQuestion question = DrawLarge(&random, {24, 20, 4, true});
    const Selection selection = Evaluate(question);
    ExpectConsistent(question, selection);
    EXPECT_TRUE(selection.is_optimal);
    EXPECT_TRUE(selection.is_rank_exact);
  }
}

TEST(EvaluateSelection, HoldsTheLargestNumbers) {
  SelectionQuestion question;
  for (int r = 0; r < 64; ++r) {
    question.resources.push_back("r" + std::to_string(r));
    question.capacities.push_back(Amount::Max());
  }
  question.slots = INT64_MAX;
  for (int i = 0; i < 40; ++i) {
    SelectionOption option;
    option.id = "m" + std::to_string(100 + i);
    option.is_active = i % 2 == 0;
    option.value = i % 3 == 0 ? Amount::FromMicros(INT64_MIN) : Amount::Max();
    option.uses.assign(64, i < 20 ? Amount::FromMicros(1) : Amount::Max());
    question.options.push_back(option);
  }
  const Selection selection = Evaluate(question);
  ExpectConsistent(question, selection);
  EXPECT_TRUE(selection.is_optimal);
  // 13 small ones of the largest value: one of the large ones would take the room of all of them.
  EXPECT_EQ(selection.value, absl::int128(INT64_MAX) * 13);
}

TEST(DefaultLimits, FallWithTheSize) {
  SelectionQuestion question;
  EXPECT_EQ(DefaultLimits(question).steps_max, 100'000);
  question.options.resize(1'024);
  question.resources.resize(64);
  EXPECT_EQ(DefaultLimits(question).steps_max, 2'912);
  EXPECT_EQ(DefaultLimits(question).rank_steps_max, 1'456);
}

TEST(EvaluateSelection, IsTheSameOnSeveralThreads) {
  Random random(7);
  const SelectionQuestion question = DrawLarge(&random, {24, 60, 6, true});
  const SelectionLimits limits = {300, 300};
  const std::string told = Told(Evaluate(question, limits));
  std::vector<std::string> others(4);
  std::vector<std::thread> threads;
  threads.reserve(others.size());
  for (std::string& other : others) {
    threads.emplace_back([&] { other = Told(Evaluate(question, limits)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& other : others) EXPECT_EQ(other, told);
}

// plain_printf.h: a thread's stack would be a page more, and each printf slow.
TEST(Libraries, TeachPrintfNothing) { EXPECT_EQ(register_printf_modifier(L"zz"), -1); }

}  // namespace
}  // namespace purser::selection
