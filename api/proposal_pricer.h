#ifndef PURSER_API_PROPOSAL_PRICER_H_
#define PURSER_API_PROPOSAL_PRICER_H_

// What others wait for, as a term of what proposals are worth: read once, when the first of them
// needs it. A value for one answer; thread-compatible.
#include <optional>

#include "absl/status/status.h"
#include "api/controller.h"

namespace purser::api {

class ProposalPricer {
 public:
  // Outlives this.
  explicit ProposalPricer(Controller* controller) : controller_(controller) {}

  // Of one that was found; of one that has no findings nothing is done. As ReadShadowPrices says.
  absl::Status Price(ProposalRead* read);

 private:
  Controller* const controller_;
  std::optional<ShadowPrices> prices_;
};

}  // namespace purser::api

#endif  // PURSER_API_PROPOSAL_PRICER_H_
