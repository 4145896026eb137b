// The simulator's runs. PURSER_SEED=n runs from that seed on, PURSER_SEEDS=n so many of them; with
// the first alone, that one.
#include "tests/simulator/simulator.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/model/calendar.h"

namespace purser {
namespace {

using model::Verb;

constexpr int kSeeds = 400;
constexpr int kSteps = 400;

struct Seeds {
  uint64_t first = 1;
  uint64_t count = kSeeds;
};

Seeds SeedsToRun(uint64_t count) {
  const auto read = [](const char* name, uint64_t otherwise) {
    const char* given = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
  };
  const bool alone = std::getenv("PURSER_SEED") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  return {read("PURSER_SEED", 1), read("PURSER_SEEDS", alone ? 1 : count)};
}

void Print(const SimulationCounts& counts) {
  std::cout << counts.commands << " commands, " << counts.entries << " entries, " << counts.crashes
            << " power cuts, " << counts.unknowns << " unconfirmed groups (" << counts.kept
            << " commands of them kept), " << counts.resumes << " resumes, " << counts.replays
            << " replays, " << counts.shared_groups << " shared groups, " << counts.dry_runs
            << " dry runs\n";
  for (const auto& [verb, count] : counts.accepted) {
    std::cout << "  " << model::ToString(verb) << " accepted " << count << "\n";
  }
  for (const auto& [code, count] : counts.codes) {
    std::cout << "  " << (code.empty() ? "ok" : code) << " " << count << "\n";
  }
}

TEST(Simulator, ProductAndModelAgreeThroughFaultsAndCrashes) {
  const Seeds seeds = SeedsToRun(kSeeds);
  std::cout << "first seed " << seeds.first << "\n";
  SimulationCounts counts;
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    Simulator simulator(seed, &counts);
    const std::string wrong = simulator.Run(kSteps);
    ASSERT_EQ(wrong, "") << "PURSER_SEED=" << seed;
  }
  Print(counts);
  if (seeds.count < kSeeds) return;
  for (int verb = 0; verb < static_cast<int>(Verb::kAdvance); ++verb) {
    EXPECT_GT(counts.accepted[static_cast<Verb>(verb)], 100u)
        << model::ToString(static_cast<Verb>(verb)) << " was hardly ever accepted";
  }
  for (const char* code :
       {"invalid_argument", "forbidden", "not_found", "unknown_resource", "id_conflict",
        "key_conflict", "frozen", "overdrawn", "reserve_protected", "insufficient_capacity",
        "already_settled", "already_released", "already_started", "expired", "denied",
        "overrun_stop", "refund_exceeds_charge", "resource_in_use"}) {
    EXPECT_GT(counts.codes[code], 20u) << code << " was hardly ever the verdict";
  }
}

TEST(Simulator, CatchesAStoreThatLosesWhatItConfirmed) {
  int caught = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SimulationCounts counts;
    Simulator simulator(seed, &counts, [] {
      return std::make_unique<BreakableMemoryStore>(MemoryStore::Syncing::kLoseUnsynced);
    });
    caught += simulator.Run(kSteps).empty() ? 0 : 1;
  }
  EXPECT_EQ(caught, 10);
}

// Who waits for what it may take out of the reserve, by what it was asked with.
std::set<std::string> WaitForReserve(const model::Model& guide) {
  std::set<std::string> ids;
  for (const auto& [id, reservation] : guide.state().reservations) {
    const bool may =
        reservation.purpose == "ROLLBACK" || reservation.purpose == "DISASTER_RECOVERY";
    if (may && (reservation.state == "QUEUED" || reservation.state == "SCHEDULED")) ids.insert(id);
  }
  return ids;
}

// Invariant 10: without reserve:spend and admin no call lowers a reserve, in whatever state it
// meets the books. What time brings is committed before each call.
TEST(Reserve, IsNeverLoweredByCallsWithoutTheScope) {
  const Seeds seeds = SeedsToRun(100);
  std::cout << "first seed " << seeds.first << "\n";
  uint64_t calls = 0;
  uint64_t accepted = 0;
  for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    model::Model guide;
    Workload workload(seed, &guide);
    SequencerSubject subject;
    const int64_t start_us = *model::ParseInstant("2026-01-30T10:00:00Z");
    subject.Reset(start_us, {"operator_family"});
    guide.Reset(start_us, {"operator_family"});
    for (const model::Action& action : workload.Foundation()) {
      subject.Do(action);
      guide.Do(action);
    }
    for (int step = 0; step < 600; ++step) {
      MemoryController& controller = subject.controller();
      if (workload.OneIn(6)) {
        controller.set_clock_us(controller.clock_us() + workload.ClockStepUs());
      }
      ASSERT_TRUE(controller.CommitAllDue());
      model::Action advance;
      advance.at_us = subject.NowUs();
      guide.Do(advance);
      const api::View before = controller.Peek(SequencerSubject::kPopulation);
      model::Action action = workload.Next();
      // Operators prepare the state now and then; their own calls are not judged.
      const bool operators = workload.OneIn(8);
      action.admin = action.reserve_spend = operators;
      const std::set<std::string> waited = WaitForReserve(guide);
      const model::Verdict verdict = subject.Do(action);
      guide.Do(action);
      if (operators) continue;
      ++calls;
      accepted += verdict.code.empty() ? 1 : 0;
      // What makes room may grant who was let draw on it when it asked (invariant 4).
      if (WaitForReserve(guide) != waited) continue;
      const api::View after = controller.Peek(SequencerSubject::kPopulation);
      for (const auto& [name, resource] : before->resources) {
        ASSERT_GE((*after->resources.at(name))[stored::RESERVE], (*resource)[stored::RESERVE])
            << "PURSER_SEED=" << seed << " step " << step << " " << name << ": "
            << model::ToString(action);
      }
    }
  }
  std::cout << calls << " calls, " << accepted << " accepted\n";
  EXPECT_GT(accepted, seeds.count * 100);
}

}  // namespace
}  // namespace purser
