#ifndef PURSER_RESERVATIONS_OPEN_RESERVATIONS_H_
#define PURSER_RESERVATIONS_OPEN_RESERVATIONS_H_

// Open reservations by id; each stays where it is until it is removed. Thread-compatible.
#include <array>
#include <memory>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "ledger/text.h"
#include "reservations/reservation.h"
#include "reservations/shards.h"

namespace purser {

class OpenReservations {
 public:
  Reservation* Find(std::string_view id) const {
    const size_t hash = HashOfId()(ToAbsl(id));
    const auto& shard = shards_[ShardOfHash(hash)];
    const auto it = shard.find(ToAbsl(id), hash);
    return it == shard.end() ? nullptr : it->get();
  }
  // nullptr: the id is taken.
  Reservation* Insert(std::unique_ptr<Reservation> reservation) {
    auto& shard = shards_[ShardOf(reservation->id)];
    const auto [it, inserted] = shard.insert(std::move(reservation));
    size_ += inserted ? 1 : 0;
    return inserted ? it->get() : nullptr;
  }
  // It is there.
  void Remove(std::string_view id) {
    auto& shard = shards_[ShardOf(id)];
    shard.erase(shard.find(ToAbsl(id)));
    --size_;
  }
  size_t size() const { return size_; }
  // In no order that anybody may rely on.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& shard : shards_) {
      for (const auto& reservation : shard) visit(*reservation);
    }
  }

 private:
  using Owned = std::unique_ptr<Reservation>;
  struct HashOfId {
    using is_transparent = void;
    size_t operator()(absl::string_view id) const { return absl::Hash<absl::string_view>()(id); }
    size_t operator()(const Owned& reservation) const { return (*this)(ToAbsl(reservation->id)); }
  };
  struct SameId {
    using is_transparent = void;
    static absl::string_view IdOf(absl::string_view id) { return id; }
    static absl::string_view IdOf(const Owned& reservation) { return ToAbsl(reservation->id); }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return IdOf(a) == IdOf(b);
    }
  };
  static size_t ShardOf(std::string_view id) { return ShardOfHash(HashOfId()(ToAbsl(id))); }

  std::array<absl::flat_hash_set<Owned, HashOfId, SameId>, kShardCount> shards_;
  size_t size_ = 0;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_OPEN_RESERVATIONS_H_
