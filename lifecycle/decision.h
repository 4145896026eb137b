#ifndef PURSER_LIFECYCLE_DECISION_H_
#define PURSER_LIFECYCLE_DECISION_H_

// The deciding of one command on one population, from its checks to its entry. Internal to the
// state machine. A value for one command.
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/guardrail_watch.h"
#include "lifecycle/models_draft.h"
#include "lifecycle/proposals_draft.h"
#include "lifecycle/state_machine.h"
#include "reservations/reservations_draft.h"

namespace purser {

class Decision {
 public:
  Decision(const Population& population, const Policy& policy, const CivilTime& civil_time,
           const Command& command, InstantUs now_us, google::protobuf::Arena* arena);

  // For every body but batches.
  Verdict Decide();
  Verdict DecideAtomicBatch(const Batch& batch);
  Verdict DecideMember(const BatchMember& member, size_t index);
  // The same on top of the members rehearsed before, each as if it were an entry; makes none.
  Verdict RehearseMember(const BatchMember& member, size_t index);
  // Whether an id of the command is used that its Lookup did not know of: the sender has to look
  // again.
  bool IsStale() const;

 private:
  absl::Status DecideBody(const Tick&) { return absl::OkStatus(); }
  absl::Status DecideBody(const CreatePopulation& body);
  absl::Status DecideBody(const UpdatePopulation& body);
  absl::Status DecideBody(const CreateResource& body);
  absl::Status DecideBody(const UpdateResource& body);
  absl::Status DecideBody(const DeleteResource& body);
  absl::Status DecideBody(const GrantAmount& body);
  absl::Status DecideBody(const WithdrawAmount& body);
  absl::Status DecideBody(const CreateFreeze& body);
  absl::Status DecideBody(const DeleteFreeze& body);
  absl::Status DecideBody(const RequestReservation& body);
  absl::Status DecideBody(const StartReservation& body);
  absl::Status DecideBody(const RenewReservation& body);
  absl::Status DecideBody(const ChargeReservation& body);
  absl::Status DecideBody(const SettleReservation& body);
  absl::Status DecideBody(const ReleaseReservation& body);
  absl::Status DecideBody(const PostCharge& body);
  absl::Status DecideBody(const RefundCharge& body);
  absl::Status DecideBody(const EnterCost& body);
  absl::Status DecideBody(const ReportOutcomes& body);
  absl::Status DecideBody(const Batch&);
  absl::Status DecideBody(const ExplainRequests& body);
  absl::Status DecideBody(const LetPass& body);
  absl::Status DecideBody(const CreateLimit& body);
  absl::Status DecideBody(const UpdateLimit& body);
  absl::Status DecideBody(const DeleteLimit& body);
  absl::Status DecideBody(const RegisterModel& body);
  absl::Status DecideBody(const UpdateModel& body);
  absl::Status DecideBody(const ShadowModel& body);
  absl::Status DecideBody(const ActivateModel& body);
  absl::Status DecideBody(const RetireModel& body);
  absl::Status DecideBody(const ArchiveModel& body);
  absl::Status DecideBody(const PurgeModel& body);
  absl::Status DecideBody(const RollBackModel& body);
  absl::Status DecideBody(const ApproveActivation& body);
  absl::Status DecideBody(const RejectActivation& body);
  absl::Status DecideBody(const Propose& body);
  absl::Status DecideBody(const UpdateProposal& body);
  absl::Status DecideBody(const ApproveProposal& body);
  absl::Status DecideBody(const RejectProposal& body);
  absl::Status DecideBody(const WithdrawProposal& body);
  absl::Status DecideBody(const ExecuteProposal& body);
  absl::Status DecideBody(const CreateRateCard& body);
  absl::Status DecideBody(const UpdateRateCard& body);
  absl::Status DecideBody(const DeleteRateCard& body);
  absl::Status DecideBody(const CreateGuardrail& body);
  absl::Status DecideBody(const UpdateGuardrail& body);
  absl::Status DecideBody(const DeleteGuardrail& body);
  absl::Status DecideBody(const ResetGuardrail& body);
  absl::Status DecideBody(const ClosePeriod& body);
  absl::Status DecideBody(const CreateBudget& body);
  absl::Status DecideBody(const UpdateBudget& body);
  absl::Status DecideBody(const DeleteBudget& body);
  absl::Status DecideBody(const OverrideBudget& body);
  absl::Status DecideBody(const CountBudget& body);
  absl::Status DecideBody(const ApproveRequest& body);
  absl::Status DecideBody(const RejectRequest& body);

