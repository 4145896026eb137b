// Advance reservations in the reference model: how many there may be, that the future which it
// plays is the one of the page's formula, and that promises are kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/model/action_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

using Reasons = std::vector<std::string>;

Action Parse(const std::string& command, const std::string& arguments, int64_t now_us) {
  Action action;
  EXPECT_EQ(ParseAction(command, arguments, now_us, &action), "") << arguments;
  return action;
}

Verdict Do(const std::string& command, const std::string& arguments, Model* model) {
  return model->Do(Parse(command, arguments, model->NowUs()));
}

TEST(Bookings, AreAThousandOfAPopulationAndHalfOfThemOfAPrincipal) {
  Model model;
  model.Reset(0, {});
  Do("create", "memory capacity amount=600 reserve=0", &model);
  const auto book = [&model](int i, const std::string& how) {
    return Do("reserve", "r" + std::to_string(i) + " TRAINING memory=1 lease=1h " + how, &model);
  };
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(book(i, "start_at=+1h by=alice").scheduled) << i;
  EXPECT_EQ(book(500, "start_at=+9h by=alice").reasons, Reasons({"limit_exceeded"}));
  EXPECT_EQ(Do("reserve", "s TRAINING memory=601 start_at=+9h by=alice", &model).reasons,
            Reasons({"limit_exceeded", "insufficient_capacity"}));
  // Not a limit that somebody set: it binds every purpose.
  EXPECT_EQ(
      Do("reserve", "t ROLLBACK memory=1 start_at=+9h by=alice scopes=reserve:spend", &model).code,
      "limit_exceeded");
  EXPECT_EQ(book(501, "by=alice").code, "");
  for (int i = 600; i < 1'100; ++i) EXPECT_TRUE(book(i, "start_at=+2h by=bob").scheduled) << i;
  EXPECT_EQ(book(1'100, "start_at=+9h by=carol").code, "limit_exceeded");
  EXPECT_EQ(Do("release", "r7 by=alice", &model).code, "");
  EXPECT_TRUE(book(1'101, "start_at=+9h by=carol").scheduled);
  EXPECT_EQ(book(1'102, "start_at=+9h by=carol").code, "limit_exceeded");
  // What has started is no booking any more.
  Do("advance", "+1h", &model);
  EXPECT_TRUE(book(1'103, "start_at=+9h by=carol").scheduled);
}

// Free at an instant by the sum of decisions/0008.
int64_t FreeBySum(const State& state, const std::string& resource, int64_t at_us) {
  const Book& book = state.books.at(resource);
  int64_t leases = 0;
  int64_t booked = 0;
  int64_t ended = 0;
  for (const auto& [id, reservation] : state.reservations) {
    const auto line = reservation.lines.find(resource);
    if (!reservation.IsOpen() || line == reservation.lines.end()) continue;
    if (reservation.expires_us <= at_us) leases += line->second.held + line->second.in_use;
  }
  for (const Waiting& booking : state.bookings) {
    const auto amount = booking.booked->find(resource);
    if (amount == booking.booked->end() || *booking.request.start_at_us > at_us) continue;
    (booking.BookedUntilUs() <= at_us ? ended : booked) += amount->second;
  }
  const int64_t lacks = book.shortfall + std::max<int64_t>(0, book.Target() - book.reserve);
  return book.available + leases - booked - std::min(lacks, leases + ended);
}

Moment At(const std::vector<Moment>& moments, int64_t at_us) {
  Moment last = moments.front();
  for (const Moment& moment : moments) {
    if (moment.at_us <= at_us) last = moment;
  }
  return last;
}

// Random commands on two stocks and a budget. A calm one keeps away from what may take from
// bookings: withdrawals, changed settings, downtime, rollbacks, freezes and debts.
class BookedWalk {
 public:
  BookedWalk(uint64_t seed, bool calm) : random_(seed), calm_(calm) {
    model_.Reset(*ParseInstant("2026-01-30T12:00:00Z"), {"operator_family"});
    Do("create", "m capacity amount=40 reserve=10", &model_);
    Do("create", "d capacity amount=30 reserve=20% overcommit=3/2", &model_);
    Do("create", "g consumable period=36000s amount=500 reserve=9", &model_);
  }

  // Returns "" or what went wrong; the log tells how it came to it.
  std::string Step() {
    const Action action = Command();
    log_ += ToString(action) + "\n";
    const State before = model_.state();
    std::map<std::string, std::vector<Moment>> future;
    for (const char* name : {"m", "d"}) future[name] = model_.PlayForward(name);
    const Verdict verdict = model_.Do(action);
    booked_ += verdict.scheduled ? 1 : 0;
    refused_ += !verdict.shortages.empty() && verdict.shortages.back().at_us != 0 ? 1 : 0;
    if (std::string broken = model_.CheckInvariants(); !broken.empty()) return broken;
    for (const auto& [name, moments] : future) {
      if (std::string wrong = CheckFuture(name); !wrong.empty()) return wrong;
      if (IsBound(action) && TakesWhatIsBooked(name, moments))
        return name + ": takes from bookings";
    }
    return CheckStarts(before);
  }

  const std::string& log() const { return log_; }
  int booked() const { return booked_; }
  int refused() const { return refused_; }
  int started() const { return started_; }
  int late() const { return late_; }

 private:
  std::string CheckFuture(const std::string& name) const {
    const Book& book = model_.state().books.at(name);
    for (const Moment& moment : model_.PlayForward(name)) {
      if (moment.free != FreeBySum(model_.state(), name, moment.at_us)) {
        return std::string(name).append(": the sum is another at ") + FormatInstant(moment.at_us);
      }
    }
    // What comes in fills the reserve first; so nobody who is granted gives back to the reserve.
    const bool beside = book.available > 0 && book.reserve < book.Target();
    return beside ? name + ": available beside a reserve that lacks something" : "";
  }

  bool IsBound(const Action& action) const {
    if (action.verb == Verb::kReserve) return action.start_at_us || action.purpose != "ROLLBACK";
    const auto found = model_.state().reservations.find(action.id);
    const bool prolongs = action.verb == Verb::kRenew || action.verb == Verb::kStart;
    return prolongs && found != model_.state().reservations.end() &&
           found->second.purpose != "ROLLBACK";
  }

  // At no instant at which something is booked there is less than nothing where there was not.
  bool TakesWhatIsBooked(const std::string& name, const std::vector<Moment>& before) const {
    const std::vector<Moment> after = model_.PlayForward(name);
    return std::any_of(after.begin(), after.end(), [&before](const Moment& moment) {
      return moment.booked > 0 && moment.free < 0 && At(before, moment.at_us).free >= 0;
    });
  }

  std::string CheckStarts(const State& before) {
    for (const Waiting& booking : before.bookings) {
      const auto& now = model_.state().reservations.at(booking.id);
      if (now.IsOpen()) ++started_;
      if (now.state != "QUEUED") continue;
      ++late_;
      if (calm_) return booking.id + ": could not start in time";
    }
    return "";
  }

  uint64_t Pick(uint64_t n) { return random_() % n; }
  std::string Number(uint64_t n) { return std::to_string(1 + Pick(n)); }
  std::string Of() { return std::string(Pick(2) == 0 ? " m=" : " d=") + Number(14); }
  std::string Id() { return "r" + std::to_string(next_ - 1 - Pick(12)); }
  Action Say(const std::string& command, const std::string& arguments) {
    return Parse(command, arguments, model_.NowUs());
  }

  Action Reservation() {
    const bool rollback = !calm_ && Pick(8) == 0;
    Action action =
        Say("reserve", "r" + std::to_string(next_++) + (rollback ? " ROLLBACK" : " SERVING") +
                           Of() + Of() + (Pick(4) == 0 ? " g=" + Number(5) : "") +
                           " lease=" + Number(60) + "m");
    if (Pick(4) == 0) action.minimum_amounts[action.amounts.begin()->first] = 0;
    action.priority = static_cast<int>(Pick(3)) - 1;
    if (Pick(2) == 0) {
      action.start_at_us = model_.NowUs() + static_cast<int64_t>(1 + Pick(120)) * 60 * kOne;
      action.max_queue_wait_us = static_cast<int64_t>(1 + Pick(60)) * 60 * kOne;
    } else {
      action.queue = Pick(3) == 0;
    }
    return action;
  }

  Action OnReservation() {
    switch (Pick(5)) {
      case 0:
        return Say("start", Id() + (Pick(2) == 0 ? "" : " lease=" + Number(120) + "m"));
      case 1:
        return Say("renew", Id() + " lease=" + Number(120) + "m");
      case 2:
        return Say("settle", Id() + " all");
      default:
        return Say("release", Id());
    }
  }

  Action Disturbance() {
    const std::string resource = Pick(2) == 0 ? "m" : "d";
    switch (Pick(6)) {
      case 0:
        return Say("withdraw", resource + " " + Number(8));
      case 1:
        return Say("grant", resource + " " + Number(8));
      case 2:
        return Say("update", resource + " amount=" + Number(60));
      case 3:
        return Say("update", resource + " reserve=" + Number(15));
      case 4:
        return Say("freeze",
                   "resource=" + resource + " until=" + FormatInstant(model_.NowUs() + 600 * kOne));
      default:
        return Say("resume", "10m");
    }
  }

  Action Command() {
    switch (Pick(10)) {
      case 0:
      case 1:
      case 2:
        return OnReservation();
      case 3:
      case 4:
        return Say("advance", "+" + Number(20) + "m");
      case 5:
        return calm_ ? Say("grant", "m " + Number(2)) : Disturbance();
      default:
        return Reservation();
    }
  }

  Model model_;
  std::mt19937_64 random_;
  bool calm_;
  uint64_t next_ = 100;
  std::string log_;
  int booked_ = 0;
  int refused_ = 0;
  int started_ = 0;
  int late_ = 0;
};

void WalkSeeds(bool calm) {
  const char* given = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first_seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::cout << "first seed " << first_seed << "\n";
  int booked = 0;
  int refused = 0;
  int started = 0;
  int late = 0;
  for (uint64_t seed = first_seed; seed < first_seed + 60; ++seed) {
    BookedWalk walk(seed, calm);
    for (int step = 0; step < 300; ++step) {
      const std::string broken = walk.Step();
      ASSERT_EQ(broken, "") << "seed " << seed << "\n" << walk.log();
    }
    booked += walk.booked();
    refused += walk.refused();
    started += walk.started();
    late += walk.late();
  }
  std::cout << booked << " booked, " << refused << " refused for the future, " << started
            << " started in time, " << late << " too late\n";
  EXPECT_GT(booked, 1'000);
  EXPECT_GT(refused, 300);
  EXPECT_GT(started, 500);
  EXPECT_EQ(late > 0, !calm);
}

TEST(BookedWalks, OfCalmStartInTime) { WalkSeeds(true); }

TEST(BookedWalks, OfDisturbancePlayTheFutureOfThePage) { WalkSeeds(false); }

}  // namespace
}  // namespace purser::model
