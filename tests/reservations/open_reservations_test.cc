#include "reservations/open_reservations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ledger/text.h"

namespace purser {
namespace {

std::unique_ptr<Reservation> Make(int i) {
  auto reservation = std::make_unique<Reservation>();
  reservation->id = Concat("r", i);
  return reservation;
}

TEST(OpenReservations, AreFoundUntilTheyAreRemoved) {
  constexpr int kCount = 5'000;
  OpenReservations open;
  std::vector<Reservation*> places;
  places.reserve(kCount);
  for (int i = 0; i < kCount; ++i) places.push_back(open.Insert(Make(i)));
  EXPECT_EQ(open.Insert(Make(7)), nullptr);
  for (int i = 0; i < kCount; i += 2) open.Remove(Concat("r", i));
  EXPECT_EQ(open.size(), size_t{kCount} / 2);
  for (int i = 0; i < kCount; ++i) {
    EXPECT_EQ(open.Find(Concat("r", i)), i % 2 == 0 ? nullptr : places[i]) << i;
  }
  std::set<std::string> seen;
  open.ForEach([&seen](const Reservation& reservation) { seen.insert(reservation.id); });
  EXPECT_EQ(seen.size(), open.size());
}

// No two of equal share: they would grow within the same few commands.
TEST(Shards, HaveSharesThatRiseUpToTwiceTheFirst) {
  std::array<size_t, kShardCount> share{};
  for (const uint8_t shard : kShardTable) ++share[shard];
  EXPECT_TRUE(std::is_sorted(share.begin(), share.end()));
  EXPECT_GT(share.front(), 0u);
  EXPECT_NEAR(static_cast<double>(share.back()) / static_cast<double>(share.front()), 2, 0.1);
  EXPECT_EQ(ShardOfHash(0), 0u);
  EXPECT_EQ(ShardOfHash(~size_t{0}), kShardCount - 1);
}

}  // namespace
}  // namespace purser
