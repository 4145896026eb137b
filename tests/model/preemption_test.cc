// Preemption in the reference model, under random commands on a crowded world: what must be true of
// every notice and of every execution, told without the way in which victims are chosen.
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

constexpr int64_t kMinimumRunUs = 60 * kOne;

Action Parse(const std::string& command, const std::string& arguments, int64_t now_us) {
  Action action;
  EXPECT_EQ(ParseAction(command, arguments, now_us, &action), "") << arguments;
  return action;
}

bool MayTake(int victim, int tier) { return victim == 4 ? tier < 3 : victim == 3 && tier == 1; }

struct Seen {
  int notices = 0;
  int preempted = 0;
  int withdrawn = 0;
  int judged = 0;  // Executions of which it was seen that nobody could have been spared.
};

// A calm world has stocks and a budget that nobody takes from; the other one loses capacity, is
// frozen, booked, limited and down.
class CrowdedWalk {
 public:
  CrowdedWalk(uint64_t seed, bool calm, Seen* seen) : random_(seed), calm_(calm), seen_(*seen) {
    model_.Reset(*ParseInstant("2026-01-30T12:00:00Z"), {"operator_family"});
    for (const char* made : {"m capacity amount=40 reserve=0", "d capacity amount=30 reserve=0",
                             "g consumable amount=5000 reserve=0"}) {
      EXPECT_EQ(model_.Do(Parse("create", made, 0)).code, "");
    }
  }

  // Returns "" or what went wrong; the log tells how it came to it.
  std::string Step() {
    if (Pick(4) != 0) return Do(Command());
    const int64_t until_us = model_.NowUs() + static_cast<int64_t>(1 + Pick(200)) * kOne;
    std::string broken;
    // From one instant at which anything is due to the next, so that each can be looked at.
    while (broken.empty() && model_.NowUs() < until_us) {
      Action action;
      action.at_us = std::min(until_us, NextDueUs());
      broken = Do(action);
    }
    return broken;
  }

  const std::string& log() const { return log_; }

 private:
  std::string Do(const Action& action) {
    log_ += ToString(action) + "\n";
    const State before = model_.state();
    model_.Do(action);
    if (std::string broken = model_.CheckInvariants(); !broken.empty()) return broken;
    std::set<std::string> granted;
    for (const auto& [id, now] : model_.state().reservations) {
      const auto found = before.reservations.find(id);
      const Reservation was = found == before.reservations.end() ? now : found->second;
      if (std::string wrong = CheckOne(id, was, now, action); !wrong.empty()) return id + wrong;
      if (now.state == "PREEMPTED" && was.IsOpen()) granted.insert(now.preempted_for);
    }
    return granted.size() == 1 ? CheckSpared(before, *granted.begin()) : "";
  }

  std::string CheckOne(const std::string& id, const Reservation& was, const Reservation& now,
                       const Action& action) {
    const bool down = action.verb == Verb::kResume;
    if (!was.HasNotice() && now.HasNotice()) ++seen_.notices;
    if (was.HasNotice() && now.IsOpen() && !now.HasNotice()) ++seen_.withdrawn;
    const bool noticed =
        !now.preempted_for.empty() && (was.preempted_for != now.preempted_for || !was.HasNotice());
    if (noticed && was.IsOpen() && !down) {
      if (now.preempt_at_us < model_.NowUs() + now.grace_us) return ": has not its grace";
      if (now.preempt_at_us < was.since_us + kMinimumRunUs) return ": has not run for a minute";
    }
    if (was.HasNotice() && now.preempted_for == was.preempted_for && !down &&
        now.preempt_at_us < was.preempt_at_us) {
      return ": is to give way earlier";
    }
    const bool moved = action.verb == Verb::kRenew || action.verb == Verb::kStart || down;
    if (was.IsOpen() && now.expires_us != was.expires_us && !moved) return ": has another end";
    if (now.state != "PREEMPTED" || !was.IsOpen()) return "";
    ++seen_.preempted;
    if (!down && now.preempt_at_us != model_.NowUs()) return ": is preempted at another instant";
    const Reservation& who = model_.state().reservations.at(now.preempted_for);
    if (!MayTake(now.tier, who.tier)) return ": gave way to whom it need not";
    // Within the instant it may have ended only if its lease is shorter than that.
    if (!down && !who.IsOpen()) return ": gave way, and " + now.preempted_for + " got nothing";
    if (now.EndsUs() < now.preempt_at_us) return ": had ended before";
    return id.empty() ? ": has no name" : "";
  }

  // Of none of them what it gave back was there besides what the request is content with.
  std::string CheckSpared(const State& before, const std::string& request) {
    const State& now = model_.state();
    const auto waited = std::find_if(before.queue.begin(), before.queue.end(),
                                     [&](const Waiting& each) { return each.id == request; });
    if (!calm_ || waited == before.queue.end()) return "";
    ++seen_.judged;
    for (const auto& [id, victim] : now.reservations) {
      const auto was = before.reservations.find(id);
      if (was == before.reservations.end() || !was->second.IsOpen()) continue;
      if (victim.state != "PREEMPTED") continue;
      bool spare = true;
      for (const auto& [resource, asked] : waited->request.amounts) {
        const auto line = was->second.lines.find(resource);
        const bool has = line != was->second.lines.end();
        const int64_t gave = has ? line->second.held + line->second.in_use : 0;
        const auto minimum = waited->request.minimum_amounts.find(resource);
        const bool up_to = minimum != waited->request.minimum_amounts.end();
        const ReservationLine& got = now.reservations.at(request).lines.at(resource);
        const int64_t most = now.books.at(resource).available + got.granted - gave;
        spare = spare && most >= (up_to ? minimum->second : asked);
      }
      if (spare) return std::string(id).append(": need not have given way to ").append(request);
    }
    return "";
  }

