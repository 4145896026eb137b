#ifndef PURSER_LIFECYCLE_MODELS_DRAFT_H_
#define PURSER_LIFECYCLE_MODELS_DRAFT_H_

// What one undecided command would make of models, on top of what it makes of books and
// reservations: copies of the models it touches, and the facts that lead there. Each operation
// either refuses, with a Status, and leaves the drafts to be thrown away, or adds its facts and its
// postings. The order of the checks is the contract's order of judgement. A value for one command;
// thread-compatible.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ledger/books_draft.h"
#include "ledger/refusal.h"
#include "lifecycle/model_book.h"
#include "lifecycle/model_commands.h"
#include "reservations/if_match.h"
#include "reservations/reservations_draft.h"

namespace purser {

class ModelsDraft {
 public:
  struct Context {
    const ModelBook* book;
    const ModelPolicy* policy;
    std::optional<IfMatch> if_match;  // of the model that a command acts on
  };
  // Both drafts outlive this.
  ModelsDraft(BooksDraft* books, ReservationsDraft* reservations, Context context)
      : books_(books), reservations_(reservations), context_(std::move(context)) {}
  ModelsDraft(const ModelsDraft&) = delete;
  ModelsDraft& operator=(const ModelsDraft&) = delete;

  absl::Status Register(const RegisterModel& command);
  absl::Status Update(const UpdateModel& command);
  absl::Status Shadow(const ShadowModel& command);
  absl::Status Activate(const ActivateModel& command, const Caller& caller);
  absl::Status Approve(const ApproveActivation& command, const Caller& caller);
  // As if an activation that consumes the reserve were approved: the draft is to be thrown away.
  absl::Status TryConsuming(const ActivateModel& command);
  absl::Status Reject(const RejectActivation& command);
  absl::Status Retire(const RetireModel& command);
  absl::Status Archive(const ArchiveModel& command);
  absl::Status Purge(const PurgeModel& command);
  absl::Status RollBack(const RollBackModel& command);
  // What time brings.
  void EndWindow(const std::string& id);
  void ExpireApproval(const std::string& id);
  // What a proposal does: all of it, judged as activations are.
  absl::Status Execute(const stored::ProposalSettings& proposal);
  // Only whether its models are in the right states and the gates let them pass: the draft is to be
  // thrown away.
  absl::Status MoveFor(const stored::ProposalSettings& proposal);
  // In which state one of its models is that it must not be in; empty: none.
  std::string FindWrongState(const stored::ProposalSettings& proposal) const;
  // Of loans whose reserves are whole, as the command leaves them: they are paid back.
  void EndLoans();
  // Of an operator's change of a resource, once it is made: whether what may have to be brought
  // back can be, and the step of the budget is kept.
  absl::Status CheckCoverage() const;
  absl::Status CheckBudgetStep(const MonthStartAfter& month_start_after);

  // As the command has made it; nullptr when there is none.
  const ModelRecord* Find(std::string_view id) const;
  // Of what the last operation was about; empty: no model, or no approval.
  const std::string& subject() const { return subject_; }
  bool is_new() const { return is_new_; }  // it was registered, or an approval was asked for
  const std::optional<stored::Approval>& approval() const { return approval_; }
  google::protobuf::RepeatedPtrField<stored::ModelFact>& facts() { return facts_; }
  // As the command has made them, by id.
  const std::map<std::string, ModelRecord, std::less<>>& touched() const { return touched_; }

 private:
  // What a command does to what is occupied, and where more is taken from.
  struct Way {
    enum Kind {
      kGrowth,      // by a state: refused only where it does not fit, or is frozen
      kChange,      // of settings: also where coverage is lost
      kActivation,  // also where anything of it is frozen, or the reserve is overdue
      kRollback     // refused only where it does not fit, of what is booked and claimed as well
    };
    explicit Way(Kind what) : kind(what) {}
    Kind kind;
    bool may_draw_on_reserve = false;
    bool reduces_cost = false;  // and may lend slots
    bool replaces = false;      // so that an overdue reserve is no matter
  };
  ModelContext MakeContext() const { return {books_->sequence(), books_->now_us()}; }
  const ModelResources& resources() const {
    if (!resources_.has_value()) resources_ = ModelResources::Of(*books_);
    return *resources_;
  }
  stored::ModelFact& NewFact() { return *facts_.Add(); }

