#ifndef PURSER_LIFECYCLE_PROPOSALS_DRAFT_H_
#define PURSER_LIFECYCLE_PROPOSALS_DRAFT_H_

// What one undecided command would make of proposals, on top of what it makes of models: copies of
// the proposals it touches, and the facts that lead there, which are put behind those of the
// models' draft. Each operation either refuses, with a Status, and leaves the drafts to be thrown
// away, or adds its facts. A value for one command; thread-compatible.
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/books_draft.h"
#include "lifecycle/models_draft.h"
#include "lifecycle/proposal_commands.h"
#include "reservations/if_match.h"

namespace purser {

class ProposalsDraft {
 public:
  struct Context {
    const ModelBook* book;
    const ModelPolicy* policy;
    std::optional<IfMatch> if_match;  // of the proposal that a command acts on
  };
  // Both drafts outlive this.
  ProposalsDraft(const BooksDraft* books, ModelsDraft* models, Context context)
      : books_(*books), models_(models), context_(std::move(context)) {}
  ProposalsDraft(const ProposalsDraft&) = delete;
  ProposalsDraft& operator=(const ProposalsDraft&) = delete;

  // A proposal of the id there is already, which says the same: true, and nothing is to be done.
  // Else it is to be judged by gates before it is made.
  absl::StatusOr<bool> IsSaidAgain(const Propose& command);
  absl::Status Make(const Propose& command, const Caller& caller);
  // With the result that the proposal would have: what is to be judged by gates. Absent: nothing
  // changes.
  absl::StatusOr<std::optional<stored::ProposalSettings>> FindUpdated(
      const UpdateProposal& command);
  void Update(const UpdateProposal& command, const Caller& caller);
  // Likewise; `Approve` comes once the gates let it pass.
  absl::StatusOr<stored::ProposalSettings> FindApproved(const ApproveProposal& command,
                                                        const Caller& caller);
  void Approve(const ApproveProposal& command, const Caller& caller);
  absl::Status Reject(const RejectProposal& command, const Caller& caller);
  absl::Status Withdraw(const WithdrawProposal& command, const Caller& caller);
  absl::Status Execute(const ExecuteProposal& command, const Caller& caller);
  // What time brings.
  void Expire(const std::string& id);
  void BookSaving(const std::string& id);
  // Of proposals that cannot be executed in the states in which the command leaves their models.
  void Supersede();

  // As the command has made it; nullptr when there is none.
  const ProposalRecord* Find(std::string_view id) const;
  // Of what the last operation was about.
  const std::string& subject() const { return subject_; }
  bool is_new() const { return is_new_; }

 private:
  ProposalContext MakeContext() const { return {books_.sequence(), books_.now_us()}; }
  absl::StatusOr<bool> CheckExpiry(InstantUs expire_us) const;  // of a new one: false
  absl::StatusOr<const ProposalRecord*> FindFor(const std::string& id);
  absl::StatusOr<const ProposalRecord*> FindPending(const std::string& id, std::string_view verb);
  absl::Status CheckMatch(const ProposalRecord& proposal, Match match) const;
  absl::Status CheckPremises(const ProposalRecord& proposal) const;
  absl::Status CheckWatchers(const stored::ProposalSettings& settings) const;
  stored::ProposalMoved Approval(const stored::ProposalSettings& settings) const;
  // Whether the policy may approve what is of this kind.
  bool MayApprove(stored::ProposalSettings::Kind kind) const {
    return context_.policy->auto_approve.contains(kind);
  }
  // Where the policy approves by itself.
  void ApproveByPolicy(const stored::ProposalSettings& settings,
                       const std::optional<ShadowPrices>& prices);
  stored::ProposalExecuted Execution(const ProposalRecord& proposal, const Caller& caller) const;
  void Add(stored::ProposalFact fact);
  void Move(stored::ProposalMoved moved);

  const BooksDraft& books_;
  ModelsDraft* const models_;
  const Context context_;
  std::map<std::string, ProposalRecord, std::less<>> touched_;
  std::string subject_;
  bool is_new_ = false;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_PROPOSALS_DRAFT_H_
