// Who is dominated, redundant or idle, beside the words of daemon/decisions/0011 worked out pair by
// pair.
#include "lifecycle/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/text.h"
#include "tests/reviewer/made_models.h"

namespace purser::reviewer {
namespace {

constexpr int64_t kUnit = Amount::kMicrosPerUnit;
constexpr Amount kTwoPercent = Amount::FromUnits(2);

struct Plain {
  std::string id;
  std::map<std::string, int64_t> quality;
  int64_t cost = 0;
  bool may_leave = true;
  bool may_merge = true;
  bool is_idle = false;
};

// Views of `models`.
std::vector<Reviewed> View(const std::vector<Plain>& models) {
  std::vector<Reviewed> views;
  for (const Plain& model : models) {
    Reviewed& view = views.emplace_back();
    view.id = model.id;
    view.monthly_cost = Amount::FromMicros(model.cost);
    view.may_leave = model.may_leave;
    view.may_merge = model.may_merge;
    view.is_idle = model.is_idle;
    for (const auto& [capability, value] : model.quality) {
      view.provisions.push_back({capability, value});
    }
  }
  return views;
}

// "a<b": b dominates a.
std::vector<std::string> DominatedOf(const std::vector<Plain>& models) {
  std::vector<std::string> told;
  Comparisons comparisons;
  for (const Dominated& each : FindDominated(View(models), &comparisons)) {
    told.push_back(std::string(each.id) + "<" + std::string(each.by));
  }
  return told;
}

std::vector<std::string> GroupsOf(const std::vector<Plain>& models, Amount percent = kTwoPercent) {
  std::vector<std::string> told;
  Comparisons comparisons;
  for (const Group& group : FindRedundant(View(models), percent, &comparisons)) {
    std::string& text = told.emplace_back();
    for (const std::string_view id : group) text += (text.empty() ? "" : " ") + std::string(id);
  }
  return told;
}

using Told = std::vector<std::string>;

TEST(FindDominated, NeedsAllCapabilitiesAndALowerCost) {
  EXPECT_EQ(DominatedOf({}), Told{});
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}}, 5}}), Told{});
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}}, 5}, {"b", {{"x", 1}}, 4}}), Told{"a<b"});
  EXPECT_EQ(DominatedOf({{"a", {{"x", 2}}, 5}, {"b", {{"x", 1}}, 4}}), Told{});
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}, {"y", 0}}, 5}, {"b", {{"x", 1}}, 4}}), Told{});
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}}, 5}, {"b", {{"x", 1}, {"y", 0}}, 4}}), Told{"a<b"});
}

TEST(FindDominated, BreaksTiesOfTheCost) {
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}}, 5}, {"b", {{"x", 2}}, 5}}), Told{"a<b"});
  EXPECT_EQ(DominatedOf({{"b", {{"x", 1}}, 5}, {"a", {{"x", 1}}, 5}}), Told{"b<a"});
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}, {"y", 2}}, 5}, {"b", {{"x", 2}, {"y", 1}}, 5}}), Told{});
  // A capability more is more.
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}}, 5}, {"b", {{"x", 1}, {"y", 0}}, 5}}), Told{"a<b"});
  EXPECT_EQ(DominatedOf({{"a", {}, 5}, {"b", {{"y", 0}}, 5}}), Told{"a<b"});
}

TEST(FindDominated, LeavesOneOfEqualOnes) {
  const Plain model = {"", {{"x", 1}}, 0};
  std::vector<Plain> models;
  for (const char* const id : {"d", "b", "a", "c"}) {
    models.push_back(model);
    models.back().id = id;
  }
  EXPECT_EQ(DominatedOf(models), (Told{"b<a", "c<a", "d<a"}));
}

TEST(FindDominated, NamesTheCheapestWhoIsNotDominated) {
  // c costs more than b, and dominates nobody for whom b is not there.
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}}, 9}, {"b", {{"x", 1}}, 3}, {"c", {{"x", 2}}, 4}}),
            Told{"a<b"});
  // Of two at the same cost the lower id, also where the other has more.
  EXPECT_EQ(DominatedOf({{"a", {{"x", 1}}, 9},
                         {"b", {{"x", 2}, {"y", 1}}, 3},
                         {"c", {{"x", 9}, {"z", 1}, {"w", 5}}, 3}}),
            Told{"a<b"});
}

