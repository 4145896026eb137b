#include "reservations/request_rates.h"

#include <algorithm>
#include <vector>

namespace purser {
namespace {

// A rate is millionths of a token a second, an instant microseconds: their product is this much
// for a whole token.
constexpr absl::int128 kToken = 1'000'000'000'000;

const stored::Limit* FirstWithRate(const stored::Limit* own, const stored::Limit* each) {
  if (own != nullptr && own->has_requests_per_second()) return own;
  return each != nullptr && each->has_requests_per_second() ? each : nullptr;
}

int64_t BurstOf(const stored::Limit& limit) {
  if (limit.has_burst()) return limit.burst();
  return (limit.requests_per_second() + Amount::kMicrosPerUnit - 1) / Amount::kMicrosPerUnit;
}

// Whole seconds, rounded up, until `missing` has come in.
int64_t SecondsUntil(const stored::Limit& limit, absl::int128 missing) {
  if (missing <= 0) return 0;
  const absl::int128 a_second = absl::int128(limit.requests_per_second()) * kSecondUs;
  return static_cast<int64_t>((missing + a_second - 1) / a_second);
}

}  // namespace

void RequestRates::Fill(const stored::Limit& limit, InstantUs now_us, Bucket* bucket) {
  const absl::int128 full = kToken * BurstOf(limit);
  if (bucket->is_new) {
    bucket->level = full;
    bucket->is_new = false;
  } else {
    bucket->level += absl::int128(now_us - bucket->at_us) * limit.requests_per_second();
  }
  bucket->level = std::min(bucket->level, full);
  bucket->at_us = now_us;
}

RateShown RequestRates::Show(const Draw& draw) {
  const stored::Limit& limit = *draw.limit;
  RateShown shown;
  shown.limit = limit.id();
  shown.burst = BurstOf(limit);
  const absl::int128 full = kToken * shown.burst;
  shown.window_seconds = SecondsUntil(limit, full);
  shown.left = static_cast<int64_t>(std::max(absl::int128(0), draw.bucket->level) / kToken);
  shown.full_after_seconds = SecondsUntil(limit, full - draw.bucket->level);
  const absl::int128 needed = kToken * std::min(draw.tokens, shown.burst);
  shown.retry_after_seconds = SecondsUntil(limit, needed - draw.bucket->level);
  return shown;
}

void RequestRates::ForgetUnlimited(const LimitBook& limits) {
  if (limits.version() == limits_version_) return;
  limits_version_ = limits.version();
  std::erase_if(principals_, [&limits](const auto& each) {
    return FirstWithRate(limits.FindOwn(each.first), limits.FindEach(each.first)) == nullptr;
  });
  std::erase_if(labels_, [&limits](const auto& each) {
    return FirstWithRate(limits.FindOfLabel(each.first.first, each.first.second), nullptr) ==
           nullptr;
  });
}

std::optional<RateShown> RequestRates::Take(const LimitBook& limits, std::string_view principal,
                                            const RequestCost& cost, InstantUs now_us) {
  ForgetUnlimited(limits);
  std::vector<Draw> draws;
  const stored::Limit* const own =
      FirstWithRate(limits.FindOwn(principal), limits.FindEach(principal));
  if (own != nullptr) {
    draws.push_back({own, &principals_[std::string(principal)], cost.of_principal});
  }
  for (const auto& [label, tokens] : cost.of_labels) {
    const stored::Limit* const limit =
        FirstWithRate(limits.FindOfLabel(label.first, label.second), nullptr);
    if (limit != nullptr) draws.push_back({limit, &labels_[label], tokens});
  }
  std::optional<RateShown> slowest;
  for (const Draw& draw : draws) {
    Fill(*draw.limit, now_us, draw.bucket);
    RateShown shown = Show(draw);
    const int64_t wait = draw.tokens == 0 ? 0 : shown.retry_after_seconds;
    const bool is_slower = wait > (slowest.has_value() ? slowest->retry_after_seconds : 0);
    if (is_slower) slowest = std::move(shown);
  }
  if (slowest.has_value()) return slowest;
  for (const Draw& draw : draws) draw.bucket->level -= kToken * draw.tokens;
  if (own == nullptr) return std::nullopt;
  RateShown shown = Show(draws.front());
  shown.retry_after_seconds = 0;
  return shown;
}

}  // namespace purser
