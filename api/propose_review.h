#ifndef PURSER_API_PROPOSE_REVIEW_H_
#define PURSER_API_PROPOSE_REVIEW_H_

// A review of a population's models, and what it found proposed by the principal `reviewer`.
// Thread-safe.
#include <string>
#include <vector>

#include "api/controller.h"

namespace purser::api {

struct Reviewed {
  Review review;
  std::vector<ProposalPicture> proposed;
  size_t left_out = 0;    // found, and refused when they were proposed, or for want of room
  uint64_t sequence = 0;  // behind the last of them
};

// Each is proposed by a command of its own. For who waits as `reservation`, or, if that is empty,
// for the head of the queue. A dry run records nothing. One review at a time, so that two do not
// propose the same: OVERLOADED when others take long. Where the daemon takes none of them,
// why.
absl::StatusOr<Reviewed> ReviewAndPropose(Controller* controller, const View& view,
                                          const std::string& reservation,
                                          const std::string& request_id, bool dry_run);

}  // namespace purser::api

#endif  // PURSER_API_PROPOSE_REVIEW_H_
