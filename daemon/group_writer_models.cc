// The rows of models.
#include "daemon/group_writer.h"
#include "daemon/model_rows.h"
#include "daemon/schema.h"
#include "ledger/check.h"

namespace purser {

void GroupWriter::AddModels(const ModelBook::Changes& models, Chapter* chapter) {
  chapter->activity += models.activated.size() + models.deactivated.size();
  for (const ModelPicture& model : models.models) chapter->models[model->settings().id()] = model;
  for (const ProposalPicture& proposal : models.proposals) {
    chapter->proposals[proposal->settings().id()] = proposal;
  }
  for (const stored::ModelUse& use : models.uses) {
    stored::ModelStateRow row;
    *row.mutable_use() = use;
    const bool stands = use.time_us() != 0;
    AddRow({Table::kModelState, schema::ModelStateKey(chapter->population->number, row),
            stands ? row.SerializeAsString() : "", !stands});
  }
  for (const std::string& id : models.activated) ++chapter->active[id];
  for (const std::string& id : models.deactivated) --chapter->active[id];
}

void GroupWriter::AddModelState(const stored::ModelFact& fact, const Population& population) {
  stored::ModelStateRow row;
  bool stands = true;
  switch (fact.fact_case()) {
    case stored::ModelFact::kApprovalRequested:
      *row.mutable_approval() = fact.approval_requested();
      break;
    case stored::ModelFact::kApprovalEnded:
      row.mutable_approval()->set_id(fact.approval_ended().id());
      stands = false;
      break;
    case stored::ModelFact::kLoanMade:
      *row.mutable_loan() = fact.loan_made();
      break;
    case stored::ModelFact::kLoanRepaid:
      row.mutable_loan()->set_sequence(fact.loan_repaid().sequence());
      stands = false;
      break;
    case stored::ModelFact::kBudgetMonth:
      *row.mutable_budget_month() = fact.budget_month();
      break;
    default:
      return;
  }
  AddRow({Table::kModelState, schema::ModelStateKey(population.number, row),
          stands ? row.SerializeAsString() : "", !stands});
}

void GroupWriter::FinishModels(const Chapter& chapter) {
  const Population& population = *chapter.population;
  for (const auto& [id, model] : chapter.models) {
    const std::string bytes = model->SerializeAsString();
    AddRow({Table::kModels, schema::IdKey(population.number, id), bytes});
    AddRow({Table::kModelVersions,
            schema::VersionKey(population.number, id, chapter.first_sequence), bytes});
  }
  for (const auto& [id, proposal] : chapter.proposals) {
    const std::string bytes = proposal->SerializeAsString();
    AddRow({Table::kProposals, schema::IdKey(population.number, id), bytes});
    AddRow({Table::kProposalVersions,
            schema::VersionKey(population.number, id, chapter.first_sequence), bytes});
  }
  const auto row = MakeActiveModels(population.models, chapter.active,
                                    population.models.activity() - chapter.activity);
  if (!row.has_value()) return;
  AddRow({Table::kActiveModels, schema::JournalKey(population.number, chapter.first_sequence),
          row->SerializeAsString()});
}

}  // namespace purser
