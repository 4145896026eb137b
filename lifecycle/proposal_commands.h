#ifndef PURSER_LIFECYCLE_PROPOSAL_COMMANDS_H_
#define PURSER_LIFECYCLE_PROPOSAL_COMMANDS_H_

// What may be asked of proposals, as values. What needs no state (grammar of names, distinct
// models, bounds of texts, scopes) was checked before a command is made.
#include <optional>
#include <string>

#include "lifecycle/proposal_book.h"
#include "lifecycle/shadow_prices.h"

namespace purser {

struct Propose {
  // An empty id: the daemon chooses one. An expiry of 0: the default.
  stored::ProposalSettings said;
  // What a policy that approves it judges by, as its sender saw it: no part of what is said.
  // Absent: nobody is taken to wait.
  std::optional<ShadowPrices> prices = std::nullopt;
};
struct UpdateProposal {
  std::string id;
  std::string result_model;
  std::optional<ShadowPrices> prices = std::nullopt;  // likewise
};
struct ApproveProposal {
  std::string id;
};
struct RejectProposal {
  std::string id;
  std::string reason;
};
struct WithdrawProposal {
  std::string id;
  std::string reason;
};
struct ExecuteProposal {
  std::string id;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PROPOSAL_COMMANDS_H_
