#include "daemon/record_check.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "google/protobuf/util/message_differencer.h"
#include "ledger/text.h"

namespace purser {

RecordCheck::Fault RecordCheck::MakeFault(Table table, const std::string& key, uint64_t sequence,
                                          std::string_view what) const {
  return {sequence,
          Concat("table ", TableName(table), ", key ", absl::BytesToHexString(key), ": ", what)};
}

RecordCheck::Result RecordCheck::Compare(Table table, const std::string& key,
                                         std::string_view value,
                                         const google::protobuf::Message& fold,
                                         uint64_t sequence) const {
  const std::string bytes = fold.SerializeAsString();
  if (value == bytes) return std::nullopt;
  const std::unique_ptr<google::protobuf::Message> parsed(fold.New());
  google::protobuf::Message& record = *parsed;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return MakeFault(table, key, sequence, "the record cannot be read");
  }
  // A message has one form of bytes here (no maps): another form is decay too.
  if (record.SerializeAsString() == bytes) {
    return MakeFault(table, key, sequence, "the record has bytes that nobody writes");
  }
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_message_field_comparison(google::protobuf::util::MessageDifferencer::EQUIVALENT);
  differencer.ReportDifferencesToString(&differences);
  differencer.Compare(record, fold);
  for (char& c : differences) c = c == '\n' ? ';' : c;
  return MakeFault(table, key, sequence,
                   Concat("the record is not what the journal makes of it: ", differences));
}

RecordCheck::Result RecordCheck::Expect(Table table, const std::string& key,
                                        const google::protobuf::Message& fold, uint64_t sequence) {
  std::optional<std::string> value;
  if (auto status = snapshot_->Get(table, key, &value); !status.ok()) {
    return MakeFault(table, key, sequence, ToStd(status.message()));
  }
  if (!value.has_value()) return MakeFault(table, key, sequence, "the record is missing");
  return Compare(table, key, *value, fold, sequence);
}

RecordCheck::Result RecordCheck::ExpectCount(Table table, const std::string& prefix,
                                             uint64_t count) {
  uint64_t found = 0;
  const auto status =
      ForEachRow(snapshot_, table, prefix, [&found](std::string_view, std::string_view) {
        ++found;
        return absl::OkStatus();
      });
  if (!status.ok()) {
    return MakeFault(table, prefix, population_.last_sequence, ToStd(status.message()));
  }
  if (found == count) return std::nullopt;
  return MakeFault(table, prefix, population_.last_sequence,
                   Concat("there are ", found, " rows, the journal makes ", count));
}

// ---- as the fold goes on

RecordCheck::Result RecordCheck::AfterEntry(const stored::Entry& entry, uint64_t first_sequence,
                                            const ReservationBook::Changes& changes,
                                            const ModelBook::Changes& models) {
  for (const ModelPicture& model : models.models) models_of_row_[model->settings().id()] = model;
  for (const ProposalPicture& proposal : models.proposals) {
    proposals_of_row_[proposal->settings().id()] = proposal;
  }
  for (const std::string& id : models.activated) ++active_of_row_[id];
  for (const std::string& id : models.deactivated) --active_of_row_[id];
  for (const auto& balances : entry.balances()) balances_of_row_.insert(balances.resource());
  for (const auto& ended : changes.ended) ended_[ended->id] = ended;
  made_in_row_.Add(entry, first_sequence);
  costs_of_row_.Add(entry, first_sequence, population_);
  charges_.insert(changes.charges.begin(), changes.charges.end());
  if (auto fault = CheckExplained(entry)) return fault;
  for (const auto& fact : entry.reservation_facts()) {
    if (!fact.cost_entered().has_allocation()) continue;
    if (auto fault = CheckAllocation(fact.cost_entered(), entry.sequence())) return fault;
  }
  for (const auto& fact : entry.ledger_facts()) {
    if (!fact.has_budget_counted()) continue;
    if (auto fault = CheckCounted(fact.budget_counted(), entry.sequence())) return fault;
  }
  return CheckSettings(entry);
}

RecordCheck::Result RecordCheck::CheckExplained(const stored::Entry& entry) {
  stored::DenialExplained fold;
  fold.set_sequence(entry.sequence());
  uint64_t last_sequence = 0;
  for (const auto& fact : entry.reservation_facts()) {
    if (!fact.has_explained()) continue;
    // A row for all that one entry decided.
    const uint64_t sequence = fact.explained().denied_sequence();
    if (std::exchange(last_sequence, sequence) != sequence) ++explained_rows_;
    auto fault =
        Expect(Table::kByTime, schema::ExplainedKey(number_, fact.explained().denied_sequence()),
               fold, entry.sequence());
    if (fault.has_value()) return fault;
  }
  return std::nullopt;
}

