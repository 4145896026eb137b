#include "daemon/group_writer.h"

#include "daemon/schema.h"
#include "daemon/sha256.h"
#include "ledger/check.h"
#include "ledger/text.h"
#include "ledger/wire.h"
#include "reservations/record_bytes.h"

namespace purser {

namespace {

stored::ResourceVersion MakeVersion(const Resource& resource) {
  stored::ResourceVersion version;
  *version.mutable_settings() = *resource.settings;
  version.set_period(resource.period);
  version.set_period_start_us(resource.period_start_us);
  version.set_next_boundary_us(resource.next_boundary_us);
  return version;
}

stored::Balances MakeBalances(const Resource& resource) {
  stored::Balances balances;
  balances.set_resource(resource.number);
  for (int i = 0; i < kAccountCount; ++i) {
    balances.add_accounts(resource[static_cast<Account>(i)].micros());
  }
  balances.set_base(resource.base.micros());
  balances.set_shortfall(resource.shortfall.micros());
  return balances;
}

std::pair<uint64_t, uint32_t> MadeBy(const Reservation& reservation) {
  return {reservation.create_sequence, reservation.create_index};
}

Row PeriodRow(uint32_t number, const stored::PeriodClosed& closed) {
  return {Table::kPeriods, schema::IdKey(number, closed.period()), closed.SerializeAsString()};
}

}  // namespace

Hash FirstHash(std::string_view population) { return Sha256("purser/1/", population); }
Hash NextHash(const Hash& before, std::string_view entry_bytes) {
  return Sha256(Bytes(before), entry_bytes);
}
std::string_view Bytes(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::vector<const Population*> GroupWriter::populations() const {
  std::vector<const Population*> list;
  for (const auto& [number, chapter] : chapters_) list.push_back(chapter.population);
  return list;
}

// The entry's bytes go straight to their place in the row, and are hashed there.
void GroupWriter::AddEntry(const stored::Entry& entry, Hash* hash, std::string* journal) {
  const size_t size = entry.ByteSizeLong();
  AppendWireLength(stored::JournalGroup::kEntriesFieldNumber, size, journal);
  const size_t begin = journal->size();
  journal->resize(begin + size);
  entry.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(journal->data() + begin));
  *hash = NextHash(*hash, std::string_view(*journal).substr(begin));
  size_bytes_ += size;
  ++entries_;
}

void GroupWriter::Add(const Population& population, const stored::Entry& entry,
                      const ReservationBook::Changes& changes, const ModelBook::Changes& models) {
  Chapter& chapter = chapters_[population.number];
  const auto [hash_of, is_first] = hashes_->try_emplace(population.number);
  Hash& hash = hash_of->second;
  if (is_first) hash = FirstHash(population.name);
  if (chapter.population == nullptr) {
    chapter.population = &population;
    chapter.first_sequence = entry.sequence();
    AppendWireBytes(stored::JournalGroup::kHashBeforeFieldNumber, Bytes(hash), &chapter.journal);
  }
  AddEntry(entry, &hash, &chapter.journal);
  chapter.made.Add(entry, chapter.first_sequence);
  chapter.costs.Add(entry, chapter.first_sequence, population);
  for (const auto& balances : entry.balances()) chapter.balances.insert(balances.resource());
  for (const Reservation* open : changes.open) chapter.open.try_emplace(MadeBy(*open), open);
  for (const auto& ended : changes.ended) {
    chapter.open.erase(MadeBy(*ended));
    chapter.ended[MadeBy(*ended)] = ended;
  }
  for (const std::string& id : changes.charges) chapter.charges.insert(id);
  for (const auto& [key, value] : changes.unlimited) {
    stored::UsageRecord& subject = chapter.unlimited.emplace_back();
    subject.set_label_key(key);
    subject.set_label_value(value);
  }
  AddFacts(population, entry);
  AddGuardrails(entry, &chapter);
  AddBudgets(entry, &chapter);
  AddExplained(population, entry);
  AddModels(models, &chapter);
  for (const auto& fact : entry.model_facts()) AddModelState(fact, population);
}

void GroupWriter::AddLimit(uint32_t number, const stored::LedgerFact& fact) {
  const bool stands = fact.has_limit_set();
  const std::string& id = stands ? fact.limit_set().id() : fact.limit_deleted().id();
  AddRow({Table::kLimits, schema::IdKey(number, id),
          stands ? fact.limit_set().SerializeAsString() : "", !stands});
}

void GroupWriter::AddRateCard(uint32_t number, const stored::LedgerFact& fact) {
  const bool stands = fact.has_rate_card_set();
  const std::string& id = stands ? fact.rate_card_set().id() : fact.rate_card_deleted().id();
  AddRow({Table::kRateCards, schema::IdKey(number, id),
          stands ? fact.rate_card_set().SerializeAsString() : "", !stands});
}

void GroupWriter::AddDebt(const Population& population, const stored::LedgerFact& fact) {
  if (fact.has_debt_incurred()) {
    const stored::Debt& debt = fact.debt_incurred();
    AddRow({Table::kDebts, schema::DebtKey(population.number, debt.resource(), debt.order()),
            debt.SerializeAsString()});
    return;
  }
  const DebtKey key(fact.debt_repaid().resource(), fact.debt_repaid().order());
  const auto& debts = population.books.debts().all();
  const auto debt = debts.find(key);
  AddRow({Table::kDebts, schema::DebtKey(population.number, key.first, key.second),
          debt == debts.end() ? "" : debt->second.SerializeAsString(), debt == debts.end()});
}

void GroupWriter::AddFacts(const Population& population, const stored::Entry& entry) {
  const uint32_t number = population.number;
  const uint64_t sequence = entry.sequence();
  const auto add_version = [&](uint32_t resource_number) {
    const Resource* resource = population.books.Find(resource_number);
    if (resource == nullptr) return;  // deleted by this entry as well
    AddRow({Table::kSettings, schema::ResourceVersionKey(number, resource_number, sequence),
            MakeVersion(*resource).SerializeAsString()});
  };
  const auto add_population = [&] {
    stored::PopulationVersion version;
    *version.mutable_settings() = population.books.settings();
    version.set_lease_shift_us(population.books.lease_shift_us());
    AddRow({Table::kSettings, schema::PopulationVersionKey(number, sequence),
            version.SerializeAsString()});
  };
  for (const auto& fact : entry.ledger_facts()) {
    switch (fact.fact_case()) {
      case stored::LedgerFact::kPopulationSet:
      case stored::LedgerFact::kResumed:
        add_population();
        break;
      case stored::LedgerFact::kResourceCreated:
        add_version(fact.resource_created().resource());
        break;
      case stored::LedgerFact::kResourceUpdated:
        add_version(fact.resource_updated().resource());
        break;
      case stored::LedgerFact::kRolledOver:
        add_version(fact.rolled_over().resource());
        break;
      case stored::LedgerFact::kResourceDeleted: {
        const uint32_t resource = fact.resource_deleted().resource();
        const ResourceIdentity identity = population.directory.Find(resource);
        stored::ResourceVersion version;
        version.set_deleted(true);
        version.mutable_settings()->set_name(std::string(identity.name));
        version.mutable_settings()->set_kind(identity.consumable ? stored::CONSUMABLE
                                                                 : stored::CAPACITY);
        AddRow({Table::kSettings, schema::ResourceVersionKey(number, resource, sequence),
                version.SerializeAsString()});
        break;
      }
      case stored::LedgerFact::kFrozen:
        AddRow({Table::kFreezes, schema::IdKey(number, fact.frozen().id()),
                fact.frozen().SerializeAsString()});
        break;
      case stored::LedgerFact::kThawed:
        AddRow({Table::kFreezes, schema::IdKey(number, fact.thawed().id()), "", true});
        break;
      case stored::LedgerFact::kLimitSet:
      case stored::LedgerFact::kLimitDeleted:
        AddLimit(number, fact);
        break;
      case stored::LedgerFact::kRateCardSet:
      case stored::LedgerFact::kRateCardDeleted:
        AddRateCard(number, fact);
        break;
      case stored::LedgerFact::kPeriodClosed:
        AddRow(PeriodRow(number, fact.period_closed()));
        break;
      case stored::LedgerFact::kDebtIncurred:
      case stored::LedgerFact::kDebtRepaid:
        AddDebt(population, fact);
        break;
      default:
        break;
    }
  }
}

void GroupWriter::AddExplained(const Population& population, const stored::Entry& entry) {
  if (entry.command() != stored::EXPLAIN_REQUESTS) return;
  stored::DenialExplained explained;
  explained.set_sequence(entry.sequence());
  for (const auto& fact : entry.reservation_facts()) {
    if (!fact.has_explained()) continue;
    AddRow({Table::kByTime,
            schema::ExplainedKey(population.number, fact.explained().denied_sequence()),
            explained.SerializeAsString()});
  }
}

void GroupWriter::AddKey(const Population& population, const std::string& principal,
                         const std::string& key, const stored::KeyRecord& record) {
  AddRow({Table::kKeys, schema::IdempotencyKey(population.number, principal, key),
          record.SerializeAsString()});
}

void GroupWriter::FinishReservations(const Chapter& chapter) {
  const uint32_t number = chapter.population->number;
  const auto add_record = [&](Table table, const Reservation& reservation) {
    AddRow({table, schema::IdKey(number, reservation.id), RecordBytes(reservation)});
  };
  for (const auto& [made, reservation] : chapter.open) add_record(Table::kOpen, *reservation);
  for (const auto& [made, reservation] : chapter.ended) {
    add_record(Table::kReservations, *reservation);
    const bool was_open_before = reservation->create_sequence < chapter.first_sequence;
    if (was_open_before) {
      AddRow({Table::kOpen, schema::IdKey(number, reservation->id), "", true});
    }
  }
}

void GroupWriter::FinishUsage(const Chapter& chapter) {
  const uint32_t number = chapter.population->number;
  const auto key_of = [number](const stored::UsageRecord& subject) {
    return schema::UsageKey(number, subject.principal(), subject.label_key(),
                            subject.label_value());
  };
  for (const stored::UsageRecord& subject : chapter.unlimited) {
    AddRow({Table::kUsage, key_of(subject), "", true});
  }
  const auto add = [&](const stored::UsageRecord& subject, const Usage& usage) {
    if (usage.changed_sequence < chapter.first_sequence) return;
    AddRow({Table::kUsage, key_of(subject), ToRecord(subject, usage).SerializeAsString()});
  };
  chapter.population->reservations.usage().ForEach(add);
}

void GroupWriter::FinishCharges(const Chapter& chapter) {
  const Population& population = *chapter.population;
  for (const std::string& id : chapter.charges) {
    const auto* charge = population.reservations.recent().FindCharge(id);
    PURSER_CHECK(charge != nullptr, "a charge of this group is remembered");
    AddRow({Table::kCharges, schema::IdKey(population.number, id), (*charge)->SerializeAsString()});
  }
}

void GroupWriter::FinishMade(const Chapter& chapter) {
  const auto add_row = [&](schema::TimedKind kind, const stored::MadeInGroup& made) {
    if (made.ids().empty()) return;
    AddRow({Table::kByTime,
            schema::ByTimeKey(chapter.population->number, kind, chapter.first_sequence),
            made.SerializeAsString()});
  };
  add_row(schema::TimedKind::kReservation, chapter.made.reservations);
  add_row(schema::TimedKind::kCharge, chapter.made.charges);
  add_row(schema::TimedKind::kCostEntry, chapter.made.cost_entries);
  add_row(schema::TimedKind::kOutcomes, chapter.made.outcomes);
}

std::vector<Row> GroupWriter::Finish() {
  for (auto& [number, chapter] : chapters_) {
    const Population& population = *chapter.population;
    AddRow({Table::kJournal, schema::JournalKey(number, chapter.first_sequence),
            std::move(chapter.journal)});
    for (const uint32_t resource : chapter.balances) {
      const Resource* state = population.books.Find(resource);
      // A deleted one has empty accounts from here on.
      stored::Balances balances = MakeBalances(state == nullptr ? Resource() : *state);
      balances.set_resource(resource);
      AddRow({Table::kBalances, schema::BalancesKey(number, resource, chapter.first_sequence),
              balances.SerializeAsString()});
    }
    FinishReservations(chapter);
    FinishCharges(chapter);
    FinishUsage(chapter);
    FinishGuardrails(chapter);
    FinishBudgets(chapter);
    FinishMade(chapter);
    if (!chapter.costs.empty()) {
      AddRow({Table::kCosts, schema::JournalKey(number, chapter.first_sequence),
              chapter.costs.row().SerializeAsString()});
    }
    FinishModels(chapter);
    stored::PopulationMeta meta;
    meta.set_name(population.name);
    meta.set_number(number);
    meta.set_last_sequence(population.last_sequence);
    meta.set_last_time_us(population.last_time_us);
    meta.set_last_hash(std::string(Bytes(hashes_->at(number))));
    meta.set_lease_shift_us(population.books.lease_shift_us());
    meta.set_next_resource_number(population.books.next_resource_number());
    AddRow({Table::kMeta, schema::MetaKey(number), meta.SerializeAsString()});
  }
  return std::move(rows_);
}

}  // namespace purser
