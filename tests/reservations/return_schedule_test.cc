// What comes back when, against a list that is added up.
#include "reservations/return_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

namespace purser {
namespace {

constexpr int64_t kMinute = 60 * kSecondUs;
constexpr int kPlenty = 1'000'000;

using Naive = std::map<ExpiryKey, ReturnLines>;

bool Counts(const ReturnLine& line, const ReturnSchedule::Question& question) {
  return line.resource == question.resource &&
         (!question.period.has_value() || line.period == *question.period);
}

ReturnSchedule::Answer ReachNaively(const Naive& all, const ReturnSchedule::Question& question) {
  ReturnSchedule::Answer answer;
  for (const auto& [key, lines] : all) {
    if (key.end_us < question.from_us || key.end_us >= question.until_us) continue;
    for (const ReturnLine& line : lines) {
      if (Counts(line, question)) answer.sum += line.amount;
    }
    if (answer.sum < question.wanted) continue;
    answer.at_us = key.end_us;
    break;
  }
  return answer;
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {}

  uint64_t Pick(uint64_t below) { return random_() % below; }

  ReturnLines SomeLines() {
    ReturnLines lines;
    for (uint32_t resource = 1; resource <= 4; ++resource) {
      if (Pick(3) == 0) continue;
      const auto period = static_cast<uint32_t>(1 + Pick(2));
      lines.push_back({resource, period, Amount::FromMicros(static_cast<int64_t>(1 + Pick(1000)))});
    }
    return lines;
  }

  InstantUs SomeInstant() {
    // Often many in one minute, or at one instant.
    const int64_t span = Pick(3) == 0 ? kMinute : 90 * kDayUs;
    return static_cast<InstantUs>(1'769'767'200'000'000 + Pick(2) * Pick(span));
  }

  void Change() {
    ReturnChange change;
    const bool is_new = naive.empty() || Pick(3) > 0;
    if (!is_new) {
      auto it = naive.lower_bound({SomeInstant(), 0, 0});
      if (it == naive.end()) it = naive.begin();
      change.before = it->first;
      naive.erase(it);
    }
    if (is_new || Pick(2) == 0) {
      change.after = ExpiryKey{SomeInstant(), ++made_, 0};
      change.lines = SomeLines();
      naive[*change.after] = change.lines;
    }
    schedule.Apply(change);
  }

  ReturnSchedule::Question SomeQuestion() {
    ReturnSchedule::Question question;
    question.resource = static_cast<uint32_t>(1 + Pick(4));
    if (Pick(2) == 0) question.period = 1 + Pick(2);
    question.from_us = SomeInstant() - static_cast<int64_t>(Pick(2) * kMinute);
    question.until_us = Pick(3) == 0 ? INT64_MAX : SomeInstant();
    const bool all = Pick(4) == 0;
    question.wanted =
        all ? Amount::Max() : Amount::FromMicros(static_cast<int64_t>(1 + Pick(90'000)));
    return question;
  }

  Naive naive;
  ReturnSchedule schedule;

 private:
  std::mt19937_64 random_;
  uint64_t made_ = 0;
};

TEST(ReturnSchedule, AddsUpLikeAList) {
  const char* const given = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::cout << "first seed " << first << "\n";
  for (uint64_t seed = first; seed < first + 20; ++seed) {
    World world(seed);
    for (int i = 0; i < 400; ++i) {
      world.Change();
      const ReturnSchedule::Question question = world.SomeQuestion();
      ReturnSchedule::Steps steps{kPlenty};
      const auto answer = world.schedule.Reach(question, &steps);
      const auto expected = ReachNaively(world.naive, question);
      ASSERT_TRUE(answer.complete) << "PURSER_SEED=" << seed;
      ASSERT_EQ(answer.at_us, expected.at_us) << "PURSER_SEED=" << seed << " change " << i;
      ASSERT_EQ(answer.sum, expected.sum) << "PURSER_SEED=" << seed << " change " << i;
    }
    EXPECT_EQ(world.schedule.size(), world.naive.size());
  }
}

TEST(ReturnSchedule, LooksAtFewOfManyLeases) {
  ReturnSchedule schedule;
  for (uint64_t i = 0; i < 100'000; ++i) {
    const ReturnLine line{1, 1, Amount::FromMicros(1)};
    schedule.Apply(
        {std::nullopt, ExpiryKey{static_cast<int64_t>(i) * kSecondUs, i + 1, 0}, {line}});
  }
  ReturnSchedule::Steps steps{kPlenty};
  const auto answer =
      schedule.Reach({1, std::nullopt, 0, INT64_MAX, Amount::FromMicros(90'000)}, &steps);
  EXPECT_EQ(answer.at_us, 89'999 * kSecondUs);
  EXPECT_LT(kPlenty - steps.left, 1'000);
}

TEST(ReturnSchedule, IsLateRatherThanWrongWithoutSteps) {
  ReturnSchedule schedule;
  for (uint64_t i = 0; i < 1'000; ++i) {
    const ReturnLine line{1, 1, Amount::FromMicros(1)};
    schedule.Apply({std::nullopt, ExpiryKey{10 * kSecondUs, i + 1, 0}, {line}});
  }
  ReturnSchedule::Steps steps{100};
  const auto answer =
      schedule.Reach({1, std::nullopt, 0, INT64_MAX, Amount::FromMicros(500)}, &steps);
  EXPECT_FALSE(answer.complete);
  ASSERT_TRUE(answer.at_us.has_value());
  EXPECT_GE(*answer.at_us, 10 * kSecondUs);
  EXPECT_LE(*answer.at_us, 10 * kSecondUs + 2 * kMinute);
}

TEST(ReturnSchedule, NamesTheLastThatEnd) {
  ReturnSchedule schedule;
  for (uint64_t i = 1; i <= 5; ++i) {
    const ReturnLine line{i == 3 ? 2U : 1U, 1, Amount::FromMicros(1)};
    schedule.Apply({std::nullopt, ExpiryKey{static_cast<int64_t>(i) * kSecondUs, i, 0}, {line}});
  }
  const auto last = schedule.FindLast({1, std::nullopt, 0, 4 * kSecondUs + 1, Amount()}, 2, 100);
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0].grant_sequence, 4U);
  EXPECT_EQ(last[1].grant_sequence, 2U);
  EXPECT_TRUE(schedule.FindLast({2, std::nullopt, 0, 3 * kSecondUs, Amount()}, 2, 100).empty());
  EXPECT_TRUE(
      schedule.FindLast({1, std::nullopt, 3 * kSecondUs, 4 * kSecondUs, Amount()}, 2, 100).empty());
}

}  // namespace
}  // namespace purser
