#include "api/proposal_pricer.h"

namespace purser::api {

absl::Status ProposalPricer::Price(ProposalRead* read) {
  if (!read->findings.has_value() || read->findings->effect.empty()) return absl::OkStatus();
  if (!prices_.has_value()) {
    auto prices = controller_->ReadShadowPrices(read->view->name);
    if (!prices.ok()) return prices.status();
    prices_ = *std::move(prices);
  }
  AddOpportunityCost(read->proposal->settings(), *prices_, &*read->findings);
  return absl::OkStatus();
}

}  // namespace purser::api
