#ifndef PURSER_LIFECYCLE_NET_VALUE_H_
#define PURSER_LIFECYCLE_NET_VALUE_H_

// What a change of the ACTIVE models is worth a month (daemon/decisions/0011). Exact, in millionths
// of USD, in 128 bits: no sum of what a population may hold overflows. Pure functions, thread-safe.
#include "absl/numeric/int128.h"
#include "absl/types/span.h"
#include "lifecycle/models.pb.h"
#include "lifecycle/providers.h"

namespace purser {

// Millionths of USD a month; above 0: the change is worth it. Risk is no term: hard constraints are
// gates.
struct NetValue {
  absl::int128 business_value = 0;
  absl::int128 incremental_inference = 0;
  absl::int128 lifecycle_maintenance = 0;
  absl::int128 expected_incident = 0;
  absl::int128 opportunity_cost = 0;  // of those who know what others wait for (shadow_prices.h)

  absl::int128 Sum() const;
  friend bool operator==(const NetValue&, const NetValue&) = default;
};

// What is lost of a business value when `lost` of its model's capabilities are provided by nobody
// any more: ⌈value × lost ÷ capabilities⌉; of one without capabilities, and of a value below 0, all
// of it. 0 <= lost <= capabilities.
absl::int128 LostValue(const stored::ModelSettings& model, int lost);

// What no longer has to be paid once the model leaves: the terms of its costs. business_value is 0.
NetValue SavedCosts(const stored::ModelSettings& model);

// Of `leaving`, distinct, leaving ACTIVE, while `result` (nullptr: none), which is none of them,
// becomes ACTIVE. Whoever else provides is in `providers`, and of those who leave it does not
// matter whether they are. For few who leave (16): each is compared with each.
NetValue NetValueOf(absl::Span<const stored::ModelSettings* const> leaving,
                    const stored::ModelSettings* result, const Providers& providers);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_NET_VALUE_H_
