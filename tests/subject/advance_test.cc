// What many bookings cost those who ask for something now, and that they are there after a restart.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Action;
using model::Verb;

constexpr int64_t kUnit = 1'000'000;
constexpr int64_t kStartUs = 1'767'225'600 * kUnit;
constexpr int kBookings = 1'000;

class AdvanceTest : public testing::Test {
 protected:
  AdvanceTest() {
    subject_.Reset(kStartUs, {});
    Action create;
    create.verb = Verb::kCreateResource;
    create.resource = "gpus";
    create.settings.capacity = true;
    create.settings.amount = 1'000'000 * kUnit;
    EXPECT_EQ(subject_.Do(create).code, "");
  }

  static Action Ask(const std::string& id) {
    Action ask;
    ask.verb = Verb::kReserve;
    ask.id = id;
    ask.purpose = "TRAINING";
    ask.amounts = {{"gpus", kUnit}};
    return ask;
  }
  // Half hours, each beginning within another.
  void Book(int count) {
    for (int i = 0; i < count; ++i) {
      Action book = Ask("b" + std::to_string(i));
      book.principal = "p" + std::to_string(i % 4);
      book.start_at_us = kStartUs + (i + 1) * 60 * kUnit + 7;
      book.lease_us = 1'800 * kUnit;
      EXPECT_TRUE(subject_.Do(book).scheduled) << i;
    }
  }

  SequencerSubject subject_;
};

TEST_F(AdvanceTest, AreThereAgainAfterARestart) {
  Book(20);
  Action later;
  later.at_us = kStartUs + 10 * 60 * kUnit;
  ASSERT_EQ(subject_.Do(later).code, "");
  subject_.controller().Crash();
  ASSERT_TRUE(subject_.controller().Reopen().ok() && subject_.controller().Open().ok());
  EXPECT_EQ(subject_.population().reservations.bookings().size(), 11u);
  EXPECT_EQ(subject_.FindReservation("b8")->state, "GRANTED");
  EXPECT_EQ(subject_.CheckInvariants(), "");
  later.at_us += 20 * 60 * kUnit;
  ASSERT_EQ(subject_.Do(later).code, "");
  EXPECT_EQ(subject_.population().reservations.bookings().size(), 0u);
}

// Of more leases than are looked at one by one what lies in whole minutes counts still.
TEST_F(AdvanceTest, CountWhatManyLeasesGiveBack) {
  for (int i = 0; i < 5'000; ++i) {
    Action ask = Ask("a" + std::to_string(i));
    ask.amounts["gpus"] = 150 * kUnit;
    ask.lease_us = (60 + i % 3) * kUnit;
    ASSERT_EQ(subject_.Do(ask).code, "") << i;
  }
  // 750,000 are available at most, all of which are held; 200 seconds from now they are back.
  Action book = Ask("all");
  book.amounts["gpus"] = 750'000 * kUnit;
  book.start_at_us = kStartUs + 200 * kUnit;
  EXPECT_TRUE(subject_.Do(book).scheduled);
  Action later;
  later.at_us = *book.start_at_us;
  ASSERT_EQ(subject_.Do(later).code, "");
  EXPECT_EQ(subject_.FindReservation("all")->state, "GRANTED");
}

// Prints; what a machine needs is no test.
TEST_F(AdvanceTest, CostTheWriterLittle) {
  const auto time_of = [&](const std::string& prefix, int64_t lease_us) {
    Action ask = Ask("");
    ask.lease_us = lease_us;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 2'000; ++i) {
      ask.id = prefix + std::to_string(i);
      EXPECT_EQ(subject_.Do(ask).code, "");
    }
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
               .count() /
           2'000;
  };
  const double without = time_of("a", 3'600 * kUnit);
  Book(kBookings);
  const double some = time_of("x", 600 * kUnit);
  const double all = time_of("c", 86'400 * kUnit);
  std::printf(
      "a hold costs %.1f us, with %d bookings %.1f us, and %.1f us where its lease meets them "
      "all\n",
      without, kBookings, some, all);
}

}  // namespace
}  // namespace purser
