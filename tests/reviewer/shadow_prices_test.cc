// What a unit that others wait for is worth, and what a place costs by that.
#include "lifecycle/shadow_prices.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/reviewer/made_models.h"

namespace purser::reviewer {
namespace {

Resource Capacity(const std::string& name, int64_t base_micros, bool priced = true) {
  stored::ResourceSettings settings;
  settings.set_name(name);
  settings.set_unit("GB");
  settings.set_kind(stored::CAPACITY);
  settings.set_priced(priced);
  Resource resource;
  resource.number = 1;
  resource.settings = std::make_shared<const stored::ResourceSettings>(settings);
  resource.base = Amount::FromMicros(base_micros);
  return resource;
}
RateBook RatesOf(const std::string& name, int64_t picos, stored::RateCard::Per per) {
  stored::RateCard card;
  card.set_id("card");
  card.set_valid_from_us(100);
  auto& rate = *card.add_rates();
  rate.set_resource(name);
  rate.set_picos(picos);
  rate.set_per(per);
  RateBook rates;
  rates.Put(card);
  return rates;
}

TEST(ShadowPrices, AreTheShareOfTheRateThatIsUnserved) {
  const RateBook rates = RatesOf("memory", 1'000'000'000'000, stored::RateCard::UNIT_HOUR);
  const Resource memory = Capacity("memory", 3'000'000);
  EXPECT_EQ(ShadowPriceOf(memory, rates, 99, 1), std::nullopt);  // no rate yet
  EXPECT_EQ(ShadowPriceOf(Capacity("memory", 3'000'000, false), rates, 100, 1), std::nullopt);
  EXPECT_EQ(ShadowPriceOf(memory, rates, 100, 0)->Rounded(), Rate());
  EXPECT_EQ(ShadowPriceOf(memory, rates, 100, 1'000'000)->Rounded().ToString(), "0.333333333333");
  EXPECT_EQ(ShadowPriceOf(memory, rates, 100, 2'000'000)->Rounded().ToString(), "0.666666666667");
  EXPECT_EQ(ShadowPriceOf(memory, rates, 100, 3'000'001)->Rounded(), Rate::One());
  EXPECT_EQ(ShadowPriceOf(memory, rates, 100, absl::int128(1) << 100)->Rounded(), Rate::One());
  const Resource none = Capacity("memory", 0);
  EXPECT_EQ(ShadowPriceOf(none, rates, 100, 1)->Rounded(), Rate::One());
  EXPECT_EQ(ShadowPriceOf(none, rates, 100, 0)->Rounded(), Rate());
}

TEST(ShadowPrices, MakeAPlaceCostWhatOthersWouldGive) {
  const Amount two = Amount::FromUnits(2);
  const ShadowPrice by_hour = {Rate::One(), stored::RateCard::UNIT_HOUR, 1, 3};
  const ShadowPrice by_month = {Rate::One(), stored::RateCard::UNIT_MONTH, 1, 3};
  EXPECT_EQ(OpportunityCost({{1, two}}, {{1, by_hour}}), -480'000'000);
  EXPECT_EQ(OpportunityCost({{1, -two}}, {{1, by_hour}}), 480'000'000);
  EXPECT_EQ(OpportunityCost({{1, two}}, {{1, by_month}}), -666'667);
  EXPECT_EQ(OpportunityCost({{1, -two}}, {{1, by_month}}), 666'667);
  // Each resource is rounded by itself; what has no price costs nothing.
  EXPECT_EQ(OpportunityCost({{1, two}, {2, two}, {3, two}}, {{1, by_month}, {2, by_month}}),
            -1'333'334);
  // Half away from zero.
  const ShadowPrice half = {Rate::FromPicos(1), stored::RateCard::UNIT_MONTH, 1, 2};
  EXPECT_EQ(OpportunityCost({{1, Amount::FromUnits(1'000'000)}}, {{1, half}}), -1);
  EXPECT_EQ(OpportunityCost({{1, Amount::FromMicros(999'999'999'999)}}, {{1, half}}), 0);
}

TEST(ShadowPrices, HoldTheLargestNumbers) {
  const ShadowPrice dear = {Rate::FromPicos(kRateMaxUsd * Rate::kPicosPerUsd),
                            stored::RateCard::UNIT_HOUR, INT64_MAX - 1, INT64_MAX};
  const absl::int128 cost = OpportunityCost({{1, -kModelAmountMax}}, {{1, dear}});
  // 10^9 × 10^6 USD × 720, in millionths, less what rounds to 78 of these.
  EXPECT_EQ(cost, absl::int128(720'000'000'000'000'000) * 1'000'000 - 78'063);
}

TEST(ShadowPrices, AreAsExactAsASlowProduct) {
  Random random(FirstSeed(1));
  for (int i = 0; i < 20'000; ++i) {
    const int64_t amount = random.Between(-2'000'000, 2'000'000);
    ShadowPrice price;
    price.rate = Rate::FromPicos(random.Between(1, 3'000'000'000'000));
    price.per = random.OneIn(2) ? stored::RateCard::UNIT_HOUR : stored::RateCard::UNIT_MONTH;
    price.base = random.Between(1, 1'000'000);
    price.waiting = random.Between(1, price.base);
    PlainValue::Wide product = amount < 0 ? -amount : amount;
    product *= price.rate.picos();
    product *= price.waiting;
    if (price.per == stored::RateCard::UNIT_HOUR) product *= 720;
    const PlainValue::Wide divisor = PlainValue::Wide(price.base) * 1'000'000'000'000;
    const PlainValue::Wide rounded = (2 * product + divisor) / (2 * divisor);
    const auto plain = static_cast<int64_t>(amount < 0 ? rounded : -rounded);
    ASSERT_EQ(OpportunityCost({{1, Amount::FromMicros(amount)}}, {{1, price}}), plain);
  }
}

TEST(ShadowPrices, AreKeptAsTheyWere) {
  const ShadowPrices prices = {{1, {Rate::One(), stored::RateCard::UNIT_HOUR, 1, 3}},
                               {4, {Rate::FromPicos(5), stored::RateCard::UNIT_MONTH, 2, 2}}};
  stored::ShadowPrices stored = ToStored(prices);
  ASSERT_EQ(stored.prices_size(), 2);
  EXPECT_EQ(stored.prices(1).resource(), 4u);
  EXPECT_EQ(stored.prices(1).rate_picos(), 5);
  EXPECT_EQ(stored.prices(1).per(), stored::RateCard::UNIT_MONTH);
  const auto is_there = [](uint32_t number) { return number < 5; };
  EXPECT_TRUE(AreShadowPrices(stored, is_there));
  EXPECT_FALSE(AreShadowPrices(stored, [](uint32_t number) { return number < 4; }));
  stored.mutable_prices(1)->set_waiting(3);
  EXPECT_FALSE(AreShadowPrices(stored, is_there));
  stored.mutable_prices(1)->set_waiting(2);
  stored.mutable_prices(1)->set_resource(1);
  EXPECT_FALSE(AreShadowPrices(stored, is_there));
}

}  // namespace
}  // namespace purser::reviewer
