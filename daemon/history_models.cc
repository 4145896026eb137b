// Reads of models: as they are, as they were, and who was ACTIVE when.
#include <set>

#include "daemon/history.h"
#include "daemon/model_rows.h"
#include "daemon/schema.h"
#include "ledger/text.h"

namespace purser {

namespace {

// What the fact makes of the model, if it is about it.
void TakeFact(const stored::ModelFact& fact, const std::string& id, const ModelContext& context,
              std::optional<ModelRecord>* model) {
  if (fact.has_registered() && fact.registered().settings().id() == id) {
    *model = Fold(fact.registered(), context);
  }
  if (!model->has_value()) return;
  if (fact.has_changed() && fact.changed().settings().id() == id) {
    *model = Fold(fact.changed(), context, **model);
  } else if (fact.has_moved() && fact.moved().id() == id) {
    *model = Fold(fact.moved(), context, **model);
  } else if (fact.has_replaced_target_set() && fact.replaced_target_set().id() == id) {
    *model = Fold(fact.replaced_target_set(), context, **model);
  } else if (fact.has_cost_promised() && fact.cost_promised().id() == id) {
    *model = Fold(fact.cost_promised(), context, **model);
  }
}

// The same of a proposal, with what is watched of it.
void TakeFact(const stored::ModelFact& fact, const std::string& id, const ProposalContext& context,
              std::optional<ProposalRecord>* proposal) {
  if (fact.has_moved() && proposal->has_value()) {
    const bool is_active = fact.moved().to() == stored::MODEL_ACTIVE;
    const bool was_active = fact.moved().from() == stored::MODEL_ACTIVE;
    const bool changed = is_active != was_active &&
                         Watch(fact.moved().id(), is_active, context.time_us, &**proposal);
    if (changed) (*proposal)->set_change_sequence(context.sequence);
  }
  if (!fact.has_proposal() || ProposalOf(fact.proposal()) != id) return;
  if (fact.proposal().has_made()) {
    *proposal = Fold(fact.proposal().made(), context);
  } else if (proposal->has_value()) {
    *proposal = Fold(fact.proposal(), context, **proposal);
  }
}

}  // namespace

absl::StatusOr<std::optional<ModelRecord>> History::FindModel(const std::string& id) {
  return Get<ModelRecord>(Table::kModels, schema::IdKey(population_, id));
}

absl::Status History::ForEachEntryOfGroup(uint64_t sequence,
                                          const std::function<void(const stored::Entry&)>& visit,
                                          uint64_t* first) {
  auto group = FindGroup(sequence, first);
  if (!group.ok()) return group.status();
  if (*group == nullptr) return absl::OkStatus();
  for (int i = 0; i < (*group)->entries_size() && *first + i <= sequence; ++i) {
    stored::Entry entry;
    if (!entry.ParseFromString((*group)->entries(i))) {
      return absl::DataLossError(Concat("entry ", *first + i, " cannot be read"));
    }
    visit(entry);
  }
  return absl::OkStatus();
}

template <typename Record>
absl::StatusOr<std::optional<Record>> History::RecordAsOf(
    Table table, const std::string& id, uint64_t sequence,
    const std::function<void(const stored::Entry&, std::optional<Record>*)>& take) {
  // As the groups before left it, and then what entries of its own group did.
  uint64_t first = 0;
  auto group = FindGroup(sequence, &first);
  if (!group.ok()) return group.status();
  std::optional<Record> record;
  const std::string prefix = schema::VersionPrefix(population_, id);
  auto cursor = snapshot_->NewCursor(table);
  if (first > 0) {
    cursor->SeekLastAtOrBefore(schema::VersionKey(population_, id, first - 1));
    if (!cursor->status().ok()) return cursor->status();
    if (cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix) {
      record.emplace();
      if (!record->ParseFromArray(cursor->value().data(),
                                  static_cast<int>(cursor->value().size()))) {
        return absl::DataLossError(Concat("a version in ", TableName(table), " cannot be read"));
      }
    }
  }
  auto status = ForEachEntryOfGroup(
      sequence, [&](const stored::Entry& entry) { take(entry, &record); }, &first);
  if (!status.ok()) return status;
  return record;
}

absl::StatusOr<std::optional<ModelRecord>> History::ModelAsOf(const std::string& id,
                                                              uint64_t sequence) {
  return RecordAsOf<ModelRecord>(
      Table::kModelVersions, id, sequence,
      [&id](const stored::Entry& entry, std::optional<ModelRecord>* model) {
        for (const auto& fact : entry.model_facts()) {
          TakeFact(fact, id, ModelContext{entry.sequence(), entry.time_us()}, model);
        }
      });
}

absl::StatusOr<std::optional<ProposalRecord>> History::ProposalAsOf(const std::string& id,
                                                                    uint64_t sequence) {
  return RecordAsOf<ProposalRecord>(
      Table::kProposalVersions, id, sequence,
      [&id](const stored::Entry& entry, std::optional<ProposalRecord>* proposal) {
        for (const auto& fact : entry.model_facts()) {
          TakeFact(fact, id, ProposalContext{entry.sequence(), entry.time_us()}, proposal);
        }
      });
}

absl::StatusOr<std::set<std::string>> History::ActiveAsOf(uint64_t sequence) {
  uint64_t first = 0;
  auto group = FindGroup(sequence, &first);
  if (!group.ok()) return group.status();
  std::set<std::string> active;
  const std::string prefix = schema::PopulationPrefix(population_);
  // Back to the last row that has everybody, and on from there.
  std::vector<stored::ActiveModels> rows;
  auto cursor = snapshot_->NewCursor(Table::kActiveModels);
  if (first > 0) cursor->SeekLastAtOrBefore(schema::JournalKey(population_, first - 1));
  while (first > 0 && cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix) {
    stored::ActiveModels& row = rows.emplace_back();
    if (!row.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("who was ACTIVE cannot be read");
    }
    if (row.all()) break;
    cursor->Previous();
  }
  if (!cursor->status().ok()) return cursor->status();
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    active.insert(row->activated().begin(), row->activated().end());
    for (const std::string& id : row->deactivated()) active.erase(id);
  }
  auto status = ForEachEntryOfGroup(
      sequence,
      [&](const stored::Entry& entry) {
        for (const auto& fact : entry.model_facts()) {
          if (!fact.has_moved()) continue;
          if (fact.moved().to() == stored::MODEL_ACTIVE) {
            active.insert(fact.moved().id());
          } else {
            active.erase(fact.moved().id());
          }
        }
      },
      &first);
  if (!status.ok()) return status;
  return active;
}

