#include "reservations/stay_costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "reservations/course.h"

namespace purser {
namespace {

using ::testing::ElementsAre;

constexpr uint32_t kMemory = 1;
constexpr InstantUs kMonthUs = 30 * kUsOfDay;  // every month is one of these here

Span MonthOfTest(InstantUs at_us) {
  const InstantUs begin_us = at_us / kMonthUs * kMonthUs;
  return {begin_us, begin_us + kMonthUs};
}

stored::RateCard CardOf(const std::string& id, InstantUs from_us, InstantUs until_us, int64_t usd,
                        stored::RateCard::Per per = stored::RateCard::UNIT_HOUR) {
  stored::RateCard card;
  card.set_id(id);
  card.set_valid_from_us(from_us);
  card.set_valid_until_us(until_us);
  auto& rate = *card.add_rates();
  rate.set_resource("memory");
  rate.set_picos(usd * Rate::kPicosPerUsd);
  rate.set_per(per);
  return card;
}

CapacityPast PastOf(const std::vector<std::pair<InstantUs, bool>>& is_priced = {{0, true}}) {
  return {"memory", "GB", 0, INT64_MAX, is_priced};
}

// Lines of 1 GB in hours: "2h 6" for 2 GB·h at 6 USD, "3h" for what is not priced.
class Lines : public testing::Test {
 protected:
  std::vector<std::string> Of(Span span, Span period = {0, 12 * kMonthUs}) {
    const StayCosts costs({{kMemory, past_}}, rates_, period, MonthOfTest);
    std::vector<std::string> lines;
    costs.ForEachLine(
        {kMemory, stored::RESIDENCY_COST, CostOrigin::kOccupied, Amount::FromUnits(1), span},
        [&](const CostKind& kind, const CostShare& share) {
          EXPECT_EQ(kind.resource, "memory");
          std::ostringstream text;
          text << share.quantity / kUsOfHour / 1'000'000 << "h";
          if (share.cost_micros) text << " " << *share.cost_micros / 1'000'000;
          lines.push_back(text.str());
          return true;
        });
    return lines;
  }
  static Span Hours(int64_t from, int64_t until) { return {from * kUsOfHour, until * kUsOfHour}; }
  std::string UnitOf(Span period) { return Tariff(past_, rates_, period, MonthOfTest).unit().name; }

  CapacityPast past_ = PastOf();
  RateBook rates_;
};

TEST_F(Lines, AreOneForEachCardAndOneForEachGap) {
  rates_.Put(CardOf("a", 2 * kUsOfHour, 0, 3));
  rates_.Put(CardOf("b", 4 * kUsOfHour, 7 * kUsOfHour, 5));
  rates_.Put(CardOf("c", 9 * kUsOfHour, 0, 1));
  EXPECT_THAT(Of(Hours(0, 10)), ElementsAre("2h", "2h 6", "3h 15", "2h", "1h 1"));
  EXPECT_THAT(Of(Hours(3, 5)), ElementsAre("1h 3", "1h 5"));
  EXPECT_THAT(Of(Hours(0, 10), Hours(3, 4)), ElementsAre("1h 3"));
  EXPECT_THAT(Of(Hours(4, 4)), ElementsAre());
  EXPECT_THAT(Of(Hours(0, 10), Hours(11, 12)), ElementsAre());
}

TEST_F(Lines, OfAMonthlyRateAreOneForEachMonth) {
  rates_.Put(CardOf("a", 0, 0, 720, stored::RateCard::UNIT_MONTH));
  EXPECT_THAT(Of({kMonthUs - kUsOfHour, 2 * kMonthUs + 2 * kUsOfHour}),
              ElementsAre("1h 1", "720h 720", "2h 2"));
}

TEST_F(Lines, OfAnHourlyRateGoOnOverMonths) {
  rates_.Put(CardOf("a", 0, 0, 1));
  EXPECT_THAT(Of({kMonthUs - kUsOfHour, kMonthUs + 2 * kUsOfHour}), ElementsAre("3h 3"));
}

TEST_F(Lines, HaveNoRateWhileItIsNotPriced) {
  rates_.Put(CardOf("a", 0, 0, 1));
  past_ = PastOf({{0, false}, {3 * kUsOfHour, true}});
  EXPECT_THAT(Of(Hours(0, 5)), ElementsAre("3h", "2h 2"));
  past_ = PastOf({{0, true}, {3 * kUsOfHour, false}});
  EXPECT_THAT(Of(Hours(0, 5)), ElementsAre("3h 3", "2h"));
  past_.unit = "USD";
  EXPECT_THAT(Of(Hours(0, 5)), ElementsAre("5h"));
}

TEST_F(Lines, HaveNoRateOfAConsumable) {
  rates_.Put(CardOf("a", 0, 0, 1, stored::RateCard::UNIT));
  EXPECT_THAT(Of(Hours(0, 5)), ElementsAre("5h"));
}

TEST_F(Lines, AreToldInTheUnitOfTheirRate) {
  EXPECT_EQ(UnitOf(Hours(0, 5)), "GB·h");
  rates_.Put(CardOf("a", 0, kUsOfHour, 1, stored::RateCard::UNIT_MONTH));
  EXPECT_EQ(UnitOf(Hours(0, 5)), "GB·month");
  EXPECT_EQ(UnitOf(Hours(2, 5)), "GB·h");
  rates_.Put(CardOf("b", kUsOfHour, 2 * kUsOfHour, 1));
  EXPECT_EQ(UnitOf(Hours(0, 5)), "GB·h");
  past_ = PastOf({{0, true}, {4 * kUsOfHour, false}});
  EXPECT_EQ(UnitOf(Hours(0, 5)), "GB·day");
  EXPECT_EQ(UnitOf(Hours(0, 4)), "GB·h");
}

TEST(StaysOf, AreHeldUntilTheStartAndOccupiedFromThereOn) {
  const auto stays = StaysOf({}, 1, 3, 7);
  EXPECT_EQ(stays[0].origin, CostOrigin::kHeld);
  EXPECT_EQ(stays[0].span.from_us, 1);
  EXPECT_EQ(stays[0].span.until_us, 3);
  EXPECT_EQ(stays[1].origin, CostOrigin::kOccupied);
  EXPECT_EQ(stays[1].span.from_us, 3);
  EXPECT_EQ(stays[1].span.until_us, 7);
  const auto idle = StaysOf({}, 1, 0, 7);
  EXPECT_EQ(idle[0].span.until_us, 7);
  EXPECT_TRUE(idle[1].span.empty());
}

TEST(Courses, ForgetWhatWasForNoTime) {
  Course<int> course;
  course.Set(1, 5);
  course.Set(4, 6);
  course.Set(4, 5);
  course.Set(9, 7);
  std::vector<std::string> parts;
  course.ForEach([&](int value, Span span) {
    parts.push_back(std::to_string(value) + " from " + std::to_string(span.from_us));
    return true;
  });
  EXPECT_THAT(parts, ElementsAre("5 from 1", "7 from 9"));
}

}  // namespace
}  // namespace purser