  int64_t NextDueUs() const {
    int64_t next_us = INT64_MAX;
    const auto look = [&](int64_t at_us) {
      if (at_us > model_.NowUs()) next_us = std::min(next_us, at_us);
    };
    for (const auto& [id, each] : model_.state().reservations) {
      if (each.IsOpen()) look(each.EndsUs());
    }
    for (const Notice& notice : model_.state().notices) look(notice.preempt_at_us);
    for (const Waiting& waiting : model_.state().queue) look(waiting.GivesUpUs());
    for (const Waiting& booking : model_.state().bookings) look(*booking.request.start_at_us);
    for (const auto& [key, freeze] : model_.state().freezes) look(*freeze.until_us);
    return next_us;
  }

  uint64_t Pick(uint64_t n) { return random_() % n; }
  std::string Number(uint64_t n) { return std::to_string(1 + Pick(n)); }
  std::string Id() { return "r" + std::to_string(next_ - 1 - Pick(std::min<uint64_t>(next_, 9))); }
  Action Say(const std::string& command, const std::string& arguments) {
    return Parse(command, arguments, model_.NowUs());
  }

  Action Request() {
    const int tier = 1 + static_cast<int>(Pick(4));
    const bool rollback = !calm_ && Pick(9) == 0;
    std::string what = "r" + std::to_string(next_++) + (rollback ? " ROLLBACK" : " SERVING");
    for (uint64_t i = 1 + Pick(3); i > 0; --i) {
      const char of = "mmddg"[Pick(5)];
      what += std::string(" ") + of + "=" + Number(of == 'g' ? 9 : 14);
    }
    what += " lease=" + Number(90) + "m tier=" + std::to_string(tier);
    if (tier > 2 && Pick(2) == 0) what += " grace=" + std::to_string(Pick(4) * Pick(90)) + "s";
    if (Pick(3) == 0) what += " priority=" + Number(3);
    if (!calm_ && Pick(4) == 0) what += " by=alice scopes=reserve:spend";
    Action action = Say("reserve", what);
    if (Pick(4) == 0) action.minimum_amounts[action.amounts.begin()->first] = kOne / 2;
    action.queue = Pick(tier < 3 ? 8 : 2) != 0;
    if (Pick(3) == 0) action.max_queue_wait_us = static_cast<int64_t>(1 + Pick(900)) * kOne;
    if (!calm_ && Pick(5) == 0) {
      action.queue = false;
      action.start_at_us = model_.NowUs() + static_cast<int64_t>(1 + Pick(3'000)) * kOne;
    }
    return action;
  }

  Action Disturbance() {
    const std::string resource = Pick(2) == 0 ? "m" : "d";
    switch (Pick(6)) {
      case 0:
        return Say("withdraw", resource + " " + Number(9));
      case 1:
        return Say("grant", resource + " " + Number(9));
      case 2:
        return Say("update", resource + " reserve=" + Number(9));
      case 3:
        return Say("limit", "l" + Number(3) + " principal=alice share:" + resource + "=40 open=3");
      case 4:
        return Say("freeze",
                   "resource=" + resource + " until=" + FormatInstant(model_.NowUs() + 90 * kOne));
      default:
        return Say("resume", Number(9) + "m");
    }
  }

  Action Command() {
    switch (Pick(9)) {
      case 0:
        return Say("start", Id() + (Pick(2) == 0 ? "" : " lease=" + Number(90) + "m"));
      case 1:
        return Say("renew", Id() + " lease=" + Number(90) + "m");
      case 2:
        return Say(Pick(3) == 0 ? "settle" : "release", Id());
      case 3:
        return calm_ ? Say("charge", Id() + " g=1") : Disturbance();
      default:
        return Request();
    }
  }

  Model model_;
  std::mt19937_64 random_;
  bool calm_;
  Seen& seen_;
  uint64_t next_ = 1;
  std::string log_;
};

void WalkSeeds(bool calm) {
  const char* given = std::getenv("PURSER_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first_seed = given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
  std::cout << "first seed " << first_seed << "\n";
  Seen seen;
  for (uint64_t seed = first_seed; seed < first_seed + 80; ++seed) {
    CrowdedWalk walk(seed, calm, &seen);
    for (int step = 0; step < 250; ++step) {
      const std::string broken = walk.Step();
      ASSERT_EQ(broken, "") << "seed " << seed << "\n" << walk.log();
    }
  }
  std::cout << seen.notices << " got notice, " << seen.preempted << " preempted, " << seen.withdrawn
            << " left alone, " << seen.judged << " executions judged\n";
  EXPECT_GT(seen.notices, 200);
  EXPECT_GT(seen.preempted, 150);
  EXPECT_GT(seen.withdrawn, 15);
  EXPECT_EQ(seen.judged > 100, calm);
}

TEST(CrowdedWalks, OfCalmTakeNobodyWhoIsNotNeeded) { WalkSeeds(true); }

TEST(CrowdedWalks, OfDisturbanceKeepGracesAndTiers) { WalkSeeds(false); }

}  // namespace
}  // namespace purser::model