TEST(FindDominated, NamesNobodyWhoIsKeptAndLetsHimDominate) {
  Plain kept = {"a", {{"x", 1}}, 5};
  kept.may_leave = false;
  EXPECT_EQ(DominatedOf({kept, {"b", {{"x", 1}}, 4}}), Told{});
  EXPECT_EQ(DominatedOf({kept, {"b", {{"x", 1}}, 6}}), Told{"b<a"});
}

TEST(FindDominated, TakesAnyNumber) {
  constexpr int64_t kLow = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHigh = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(DominatedOf({{"a", {{"x", kLow}, {"y", kHigh}}, kHigh},
                         {"b", {{"x", kHigh}, {"y", kHigh}}, kLow}}),
            Told{"a<b"});
  EXPECT_EQ(DominatedOf({{"a", {{"x", kHigh}, {"y", kHigh}}, kHigh},
                         {"b", {{"x", kHigh}, {"y", kHigh - 1}}, kLow}}),
            Told{});
}

TEST(FindRedundant, NeedsTheSameCapabilitiesAndNearQualities) {
  const auto one = [](const char* id, int64_t x) { return Plain{id, {{"x", x * kUnit}}, 0}; };
  EXPECT_EQ(GroupsOf({}), Told{});
  EXPECT_EQ(GroupsOf({one("a", 100)}), Told{});
  EXPECT_EQ(GroupsOf({one("a", 100), one("b", 98)}), Told{"a b"});
  EXPECT_EQ(GroupsOf({{"a", {{"x", 100 * kUnit}}, 0}, {"b", {{"x", 98 * kUnit - 1}}, 0}}), Told{});
  EXPECT_EQ(GroupsOf({{"a", {{"x", 100 * kUnit}}, 0}, {"b", {{"x", 102 * kUnit}}, 0}}),
            Told{"a b"});
  EXPECT_EQ(GroupsOf({{"a", {{"x", 5}}, 0}, {"b", {{"x", 5}, {"y", 5}}, 0}}), Told{});
  EXPECT_EQ(GroupsOf({{"a", {{"x", 5}}, 0}, {"b", {{"y", 5}}, 0}}), Told{});
  EXPECT_EQ(GroupsOf({{"a", {{"x", 5}, {"y", 5}}, 0}, {"b", {{"x", 5}, {"y", 6}}, 0}}), Told{});
  EXPECT_EQ(GroupsOf({{"a", {}, 0}, {"b", {}, 0}}), Told{});  // no capability
  EXPECT_EQ(GroupsOf({{"a", {{"x", 0}}, 0}, {"b", {{"x", 0}}, 0}}), Told{"a b"});
  EXPECT_EQ(GroupsOf({{"a", {{"x", 0}}, 0}, {"b", {{"x", 1}}, 0}}), Told{});
  EXPECT_EQ(GroupsOf({{"a", {{"x", -100}}, 0}, {"b", {{"x", -98}}, 0}}), Told{"a b"});
}

TEST(FindRedundant, AsksForNearnessToEachMember) {
  // c is near b, not a; d is near a and b; e is near a, not b.
  const std::vector<Plain> models = {{"a", {{"x", 1000}}, 0},
                                     {"b", {{"x", 1020}}, 0},
                                     {"c", {{"x", 1040}}, 0},
                                     {"d", {{"x", 1010}}, 0},
                                     {"e", {{"x", 985}}, 0}};
  EXPECT_EQ(GroupsOf(models), Told{"a b d"});
}

TEST(FindRedundant, TakesAToleranceOfNothingAndOfMillionths) {
  EXPECT_EQ(GroupsOf({{"a", {{"x", 7}}, 0}, {"b", {{"x", 7}}, 0}, {"c", {{"x", 8}}, 0}}, Amount()),
            Told{"a b"});
  const std::vector<Plain> models = {{"a", {{"x", 1000}}, 0}, {"b", {{"x", 975}}, 0}};
  EXPECT_EQ(GroupsOf(models, Amount::FromMicros(2'500'000)), Told{"a b"});
  EXPECT_EQ(GroupsOf(models, Amount::FromMicros(2'499'999)), Told{});
}

