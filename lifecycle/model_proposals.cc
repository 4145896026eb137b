// What proposals do to models (daemon/decisions/0011).
#include <algorithm>

#include "ledger/text.h"
#include "lifecycle/models_draft.h"

namespace purser {

using Kind = stored::ProposalSettings::Kind;

namespace {

// The state that the proposal's models are in.
stored::ModelState StateFor(Kind kind) {
  return kind == stored::ProposalSettings::ARCHIVE ? stored::MODEL_RETIRED : stored::MODEL_ACTIVE;
}

std::string_view ShownKind(Kind kind) { return stored::ProposalSettings::Kind_Name(kind); }

}  // namespace

absl::Status ModelsDraft::CheckKnown(const stored::ProposalSettings& proposal) const {
  Faults faults;
  const auto check = [&](const std::string& path, const std::string& id) {
    if (context_.book->FindCreateSequence(id).has_value()) return;
    faults.Add(stored::UNKNOWN_MODEL, path, "the population has no such model");
  };
  for (int i = 0; i < proposal.models_size(); ++i) {
    check(Concat("models[", i, "]"), proposal.models(i));
  }
  if (!proposal.result_model().empty()) check("result_model", proposal.result_model());
  return faults.ToStatus();
}

std::string ModelsDraft::FindWrongState(const stored::ProposalSettings& proposal) const {
  const auto shown = [this](const std::string& id) {
    const ModelRecord* const model = Find(id);
    const auto state = model == nullptr ? stored::MODEL_PURGED : model->state();
    return Concat("the model \"", id, "\" is ", ModelStateName(state));
  };
  const auto state_of = [this](const std::string& id) {
    const ModelRecord* const model = Find(id);
    return model == nullptr ? stored::MODEL_PURGED : model->state();
  };
  for (const std::string& id : proposal.models()) {
    if (state_of(id) == StateFor(proposal.kind())) continue;
    return Concat(shown(id), "; ", ShownKind(proposal.kind()), " takes one that is ",
                  ModelStateName(StateFor(proposal.kind())));
  }
  const std::string& result = proposal.result_model();
  if (result.empty() || MayBecomeActive(state_of(result))) return "";
  return Concat(shown(result), ", and cannot become ACTIVE");
}

absl::Status ModelsDraft::MoveForArchive(const stored::ProposalSettings& proposal) {
  for (const std::string& id : proposal.models()) {
    NoteForbidden(*Find(id), stored::Constraint::ARCHIVE);
    Move(id, stored::MODEL_ARCHIVED, stored::ModelMoved::NONE, "");
  }
  auto status = CheckConstraints();
  for (const std::string& id : proposal.models()) {
    if (status.ok()) status = CheckNoTarget(*Find(id), "archived");
  }
  return status;
}

absl::Status ModelsDraft::MoveForResult(const stored::ProposalSettings& proposal) {
  const std::vector<std::string> models(proposal.models().begin(), proposal.models().end());
  const std::string& result = proposal.result_model();
  const bool merges = proposal.kind() == stored::ProposalSettings::MERGE;
  if (merges) {
    for (const std::string& id : models) NoteForbidden(*Find(id), stored::Constraint::MERGE);
  }
  if (result.empty()) {
    // Nothing is known yet of who takes their place: sole providers are judged once it is.
    for (const std::string& id : models) NoteForbidden(*Find(id), stored::Constraint::RETIRE);
    return CheckConstraints();
  }
  const ModelRecord model = *Find(result);
  if (auto status = CheckNotArchived(model.settings()); !status.ok()) return status;
  if (merges) NoteForbidden(model, stored::Constraint::MERGE);
  NoteForbidden(model, stored::Constraint::ACTIVATE);
  if (merges) {
    Leave(models, stored::MODEL_RETIRED, stored::ModelMoved::MERGE, result);
    Move(result, stored::MODEL_ACTIVE, stored::ModelMoved::MERGE, "");
  } else {
    Replace(model, models);
  }
  return CheckGates();
}

absl::Status ModelsDraft::MoveFor(const stored::ProposalSettings& proposal) {
  if (auto status = CheckKnown(proposal); !status.ok()) return status;
  if (const std::string wrong = FindWrongState(proposal); !wrong.empty()) {
    return Refuse(stored::WRONG_STATE, wrong);
  }
  switch (proposal.kind()) {
    case stored::ProposalSettings::ARCHIVE:
      return MoveForArchive(proposal);
    case stored::ProposalSettings::RETIRE:
      Leave({proposal.models().begin(), proposal.models().end()}, stored::MODEL_RETIRED,
            stored::ModelMoved::NONE, "");
      return CheckGates();
    default:
      return MoveForResult(proposal);
  }
}

absl::Status ModelsDraft::Execute(const stored::ProposalSettings& proposal) {
  if (auto status = MoveFor(proposal); !status.ok()) return status;
  if (proposal.kind() == stored::ProposalSettings::ARCHIVE) return absl::OkStatus();
  if (proposal.kind() == stored::ProposalSettings::RETIRE) {
    return Settle(*Find(proposal.models(0)), Way(Way::kGrowth));
  }
  Way way(Way::kActivation);
  way.replaces = true;
  return Settle(*Find(proposal.result_model()), way);
}

}  // namespace purser
