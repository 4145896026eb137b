#ifndef PURSER_LIFECYCLE_REVIEWER_H_
#define PURSER_LIFECYCLE_REVIEWER_H_

// What the daemon's own reviewer would propose, as the models are (daemon/decisions/0011). Looks at
// every ACTIVE model: not for the writer. Pure functions, thread-safe.
#include <optional>
#include <string>
#include <vector>

#include "ledger/books.h"
#include "lifecycle/model_book.h"
#include "lifecycle/review_set.h"
#include "lifecycle/shadow_prices.h"

namespace purser {

inline constexpr char kReviewer[] = "reviewer";  // the principal that proposes

struct ReviewPolicy {
  Amount redundancy_tolerance_percent = Amount::FromUnits(2);
  size_t proposals_max = 10;      // of one review
  int64_t idle_us = 28 * kDayUs;  // without a charge, and ACTIVE all the time
};

struct ReviewQuestion {
  Occupied lacking;      // of somebody who waits or was denied; empty: nobody in particular
  std::string for_whom;  // its id
  InstantUs now_us = 0;
  ShadowPrices prices = {};  // what others wait for: a term of what suggestions are ordered by
};

struct Review {
  struct Suggestion {
    stored::ProposalSettings proposal;  // without an id
    absl::int128 net_value_micros = 0;
  };
  // What somebody lacks first, then by net value.
  std::vector<Suggestion> suggestions;
  // Of what is lacking, if anything that models occupy is.
  std::optional<BestSet> set;
  size_t dominated = 0;  // found, whether they are proposed or not
  size_t redundant = 0;  // groups
  size_t idle = 0;
  size_t left_out = 0;   // of what would be proposed, for want of room among what is pending
  bool complete = true;  // else the comparisons ran out, and there may be more of the first two
};

// None names a model that a proposal names which is OPEN or APPROVED, nor one that a gate keeps.
Review ReviewModels(const ModelBook& models, const Books& books, const ReviewPolicy& policy,
                    const ReviewQuestion& question);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_REVIEWER_H_
