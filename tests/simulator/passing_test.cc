// Whoever is let pass delays nobody before it: after random histories both futures, with it and
// without, are played out entry by entry, and each that waited before it is granted no later.
// PURSER_SEED=n runs from that seed on, PURSER_SEEDS=n so many of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "reservations/queue_rules.h"
#include "reservations/usage_draft.h"
#include "tests/simulator/population_copy.h"
#include "tests/simulator/workload.h"
#include "tests/subject/sequencer_subject.h"

namespace purser {
namespace {

using model::Action;

constexpr InstantUs kStartUs = 1'769'767'200'000'000;  // 2026-01-30T10:00:00Z
constexpr int kSteps = 250;
constexpr uint64_t kSeeds = 400;
constexpr int kEventsMax = 2'000;

// When each of them is granted, of those that are within what is looked at.
std::map<std::string, InstantUs> GrantTimes(Copy* copy, std::set<std::string> waiting) {
  std::map<std::string, InstantUs> times;
  for (int events = 0; !waiting.empty() && events < kEventsMax; ++events) {
    const auto at_us = copy->Step(INT64_MAX);
    if (!at_us.has_value()) break;
    for (auto it = waiting.begin(); it != waiting.end();) {
      if (copy->IsOpen(*it)) times[*it] = *at_us;
      it = copy->Waits(*it) ? std::next(it) : waiting.erase(it);
    }
  }
  return times;
}

NamedAmounts HeldOf(const Copy& copy, const std::string& id) {
  NamedAmounts held;
  for (const HoldLine& line : copy.population().reservations.FindOpen(id)->lines) {
    if (!line.consumable || !line.held.is_positive()) continue;
    held[copy.population().books.Find(line.resource)->name()] = line.held;
  }
  return held;
}

// Experiments go on that the copy stops and the population does not.
bool ResetTripped(const Population& population, InstantUs now_us, Copy* copy) {
  std::vector<std::string> tripped;
  for (const auto& [id, freeze] : copy->population().books.freezes().all()) {
    const bool is_new = !population.books.freezes().all().contains(id);
    if (is_new && !freeze.guardrail().empty()) tripped.push_back(freeze.guardrail());
  }
  return std::all_of(tripped.begin(), tripped.end(), [&](const std::string& guardrail) {
    Command reset;
    reset.body = ResetGuardrail{guardrail, ""};
    return copy->Do(reset, now_us).ok();
  });
}

// Whether a limit stands in its way: its start is not known then, and nobody waits for it (0006).
// Budgets may come to, by what others hold and use.
bool IsLimited(const Population& population, const Reservation& queued, InstantUs now_us) {
  if (!population.books.budgets().empty()) return true;
  const ReservationPolicy policy;
  const BooksDraft books(&population.books, population.last_sequence + 1, now_us);
  const UsageDraft usage(&books, &population.reservations.usage(), nullptr);
  return QueueRules(&books, &policy, &usage, nullptr).IsBlocked(queued) &&
         !QueueRules(&books, &policy, nullptr, nullptr).IsBlocked(queued);
}

// Empty, or whom it would delay.
std::string CheckPassing(const Population& population, const LetPass& passing, InstantUs now_us,
                         int* unknown) {
  std::set<std::string> ahead;
  for (const auto& [key, queued] : population.reservations.queue().by_key()) {
    if (queued->id == passing.id) break;
    ahead.insert(queued->id);
  }
  if (ahead.empty()) return passing.id + " is the first";
  Copy without(population);
  Copy with(population);
  Command command;
  command.body = passing;
  if (!with.Do(command, now_us).ok()) return passing.id + " cannot pass";
  if (!with.IsOpen(passing.id)) return passing.id + " is not granted";
  // What it holds of budgets will have been used.
  Command use;
  use.caller = {"root", true};
  use.body = ChargeReservation{passing.id, "used", HeldOf(with, passing.id), {}};
  if (!std::get<ChargeReservation>(use.body).amounts.empty()) {
    const absl::Status used = with.Do(use, now_us);
    if (!used.ok()) return passing.id + " cannot use what it holds: " + used.ToString();
    // What its use costs may trip a guardrail: that is not what was asked.
    if (!ResetTripped(population, now_us, &with)) return "a guardrail cannot be reset";
  }
  // What was found is good for nothing once anything has changed.
  Copy changed(population);
  Command grant;
  grant.body =
      GrantAmount{population.books.numbers_by_name().begin()->first, Amount::FromMicros(1), "any"};
  if (changed.Do(grant, now_us).ok() && changed.Do(command, now_us).ok()) {
    return passing.id + " passes in another state";
  }
  const auto before = GrantTimes(&without, ahead);
  const auto after = GrantTimes(&with, ahead);
  // Notices that are given later are not known.
  const bool is_unknown = without.notices_given() + without.notices_withdrawn() > 0;
  const bool may_differ = is_unknown || with.notices_given() > 0;
  if (may_differ) ++*unknown;
  for (const auto& [id, at_us] : before) {
    const Reservation& waited = *population.reservations.FindOpen(id);
    if (waited.gave_notice() ? is_unknown : may_differ) continue;
    if (IsLimited(population, waited, now_us)) continue;
    const auto then = after.find(id);
    if (then == after.end() || then->second > at_us) return passing.id + " delays " + id;
  }
  return "";
}

TEST(Passing, DelaysNobodyBefore) {
  const auto read = [](const char* name, uint64_t otherwise) {
    const char* given = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
  };
  const bool alone = std::getenv("PURSER_SEED") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first = read("PURSER_SEED", 1);
  const uint64_t count = read("PURSER_SEEDS", alone ? 1 : kSeeds);
  int passed = 0;
  int stayed = 0;
  int unknown = 0;  // for the notices that would be given later
  for (uint64_t seed = first; seed < first + count; ++seed) {
    model::Model model;
    SequencerSubject subject;
    Workload workload(seed, &model);
    const std::vector<std::string> labels = {"capability", "operator_family"};
    subject.Reset(kStartUs, labels);
    model.Reset(kStartUs, labels);
    const auto act = [&](const Action& action) {
      subject.Do(action);
      model.Do(action);
    };
    for (const Action& action : workload.Foundation()) act(action);
    for (int step = 0; step < kSteps; ++step) {
      act(workload.Next());
      if (subject.population().reservations.queue().size() < 2) continue;
      const auto passing = subject.controller().FindPassing(SequencerSubject::kPopulation);
      ++(passing.has_value() ? passed : stayed);
      if (!passing.has_value()) continue;
      const std::string wrong =
          CheckPassing(subject.population(), *passing, subject.NowUs(), &unknown);
      ASSERT_EQ(wrong, "") << "PURSER_SEED=" << seed << " step " << step;
    }
  }
  std::cout << "  may pass " << passed << ", nobody may " << stayed << ", not known " << unknown
            << "\n";
  if (count < kSeeds) return;
  EXPECT_GT(passed, 20);
  EXPECT_GT(passed - unknown, 1'000);
  EXPECT_GT(stayed, 20);
}

}  // namespace
}  // namespace purser
