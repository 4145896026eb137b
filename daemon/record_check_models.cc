// Whether the records of models say what the fold says.
#include <utility>

#include "daemon/model_rows.h"
#include "daemon/record_check.h"

namespace purser {

RecordCheck::Result RecordCheck::CheckModelsOfRow(uint64_t first_sequence) {
  for (const auto& [id, proposal] : std::exchange(proposals_of_row_, {})) {
    ++proposal_version_rows_;
    auto fault = Expect(Table::kProposalVersions, schema::VersionKey(number_, id, first_sequence),
                        *proposal, first_sequence);
    if (fault.has_value()) return fault;
  }
  for (const auto& [id, model] : std::exchange(models_of_row_, {})) {
    models_[id] = model;
    ++model_version_rows_;
    const std::string key = schema::VersionKey(number_, id, first_sequence);
    auto fault = Expect(Table::kModelVersions, key, *model, first_sequence);
    if (fault.has_value()) return fault;
  }
  const auto changed = std::exchange(active_of_row_, {});
  const uint64_t before = std::exchange(activity_before_row_, population_.models.activity());
  const auto row = MakeActiveModels(population_.models, changed, before);
  if (!row.has_value()) return std::nullopt;
  ++active_rows_;
  return Expect(Table::kActiveModels, schema::JournalKey(number_, first_sequence), *row,
                first_sequence);
}

RecordCheck::Result RecordCheck::CheckModels() {
  for (const auto& [id, model] : models_) {
    auto fault =
        Expect(Table::kModels, schema::IdKey(number_, id), *model, model->change_sequence());
    if (fault.has_value()) return fault;
  }
  for (const auto& [id, proposal] : population_.models.proposals().all()) {
    auto fault = Expect(Table::kProposals, schema::IdKey(number_, id), *proposal,
                        proposal->change_sequence());
    if (fault.has_value()) return fault;
  }
  uint64_t rows = 0;
  Result fault;
  const auto expect = [&](const stored::ModelStateRow& row, uint64_t sequence) {
    if (fault.has_value()) return;
    ++rows;
    fault = Expect(Table::kModelState, schema::ModelStateKey(number_, row), row, sequence);
  };
  const ModelBook& book = population_.models;
  for (const auto& [id, approval] : book.approvals()) {
    stored::ModelStateRow row;
    *row.mutable_approval() = approval;
    expect(row, approval.sequence());
  }
  for (const auto& [sequence, loan] : book.loans()) {
    stored::ModelStateRow row;
    *row.mutable_loan() = loan;
    expect(row, sequence);
  }
  for (const auto& [id, time_us] : book.uses()) {
    stored::ModelStateRow row;
    row.mutable_use()->set_model(id);
    row.mutable_use()->set_time_us(time_us);
    expect(row, population_.last_sequence);
  }
  if (book.month().has_value()) {
    stored::ModelStateRow row;
    *row.mutable_budget_month() = *book.month();
    expect(row, population_.last_sequence);
  }
  const std::string prefix = schema::PopulationPrefix(number_);
  for (const auto& [table, count] :
       {std::pair(Table::kModelState, rows), std::pair(Table::kModels, uint64_t{models_.size()}),
        std::pair(Table::kModelVersions, model_version_rows_),
        std::pair(Table::kActiveModels, active_rows_),
        std::pair(Table::kProposalVersions, proposal_version_rows_),
        std::pair(Table::kProposals, uint64_t{population_.models.proposals().all().size()})}) {
    if (!fault.has_value()) fault = ExpectCount(table, prefix, count);
  }
  return fault;
}

}  // namespace purser
