#ifndef PURSER_LIFECYCLE_PROPOSAL_COMMANDS_H_
#define PURSER_LIFECYCLE_PROPOSAL_COMMANDS_H_

// What may be asked of proposals, as values. What needs no state (grammar of names, distinct
// models, bounds of texts, scopes) was checked before a command is made.
#include <string>

#include "lifecycle/proposal_book.h"

namespace purser {

struct Propose {
  // An empty id: the daemon chooses one. An expiry of 0: the default.
  stored::ProposalSettings said;
};
struct UpdateProposal {
  std::string id;
  std::string result_model;
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
