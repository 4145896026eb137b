#include "ledger/rate_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace purser {
namespace {

using ::testing::ElementsAre;

stored::RateCard Card(const std::string& id, InstantUs from_us, InstantUs until_us,
                      const std::vector<std::string>& resources, int64_t picos = 1) {
  stored::RateCard card;
  card.set_id(id);
  card.set_valid_from_us(from_us);
  card.set_valid_until_us(until_us);
  for (const std::string& resource : resources) {
    auto& rate = *card.add_rates();
    rate.set_resource(resource);
    rate.set_picos(picos);
  }
  return card;
}

// "card until", or "".
std::string InForce(const RateBook& book, const std::string& resource, InstantUs at_us) {
  const auto found = book.FindRate(resource, at_us);
  return found.has_value() ? *found->card + " " + std::to_string(found->until_us) : "";
}

TEST(RateBookTest, OneWithoutAnEndEndsWhereTheNextBegins) {
  RateBook book;
  book.Put(Card("first", 10, 0, {"gpu_hours", "network"}));
  book.Put(Card("second", 20, 0, {"gpu_hours"}));
  EXPECT_EQ(InForce(book, "gpu_hours", 9), "");
  EXPECT_EQ(InForce(book, "gpu_hours", 10), "first 20");
  EXPECT_EQ(InForce(book, "gpu_hours", 19), "first 20");
  EXPECT_EQ(InForce(book, "gpu_hours", 20), "second 0");
  EXPECT_EQ(InForce(book, "network", 20), "first 0");
  EXPECT_EQ(InForce(book, "nothing", 20), "");
}

TEST(RateBookTest, NothingIsPricedInAGap) {
  RateBook book;
  book.Put(Card("first", 10, 0, {"gpu_hours"}));
  book.Put(Card("second", 20, 30, {"gpu_hours"}));
  EXPECT_EQ(InForce(book, "gpu_hours", 29), "second 30");
  EXPECT_EQ(InForce(book, "gpu_hours", 30), "");
  EXPECT_EQ(book.FindOpen("gpu_hours", 29)->id(), "second");
  EXPECT_EQ(book.FindOpen("gpu_hours", 19)->id(), "first");
  EXPECT_EQ(book.FindOpen("gpu_hours", 30), nullptr);
}

TEST(RateBookTest, NamesTheFirstThatOverlapsAndInWhat) {
  RateBook book;
  book.Put(Card("b", 10, 20, {"gpu_hours", "network"}));
  book.Put(Card("a", 40, 0, {"network"}));
  const auto both = book.FindOverlap(Card("new", 15, 0, {"gpu_hours", "network", "storage"}), 0);
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->card, "b");
  EXPECT_THAT(both->resources, ElementsAre("gpu_hours", "network"));
  // It ends where the next begins, unless it says that it goes on.
  EXPECT_FALSE(book.FindOverlap(Card("new", 20, 0, {"network"}), 0).has_value());
  EXPECT_FALSE(book.FindOverlap(Card("new", 20, 40, {"network"}), 0).has_value());
  EXPECT_EQ(book.FindOverlap(Card("new", 20, 41, {"network"}), 0)->card, "a");
  EXPECT_EQ(book.FindOverlap(Card("new", 40, 0, {"network"}), 0)->card, "a");
  EXPECT_FALSE(book.FindOverlap(Card("new", 41, 0, {"network"}), 0).has_value());
  // Nor itself.
  EXPECT_FALSE(book.FindOverlap(Card("b", 10, 30, {"network"}), 0).has_value());
}

// Where another has begun since, it says nothing how long the first was to go on.
TEST(RateBookTest, WhatIsOverOverlapsNothing) {
  RateBook book;
  book.Put(Card("first", 10, 0, {"gpu_hours", "network"}));
  book.Put(Card("second", 20, 0, {"gpu_hours"}));
  const stored::RateCard longer = Card("first", 10, 50, {"gpu_hours", "network"});
  EXPECT_EQ(book.FindOverlap(longer, 19)->card, "second");
  EXPECT_FALSE(book.FindOverlap(longer, 20).has_value());
  book.Put(longer);
  EXPECT_EQ(InForce(book, "gpu_hours", 30), "second 0");
  EXPECT_EQ(InForce(book, "network", 30), "first 50");
  EXPECT_FALSE(book.FindOverlap(Card("new", 30, 0, {"gpu_hours"}), 20).has_value());
  EXPECT_EQ(book.FindOverlap(Card("new", 30, 0, {"network"}), 20)->card, "first");
}

