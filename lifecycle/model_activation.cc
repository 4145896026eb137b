// The grounds of an activation, and the way back.
#include <algorithm>
#include <set>

#include "ledger/text.h"
#include "lifecycle/models_draft.h"

namespace purser {

namespace {

constexpr std::initializer_list<stored::ModelState> kMayActivate = {
    stored::MODEL_CANDIDATE, stored::MODEL_SHADOW, stored::MODEL_RETIRED,
    stored::MODEL_ROLLBACK_TARGET};

// Who would leave for it.
std::vector<std::string> LeavingFor(const ActivateModel& command) {
  if (const auto* replaces = std::get_if<Replaces>(&command.ground)) return replaces->models;
  if (const auto* reduces = std::get_if<ReducesCost>(&command.ground)) return reduces->retire;
  return {};
}

Amount CostOf(const ModelRecord& model, stored::CostCategory category) {
  for (const auto& cost : model.settings().monthly_costs()) {
    if (cost.category() == category) return Amount::FromMicros(cost.amount());
  }
  return Amount();
}

}  // namespace

// Those that leave are others, and known.
void ModelsDraft::CheckKnown(const std::vector<std::string>& ids, const std::string& activated,
                             std::string_view path, Faults* faults) const {
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::string field = Concat(path, "[", i, "]");
    if (ids[i] == activated) {
      faults->Add(stored::INVALID_ARGUMENT, field, "a model does not leave for itself");
    } else if (!context_.book->FindCreateSequence(ids[i]).has_value()) {
      faults->Add(stored::UNKNOWN_MODEL, field, "the population has no such model");
    }
  }
}

// And ACTIVE.
absl::Status ModelsDraft::CheckLeaving(const std::vector<std::string>& ids) const {
  for (const std::string& id : ids) {
    const auto model = FindFor(id);
    if (!model.ok()) return model.status();
    if (IsActive(**model)) continue;
    return Refuse(stored::WRONG_STATE,
                  Concat("the model \"", id, "\" is ", ModelStateName((*model)->state()),
                         "; only one that is ACTIVE makes room"));
  }
  return absl::OkStatus();
}

void ModelsDraft::Leave(const std::vector<std::string>& ids, stored::ModelState to,
                        stored::ModelMoved::Ground ground, const std::string& for_model) {
  for (const std::string& id : ids) {
    NoteForbidden(*Find(id), stored::Constraint::RETIRE);
    Move(id, to, ground, for_model);
  }
}

void ModelsDraft::TakeGround(const ModelRecord& model, const Vacancy&, Way*) {
  Move(model.settings().id(), stored::MODEL_ACTIVE, stored::ModelMoved::VACANCY, "");
}

void ModelsDraft::Replace(const ModelRecord& model, const std::vector<std::string>& models) {
  const std::string id = model.settings().id();
  Leave(models, stored::MODEL_ROLLBACK_TARGET, stored::ModelMoved::REPLACES, id);
  Move(id, stored::MODEL_ACTIVE, stored::ModelMoved::REPLACES, "");
  if (!Find(id)->settings().rollback_target().empty()) return;
  stored::ReplacedTargetSet fact;
  fact.set_id(id);
  fact.set_target(models.front());
  Fold(id, purser::Fold(fact, MakeContext(), *Find(id)));
  *NewFact().mutable_replaced_target_set() = std::move(fact);
}

void ModelsDraft::TakeGround(const ModelRecord& model, const Replaces& ground, Way* way) {
  way->replaces = true;
  Replace(model, ground.models);
}

// What was checked to be lower than it is.
void ModelsDraft::LowerCosts(const ModelRecord& model, const ReducesCost& ground) {
  for (const ReducesCost::Change& change : ground.cost_changes) {
    const ModelRecord& before = *Find(change.model);
    stored::CostPromised fact;
    fact.set_id(change.model);
    fact.set_category(change.category);
    fact.set_before(CostOf(before, change.category).micros());
    fact.set_after(change.amount.micros());
    fact.set_for_model(model.settings().id());
    Fold(change.model, purser::Fold(fact, MakeContext(), before));
    *NewFact().mutable_cost_promised() = std::move(fact);
  }
}

