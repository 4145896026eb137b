#ifndef PURSER_API_RENDER_PROPOSAL_H_
#define PURSER_API_RENDER_PROPOSAL_H_

// Proposals as clients see them. Thread-safe: pure functions.
#include "api/v1/proposal.pb.h"
#include "lifecycle/population.h"
#include "lifecycle/proposal_findings.h"

namespace purser::api {

v1::Proposal RenderProposal(const ProposalRecord& proposal);
// Adds what executing it would do.
void AddFindings(const ProposalFindings& findings, const ResourceDirectory& directory,
                 v1::Proposal* out);
v1::NetValue RenderNetValue(const NetValue& value);
v1::Proposer RenderProposer(const std::string& principal, const ProposalBook::Proposer& proposer);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_PROPOSAL_H_