  absl::Status CheckGeneration(const Resource& resource, Match match) const;
  // As it was before this command.
  absl::StatusOr<const Resource*> FindResource(const std::string& name) const;
  InstantUs FirstBoundary(const stored::ResourceSettings& settings,
                          const std::string& time_zone) const;
  template <typename Body>
  bool BodyUsesNews(const Body& body) const;
  bool UsesNews(const BatchOperation& operation) const;
  bool UsesNews(const Batch& batch) const;
  bool UsesNews(const RefundCharge& refund) const;
  bool UsesNews(const ExplainRequests& body) const;
  bool ReservationIdIsNews(const std::string& id) const;
  bool ChargeIdIsNews(const std::string& id) const;

  void ShowReservation(stored::Answer::Kind kind, bool created);
  void ShowCharge(bool created);
  void ShowRefund();
  // A cost entry, or outcomes.
  template <typename Fact>
  void ShowPosted(stored::Answer::Kind kind, const Fact& fact);
  void ShowResource(uint32_t number, bool created);
  void ShowLimit(const stored::Limit& limit, bool created);
  void ShowRateCard(const stored::RateCard& card, bool created);
  void ShowGuardrail(const stored::GuardrailRecord& record, bool created);
  void ShowBudget(const std::string& id, bool created);
  void ShowPeriod(const stored::PeriodClosed& closed);
  // Shows what the models' draft was about, if it was not refused.
  absl::Status ShowModel(absl::Status status);
  // The same of proposals.
  absl::Status ShowProposal(absl::Status status);
  // Whether states and gates would let the proposal be executed now.
  absl::Status TryGates(const stored::ProposalSettings& proposal) const;
  // Of an operator's change of a resource.
  absl::Status CheckModels();
  // The resources that the limit's parts name.
  absl::Status CheckNames(const stored::Limit& limit) const;
  // What is wrong with the resources that the card names, and with when it is valid.
  void FindRateFaults(const stored::RateCard& card, Faults* faults) const;
  void FindIntervalFaults(const stored::RateCard& card, Faults* faults) const;
  // Whether others are valid then, and how many there would be; in the place of `before`, if that
  // is there.
  absl::Status CheckOthers(const stored::RateCard& card, const stored::RateCard* before) const;
  Shown& NewShown(stored::Answer::Kind kind, const std::string& id, bool created);
  // What is shown was there before.
  void NoteReplay();

  // What was charged since this was asked last may trip guardrails.
  void WatchCharges();
  void TellCrossings();
  Verdict Finish(absl::Status status, stored::CommandKind kind);
  bool LeavesDenial(const RequestReservation& request) const;
  Verdict FinishDenied(const RequestReservation& request, const absl::Status& status,
                       stored::CommandKind kind);
  const stored::Entry* MakeEntry(stored::CommandKind kind);
  // The members of an atomic batch in the order in which they take effect.
  std::vector<size_t> OrderOf(const Batch& batch) const;
  absl::Status DecideAtomicMember(const Batch& batch, size_t index, std::vector<Shown>* shown);

  const Population& population_;
  const Policy& policy_;
  const CivilTime& civil_time_;
  const Command& command_;
  google::protobuf::Arena* const arena_;
  BooksDraft books_;
  ReservationsDraft reservations_;
  ModelsDraft models_;
  ProposalsDraft proposals_;
  GuardrailWatch guardrails_;
  int watched_facts_ = 0;  // of the reservations'
  int member_ = -1;
  bool rehearses_ = false;
  bool says_nothing_new_ = false;  // it was said before: a replay, which leaves no entry
  std::vector<Shown> shown_;
};

// The kind that an entry of this body has.
stored::CommandKind KindOf(const Command& command);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_DECISION_H_
