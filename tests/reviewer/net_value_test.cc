// What a change of the ACTIVE models is worth, and who else provides.
#include "lifecycle/net_value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lifecycle/models.h"
#include "tests/reviewer/made_models.h"

namespace purser::reviewer {
namespace {

constexpr int64_t kMost = kModelAmountMax.micros();

// The models at these places leave.
NetValue ValueOf(const std::vector<Made>& active, const std::vector<size_t>& leaving,
                 const Made* result = nullptr) {
  const Providers providers = ProvidersOf(active);
  std::vector<Settings> settings(leaving.size());
  std::vector<const Settings*> models(leaving.size());
  for (size_t i = 0; i < leaving.size(); ++i) {
    settings[i] = ToSettings(active[leaving[i]]);
    models[i] = &settings[i];
  }
  const Settings becomes = result == nullptr ? Settings() : ToSettings(*result);
  return NetValueOf(models, result == nullptr ? nullptr : &becomes, providers);
}

absl::int128 Lost(const std::vector<Made>& active, const std::vector<size_t>& leaving,
                  const Made* result = nullptr) {
  return -ValueOf(active, leaving, result).business_value;
}

TEST(NetValue, OfNothingIsNothing) {
  EXPECT_EQ(ValueOf({}, {}), NetValue());
  EXPECT_EQ(ValueOf({{"a", {{"code", 1}}, 5, {}, 0}}, {}), NetValue());
}

TEST(NetValue, LosesAShareOfTheValueRoundedUp) {
  const std::vector<Made> active = {{"a", {{"x", 5}, {"y", 5}, {"z", 5}}, 10, {}, 0},
                                    {"b", {{"x", 5}}, 0, {}, 0},
                                    {"c", {{"y", 6}, {"z", 4}}, 0, {}, 0}};
  EXPECT_EQ(Lost(active, {0}), 4);         // only z is lost: ⌈10 ÷ 3⌉
  EXPECT_EQ(Lost(active, {0, 1}), 7);      // x as well
  EXPECT_EQ(Lost(active, {0, 1, 2}), 10);  // all
}

TEST(NetValue, LosesNothingOfWhatAnotherDoesAsWell) {
  const std::vector<Made> active = {{"a", {{"x", 5}}, 10, {}, 0}, {"b", {{"x", 5}}, 3, {}, 0}};
  EXPECT_EQ(Lost(active, {0}), 0);
  EXPECT_EQ(Lost(active, {1}), 0);
  EXPECT_EQ(Lost(active, {0, 1}), 13);  // each for the other is no provider
}

TEST(NetValue, LosesAllOfWhoHasNoCapabilities) {
  EXPECT_EQ(Lost({{"a", {}, 10, {}, 0}, {"b", {}, 10, {}, 0}}, {0}), 10);
}

TEST(NetValue, LosesAllOfAValueBelowZero) {
  EXPECT_EQ(Lost({{"a", {{"x", 1}}, -10, {}, 0}, {"b", {{"x", 1}}, 0, {}, 0}}, {0}), -10);
}

TEST(NetValue, TakesAQualityThatIsNotGivenAsZero) {
  EXPECT_EQ(Lost({{"a", {{"x", 0}}, 10, {}, 0}, {"b", {{"x", 0}}, 0, {}, 0}}, {0}), 0);
  EXPECT_EQ(Lost({{"a", {{"x", 0}}, 10, {}, 0}, {"b", {{"x", -1}}, 0, {}, 0}}, {0}), 10);
  EXPECT_EQ(Lost({{"a", {{"x", 1}}, 10, {}, 0}, {"b", {{"x", 0}}, 0, {}, 0}}, {0}), 10);
}

TEST(NetValue, CountsTheResult) {
  const std::vector<Made> active = {{"a", {{"x", 5}, {"y", 1}}, 10, {}, 0}};
  const Made as_good = {"r", {{"x", 5}}, 7, {}, 0};
  EXPECT_EQ(ValueOf(active, {0}, &as_good).business_value, 7 - 5);
  const Made worse = {"r", {{"x", 4}, {"y", 1}}, -7, {}, 0};
  EXPECT_EQ(ValueOf(active, {0}, &worse).business_value, -7 - 5);
}

TEST(NetValue, HasEveryCategoryInOneTerm) {
  Made made = {"a", {}, 0, {}, 100'000};
  int64_t sum = 0;
  for (int i = 1; i <= 14; ++i) {
    made.costs[static_cast<stored::CostCategory>(i)] = int64_t{1} << i;
    sum += int64_t{1} << i;
  }
  const NetValue value = ValueOf({made}, {0});
  const int64_t inference = int64_t{1} << stored::INFERENCE_COST;
  const int64_t incident = int64_t{1} << stored::INCIDENT_COST;
  EXPECT_EQ(value.incremental_inference, inference);
  EXPECT_EQ(value.lifecycle_maintenance, sum - inference - incident);
  EXPECT_EQ(value.expected_incident, 100'000);
  EXPECT_EQ(value.opportunity_cost, 0);
  EXPECT_EQ(value.Sum(), sum - incident + 100'000);
  const Made result = {"r", {}, 0, {{stored::INFERENCE_COST, 1}, {stored::TRAINING_COST, 2}}, 3};
  const NetValue less = ValueOf({made}, {0}, &result);
  EXPECT_EQ(less.Sum(), value.Sum() - 6);
  EXPECT_EQ(less.incremental_inference, inference - 1);
}

TEST(NetValue, HoldsWhatAPopulationMayHold) {
  Made most = {"", {}, kMost, {}, kMost};
  for (int i = 0; i < 32; ++i) most.capabilities["c" + std::to_string(i)] = kMost;
  for (int i = 1; i <= 14; ++i) most.costs[static_cast<stored::CostCategory>(i)] = kMost;
  std::vector<Made> active;
  std::vector<size_t> leaving;
  for (size_t i = 0; i < 16; ++i) {
    active.push_back(most);
    active.back().id = std::to_string(i);
    leaving.push_back(i);
  }
  const NetValue value = ValueOf(active, leaving);
  EXPECT_EQ(value.business_value, absl::int128(kMost) * -16);
  EXPECT_EQ(value.lifecycle_maintenance, absl::int128(kMost) * 16 * 12);
  EXPECT_EQ(value.Sum(), absl::int128(kMost) * 16 * 13);
}

TEST(NetValue, IsWhatTheWordsSay) {
  const uint64_t first = FirstSeed(1);
  for (uint64_t seed = first; seed < first + 3'000; ++seed) {
    SCOPED_TRACE(testing::Message() << "PURSER_SEED=" << seed);
    Random random(seed);
    std::vector<Made> active;
    for (int64_t i = random.Between(0, 8); i > 0; --i) {
      active.push_back(random.Model("m" + std::to_string(i), 4));
    }
    std::vector<size_t> leaving;
    for (size_t i = 0; i < active.size(); ++i) {
      if (random.OneIn(2)) leaving.push_back(i);
    }
    const Made result = random.Model("result", 4);
    const Made* const becomes = random.OneIn(2) ? &result : nullptr;
    const PlainValue plain = PlainValueOf(active, leaving, becomes);
    const NetValue value = ValueOf(active, leaving, becomes);
    EXPECT_EQ(value.business_value, plain.business);
    EXPECT_EQ(value.incremental_inference, plain.inference);
    EXPECT_EQ(value.lifecycle_maintenance, plain.maintenance);
    EXPECT_EQ(value.expected_incident, plain.incident);
    EXPECT_EQ(value.Sum(), plain.Sum());
    if (HasFailure()) return;
  }
}

TEST(Providers, AreWhoWasAddedLessWhoWasRemoved) {
  const Made a = {"a", {{"x", 5}, {"y", 0}}, 0, {}, 0};
  const Made b = {"b", {{"x", 7}}, 0, {}, 0};
  Providers providers = ProvidersOf({a, b});
  EXPECT_EQ(providers.Count("x"), 2);
  EXPECT_EQ(providers.Find("x")->begin()->second, "b");
  EXPECT_EQ(providers.Find("z"), nullptr);
  EXPECT_TRUE(providers.HasOther({"x", 7}, {"a"}));
  EXPECT_FALSE(providers.HasOther({"x", 7}, {"b"}));
  EXPECT_FALSE(providers.HasOther({"x", 8}, {}));
  EXPECT_TRUE(providers.Has(ToSettings(a)));
  EXPECT_TRUE(providers.Has(Settings()));
  EXPECT_FALSE(providers.Has(ToSettings({"a", {{"x", 6}}, 0, {}, 0})));
  providers.Remove(ToSettings(a));
  EXPECT_EQ(providers.Count("x"), 1);
  EXPECT_EQ(providers.Find("y"), nullptr);
  EXPECT_FALSE(providers.Has(ToSettings(a)));
}

TEST(Providers, EndTheProcessOnWhatWasNeverThere) {
  const Settings a = ToSettings({"a", {{"x", 5}}, 0, {}, 0});
  Providers providers;
  EXPECT_DEATH(providers.Remove(a), "who leaves was there");
  providers.Add(a);
  EXPECT_DEATH(providers.Add(a), "provides each capability once");
}

// A quality of what a model does not provide says nothing.
TEST(Providers, LeaveOutAQualityOfNoCapability) {
  Settings settings = ToSettings({"a", {{"x", 5}}, 0, {}, 0});
  settings.mutable_quality(0)->set_capability("y");
  Providers providers;
  providers.Add(settings);
  EXPECT_EQ(providers.Count("y"), 0);
  EXPECT_TRUE(providers.HasOther({"x", 0}, {}));
  EXPECT_FALSE(providers.HasOther({"x", 1}, {}));
}

}  // namespace
}  // namespace purser::reviewer
