#include "lifecycle/zero_one_improver.h"

#include <algorithm>

namespace purser {

namespace {

constexpr int kRoundsMax = 30;

}  // namespace

ZeroOneImprover::ZeroOneImprover(const ZeroOneProgram* program, const ZeroOneColumns* columns)
    : program_(program), columns_(columns) {}

void ZeroOneImprover::Become(const ZeroOneSet& set) {
  set_.assign(program_->scores.size(), false);
  sums_.assign(program_->rows.size(), 0);
  for (uint32_t i = 0; i < set.size(); ++i) {
    if (set[i]) Flip(i);
  }
}

void ZeroOneImprover::Flip(uint32_t column) {
  const bool was_in = set_[column];
  for (const ZeroOnePlace& place : (*columns_)[column]) {
    sums_[place.row] += was_in ? -absl::int128(place.coefficient) : place.coefficient;
  }
  set_[column] = !was_in;
}

// Whether no limit is broken that holds now.
bool ZeroOneImprover::MayFlip(uint32_t column) const {
  for (const ZeroOnePlace& place : (*columns_)[column]) {
    const ZeroOneProgram::Row& row = program_->rows[place.row];
    const absl::int128 change = set_[column] ? -absl::int128(place.coefficient) : place.coefficient;
    const absl::int128 sum = sums_[place.row] + change;
    if (change > 0 && row.upper.has_value() && sum > *row.upper) return false;
    if (change < 0 && row.lower.has_value() && sum < *row.lower) return false;
  }
  return true;
}

bool ZeroOneImprover::KeepsRowsOf(uint32_t column) const {
  const auto& places = (*columns_)[column];
  return std::all_of(places.begin(), places.end(), [&](const ZeroOnePlace& place) {
    const ZeroOneProgram::Row& row = program_->rows[place.row];
    return (!row.upper.has_value() || sums_[place.row] <= *row.upper) &&
           (!row.lower.has_value() || sums_[place.row] >= *row.lower);
  });
}

absl::int128 ZeroOneImprover::GainOf(uint32_t column) const {
  return set_[column] ? -program_->scores[column] : program_->scores[column];
}

std::optional<ZeroOneSet> ZeroOneImprover::Fill(const std::vector<uint32_t>& order) {
  Become({});
  for (const uint32_t column : order) {
    if (!set_[column] && MayFlip(column)) Flip(column);
  }
  if (!IsFeasible(*program_, set_)) return std::nullopt;
  return set_;
}

// All that may be flipped and is better then, the most gainful first.
bool ZeroOneImprover::FlipGainful() {
  std::vector<uint32_t> gainful;
  for (uint32_t i = 0; i < set_.size(); ++i) {
    if (GainOf(i) > 0) gainful.push_back(i);
  }
  std::stable_sort(gainful.begin(), gainful.end(),
                   [&](uint32_t a, uint32_t b) { return GainOf(a) > GainOf(b); });
  bool is_better = false;
  for (const uint32_t column : gainful) {
    if (!MayFlip(column)) continue;
    Flip(column);
    is_better = true;
  }
  return is_better;
}

// The best exchange of one that is in for one that is not.
bool ZeroOneImprover::ExchangeGainful() {
  absl::int128 best = 0;
  std::optional<std::pair<uint32_t, uint32_t>> exchange;
  for (uint32_t out = 0; out < set_.size(); ++out) {
    if (!set_[out]) continue;
    const absl::int128 lost = GainOf(out);
    Flip(out);
    for (uint32_t in = 0; in < set_.size(); ++in) {
      if (in == out || set_[in] || program_->scores[in] + lost <= best || !MayFlip(in)) continue;
      Flip(in);
      // What the first had to give may be given by the second.
      if (KeepsRowsOf(out)) {
        best = program_->scores[in] + lost;
        exchange = {out, in};
      }
      Flip(in);
    }
    Flip(out);
  }
  if (!exchange.has_value()) return false;
  Flip(exchange->first);
  Flip(exchange->second);
  return true;
}

void ZeroOneImprover::Improve(ZeroOneSet* set) {
  Become(*set);
  for (int i = 0; i < kRoundsMax && (FlipGainful() || ExchangeGainful()); ++i) {
  }
  *set = set_;
}

}  // namespace purser
