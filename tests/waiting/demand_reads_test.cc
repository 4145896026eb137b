// One reads a population's demand, and those who ask meanwhile have what it found.
#include "daemon/demand_reads.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/refusal.h"
#include "tests/fixtures/eventually.h"

namespace purser {
namespace {

constexpr InstantUs kNowUs = 1'000 * kSecondUs;

class DemandReadsTest : public testing::Test {
 protected:
  // Of population 1, as a read that knows everything up to `newest`.
  absl::StatusOr<uint64_t> Ask(uint64_t sequence, uint64_t newest, InstantUs now_us = kNowUs) {
    const auto read = reads_.Get(1, sequence, now_us, [&] {
      ++count_;
      while (holds_) std::this_thread::yield();
      api::DemandRead found;
      found.sequence = newest;
      found.at_us = now_us;
      return absl::StatusOr<api::DemandRead>(found);
    });
    if (!read.ok()) return read.status();
    return read->sequence;
  }

  DemandReads reads_;
  std::atomic<int> count_{0};
  std::atomic<bool> holds_{false};
};

TEST_F(DemandReadsTest, AreSharedUntilMoreIsRecordedOrFiveSecondsHavePassed) {
  EXPECT_EQ(*Ask(7, 8), 8u);
  EXPECT_EQ(*Ask(8, 9), 8u);
  EXPECT_EQ(*Ask(8, 9, kNowUs + 4 * kSecondUs), 8u);
  EXPECT_EQ(*Ask(9, 9), 9u) << "more was recorded";
  EXPECT_EQ(*Ask(9, 10, kNowUs + 5 * kSecondUs), 10u) << "it is old";
  // Found by somebody whose clock was ahead.
  EXPECT_EQ(*Ask(10, 11), 10u);
  EXPECT_EQ(count_, 3);
}

TEST_F(DemandReadsTest, AreOfOnePopulationEach) {
  EXPECT_EQ(*Ask(1, 5), 5u);
  const auto other = reads_.Get(2, 1, kNowUs, [] {
    api::DemandRead found;
    found.sequence = 3;
    return absl::StatusOr<api::DemandRead>(found);
  });
  EXPECT_EQ(other->sequence, 3u);
}

TEST_F(DemandReadsTest, AreTriedAgainByWhoWaitedForOneThatFailed) {
  const auto failed = reads_.Get(1, 1, kNowUs, []() -> absl::StatusOr<api::DemandRead> {
    return Refuse(stored::READ_ONLY, "the store is being reopened");
  });
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(*Ask(1, 2), 2u);
}

TEST_F(DemandReadsTest, AreWaitedForBySixteen) {
  holds_ = true;
  std::vector<std::thread> threads;
  std::atomic<int> same{0};
  std::atomic<int> refused{0};
  const auto ask = [&] {
    const auto found = Ask(3, 3);
    if (found.ok() && *found == 3) ++same;
    if (!found.ok() && RefusalOf(found.status()).reason() == stored::OVERLOADED) ++refused;
  };
  threads.emplace_back(ask);
  EXPECT_TRUE(Eventually([&] { return count_ == 1; }));
  for (int i = 0; i < 20; ++i) threads.emplace_back(ask);
  EXPECT_TRUE(Eventually([&] { return refused == 4; }));
  holds_ = false;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, 17);
  EXPECT_EQ(count_, 1) << "one read for all of them";
}

}  // namespace
}  // namespace purser
