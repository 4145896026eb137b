// The simulator on the real store, on a disk that fails and loses its power at any moment.
// PURSER_SEED=n runs from that seed on, PURSER_POWER_SEEDS=n so many of them; with the first alone,
// that one. PURSER_POWER_SECONDS bounds the run.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "tests/simulator/breakable_rocks_store.h"
#include "tests/simulator/simulator.h"

namespace purser {
namespace {

constexpr uint64_t kSeeds = 40;
constexpr uint64_t kSecondsMax = 45;
constexpr int kSteps = 300;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const given = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

SequencerSubject::MakeStore On(
    uint64_t seed, DiskCounts* counts,
    BreakableRocksStore::Disk disk = BreakableRocksStore::Disk::kHonest) {
  return [=] { return std::make_unique<BreakableRocksStore>(seed, counts, disk); };
}

TEST(Power, NothingAcknowledgedIsLostWhateverTheDiskDoes) {
  const bool alone = std::getenv("PURSER_SEED") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  const uint64_t first = FromEnvironment("PURSER_SEED", 1);
  const uint64_t count = FromEnvironment("PURSER_POWER_SEEDS", alone ? 1 : kSeeds);
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(FromEnvironment("PURSER_POWER_SECONDS", kSecondsMax));
  std::cout << "first seed " << first << "\n";
  SimulationCounts counts;
  DiskCounts disk;
  uint64_t seed = first;
  for (; seed < first + count && std::chrono::steady_clock::now() < end; ++seed) {
    Simulator simulator(seed, &counts, On(seed, &disk));
    const std::string wrong = simulator.Run(kSteps);
    ASSERT_EQ(wrong, "") << "PURSER_SEED=" << seed;
  }
  std::cout << seed - first << " seeds, " << counts.commands << " commands, " << counts.entries
            << " entries, " << disk.power_cuts << " power cuts (" << disk.cuts_while_opening
            << " while opening), " << disk.broken_appends << " broken writes, " << counts.unknowns
            << " unconfirmed groups (" << counts.kept << " commands of them kept), "
            << disk.openings << " openings, " << disk.failed_openings << " failed, " << disk.flushes
            << " flushes, " << disk.failed_flushes << " failed\n";
  EXPECT_GT(disk.power_cuts, seed - first);
}

TEST(Power, CatchesADiskThatSyncsNothing) {
  int caught = 0;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SimulationCounts counts;
    DiskCounts disk;
    Simulator simulator(seed, &counts, On(seed, &disk, BreakableRocksStore::Disk::kSyncsNothing));
    caught += simulator.Run(kSteps).empty() ? 0 : 1;
  }
  EXPECT_EQ(caught, 5);
}

TEST(Power, CatchesADiskThatForgetsNewFiles) {
  int caught = 0;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SimulationCounts counts;
    DiskCounts disk;
    Simulator simulator(seed, &counts,
                        On(seed, &disk, BreakableRocksStore::Disk::kForgetsNewFiles));
    caught += simulator.Run(kSteps).empty() ? 0 : 1;
  }
  EXPECT_EQ(caught, 5);
}

}  // namespace
}  // namespace purser