  // models_draft.cc
  absl::StatusOr<const ModelRecord*> FindFor(const std::string& id) const;
  // The model for a verb: not found, in a state that the verb does not take, or of another
  // generation are refusals.
  absl::StatusOr<const ModelRecord*> FindIn(const std::string& id, std::string_view verb,
                                            std::initializer_list<stored::ModelState> states) const;
  absl::Status ChangeFootprint(const NamedAmounts& changes, stored::ModelSettings* settings) const;
  void ChangeSettings(const UpdateModel& command, const ModelRecord& before,
                      stored::ModelSettings* settings) const;
  absl::Status CheckSaid(const UpdateModel& command) const;
  absl::Status SayAgain(stored::ModelSettings settings, const absl::Status& status);
  void KeepSetTimes(const ModelRecord& before, stored::ModelSettings* settings) const;
  absl::Status CheckParents(const stored::ModelSettings& settings, uint64_t created) const;
  absl::Status CheckTarget(const stored::ModelSettings& settings) const;
  // Its named target can be brought back.
  absl::Status CheckNotArchived(const stored::ModelSettings& settings) const;
  void Change(const stored::ModelSettings& settings, const UpdateModel& command);
  void Move(const std::string& id, stored::ModelState to, stored::ModelMoved::Ground ground,
            std::string_view for_model);
  void EndReplaced(const std::string& target);
  void Fold(const std::string& id, ModelRecord after) { touched_[id] = std::move(after); }

  // model_gates.cc
  // Constraints are collected while models are moved, so that all that forbid are named.
  void NoteForbidden(const ModelRecord& model, stored::Constraint::Act act);
  absl::Status CheckConstraints();
  absl::Status CheckGates();
  // Of a command that has moved its models.
  absl::Status CheckProviders() const;
  absl::Status CheckNoTarget(const ModelRecord& model, std::string_view verb) const;

  // model_proposals.cc
  absl::Status CheckKnown(const stored::ProposalSettings& proposal) const;
  absl::Status MoveForArchive(const stored::ProposalSettings& proposal);
  absl::Status MoveForResult(const stored::ProposalSettings& proposal);

  // model_activation.cc
  void CheckKnown(const std::vector<std::string>& ids, const std::string& activated,
                  std::string_view path, Faults* faults) const;
  absl::Status CheckLeaving(const std::vector<std::string>& ids) const;
  void Leave(const std::vector<std::string>& ids, stored::ModelState to,
             stored::ModelMoved::Ground ground, const std::string& for_model);
  // `models` leave for it, as rollback targets.
  void Replace(const ModelRecord& model, const std::vector<std::string>& models);
  void TakeGround(const ModelRecord& model, const Vacancy& ground, Way* way);
  void TakeGround(const ModelRecord& model, const Replaces& ground, Way* way);
  void TakeGround(const ModelRecord& model, const ReducesCost& ground, Way* way);
  void LowerCosts(const ModelRecord& model, const ReducesCost& ground);
  absl::Status Consume(const stored::Approval& approval);
  void DropLostTarget(const std::string& id);
  absl::Status RequestApproval(const ModelRecord& model, const ConsumesReserve& ground,
                               const Caller& caller);
  absl::Status CheckDueBack(const ActivateModel& command) const;
  absl::Status CheckGround(const ActivateModel& command) const;
  absl::StatusOr<stored::Approval> FindApproval(const std::string& id) const;
  void EndApproval(const stored::Approval& approval, stored::ApprovalEnded::Outcome outcome,
                   const std::string& reason);
  absl::int128 MonthlyCostAfter() const;
  void FindCost(Refusal* refusal) const;

  // model_occupation.cc
  Occupied NetEffect() const;
  // Judges the net effect of what the command has moved, and posts it. `model` is the one that it
  // is about. Adds what was drawn on reserves to `loan`, where it is given.
  absl::Status Settle(const ModelRecord& model, const Way& way,
                      stored::ReserveLoan* loan = nullptr);
  void Post(const Occupied& effect, const Way& way, stored::ReserveLoan* loan);
  void FindFreezes(const ModelRecord& model, const Occupied& growth, const Way& way,
                   Refusal* refusal) const;
  void FindOverdue(Refusal* refusal) const;
  // How many slots have to be lent for so many more; they may be.
  Amount FindLent(const Occupied& growth) const;
  // The targets of ACTIVE models of which this command changes that they are, or their footprints.
  std::set<std::string> ChangedTargets() const;
  int64_t CountRollingBackTo(const std::string& target) const;
  // What the largest that may have to be brought back need together.
  struct Need {
    absl::int128 before = 0;
    absl::int128 after = 0;
  };
  std::map<uint32_t, Need> FindNeeds() const;
  // `unposted` is what would be drawn on the reserves besides, so far as they have it.
  void FindLostCoverage(Refusal* refusal, const Occupied& unposted = {}) const;
  // The resources of which no reserve could bring back the target that is named.
  google::protobuf::RepeatedField<uint32_t> FindUncoverable(
      const stored::ModelSettings& settings) const;

  BooksDraft* const books_;
  ReservationsDraft* const reservations_;
  const Context context_;
  mutable std::optional<ModelResources> resources_;  // once they were asked for
  std::map<std::string, ModelRecord, std::less<>> touched_;
  google::protobuf::RepeatedPtrField<stored::ModelFact> facts_;
  std::string subject_;
  bool is_new_ = false;
  Refusal forbidden_;
  std::optional<stored::Approval> approval_;
};

}  // namespace purser

#endif  // PURSER_LIFECYCLE_MODELS_DRAFT_H_
