#include "daemon/group_row.h"

#include <string>

#include "gtest/gtest.h"

namespace purser {
namespace {

// A write batch whose first row is the group's.
std::string Record(uint64_t group) {
  return std::string(12, '\0') + "\x05\x01\x05group\x08" + EncodeGroup(group) + "more";
}

std::string Words(const std::optional<GroupOrder::Gap>& gap) {
  return gap ? gap->file + ": " + gap->what + "; last " + std::to_string(gap->last) : "none";
}

TEST(GroupRow, IsFoundInARecordAndNowhereElse) {
  EXPECT_EQ(GroupOfRecord(Record(0x0102030405060708)), 0x0102030405060708u);
  EXPECT_EQ(GroupOfRecord(Record(7).substr(0, kGroupHeadBytes)), 7u);
  EXPECT_EQ(GroupOfRecord(Record(7).substr(0, 20)), 0u);
  EXPECT_EQ(GroupOfRecord(std::string(12, '\0') + "\x05\x01\x05group\x07" + EncodeGroup(7)), 0u);
  EXPECT_EQ(GroupOfRecord(""), 0u);
  // A column family's number has at most five bytes: with more, the row would be beyond the head.
  const std::string five = std::string(12, '\0') + "\x05\xff\xff\xff\xff\x0f\x05group\x08";
  EXPECT_EQ(GroupOfRecord((five + EncodeGroup(7)).substr(0, kGroupHeadBytes)), 7u);
  const std::string six = std::string(12, '\0') + "\x05\xff\xff\xff\xff\xff\x01\x05group\x08";
  EXPECT_EQ(GroupOfRecord(six + EncodeGroup(7)), 0u);
}

class GroupOrderTest : public testing::Test {
 protected:
  void Take(const std::string& file, uint64_t from, uint64_t to) {
    for (uint64_t group = from; group <= to; ++group) order_.Take(file, Record(group));
  }
  GroupOrder order_;
};

TEST_F(GroupOrderTest, IsGoodWithoutLogs) { EXPECT_EQ(Words(order_.FindGap(50)), "none"); }

TEST_F(GroupOrderTest, IsGoodWhenTheLogsGoOnBehindTheTables) {
  Take("1.log", 51, 60);
  Take("2.log", 61, 70);
  EXPECT_TRUE(order_.Take("2.log", "no batch of ours"));
  EXPECT_EQ(Words(order_.FindGap(50)), "none");
}

TEST_F(GroupOrderTest, IsGoodWhenTheLogsBeginBeforeTheEndOfTheTables) {
  Take("1.log", 20, 50);
  EXPECT_EQ(Words(order_.FindGap(50)), "none");
}

TEST_F(GroupOrderTest, HasAGapBetweenTwoLogs) {
  Take("1.log", 51, 60);
  EXPECT_FALSE(order_.Take("2.log", Record(62)));
  EXPECT_FALSE(order_.Take("2.log", Record(61))) << "what comes later does not fill it";
  const std::string words = "2.log: group 62 follows group 60 in 1.log; last 60";
  EXPECT_EQ(Words(order_.FindGap(50)), words);
  EXPECT_EQ(Words(order_.FindGap(std::nullopt)), words);
}

TEST_F(GroupOrderTest, HasAGapBehindTheTables) {
  Take("1.log", 52, 60);
  EXPECT_EQ(Words(order_.FindGap(50)), "1.log: group 52 follows group 50 in the tables; last 50");
}

TEST_F(GroupOrderTest, HasAGapWhenTheLogsEndBeforeTheTables) {
  Take("1.log", 20, 49);
  EXPECT_EQ(Words(order_.FindGap(50)), "1.log: it ends at group 49, the tables at 50; last 49");
}

}  // namespace
}  // namespace purser