RecordCheck::Result RecordCheck::CheckSettings(const stored::Entry& entry) {
  version_keys_of_entry_.clear();
  Result fault;
  for (const auto& fact : entry.ledger_facts()) {
    if (fact.has_population_set() || fact.has_resumed()) {
      stored::PopulationVersion version;
      *version.mutable_settings() = population_.books.settings();
      version.set_lease_shift_us(population_.books.lease_shift_us());
      const std::string key = schema::PopulationVersionKey(number_, entry.sequence());
      version_keys_of_entry_.insert(key);
      fault = Expect(Table::kSettings, key, version, entry.sequence());
    } else if (fact.has_resource_created()) {
      fault = CheckVersion(fact.resource_created().resource(), entry.sequence());
    } else if (fact.has_resource_updated()) {
      fault = CheckVersion(fact.resource_updated().resource(), entry.sequence());
    } else if (fact.has_rolled_over()) {
      fault = CheckVersion(fact.rolled_over().resource(), entry.sequence());
    } else if (fact.has_resource_deleted()) {
      fault = CheckVersion(fact.resource_deleted().resource(), entry.sequence());
    }
    if (fault.has_value()) return fault;
  }
  version_rows_ += version_keys_of_entry_.size();
  return std::nullopt;
}

RecordCheck::Result RecordCheck::CheckVersion(uint32_t number, uint64_t sequence) {
  stored::ResourceVersion version;
  if (const Resource* resource = population_.books.Find(number)) {
    *version.mutable_settings() = *resource->settings;
    version.set_period(resource->period);
    version.set_period_start_us(resource->period_start_us);
    version.set_next_boundary_us(resource->next_boundary_us);
  } else {
    const ResourceIdentity identity = population_.directory.Find(number);
    version.set_deleted(true);
    version.mutable_settings()->set_name(std::string(identity.name));
    version.mutable_settings()->set_kind(identity.consumable ? stored::CONSUMABLE
                                                             : stored::CAPACITY);
  }
  const std::string key = schema::ResourceVersionKey(number_, number, sequence);
  version_keys_of_entry_.insert(key);
  return Expect(Table::kSettings, key, version, sequence);
}

RecordCheck::Result RecordCheck::AfterRow(uint64_t first_sequence) {
  for (const uint32_t number : balances_of_row_) {
    const Resource* found = population_.books.Find(number);
    const Resource resource = found == nullptr ? Resource() : *found;
    stored::Balances balances;
    balances.set_resource(number);
    for (int i = 0; i < kAccountCount; ++i) {
      balances.add_accounts(resource[static_cast<Account>(i)].micros());
    }
    balances.set_base(resource.base.micros());
    balances.set_shortfall(resource.shortfall.micros());
    auto fault = Expect(Table::kBalances, schema::BalancesKey(number_, number, first_sequence),
                        balances, first_sequence);
    if (fault.has_value()) return fault;
  }
  balance_rows_ += balances_of_row_.size();
  balances_of_row_.clear();
  const MadeInGroup made = std::exchange(made_in_row_, {});
  auto fault = CheckMade(schema::TimedKind::kReservation, made.reservations, first_sequence,
                         &reservation_rows_);
  if (fault.has_value()) return fault;
  for (const auto& [kind, ids] : {std::pair(schema::TimedKind::kCharge, &made.charges),
                                  std::pair(schema::TimedKind::kCostEntry, &made.cost_entries),
                                  std::pair(schema::TimedKind::kOutcomes, &made.outcomes)}) {
    fault = CheckMade(kind, *ids, first_sequence, &posted_rows_[kind]);
    if (fault.has_value()) return fault;
  }
  fault = CheckCosts(first_sequence);
  return fault.has_value() ? fault : CheckModelsOfRow(first_sequence);
}

RecordCheck::Result RecordCheck::CheckCosts(uint64_t first_sequence) {
  const CostsInGroup costs = std::exchange(costs_of_row_, {});
  if (costs.empty()) return std::nullopt;
  ++cost_rows_;
  return Expect(Table::kCosts, schema::JournalKey(number_, first_sequence), costs.row(),
                first_sequence);
}

