#ifndef PURSER_API_PROPOSE_REVIEW_H_
#define PURSER_API_PROPOSE_REVIEW_H_

// What a review found, proposed by the principal `reviewer`. Thread-safe.
#include <string>
#include <vector>

#include "api/controller.h"

namespace purser::api {

// Each as a command of its own; what is refused by now is left out. A dry run records nothing.
std::vector<ProposalPicture> ProposeReview(Controller* controller, const std::string& population,
                                           const Review& review, const std::string& request_id,
                                           bool dry_run);

}  // namespace purser::api

#endif  // PURSER_API_PROPOSE_REVIEW_H_
