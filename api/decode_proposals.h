#ifndef PURSER_API_DECODE_PROPOSALS_H_
#define PURSER_API_DECODE_PROPOSALS_H_

// From messages to commands about proposals, as in decode.h. Thread-safe: pure functions.
#include <string>

#include "api/v1/model.pb.h"
#include "api/v1/proposal.pb.h"
#include "ledger/refusal.h"
#include "lifecycle/command.h"

namespace purser::api {

Propose DecodeProposal(const v1::Proposal& message, Faults* faults);
UpdateProposal DecodeProposalUpdate(const v1::UpdateProposal& message, const std::string& id,
                                    Faults* faults);
RejectProposal DecodeProposalRejection(const v1::RejectProposal& message, const std::string& id,
                                       Faults* faults);
WithdrawProposal DecodeWithdrawal(const v1::WithdrawRequest& message, const std::string& id,
                                  Faults* faults);

}  // namespace purser::api

#endif  // PURSER_API_DECODE_PROPOSALS_H_