TEST(RateBookTest, NamesWhatNoCardHas) {
  EXPECT_EQ(FindCardFault(Card("a", 10, 0, {"gpu_hours", "network"})), "");
  EXPECT_NE(FindCardFault(Card("", 10, 0, {"gpu_hours"})), "");
  EXPECT_NE(FindCardFault(Card("a", 10, 0, {})), "");
  EXPECT_NE(FindCardFault(Card("a", 10, 10, {"gpu_hours"})), "");
  EXPECT_NE(FindCardFault(Card("a", 10, 0, {"network", "gpu_hours"})), "");
  EXPECT_NE(FindCardFault(Card("a", 10, 0, {"network", "network"})), "");
  EXPECT_NE(FindCardFault(Card("a", 10, 0, {"network"}, -1)), "");
  EXPECT_NE(FindCardFault(Card("a", 10, 0, {"network"}, kRateMaxUsd * Rate::kPicosPerUsd + 1)), "");
}

TEST(RateBookTest, PricesWhatMayBePriced) {
  RateBook book;
  book.Put(Card("a", 10, 0, {"gpu_hours"}, 5));
  const auto rate = [&book](bool priced, const std::string& unit, InstantUs at_us) {
    stored::ResourceSettings settings;
    settings.set_name("gpu_hours");
    settings.set_unit(unit);
    settings.set_priced(priced);
    Resource resource;
    resource.settings = std::make_shared<const stored::ResourceSettings>(settings);
    return FindUnitRate(book, resource, at_us);
  };
  EXPECT_EQ(rate(true, "h", 10), Rate::FromPicos(5));
  EXPECT_EQ(rate(true, "h", 9), std::nullopt);
  EXPECT_EQ(rate(true, "USD", 9), Rate::One());
  EXPECT_EQ(rate(false, "h", 10), std::nullopt);
  EXPECT_EQ(rate(false, "USD", 10), std::nullopt);
  // The card was made for a capacity that had the name.
  stored::RateCard hourly = Card("a", 10, 0, {"gpu_hours"}, 5);
  hourly.mutable_rates(0)->set_per(stored::RateCard::UNIT_HOUR);
  book.Put(hourly);
  EXPECT_EQ(rate(true, "h", 10), std::nullopt);
}

TEST(RateBookTest, TakesTheWholeCardAway) {
  RateBook book;
  book.Put(Card("a", 10, 0, {"gpu_hours", "network"}));
  book.Put(Card("a", 12, 0, {"network"}));
  EXPECT_EQ(InForce(book, "gpu_hours", 15), "");
  EXPECT_EQ(InForce(book, "network", 11), "");
  EXPECT_TRUE(book.Erase("a"));
  EXPECT_FALSE(book.Erase("a"));
  EXPECT_TRUE(book.empty());
  EXPECT_EQ(InForce(book, "network", 15), "");
}

TEST(RateBookTest, ACopyKeepsWhatItHas) {
  RateBook book;
  book.Put(Card("a", 10, 0, {"gpu_hours"}));
  const RateBook copy = book;
  book.Erase("a");
  EXPECT_EQ(InForce(copy, "gpu_hours", 10), "a 0");
  EXPECT_EQ(copy.CountRates(), 1u);
  EXPECT_EQ(book.CountRates(), 0u);
}

// Instant by instant: whoever covers it, and began last.
TEST(RateBookTest, IsWhatEachInstantSays) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    RateBook book;
    std::map<std::string, stored::RateCard> cards;
    for (int i = 0; i < 30; ++i) {
      const std::string id(1, static_cast<char>('a' + random() % 6));
      if (random() % 4 == 0) {
        EXPECT_EQ(book.Erase(id), cards.erase(id) > 0) << "seed " << seed;
        continue;
      }
      const auto from_us = static_cast<InstantUs>(1 + random() % 20);
      const InstantUs until_us =
          random() % 2 == 0 ? 0 : from_us + static_cast<InstantUs>(1 + random() % 10);
      const stored::RateCard card = Card(id, from_us, until_us, {"r"});
      std::string overlapped;
      for (const auto& [other_id, other] : cards) {
        if (other_id == id || !overlapped.empty()) continue;
        const auto& first = other.valid_from_us() < from_us ? other : card;
        const auto& second = other.valid_from_us() < from_us ? card : other;
        const bool goes_on = first.valid_until_us() > second.valid_from_us();
        if (goes_on || first.valid_from_us() == second.valid_from_us()) overlapped = other_id;
      }
      const auto found = book.FindOverlap(card, 0);
      EXPECT_EQ(found.has_value() ? found->card : "", overlapped) << "seed " << seed;
      if (!overlapped.empty()) continue;
      book.Put(card);
      cards[id] = card;
      for (InstantUs at_us = 0; at_us <= 32; ++at_us) {
        const stored::RateCard* last = nullptr;
        for (const auto& [other_id, other] : cards) {
          if (other.valid_from_us() > at_us) continue;
          if (last == nullptr || other.valid_from_us() > last->valid_from_us()) last = &other;
        }
        const bool ended =
            last != nullptr && last->valid_until_us() != 0 && last->valid_until_us() <= at_us;
        const auto in_force = book.FindRate("r", at_us);
        EXPECT_EQ(in_force.has_value() ? *in_force->card : "",
                  last == nullptr || ended ? "" : last->id())
            << "seed " << seed << " at " << at_us;
      }
    }
  }
}

}  // namespace
}  // namespace purser
