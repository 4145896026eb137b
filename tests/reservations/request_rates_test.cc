// Requests a second: buckets of tokens in the time of commands.
#include "reservations/request_rates.h"

#include <gtest/gtest.h>

namespace purser {
namespace {

stored::Limit LimitOf(const std::string& id, int64_t rate_micros, uint32_t burst) {
  stored::Limit limit;
  limit.set_id(id);
  limit.set_requests_per_second(rate_micros);
  if (burst != 0) limit.set_burst(burst);
  return limit;
}

class Rates : public testing::Test {
 protected:
  void LimitAlice(int64_t rate_micros, uint32_t burst) {
    stored::Limit limit = LimitOf("a", rate_micros, burst);
    limit.set_principal("alice");
    limits_.Put(limit);
  }
  // 0: it was let through; else after how many seconds it would be.
  int64_t Ask(InstantUs now_us, int64_t tokens, std::map<LabelPair, int64_t> labels = {}) {
    const auto shown = rates_.Take(limits_, "alice", {tokens, std::move(labels)}, now_us);
    return shown.has_value() ? shown->retry_after_seconds : 0;
  }

  LimitBook limits_;
  RequestRates rates_;
};

TEST_F(Rates, FillsAtItsRateUpToItsBurst) {
  LimitAlice(500'000, 2);
  EXPECT_EQ(Ask(0, 1), 0);
  EXPECT_EQ(Ask(0, 1), 0);
  EXPECT_EQ(Ask(0, 1), 2);
  EXPECT_EQ(Ask(1'999'999, 1), 1);
  EXPECT_EQ(Ask(2'000'000, 1), 0);
  EXPECT_EQ(Ask(1'000'000'000, 1), 0);
  EXPECT_EQ(Ask(1'000'000'000, 1), 0);
  EXPECT_EQ(Ask(1'000'000'000, 1), 2);
}

TEST_F(Rates, HasTheRateRoundedUpAsBurst) {
  LimitAlice(2'500'000, 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Ask(0, 1), 0);
  EXPECT_EQ(Ask(0, 1), 1);
}

TEST_F(Rates, LetsALargeBatchThroughAFullBucketWhichThenOwes) {
  LimitAlice(1'000'000, 5);
  EXPECT_EQ(Ask(0, 1), 0);
  EXPECT_EQ(Ask(0, 20), 1);
  EXPECT_EQ(Ask(1'000'000, 20), 0);
  EXPECT_EQ(Ask(1'000'000, 1), 16);
}

TEST_F(Rates, TakesFromAllBucketsOrFromNone) {
  LimitAlice(1'000'000, 9);
  stored::Limit label = LimitOf("t", 1'000'000, 1);
  label.mutable_label()->set_key("team");
  label.mutable_label()->set_value("t");
  limits_.Put(label);
  EXPECT_EQ(Ask(0, 1, {{{"team", "t"}, 1}}), 0);
  EXPECT_EQ(Ask(0, 1, {{{"team", "t"}, 1}}), 1);
  const auto shown = rates_.Take(limits_, "alice", {1, {{{"team", "u"}, 1}}}, 0);
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->left, 7);
  EXPECT_EQ(shown->limit, "a");
  EXPECT_EQ(shown->burst, 9);
  EXPECT_EQ(shown->window_seconds, 9);
  EXPECT_EQ(shown->full_after_seconds, 2);
}

TEST_F(Rates, ForgetsABucketWithItsLimit) {
  LimitAlice(1, 1);
  EXPECT_EQ(Ask(0, 1), 0);
  EXPECT_EQ(Ask(0, 1), 1'000'000);
  limits_.Erase("a");
  EXPECT_EQ(Ask(0, 1), 0);
  LimitAlice(1, 1);
  EXPECT_EQ(Ask(0, 1), 0);
}

}  // namespace
}  // namespace purser