RecordCheck::Result RecordCheck::CheckMade(schema::TimedKind kind, const stored::MadeInGroup& made,
                                           uint64_t first_sequence, uint64_t* rows) {
  if (made.ids().empty()) return std::nullopt;
  ++*rows;
  return Expect(Table::kByTime, schema::ByTimeKey(number_, kind, first_sequence), made,
                first_sequence);
}

// ---- at the end

RecordCheck::Result RecordCheck::AtEnd(const stored::PopulationMeta& meta) {
  if (auto fault = CheckMeta(meta)) return fault;
  const std::string prefix = schema::PopulationPrefix(number_);
  if (auto fault = ExpectCount(Table::kSettings, prefix, version_rows_)) return fault;
  if (auto fault = ExpectCount(Table::kBalances, prefix, balance_rows_)) return fault;
  if (auto fault = ExpectCount(Table::kCosts, prefix, cost_rows_)) return fault;
  for (auto step :
       {&RecordCheck::CheckReservations, &RecordCheck::CheckCharges, &RecordCheck::CheckDebts,
        &RecordCheck::CheckFreezes, &RecordCheck::CheckLimits, &RecordCheck::CheckRateCards,
        &RecordCheck::CheckGuardrails, &RecordCheck::CheckBudgets, &RecordCheck::CheckPeriods,
        &RecordCheck::CheckUsage, &RecordCheck::CheckModels, &RecordCheck::CheckKeys}) {
    if (auto fault = (this->*step)()) return fault;
  }
  return std::nullopt;
}

RecordCheck::Result RecordCheck::CheckMeta(const stored::PopulationMeta& meta) const {
  stored::PopulationMeta fold = meta;  // name and hashes were compared with the journal
  fold.set_last_sequence(population_.last_sequence);
  fold.set_last_time_us(population_.last_time_us);
  fold.set_lease_shift_us(population_.books.lease_shift_us());
  fold.set_next_resource_number(population_.books.next_resource_number());
  return Compare(Table::kMeta, schema::MetaKey(number_), meta.SerializeAsString(), fold,
                 population_.last_sequence);
}

RecordCheck::Result RecordCheck::CheckReservation(Table table, const Reservation& reservation) {
  return Expect(table, schema::IdKey(number_, reservation.id), ToRecord(reservation),
                reservation.sequences.back());
}

RecordCheck::Result RecordCheck::CheckReservations() {
  for (const auto& [id, reservation] : population_.reservations.ListOpen()) {
    if (auto fault = CheckReservation(Table::kOpen, *reservation)) return fault;
  }
  // The row of a denial stays while its id is used again.
  for (const auto& [id, reservation] : ended_) {
    if (auto fault = CheckReservation(Table::kReservations, *reservation)) return fault;
  }
  const std::string prefix = schema::PopulationPrefix(number_);
  auto fault =
      ExpectCount(Table::kOpen, prefix,
                  population_.reservations.open_count() + population_.reservations.queue().size() +
                      population_.reservations.bookings().size());
  if (fault.has_value()) return fault;
  fault = ExpectCount(Table::kReservations, prefix, ended_.size());
  if (fault.has_value()) return fault;
  fault = ExpectCount(Table::kByTime, schema::ByTimePrefix(number_, schema::TimedKind::kExplained),
                      explained_rows_);
  if (fault.has_value()) return fault;
  return ExpectCount(Table::kByTime, schema::ByTimePrefix(number_, schema::TimedKind::kReservation),
                     reservation_rows_);
}

RecordCheck::Result RecordCheck::CheckCharges() {
  for (const std::string& id : charges_) {
    const stored::ChargeRecord& charge = **population_.reservations.recent().FindCharge(id);
    const uint64_t sequence =
        charge.refunds().empty() ? charge.sequence() : charge.refunds().rbegin()->sequence();
    auto fault = Expect(Table::kCharges, schema::IdKey(number_, id), charge, sequence);
    if (fault.has_value()) return fault;
  }
  auto fault = ExpectCount(Table::kCharges, schema::PopulationPrefix(number_), charges_.size());
  if (fault.has_value()) return fault;
  for (const auto kind :
       {schema::TimedKind::kCharge, schema::TimedKind::kCostEntry, schema::TimedKind::kOutcomes}) {
    fault = ExpectCount(Table::kByTime, schema::ByTimePrefix(number_, kind), posted_rows_[kind]);
    if (fault.has_value()) return fault;
  }
  return std::nullopt;
}

