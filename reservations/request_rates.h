#ifndef PURSER_RESERVATIONS_REQUEST_RATES_H_
#define PURSER_RESERVATIONS_REQUEST_RATES_H_

// Requests a second: a bucket of tokens for each principal and label value that has such a limit
// (daemon/decisions/0007). It fills at the limit's rate up to its burst, in the time of commands.
// No part of the state: full after a start. Thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"
#include "ledger/limits.h"
#include "ledger/resource.h"
#include "reservations/usage.h"

namespace purser {

// How many tokens a command takes: of its principal, and of each label value.
struct RequestCost {
  int64_t of_principal = 0;
  std::map<LabelPair, int64_t> of_labels;
};

// A bucket as its principal is told of it.
struct RateShown {
  std::string limit;
  int64_t burst = 0;
  int64_t window_seconds = 0;       // in which an empty bucket fills
  int64_t left = 0;                 // whole tokens
  int64_t full_after_seconds = 0;   // rounded up
  int64_t retry_after_seconds = 0;  // 0: it was let through
};

class RequestRates {
 public:
  // Takes the tokens, or none where one of the buckets has too few: then what is shown is of the
  // one that takes longest. nullopt: no limit of the principal's, and nothing stands in the way.
  std::optional<RateShown> Take(const LimitBook& limits, std::string_view principal,
                                const RequestCost& cost, InstantUs now_us);

 private:
  struct Bucket {
    absl::int128 level = 0;  // in millionths of a microsecond's worth; may be below 0
    InstantUs at_us = 0;
    bool is_new = true;
  };
  // What one bucket has by now, and what is asked of it.
  struct Draw {
    const stored::Limit* limit;
    Bucket* bucket;
    int64_t tokens;
  };
  static void Fill(const stored::Limit& limit, InstantUs now_us, Bucket* bucket);
  static RateShown Show(const Draw& draw);
  void ForgetUnlimited(const LimitBook& limits);

  std::map<std::string, Bucket, std::less<>> principals_;
  std::map<LabelPair, Bucket> labels_;
  uint64_t limits_version_ = 0;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_REQUEST_RATES_H_
