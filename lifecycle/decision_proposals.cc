// Deciding what is asked of proposals.
#include "lifecycle/decision.h"

namespace purser {

absl::Status Decision::ShowProposal(absl::Status status) {
  if (!status.ok()) return status;
  const std::string& id = proposals_.subject();
  NewShown(stored::Answer::PROPOSAL, id, proposals_.is_new()).proposal =
      std::make_shared<const ProposalRecord>(*proposals_.Find(id));
  return status;
}

absl::Status Decision::TryGates(const stored::ProposalSettings& proposal) const {
  // In drafts of its own, that are thrown away.
  Decision trial(population_, policy_, civil_time_, command_, books_.now_us(), nullptr);
  return trial.models_.MoveFor(proposal);
}

absl::Status Decision::DecideBody(const Propose& body) {
  const auto again = proposals_.IsSaidAgain(body);
  if (!again.ok()) return again.status();
  if (*again) {
    auto status = ShowProposal(absl::OkStatus());
    NoteReplay();
    return status;
  }
  if (auto status = TryGates(body.said); !status.ok()) return status;
  return ShowProposal(proposals_.Make(body, command_.caller));
}

absl::Status Decision::DecideBody(const UpdateProposal& body) {
  const auto updated = proposals_.FindUpdated(body);
  if (!updated.ok()) return updated.status();
  if (updated->has_value()) {
    if (auto status = TryGates(**updated); !status.ok()) return status;
    proposals_.Update(body, command_.caller);
  }
  return ShowProposal(absl::OkStatus());
}

absl::Status Decision::DecideBody(const ApproveProposal& body) {
  const auto proposal = proposals_.FindApproved(body, command_.caller);
  if (!proposal.ok()) return proposal.status();
  if (auto status = TryGates(*proposal); !status.ok()) return status;
  proposals_.Approve(body, command_.caller);
  return ShowProposal(absl::OkStatus());
}

absl::Status Decision::DecideBody(const RejectProposal& body) {
  return ShowProposal(proposals_.Reject(body, command_.caller));
}
absl::Status Decision::DecideBody(const WithdrawProposal& body) {
  return ShowProposal(proposals_.Withdraw(body, command_.caller));
}
absl::Status Decision::DecideBody(const ExecuteProposal& body) {
  return ShowProposal(proposals_.Execute(body, command_.caller));
}

}  // namespace purser