TEST(FindRedundant, EndsAGroupAtSixteen) {
  std::vector<Plain> models;
  for (char c = 'a'; c < 'a' + 26; ++c) models.push_back({std::string(1, c), {{"x", 7}}, 0});
  for (char c = 'A'; c < 'A' + 7; ++c) models.push_back({std::string(1, c), {{"x", 7}}, 0});
  EXPECT_EQ(GroupsOf(models),
            (Told{"A B C D E F G a b c d e f g h i", "j k l m n o p q r s t u v w x y"}));
}

TEST(FindRedundant, LeavesOutWhoIsKept) {
  const Plain free = {"a", {{"x", 7}}, 0};
  Plain kept = {"b", {{"x", 7}}, 0};
  kept.may_leave = false;
  Plain apart = {"c", {{"x", 7}}, 0};
  apart.may_merge = false;
  EXPECT_EQ(GroupsOf({free, kept, apart, {"d", {{"x", 7}}, 0}}), Told{"a d"});
}

TEST(FindRedundant, TakesAnyNumber) {
  constexpr int64_t kHigh = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLow = std::numeric_limits<int64_t>::min();
  const std::vector<Plain> models = {
      {"a", {{"x", kHigh}}, 0}, {"b", {{"x", kHigh - 1}}, 0}, {"c", {{"x", kLow}}, 0}};
  EXPECT_EQ(GroupsOf(models), Told{"a b"});
  EXPECT_EQ(GroupsOf(models, Amount::FromUnits(100)), Told{"a b"});
  EXPECT_EQ(GroupsOf(models, Amount::FromUnits(200)), Told{"a b c"});
}

TEST(FindIdle, NamesWhoIsIdleAndMayLeave) {
  std::vector<Plain> models(3);
  models[0] = {"c", {}, 0, true, true, true};
  models[1] = {"b", {}, 0, false, true, true};
  models[2] = {"a", {}, 0, true, false, true};
  EXPECT_EQ(FindIdle(View(models)), (std::vector<std::string_view>{"a", "c"}));
  EXPECT_TRUE(FindIdle({}).empty());
}

// What was found before the comparisons ran out is among what is found with enough of them.
TEST(Comparisons, RunOutWithoutAWrongFinding) {
  std::vector<Plain> models;
  models.reserve(60);
  for (int i = 0; i < 60; ++i) {
    models.push_back({Concat("m", 100 + i), {{"x", i % 7 * kUnit}, {"y", i % 5 * kUnit}}, i % 11});
  }
  const std::vector<Reviewed> views = View(models);
  Comparisons enough;
  const std::vector<Dominated> dominated = FindDominated(views, &enough);
  const std::vector<Group> groups = FindRedundant(views, kTwoPercent, &enough);
  ASSERT_TRUE(enough.complete());
  size_t most = 0;
  for (int64_t left = 1; left < 2'000; left += 13) {
    Comparisons few{left};
    const std::vector<Dominated> some = FindDominated(views, &few);
    EXPECT_EQ(few.complete(), some.size() == dominated.size()) << left;
    for (const Dominated& each : some) EXPECT_THAT(dominated, testing::Contains(each)) << left;
    Comparisons few_more{left};
    const std::vector<Group> some_groups = FindRedundant(views, kTwoPercent, &few_more);
    for (const Group& each : some_groups) EXPECT_THAT(groups, testing::Contains(each)) << left;
    EXPECT_GE(some_groups.size(), most) << left;
    most = some_groups.size();
  }
  EXPECT_EQ(most, groups.size());
}

// ---- the words, pair by pair

bool DominatesPlainly(const Plain& a, const Plain& b) {
  bool has_more = a.quality.size() > b.quality.size();
  for (const auto& [capability, quality] : b.quality) {
    const auto it = a.quality.find(capability);
    if (it == a.quality.end() || it->second < quality) return false;
    has_more = has_more || it->second > quality;
  }
  if (a.cost != b.cost) return a.cost < b.cost;
  return has_more || a.id < b.id;
}