void ModelsDraft::TakeGround(const ModelRecord& model, const ReducesCost& ground, Way* way) {
  const std::string id = model.settings().id();
  way->reduces_cost = true;
  LowerCosts(model, ground);
  Leave(ground.retire, stored::MODEL_RETIRED, stored::ModelMoved::REDUCES_COST, id);
  Move(id, stored::MODEL_ACTIVE, stored::ModelMoved::REDUCES_COST, "");
}

absl::int128 ModelsDraft::MonthlyCostAfter() const {
  absl::int128 after = context_.book->monthly_cost_micros();
  const auto count = [&after](const ModelRecord* model, int sign) {
    if (model == nullptr || !IsActive(*model)) return;
    after += absl::int128(MonthlyCost(model->settings()).micros()) * sign;
  };
  for (const auto& [id, model] : touched_) {
    count(context_.book->Find(id), -1);
    count(&model, 1);
  }
  return after;
}

void ModelsDraft::FindCost(Refusal* refusal) const {
  const absl::int128 before = context_.book->monthly_cost_micros();
  const absl::int128 hundred = Amount::FromUnits(100).micros();
  const absl::int128 kept = hundred - context_.policy->cost_margin_percent.micros();
  if (MonthlyCostAfter() * hundred <= before * kept) return;
  if (refusal->reason() == stored::REASON_UNSPECIFIED)
    refusal->set_reason(stored::COST_NOT_REDUCED);
  Refusal::Blocking& blocking = *refusal->add_blocking();
  blocking.set_kind("COST");
  blocking.set_name("monthly_costs");
  const auto shown = [](absl::int128 micros) {
    return static_cast<int64_t>(std::min(micros, absl::int128(INT64_MAX)));
  };
  blocking.set_limit(shown(before * kept / hundred));
  blocking.set_used(shown(MonthlyCostAfter()));
  blocking.set_detail(Concat(
      "all ACTIVE models together may cost ", Amount::FromMicros(blocking.limit()).ToString(),
      " a month afterwards, ", context_.policy->cost_margin_percent.ToString(),
      " % less than now, and would cost ", Amount::FromMicros(blocking.used()).ToString()));
}

absl::Status ModelsDraft::CheckGround(const ActivateModel& command) const {
  Faults faults;
  if (const auto* replaces = std::get_if<Replaces>(&command.ground)) {
    CheckKnown(replaces->models, command.id, "replaces.models", &faults);
    return faults.ToStatus();
  }
  const auto* reduces = std::get_if<ReducesCost>(&command.ground);
  if (reduces == nullptr) return absl::OkStatus();
  CheckKnown(reduces->retire, command.id, "reduces_cost.retire", &faults);
  for (const auto& change : reduces->cost_changes) {
    const std::string path = Concat("reduces_cost.cost_changes.", change.model);
    const auto& leaving = reduces->retire;
    const bool leaves = std::find(leaving.begin(), leaving.end(), change.model) != leaving.end();
    const ModelRecord* const model = Find(change.model);
    const bool goes = leaves || change.model == command.id;
    if (!goes && !context_.book->FindCreateSequence(change.model).has_value()) {
      faults.Add(stored::UNKNOWN_MODEL, path, "the population has no such model");
    } else if (goes || model == nullptr || !IsActive(*model)) {
      faults.Add(stored::INVALID_ARGUMENT, path, "is no ACTIVE model that stays");
    } else if (const Amount now = CostOf(*model, change.category); change.amount >= now) {
      faults.Add(stored::INVALID_ARGUMENT, path,
                 Concat("must be lower than now, ", now.ToString()));
    }
  }
  return faults.ToStatus();
}

