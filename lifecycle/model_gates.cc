// What no number outbids: constraints, the only providers, rollback targets.
#include <algorithm>

#include "ledger/text.h"
#include "lifecycle/models_draft.h"

namespace purser {

void ModelsDraft::NoteForbidden(const ModelRecord& model, stored::Constraint::Act act) {
  for (const stored::Constraint& constraint : model.settings().constraints()) {
    const auto& forbids = constraint.forbids();
    if (std::find(forbids.begin(), forbids.end(), act) == forbids.end()) continue;
    Refusal::Blocking& blocking = *forbidden_.add_blocking();
    blocking.set_kind("CONSTRAINT");
    blocking.set_name(constraint.name());
    blocking.set_model(model.settings().id());
    blocking.set_detail(Concat(stored::Constraint::Kind_Name(constraint.kind()), " of model \"",
                               model.settings().id(), "\" forbids ",
                               stored::Constraint::Act_Name(act)));
  }
}

absl::Status ModelsDraft::CheckConstraints() {
  if (forbidden_.blocking().empty()) return absl::OkStatus();
  forbidden_.set_reason(stored::CONSTRAINT_FORBIDS);
  forbidden_.set_detail(forbidden_.blocking(0).detail());
  return Refuse(forbidden_);
}

absl::Status ModelsDraft::CheckGates() {
  auto status = CheckConstraints();
  return status.ok() ? CheckProviders() : status;
}

absl::Status ModelsDraft::CheckProviders() const {
  const auto& required = books_->books().settings().required_capabilities();
  Refusal refusal;
  for (const std::string& capability : required) {
    const size_t before = context_.book->CountProviders(capability);
    int64_t after = static_cast<int64_t>(before);
    const auto count = [&](const ModelRecord* model, int sign) {
      if (model == nullptr || !IsActive(*model)) return;
      const auto& provided = model->settings().capabilities();
      if (std::find(provided.begin(), provided.end(), capability) != provided.end()) after += sign;
    };
    for (const auto& [id, model] : touched_) {
      count(context_.book->Find(id), -1);
      count(&model, 1);
    }
    if (before == 0 || after > 0) continue;
    Refusal::Blocking& blocking = *refusal.add_blocking();
    blocking.set_kind("CAPABILITY");
    blocking.set_name(capability);
    blocking.set_detail("no ACTIVE model would provide it");
  }
  if (refusal.blocking().empty()) return absl::OkStatus();
  refusal.set_reason(stored::SOLE_PROVIDER);
  refusal.set_detail(Concat("the capability \"", refusal.blocking(0).name(),
                            "\" is required, and no ACTIVE model would provide it"));
  return Refuse(refusal);
}

absl::Status ModelsDraft::CheckNoTarget(const ModelRecord& model, std::string_view verb) const {
  const std::string& id = model.settings().id();
  if (context_.book->CountRollingBackTo(id) == 0) return absl::OkStatus();
  return Refuse(
      stored::ROLLBACK_WINDOW,
      Concat("the model \"", id, "\" is the rollback target of an ACTIVE model, and is not ", verb,
             " as long as it is"));
}

}  // namespace purser
