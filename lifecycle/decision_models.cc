// Deciding what is asked of models.
#include "lifecycle/decision.h"

namespace purser {

absl::Status Decision::ShowModel(absl::Status status) {
  if (!status.ok()) return status;
  if (const auto& approval = models_.approval()) {
    NewShown(stored::Answer::APPROVAL, approval->id(), models_.is_new()).approval =
        std::make_shared<const stored::Approval>(*approval);
    return status;
  }
  NewShown(stored::Answer::MODEL, models_.subject(), models_.is_new()).model =
      std::make_shared<const ModelRecord>(*models_.Find(models_.subject()));
  return status;
}

void Decision::NoteReplay() {
  says_nothing_new_ = true;
  shown_.back().answer.set_replayed(true);
}

absl::Status Decision::CheckModels() {
  if (auto status = models_.CheckBudgetStep(civil_time_.month_start_after); !status.ok())
    return status;
  return models_.CheckCoverage();
}

absl::Status Decision::DecideBody(const RegisterModel& body) {
  auto status = ShowModel(models_.Register(body));
  if (status.ok() && !models_.is_new()) NoteReplay();
  return status;
}
absl::Status Decision::DecideBody(const UpdateModel& body) {
  return ShowModel(models_.Update(body));
}
absl::Status Decision::DecideBody(const ShadowModel& body) {
  return ShowModel(models_.Shadow(body));
}
absl::Status Decision::DecideBody(const ActivateModel& body) {
  if (std::holds_alternative<ConsumesReserve>(body.ground)) {
    // Judged as if it were approved, in drafts of its own.
    Decision trial(population_, policy_, civil_time_, command_, books_.now_us(), nullptr);
    const bool is_there = population_.models.Find(body.id) != nullptr;
    auto status = is_there ? trial.models_.TryConsuming(body) : absl::OkStatus();
    if (!status.ok()) return status;
  }
  return ShowModel(models_.Activate(body, command_.caller));
}
absl::Status Decision::DecideBody(const RetireModel& body) {
  return ShowModel(models_.Retire(body));
}
absl::Status Decision::DecideBody(const ArchiveModel& body) {
  return ShowModel(models_.Archive(body));
}
absl::Status Decision::DecideBody(const PurgeModel& body) { return ShowModel(models_.Purge(body)); }
absl::Status Decision::DecideBody(const RollBackModel& body) {
  return ShowModel(models_.RollBack(body));
}
absl::Status Decision::DecideBody(const ApproveActivation& body) {
  return ShowModel(models_.Approve(body, command_.caller));
}
absl::Status Decision::DecideBody(const RejectActivation& body) {
  return ShowModel(models_.Reject(body));
}

}  // namespace purser
