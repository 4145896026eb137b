#ifndef PURSER_LIFECYCLE_SHADOW_PRICES_H_
#define PURSER_LIFECYCLE_SHADOW_PRICES_H_

// What a unit of a resource that others wait for is worth to them, and what a place costs that
// others would have (daemon/decisions/0016). Exact; pure functions, thread-safe.
#include <cstdint>
#include <map>
#include <optional>

#include "absl/numeric/int128.h"
#include "ledger/rate_book.h"
#include "lifecycle/models.h"
#include "lifecycle/unserved_demand.h"

namespace purser {

inline constexpr int64_t kHoursOfMonth = 720;

// A rate, and the share of the base that was asked for and not granted, at most all of it.
struct ShadowPrice {
  Rate rate;
  stored::RateCard::Per per = stored::RateCard::UNIT;
  int64_t waiting = 0;  // millionths of the unit; 0 <= waiting <= base
  int64_t base = 1;     // likewise, above 0

  // USD a unit, rounded half away from zero to 12 digits.
  Rate Rounded() const;
  friend bool operator==(const ShadowPrice&, const ShadowPrice&) = default;
};
// nullopt: no rate is in force for it, or it is not priced. unserved >= 0, in millionths.
std::optional<ShadowPrice> ShadowPriceOf(const Resource& resource, const RateBook& rates,
                                         InstantUs at_us, absl::int128 unserved);

// By resource: of capacities alone, and of those for which somebody waits.
using ShadowPrices = std::map<uint32_t, ShadowPrice>;

// USD a month, in millionths, rounded half away from zero once a resource: below 0 of what would be
// occupied more, above 0 of what would be free.
absl::int128 OpportunityCost(const Occupied& effect, const ShadowPrices& prices);

// As entries keep them.
stored::ShadowPrices ToStored(const ShadowPrices& prices);
// Whether they are what ToStored may make, of numbers of which `is_there` is true.
template <typename IsThere>
bool AreShadowPrices(const stored::ShadowPrices& prices, IsThere is_there) {
  uint32_t before = 0;
  for (const auto& price : prices.prices()) {
    const bool is_whole = price.resource() > before && is_there(price.resource()) &&
                          price.rate_picos() > 0 && price.waiting() > 0 &&
                          price.waiting() <= price.base();
    if (!is_whole) return false;
    before = price.resource();
  }
  return true;
}

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SHADOW_PRICES_H_
