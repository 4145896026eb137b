#ifndef PURSER_LIFECYCLE_SET_BOUNDS_H_
#define PURSER_LIFECYCLE_SET_BOUNDS_H_

// For set_search.h: the bound (2) that it proves, looked up in tables. Thread-compatible.
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/numeric/int128.h"
#include "lifecycle/set_state.h"

namespace purser {

// 10^9 is all of what is lacking of a resource.
inline constexpr int64_t kWhole = 1'000'000'000;
using Prices = std::vector<absl::int128>;  // by lacking resource, of all of it, in scores; >= 0

class SetBounds {
 public:
  explicit SetBounds(const SetProblem* problem);

  // The candidates in the order in which they are tried: the most promising first. Sets are grown
  // by later ones only, "from" a place in this order on.
  const std::vector<uint32_t>& order() const { return order_; }
  // How much of what is lacking the candidate frees.
  int64_t Share(size_t candidate, size_t resource) const {
    return shares_[candidate * problem_->lacking.size() + resource];
  }
  // Whether what the set leaves lacking could be freed by later ones, looking at each resource by
  // itself.
  bool MayFree(const SetState& state, size_t from) const;
  // What of the bounds of sets grown from one does not depend on the place.
  struct Grown {
    absl::InlinedVector<absl::int128, 6> scaled;  // by prices, times kWhole
    size_t room = 0;                              // for so many more
  };
  Grown Of(const SetState& state) const;
  // Whether the set, grown by later ones, could have a larger score.
  bool MayExceed(absl::int128 score, const Grown& grown, size_t from) const;
  // No set grown from it by later ones has a larger score.
  absl::int128 Bound(const Grown& grown, size_t from) const;

 private:
  // The sums of the best k of those from a place on, of what is above 0.
  using Table = std::vector<absl::int128>;
  struct Priced {
    Prices prices;
    Table best;  // of what each is worth alone and by what it frees, times kWhole
  };

  absl::int128 Worth(size_t candidate, const Prices& prices) const;
  // What the prices give as bound of all sets, times kWhole, and whether a higher price of the
  // resource would give a lower one.
  struct RootBound {
    absl::int128 scaled = 0;
    bool wants_higher = false;
  };
  RootBound BoundRoot(const Prices& prices, size_t resource) const;
  void LowerBoundBy(size_t resource, Prices* prices) const;
  std::vector<Prices> ChoosePrices() const;
  template <typename Value>
  Table MakeTable(const Value& value) const;
  // Where the tables have the sums of so many.
  size_t At(size_t from, size_t count) const { return from * (problem_->members_max + 1) + count; }

  const SetProblem* problem_;
  std::vector<int64_t> shares_;
  std::vector<uint32_t> order_;
  std::vector<Priced> priced_;
  std::vector<Table> freed_;  // by resource, in amounts
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SET_BOUNDS_H_
