#ifndef PURSER_LIFECYCLE_PROPOSAL_FINDINGS_H_
#define PURSER_LIFECYCLE_PROPOSAL_FINDINGS_H_

// What a proposal would do, were it executed as the models are now (daemon/decisions/0011). Pure
// functions, thread-safe.
#include <string>
#include <vector>

#include "ledger/books.h"
#include "lifecycle/model_book.h"
#include "lifecycle/net_value.h"
#include "lifecycle/proposal_book.h"
#include "lifecycle/shadow_prices.h"

namespace purser {

struct ProposalFindings {
  Occupied effect;  // by resource: what would be occupied more, or less (below 0)
  NetValue net_value;
  struct OfConstraint {
    std::string model;
    stored::Constraint constraint;
    bool forbids = false;  // what is proposed
  };
  std::vector<OfConstraint> constraints;
  std::vector<std::string> unblocks;  // whom the queue would grant in the same entry
};

// Of models that are there; of one that was purged, and of a result that is not given, nothing.
Occupied EffectOf(const stored::ProposalSettings& proposal, const ModelBook& models,
                  const ModelResources& resources);
// As far as nobody waits for what its models occupy.
NetValue NetValueOf(const stored::ProposalSettings& proposal, const ModelBook& models);
// With what those who wait would give for it.
NetValue NetValueOf(const stored::ProposalSettings& proposal, const ModelBook& models,
                    const ModelResources& resources, const ShadowPrices& prices);
// All but whom it unblocks, and what others wait for.
ProposalFindings Examine(const stored::ProposalSettings& proposal, const ModelBook& models,
                         const ModelResources& resources);
// Adds what others wait for, which of an ARCHIVE is no term.
void AddOpportunityCost(const stored::ProposalSettings& proposal, const ShadowPrices& prices,
                        ProposalFindings* findings);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PROPOSAL_FINDINGS_H_
