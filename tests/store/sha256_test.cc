#include "daemon/sha256.h"

#include <string>
#include <thread>
#include <vector>

#include "daemon/clock.h"
#include "daemon/crc32c.h"
#include "daemon/real_clock.h"
#include "gtest/gtest.h"

namespace purser {
namespace {

TEST(Sha256, AgreesWithTheStandardsExamples) {  // FIPS 180-4, CSRC's example values
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DigestsTheTwoPartsAsOne) {
  EXPECT_EQ(Sha256("a", "bc"), Sha256("abc"));
  EXPECT_EQ(Sha256("", "abc"), Sha256("abc", ""));
}

TEST(Sha256, ThreadsDoNotDisturbEachOther) {
  const auto expected = Sha256(std::string(1'000, 'x'));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1'000; ++round) {
        ASSERT_EQ(Sha256(std::string(500, 'x'), std::string(500, 'x')), expected);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Crc32c,
     AgreesWithTheStandardsExamples) {  // RFC 3720 B.4 and the check value of the polynomial
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
}

TEST(Clock, TheTestClockStandsStillAndMayGoBack) {
  TestClock clock(5);
  EXPECT_EQ(clock.NowMicros(), 5);
  clock.Advance(10);
  EXPECT_EQ(clock.NowMicros(), 15);
  clock.Set(-1);
  EXPECT_EQ(clock.NowMicros(), -1);
}

TEST(Clock, TheRealClockCountsMicrosecondsSince1970) {
  constexpr int64_t kMicrosOf2023 = 1'672'531'200'000'000;
  constexpr int64_t kMicrosOf2200 = 7'258'118'400'000'000;
  const int64_t now = RealClock().NowMicros();
  EXPECT_GT(now, kMicrosOf2023);
  EXPECT_LT(now, kMicrosOf2200);
}

}  // namespace
}  // namespace purser