absl::Status ModelsDraft::CheckDueBack(const ActivateModel& command) const {
  const auto* consumes = std::get_if<ConsumesReserve>(&command.ground);
  if (consumes == nullptr) return absl::OkStatus();
  const char* const path = "consumes_reserve.due_back";
  if (consumes->due_back_us <= books_->now_us()) {
    return RefuseField(stored::INVALID_ARGUMENT, path, "must be in the future");
  }
  if (consumes->due_back_us - books_->now_us() > kDueBackMaxUs) {
    return RefuseField(stored::INVALID_ARGUMENT, path, "must be within 400 days");
  }
  return absl::OkStatus();
}

absl::Status ModelsDraft::Activate(const ActivateModel& command, const Caller& caller) {
  subject_ = command.id;
  const auto* consumes = std::get_if<ConsumesReserve>(&command.ground);
  if (auto status = CheckDueBack(command); !status.ok()) return status;
  if (auto status = CheckGround(command); !status.ok()) return status;
  const auto found = FindIn(command.id, ":activate", kMayActivate);
  if (!found.ok()) return found.status();
  const ModelRecord model = **found;
  auto status = CheckLeaving(LeavingFor(command));
  if (status.ok()) status = CheckNotArchived(model.settings());
  if (!status.ok()) return status;
  NoteForbidden(model, stored::Constraint::ACTIVATE);
  if (consumes != nullptr) return RequestApproval(model, *consumes, caller);
  Way way(Way::kActivation);
  std::visit(
      [&](const auto& ground) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(ground)>, ConsumesReserve>) {
          TakeGround(model, ground, &way);
        }
      },
      command.ground);
  if (status = CheckGates(); !status.ok()) return status;
  return Settle(*Find(command.id), way);
}

absl::Status ModelsDraft::RequestApproval(const ModelRecord& model, const ConsumesReserve& ground,
                                          const Caller& caller) {
  if (context_.book->approvals().size() >= kApprovalsMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("at most ", kApprovalsMax, " approvals wait in a population"));
  }
  stored::Approval approval;
  approval.set_id(Concat("_", books_->sequence()));
  approval.set_model(model.settings().id());
  approval.set_principal(caller.principal);
  approval.set_reason(ground.reason);
  approval.set_due_back_us(ground.due_back_us);
  approval.set_create_time_us(books_->now_us());
  approval.set_expire_time_us(std::min(books_->now_us() + kApprovalUs, ground.due_back_us));
  approval.set_sequence(books_->sequence());
  *NewFact().mutable_approval_requested() = approval;
  approval_ = std::move(approval);
  is_new_ = true;
  return absl::OkStatus();
}

absl::StatusOr<stored::Approval> ModelsDraft::FindApproval(const std::string& id) const {
  const auto found = context_.book->approvals().find(id);
  if (found != context_.book->approvals().end()) return found->second;
  return Refuse(stored::NOT_FOUND, Concat("no approval \"", id, "\" is pending"));
}

absl::Status ModelsDraft::Approve(const ApproveActivation& command, const Caller& caller) {
  const auto approval = FindApproval(command.approval);
  if (!approval.ok()) return approval.status();
  if (approval->principal() == caller.principal) {
    return Refuse(stored::FORBIDDEN,
                  "whoever asked for it does not approve it: a second principal does");
  }
  EndApproval(*approval, stored::ApprovalEnded::APPROVED, "");
  return Consume(*approval);
}

absl::Status ModelsDraft::TryConsuming(const ActivateModel& command) {
  if (auto status = CheckDueBack(command); !status.ok()) return status;
  stored::Approval approval;
  approval.set_model(command.id);
  return Consume(approval);
}

