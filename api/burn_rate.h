#ifndef PURSER_API_BURN_RATE_H_
#define PURSER_API_BURN_RATE_H_

// Where spending leads if it goes on as it lately did (daemon/decisions/0012). An estimate, in
// integers. A value.
#include <cstdint>

#include "absl/numeric/int128.h"

namespace purser::api {

// So many millionths of USD in an interval. One of no length says nothing.
struct BurnRate {
  absl::int128 micros = 0;
  int64_t interval_us = 0;

  bool is_known() const { return interval_us > 0; }
  // What it comes to in so long, rounded half away from zero to the millionth. Known.
  absl::int128 In(int64_t duration_us) const;
};

}  // namespace purser::api

#endif  // PURSER_API_BURN_RATE_H_
