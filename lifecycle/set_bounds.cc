#include "lifecycle/set_bounds.h"

#include <algorithm>
#include <functional>

namespace purser {

namespace {

// 2^86, some 10^26: times kWhole, 16 members and 32 resources it fits.
constexpr absl::int128 kPriceMax = absl::MakeInt128(int64_t{1} << 22, 0);
constexpr int kPriceDigits = 12;  // binary ones that are looked for
constexpr int kRounds = 3;
// For so many resources one price at a time is tried as well.
constexpr size_t kAlonePricesMax = 4;

absl::int128 FloorDivide(absl::int128 dividend, int64_t divisor) {
  const absl::int128 quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

}  // namespace

SetBounds::SetBounds(const SetProblem* problem) : problem_(problem) {
  for (const SetProblem::Candidate& candidate : problem->candidates) {
    for (size_t i = 0; i < problem->lacking.size(); ++i) {
      const absl::int128 lacking = problem->lacking[i];
      shares_.push_back(
          static_cast<int64_t>((candidate.frees[i] * kWhole + lacking - 1) / lacking));
    }
  }
  const std::vector<Prices> all = ChoosePrices();
  std::vector<absl::int128> worths;
  for (uint32_t i = 0; i < problem->candidates.size(); ++i) {
    order_.push_back(i);
    worths.push_back(Worth(i, all.front()));
  }
  std::stable_sort(order_.begin(), order_.end(),
                   [&](uint32_t a, uint32_t b) { return worths[a] > worths[b]; });
  for (const Prices& prices : all) {
    priced_.push_back({prices, MakeTable([&](size_t i) { return Worth(i, prices); })});
  }
  for (size_t i = 0; i < problem->lacking.size(); ++i) {
    freed_.push_back(MakeTable([&](size_t j) { return problem->candidates[j].frees[i]; }));
  }
}

absl::int128 SetBounds::Worth(size_t candidate, const Prices& prices) const {
  absl::int128 worth = problem_->candidates[candidate].ScoreAlone() * kWhole;
  for (size_t i = 0; i < prices.size(); ++i) worth += prices[i] * Share(candidate, i);
  return worth;
}

SetBounds::RootBound SetBounds::BoundRoot(const Prices& prices, size_t resource) const {
  std::vector<std::pair<absl::int128, int64_t>> worths;  // and their share of the resource
  for (size_t i = 0; i < problem_->candidates.size(); ++i) {
    const absl::int128 worth = Worth(i, prices);
    if (worth > 0) worths.emplace_back(worth, Share(i, resource));
  }
  const size_t count = std::min(worths.size(), problem_->members_max);
  std::partial_sort(worths.begin(), worths.begin() + count, worths.end(), std::greater<>());
  RootBound bound;
  absl::int128 share = 0;
  for (size_t i = 0; i < count; ++i) {
    bound.scaled += worths[i].first;
    share += worths[i].second;
  }
  for (const absl::int128 price : prices) bound.scaled -= price * kWhole;
  bound.wants_higher = share < kWhole;
  return bound;
}

// The bound is convex in each price: first its power of two is looked for, then what is between.
void SetBounds::LowerBoundBy(size_t resource, Prices* prices) const {
  absl::int128& price = (*prices)[resource];
  price = 0;
  if (!BoundRoot(*prices, resource).wants_higher) return;
  absl::int128 high = 1;
  for (price = high; high < kPriceMax && BoundRoot(*prices, resource).wants_higher; price = high) {
    high *= 16;
  }
  high = std::min(high, kPriceMax);
  absl::int128 low = high / 16;
  for (int i = 0; i < kPriceDigits && high - low > 1; ++i) {
    price = low + (high - low) / 2;
    (BoundRoot(*prices, resource).wants_higher ? low : high) = price;
  }
  price = high;
}

// The first are the best that were found.
std::vector<Prices> SetBounds::ChoosePrices() const {
  const size_t resources = problem_->lacking.size();
  const Prices none(resources);
  if (resources == 0) return {none};
  std::vector<Prices> all;
  Prices best = none;
  for (size_t i = 0; i < resources; ++i) {
    Prices prices = none;
    LowerBoundBy(i, &prices);
    all.push_back(prices);
    if (BoundRoot(prices, i).scaled < BoundRoot(best, i).scaled) best = prices;
  }
  for (int round = 0; round < kRounds && resources > 1; ++round) {
    for (size_t i = 0; i < resources; ++i) {
      Prices prices = best;
      LowerBoundBy(i, &prices);
      if (BoundRoot(prices, i).scaled < BoundRoot(best, i).scaled) best = prices;
    }
  }
  if (resources > kAlonePricesMax) all.clear();
  all.insert(all.begin(), best);
  all.push_back(none);
  return all;
}

template <typename Value>
SetBounds::Table SetBounds::MakeTable(const Value& value) const {
  const size_t width = problem_->members_max + 1;
  Table table(width * (order_.size() + 1));
  std::vector<absl::int128> best;  // of those from the place on, the largest first
  for (size_t from = order_.size(); from-- > 0;) {
    const absl::int128 added = value(order_[from]);
    if (added > 0) {
      best.insert(std::upper_bound(best.begin(), best.end(), added, std::greater<>()), added);
      if (best.size() >= width) best.resize(width - 1);
    }
    for (size_t k = 1; k < width; ++k) {
      absl::int128& sum = table[from * width + k];
      sum = table[from * width + k - 1] + (k <= best.size() ? best[k - 1] : 0);
    }
  }
  return table;
}

bool SetBounds::MayFree(const SetState& state, size_t from) const {
  const size_t at = At(from, problem_->members_max - state.members().size());
  for (size_t i = 0; i < freed_.size(); ++i) {
    if (freed_[i][at] < state.Missing(i)) return false;
  }
  return true;
}

SetBounds::Grown SetBounds::Of(const SetState& state) const {
  Grown grown;
  grown.room = problem_->members_max - state.members().size();
  grown.scaled.assign(priced_.size(), state.score() * kWhole);
  for (size_t i = 0; i < problem_->lacking.size(); ++i) {
    int64_t missing = kWhole;
    for (const uint32_t member : state.members()) missing -= Share(member, i);
    // What is freed beyond the whole would only raise the bound, and may be left out.
    if (missing <= 0) continue;
    for (size_t k = 0; k < priced_.size(); ++k) grown.scaled[k] -= priced_[k].prices[i] * missing;
  }
  return grown;
}

bool SetBounds::MayExceed(absl::int128 score, const Grown& grown, size_t from) const {
  const absl::int128 least = (score + 1) * kWhole;
  const size_t at = At(from, grown.room);
  for (size_t k = 0; k < priced_.size(); ++k) {
    if (grown.scaled[k] + priced_[k].best[at] < least) return false;
  }
  return true;
}

absl::int128 SetBounds::Bound(const Grown& grown, size_t from) const {
  const size_t at = At(from, grown.room);
  absl::int128 bound = grown.scaled[0] + priced_[0].best[at];
  for (size_t k = 1; k < priced_.size(); ++k) {
    bound = std::min(bound, grown.scaled[k] + priced_[k].best[at]);
  }
  return FloorDivide(bound, kWhole);
}

}  // namespace purser
