#ifndef PURSER_RESERVATIONS_SHARDS_H_
#define PURSER_RESERVATIONS_SHARDS_H_

// Where an element of a large hash table goes when the table is split into smaller ones, so that
// none of them stops the writer for long when it grows: a table of a million elements needs 0.3 to
// 1.6 s for that, one of sixteen thousand a millisecond or two. The shares of the small tables rise
// evenly up to twice the first: equal shares would make all of them grow within the same few
// commands. Pure.
#include <array>
#include <cstddef>
#include <cstdint>

namespace purser {

inline constexpr size_t kShardCount = 64;

inline constexpr int kShardBits = 12;
using ShardTable = std::array<uint8_t, size_t{1} << kShardBits>;

constexpr ShardTable MakeShardTable() {
  ShardTable table{};
  // Shares of 64, 65, .. 127 parts.
  constexpr size_t kParts = kShardCount * (3 * kShardCount - 1) / 2;
  size_t at = 0;
  size_t parts = 0;
  for (size_t shard = 0; shard < kShardCount; ++shard) {
    parts += kShardCount + shard;
    while (at * kParts < parts * table.size()) table[at++] = static_cast<uint8_t>(shard);
  }
  return table;
}
inline constexpr ShardTable kShardTable = MakeShardTable();

// By the highest bits, which the tables themselves use last.
inline size_t ShardOfHash(size_t hash) {
  return kShardTable[hash >> (8 * sizeof(hash) - kShardBits)];
}

}  // namespace purser

#endif  // PURSER_RESERVATIONS_SHARDS_H_
