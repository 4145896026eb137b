#ifndef PURSER_RESERVATIONS_PREEMPTIBLES_H_
#define PURSER_RESERVATIONS_PREEMPTIBLES_H_

// The open reservations of a population that give way to others, the smallest regret first
// (daemon/decisions/0009), and those that had notice, by the request for which they do. It owns
// none of them. Thread-compatible.
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "reservations/reservation.h"

namespace purser {

inline constexpr int kTierRealtime = 1;
inline constexpr int kTierStandard = 2;
inline constexpr int kTierBatch = 3;
inline constexpr int kTierFlex = 4;

// Whether who is of one tier gives way to who is of another.
inline bool TierGivesWay(int tier, int to) {
  return (tier == kTierFlex && to <= kTierStandard) || (tier == kTierBatch && to == kTierRealtime);
}
inline bool TierGivesWay(int tier) { return TierGivesWay(tier, kTierRealtime); }

// From notice to end, of a request that does not say.
inline constexpr int64_t kPreemptionGraceDefaultUs = 30 * kSecondUs;
inline constexpr int64_t kPreemptionGraceMaxUs = 3'600 * kSecondUs;
// So many are looked at, and taken, for one notice.
inline constexpr size_t kPreemptiblesLookedAtMax = 1'000;
inline constexpr size_t kVictimsMax = 64;
// Who was touched by so many entries is left alone: notices and their ends are entries too, of
// which a reservation has kEntriesOfReservationMax.
inline constexpr uint64_t kEntriesBesideNoticesMax = 9'000;

// In the order in which they are taken: the lower tier first, then what has not started, then the
// latest start, the latest grant.
struct RegretKey {
  int tier = 0;
  InstantUs start_time_us = 0;  // 0: it has not started
  ExpiryKey grant;              // but for its end

  friend std::strong_ordering operator<=>(const RegretKey& a, const RegretKey& b);
  friend bool operator==(const RegretKey&, const RegretKey&) = default;
};
RegretKey RegretKeyOf(const ReservationPicture& open);

// One that may give way was made or changed, or is gone.
struct PreemptibleChange {
  RegretKey key;
  std::shared_ptr<const Reservation> open;  // nullptr: no more
};

// A copy without the entries that touched it, which may be many.
std::shared_ptr<const Reservation> WithoutEntries(const Reservation& reservation);

class Preemptibles {
 public:
  using ByKey = absl::btree_map<RegretKey, const Reservation*>;

  // `open` is of a tier that gives way, and is removed before it changes.
  void Insert(const Reservation& open);
  void Remove(const Reservation& open);

  // Whether another stands where it would.
  bool Contains(const Reservation& open) const;
  bool empty() const { return without_notice_.empty() && victims_.empty(); }
  // Those that had no notice.
  const ByKey& without_notice() const { return without_notice_; }
  // Those that give way to the request; nullptr: none does.
  const ByKey* FindVictims(const std::string& request) const;
  // What those that had no notice hold and occupy.
  Amount AmountOf(int tier, uint32_t resource) const;
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& [key, open] : without_notice_) visit(key, *open);
    for (const auto& [request, victims] : victims_) {
      for (const auto& [key, open] : victims) visit(key, *open);
    }
  }

 private:
  void Count(const ReservationPicture& open, int sign);

  ByKey without_notice_;
  absl::flat_hash_map<std::string, ByKey> victims_;
  absl::btree_map<std::pair<int, uint32_t>, Amount> amounts_;  // by tier and resource
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_PREEMPTIBLES_H_