RecordCheck::Result RecordCheck::CheckDebts() {
  const auto& debts = population_.books.debts().all();
  for (const auto& [key, debt] : debts) {
    const uint64_t made_by = key.second >> 16;  // the order of a debt begins with its entry
    auto fault =
        Expect(Table::kDebts, schema::DebtKey(number_, key.first, key.second), debt, made_by);
    if (fault.has_value()) return fault;
  }
  return ExpectCount(Table::kDebts, schema::PopulationPrefix(number_), debts.size());
}

RecordCheck::Result RecordCheck::CheckFreezes() {
  const auto& freezes = population_.books.freezes().all();
  for (const auto& [id, freeze] : freezes) {
    auto fault = Expect(Table::kFreezes, schema::IdKey(number_, id), freeze, freeze.sequence());
    if (fault.has_value()) return fault;
  }
  return ExpectCount(Table::kFreezes, schema::PopulationPrefix(number_), freezes.size());
}

RecordCheck::Result RecordCheck::CheckLimits() {
  const auto& limits = population_.books.limits().all();
  for (const auto& [id, limit] : limits) {
    auto fault = Expect(Table::kLimits, schema::IdKey(number_, id), limit, limit.sequence());
    if (fault.has_value()) return fault;
  }
  return ExpectCount(Table::kLimits, schema::PopulationPrefix(number_), limits.size());
}

RecordCheck::Result RecordCheck::CheckRateCards() {
  const auto& cards = population_.books.rates().all();
  for (const auto& [id, card] : cards) {
    auto fault = Expect(Table::kRateCards, schema::IdKey(number_, id), *card, card->sequence());
    if (fault.has_value()) return fault;
  }
  return ExpectCount(Table::kRateCards, schema::PopulationPrefix(number_), cards.size());
}

RecordCheck::Result RecordCheck::CheckBudgets() {
  const BudgetBook& budgets = population_.books.budgets();
  for (const auto& [id, state] : budgets.all()) {
    auto fault = Expect(Table::kBudgets, schema::IdKey(number_, id), budgets.ToRecord(state),
                        state.settings->sequence());
    if (fault.has_value()) return fault;
  }
  return ExpectCount(Table::kBudgets, schema::PopulationPrefix(number_), budgets.size());
}

RecordCheck::Result RecordCheck::CheckGuardrails() {
  const auto& guardrails = population_.books.guardrails().all();
  for (const auto& [id, record] : guardrails) {
    auto fault = Expect(Table::kGuardrails, schema::IdKey(number_, id), record,
                        record.guardrail().sequence());
    if (fault.has_value()) return fault;
  }
  return ExpectCount(Table::kGuardrails, schema::PopulationPrefix(number_), guardrails.size());
}

RecordCheck::Result RecordCheck::CheckPeriods() {
  const ClosedPeriods& periods = population_.books.closed_periods();
  for (const auto& [period, closed] : periods) {
    auto fault = Expect(Table::kPeriods, schema::IdKey(number_, period), closed, closed.sequence());
    if (fault.has_value()) return fault;
  }
  return ExpectCount(Table::kPeriods, schema::PopulationPrefix(number_), periods.size());
}

RecordCheck::Result RecordCheck::CheckUsage() {
  uint64_t rows = 0;
  Result fault;
  population_.reservations.usage().ForEach([&](const stored::UsageRecord& subject,
                                               const Usage& usage) {
    if (usage.changed_sequence == 0 || fault.has_value()) return;
    ++rows;
    fault = Expect(
        Table::kUsage,
        schema::UsageKey(number_, subject.principal(), subject.label_key(), subject.label_value()),
        ToRecord(subject, usage), usage.changed_sequence);
  });
  if (fault.has_value()) return fault;
  return ExpectCount(Table::kUsage, schema::PopulationPrefix(number_), rows);
}

RecordCheck::Result RecordCheck::CheckKeys() {
  Result fault;
  const auto status =
      ForEachRow(snapshot_, Table::kKeys, schema::PopulationPrefix(number_),
                 [&](std::string_view key, std::string_view value) -> absl::Status {
                   stored::KeyRecord record;
                   if (record.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
                       record.sequence() <= population_.last_sequence) {
                     return absl::OkStatus();
                   }
                   fault = MakeFault(Table::kKeys, std::string(key), population_.last_sequence,
                                     "the record cannot be read");
                   return absl::OkStatus();
                 });
  if (status.ok()) return fault;
  return MakeFault(Table::kKeys, "", population_.last_sequence, ToStd(status.message()));
}

}  // namespace purser