absl::StatusOr<api::Page<ModelRecord>> History::ListModels(const api::ModelFilter& filter,
                                                           const api::PageRequest& page) {
  api::Page<ModelRecord> models;
  auto meta = ReadMeta();
  if (!meta.ok()) return meta.status();
  models.sequence = meta->last_sequence();
  const std::string prefix = schema::PopulationPrefix(population_);
  auto cursor = snapshot_->NewCursor(Table::kModels);
  cursor->SeekFirstAtOrAfter(prefix + page.token);
  for (size_t looked = 0; cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix;
       cursor->Next(), ++looked) {
    // A page is done when it is full, or when much was looked at for it.
    if (models.items.size() >= page.size || looked >= kModelsLookedAtMax) {
      models.next_token = std::string(schema::IdOfKey(cursor->key()));
      return models;
    }
    ModelRecord model;
    if (!model.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("a model cannot be read");
    }
    const bool of_state = !filter.state.has_value() || model.state() == *filter.state;
    const bool of_family = filter.operator_family.empty() ||
                           model.settings().operator_family() == filter.operator_family;
    if (of_state && of_family) models.items.push_back(std::move(model));
  }
  if (!cursor->status().ok()) return cursor->status();
  return models;
}

absl::StatusOr<std::vector<stored::Approval>> History::ListApprovals() {
  std::vector<stored::Approval> approvals;
  const std::string prefix = schema::PopulationPrefix(population_) + "a";
  auto cursor = snapshot_->NewCursor(Table::kModelState);
  for (cursor->SeekFirstAtOrAfter(prefix);
       cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    stored::ModelStateRow row;
    if (!row.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("an approval cannot be read");
    }
    approvals.push_back(row.approval());
  }
  if (!cursor->status().ok()) return cursor->status();
  return approvals;
}

}  // namespace purser