std::vector<std::string> DominatedPlainly(const std::vector<Plain>& models) {
  std::map<std::string, std::string> found;  // by id
  const auto is_dominated = [&](const Plain& model) {
    return std::any_of(models.begin(), models.end(), [&](const Plain& each) {
      return each.id != model.id && DominatesPlainly(each, model);
    });
  };
  for (const Plain& model : models) {
    std::set<std::pair<int64_t, std::string>> by;
    for (const Plain& each : models) {
      if (each.id == model.id || !DominatesPlainly(each, model)) continue;
      if (!is_dominated(each)) by.emplace(each.cost, each.id);
    }
    EXPECT_EQ(by.empty(), !is_dominated(model)) << "who is dominated is so by one who is not";
    if (!by.empty() && model.may_leave) found[model.id] = by.begin()->second;
  }
  std::vector<std::string> told;
  for (const auto& [id, by] : found) told.emplace_back(id).append("<").append(by);
  return told;
}

// In tenths of a percent.
bool IsNearPlainly(const Plain& a, const Plain& b, int64_t tenths) {
  for (const auto& [capability, quality] : a.quality) {
    const int64_t other = b.quality.at(capability);
    const int64_t larger = std::max(std::abs(quality), std::abs(other));
    if (std::abs(quality - other) * 1'000 > larger * tenths) return false;
  }
  return true;
}

std::vector<std::string> GroupsPlainly(std::vector<Plain> models, int64_t tenths) {
  std::sort(models.begin(), models.end(),
            [](const Plain& a, const Plain& b) { return a.id < b.id; });
  std::set<std::string> grouped;
  std::vector<std::string> told;
  const auto names = [](const Plain& model) {
    std::set<std::string> all;
    for (const auto& [capability, quality] : model.quality) all.insert(capability);
    return all;
  };
  for (size_t i = 0; i < models.size(); ++i) {
    std::vector<Plain> group;
    for (size_t j = i; j < models.size() && group.size() < 16; ++j) {
      const Plain& model = models[j];
      if (!model.may_leave || !model.may_merge || model.quality.empty()) continue;
      if (grouped.contains(model.id)) continue;
      if (group.empty() && j > i) break;
      bool fits = true;
      for (const Plain& each : group) {
        fits = fits && names(each) == names(model) && IsNearPlainly(each, model, tenths);
      }
      if (fits) group.push_back(model);
    }
    if (group.size() < 2) continue;
    std::string& text = told.emplace_back();
    for (const Plain& each : group) {
      grouped.insert(each.id);
      text += (text.empty() ? "" : " ") + each.id;
    }
  }
  return told;
}

std::vector<Plain> MakePlain(Random* random) {
  std::vector<Plain> models;
  const int64_t count = random->Between(0, 40);
  const int64_t spread = random->Between(0, 3);
  for (int64_t i = 0; i < count; ++i) {
    Plain& model = models.emplace_back();
    model.id = "m" + std::to_string(i);
    for (const char* const name : {"x", "y", "z"}) {
      if (!random->OneIn(4)) model.quality[name] = random->Between(-1, 1) + 50 * spread;
    }
    model.cost = random->Between(-1, 2);
    model.may_leave = !random->OneIn(5);
    model.may_merge = !random->OneIn(5);
    model.is_idle = random->OneIn(3);
  }
  random->Shuffle(&models);
  return models;
}

TEST(Review, IsWhatTheWordsSay) {
  const uint64_t first = FirstSeed(1);
  size_t dominated = 0;
  size_t groups = 0;
  for (uint64_t seed = first; seed < first + 2'000; ++seed) {
    SCOPED_TRACE(testing::Message() << "PURSER_SEED=" << seed);
    Random random(seed);
    std::vector<Plain> models = MakePlain(&random);
    const int64_t tenths = random.Between(0, 30);
    const Amount percent = Amount::FromMicros(tenths * kUnit / 10);
    const Told told = DominatedOf(models);
    const Told grouped = GroupsOf(models, percent);
    EXPECT_EQ(told, DominatedPlainly(models));
    EXPECT_EQ(grouped, GroupsPlainly(models, tenths));
    dominated += told.size();
    groups += grouped.size();
    random.Shuffle(&models);
    EXPECT_EQ(DominatedOf(models), told) << "whatever order they come in";
    EXPECT_EQ(GroupsOf(models, percent), grouped) << "whatever order they come in";
    if (HasFailure()) return;
  }
  std::printf("%zu dominated, %zu groups\n", dominated, groups);
  EXPECT_GT(dominated, 0);
  EXPECT_GT(groups, 0);
}

}  // namespace
}  // namespace purser::reviewer