absl::Status ModelsDraft::Consume(const stored::Approval& approval) {
  subject_ = approval.model();
  const auto found = FindIn(subject_, ":approve", kMayActivate);
  if (!found.ok()) return found.status();
  const ModelRecord model = **found;
  auto status = CheckNotArchived(model.settings());
  if (!status.ok()) return status;
  NoteForbidden(model, stored::Constraint::ACTIVATE);
  if (status = CheckConstraints(); !status.ok()) return status;
  Move(subject_, stored::MODEL_ACTIVE, stored::ModelMoved::CONSUMES_RESERVE, "");
  Way way(Way::kActivation);
  way.may_draw_on_reserve = true;
  stored::ReserveLoan loan;
  loan.set_model(subject_);
  loan.set_due_back_us(approval.due_back_us());
  loan.set_sequence(books_->sequence());
  loan.set_reason(approval.reason());
  if (status = Settle(*Find(subject_), way, &loan); !status.ok()) return status;
  if (loan.drawn().empty()) return absl::OkStatus();
  if (context_.book->loans().size() >= kLoansMax) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("at most ", kLoansMax, " loans of the reserve stand in a population"));
  }
  *NewFact().mutable_loan_made() = std::move(loan);
  return absl::OkStatus();
}

absl::Status ModelsDraft::Reject(const RejectActivation& command) {
  const auto approval = FindApproval(command.approval);
  if (!approval.ok()) return approval.status();
  EndApproval(*approval, stored::ApprovalEnded::REJECTED, command.reason);
  approval_ = *approval;
  return absl::OkStatus();
}

void ModelsDraft::EndApproval(const stored::Approval& approval,
                              stored::ApprovalEnded::Outcome outcome, const std::string& reason) {
  stored::ApprovalEnded& ended = *NewFact().mutable_approval_ended();
  ended.set_id(approval.id());
  ended.set_outcome(outcome);
  ended.set_reason(reason);
  *ended.mutable_approval() = approval;
}

absl::Status ModelsDraft::RollBack(const RollBackModel& command) {
  subject_ = command.id;
  const auto found = FindIn(command.id, ":rollback", {stored::MODEL_ACTIVE});
  if (!found.ok()) return found.status();
  const ModelRecord failed = **found;
  const ModelRecord* const to = context_.book->FindTarget(failed);
  if (to == nullptr) {
    return Refuse(stored::NO_ROLLBACK_TARGET,
                  Concat("the model \"", command.id,
                         "\" has no rollback target; PATCH one, or activate another"));
  }
  const ModelRecord back = *to;
  const std::string target = back.settings().id();
  NoteForbidden(failed, stored::Constraint::RETIRE);
  if (!IsActive(back)) NoteForbidden(back, stored::Constraint::ACTIVATE);
  auto status = CheckConstraints();
  if (!status.ok()) return status;
  Move(command.id, stored::MODEL_RETIRED, stored::ModelMoved::ROLLBACK, target);
  if (!IsActive(back)) Move(target, stored::MODEL_ACTIVE, stored::ModelMoved::ROLLBACK, "");
  Way way(Way::kRollback);
  way.may_draw_on_reserve = command.may_spend_reserve;
  if (status = Settle(*Find(target), way); !status.ok()) return status;
  DropLostTarget(target);
  return absl::OkStatus();
}

// Who came back has no rollback target of its own if that is archived by now, or would lose
// coverage.
void ModelsDraft::DropLostTarget(const std::string& id) {
  const ModelRecord before = *Find(id);
  if (RollbackTargetOf(before).empty()) return;
  const auto missing = [this] {
    Refusal refusal;
    FindLostCoverage(&refusal);
    absl::int128 sum = 0;
    for (const auto& each : refusal.blocking()) sum += each.used();
    return sum;
  };
  const bool is_gone = context_.book->FindTarget(before) == nullptr;
  const absl::int128 with_target = missing();
  if (!is_gone && with_target == 0) return;
  stored::ModelChanged dropped;
  *dropped.mutable_settings() = before.settings();
  dropped.mutable_settings()->clear_rollback_target();
  dropped.set_says_target(true);
  Fold(id, purser::Fold(dropped, MakeContext(), before));
  if (!is_gone && missing() >= with_target) {
    Fold(id, before);  // it is not what loses it
    return;
  }
  *NewFact().mutable_changed() = std::move(dropped);
}

}  // namespace purser
