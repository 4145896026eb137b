#include "api/burn_rate.h"

namespace purser::api {

absl::int128 BurnRate::In(int64_t duration_us) const {
  const absl::int128 product = micros * duration_us;
  const absl::int128 half = product < 0 ? -(interval_us / 2) : interval_us / 2;
  return (product + half) / interval_us;
}

}  // namespace purser::api
