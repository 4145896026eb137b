#include "daemon/recovery.h"

#include <charconv>

#include "absl/strings/escaping.h"
#include "daemon/schema.h"
#include "ledger/text.h"
#include "lifecycle/cost_month.h"

namespace purser {
namespace {

absl::Status Lost(Table table, std::string_view key, std::string_view what) {
  return absl::DataLossError(Concat("table ", TableName(table), ", key ",
                                    absl::BytesToHexString(ToAbsl(key)), ": ", what));
}

template <typename Message>
absl::Status Parse(Table table, std::string_view key, std::string_view value, Message* message) {
  if (message->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::OkStatus();
  }
  return Lost(table, key, "the record cannot be read");
}

absl::StatusOr<int64_t> ReadNumber(StoreSnapshot* snapshot, std::string_view key) {
  std::optional<std::string> value;
  if (auto status = snapshot->Get(Table::kMeta, key, &value); !status.ok()) return status;
  int64_t number = 0;
  if (!value.has_value()) return number;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size()) {
    return Lost(Table::kMeta, key, "not a number");
  }
  return number;
}

// Damage of a record leaves the journal as it is: how far that goes, for whoever has to restore.
absl::Status Locate(const absl::Status& status, const stored::PopulationMeta& meta) {
  const std::string_view message = ToStd(status.message());
  if (message.find("last good sequence") != std::string_view::npos) return status;
  return absl::Status(status.code(), ToAbsl(Concat(message, "; population ", meta.name(),
                                                   ", last good sequence ", meta.last_sequence())));
}

// Reads one population's records into memory.
class PopulationReader {
 public:
  PopulationReader(StoreSnapshot* snapshot, stored::PopulationMeta meta)
      : snapshot_(snapshot), meta_(std::move(meta)), population_(std::make_unique<Population>()) {}

  absl::StatusOr<std::unique_ptr<Population>> Read() {
    population_->name = meta_.name();
    population_->number = meta_.number();
    population_->last_sequence = meta_.last_sequence();
    population_->last_time_us = meta_.last_time_us();
    population_->reservations.recent().set_horizon(meta_.last_sequence());
    for (auto step : {&PopulationReader::ReadSettings, &PopulationReader::ReadResources,
                      &PopulationReader::ReadDebts, &PopulationReader::ReadFreezes,
                      &PopulationReader::ReadLimits, &PopulationReader::ReadRateCards,
                      &PopulationReader::ReadGuardrails, &PopulationReader::ReadBudgets,
                      &PopulationReader::ReadPeriods, &PopulationReader::ReadUsage,
                      &PopulationReader::ReadReservations, &PopulationReader::ReadModels,
                      &PopulationReader::ReadModelState, &PopulationReader::ReadProposals,
                      &PopulationReader::CheckNewestEntries}) {
      if (auto status = (this->*step)(); !status.ok()) return status;
    }
    const std::string fault = FindFault(*population_);
    if (!fault.empty()) {
      return absl::DataLossError(Concat("population ", meta_.name(), ": ", fault));
    }
    return std::move(population_);
  }

 private:
  absl::Status ReadSettings() {
    const std::string key = schema::PopulationVersionKey(meta_.number(), UINT64_MAX);
    auto cursor = snapshot_->NewCursor(Table::kSettings);
    cursor->SeekLastAtOrBefore(key);
    if (!cursor->status().ok()) return cursor->status();
    if (!cursor->valid() || cursor->key().substr(0, 5) != std::string_view(key).substr(0, 5)) {
      return Lost(Table::kSettings, key, "a population has no settings");
    }
    stored::PopulationVersion version;
    if (auto status = Parse(Table::kSettings, key, cursor->value(), &version); !status.ok()) {
      return status;
    }
    population_->books.RestoreSettings(
        std::make_shared<const stored::PopulationSettings>(version.settings()),
        meta_.lease_shift_us(), meta_.next_resource_number());
    return absl::OkStatus();
  }

  absl::Status ReadResources() {
    // One seek a resource: all versions ever would make a start the slower the older the books are.
    auto cursor = snapshot_->NewCursor(Table::kSettings);
    for (uint32_t number = 1; number < meta_.next_resource_number(); ++number) {
      const std::string key = schema::ResourceVersionKey(meta_.number(), number, UINT64_MAX);
      cursor->SeekLastAtOrBefore(key);
      if (!cursor->status().ok()) return cursor->status();
      if (!cursor->valid() || cursor->key().substr(0, 9) != std::string_view(key).substr(0, 9)) {
        return Lost(Table::kSettings, key, "a resource has no settings");
      }
      stored::ResourceVersion version;
      if (auto status = Parse(Table::kSettings, cursor->key(), cursor->value(), &version);
          !status.ok()) {
        return status;
      }
      population_->directory.Add(number, version.settings().name(),
                                 version.settings().kind() == stored::CONSUMABLE);
      if (version.deleted()) continue;
      if (auto read = ReadResource(number, version); !read.ok()) return read;
    }
    return absl::OkStatus();
  }

  absl::Status ReadResource(uint32_t number, const stored::ResourceVersion& version) {
    Resource resource;
    resource.number = number;
    resource.settings = std::make_shared<const stored::ResourceSettings>(version.settings());
    resource.period = version.period();
    resource.period_start_us = version.period_start_us();
    resource.next_boundary_us = version.next_boundary_us();
    const std::string key = schema::BalancesKey(meta_.number(), number, UINT64_MAX);
    auto cursor = snapshot_->NewCursor(Table::kBalances);
    cursor->SeekLastAtOrBefore(key);
    if (!cursor->status().ok()) return cursor->status();
    if (!cursor->valid() || cursor->key().substr(0, 8) != std::string_view(key).substr(0, 8)) {
      return Lost(Table::kBalances, key, "a resource has no balances");
    }
    stored::Balances balances;
    if (auto status = Parse(Table::kBalances, key, cursor->value(), &balances); !status.ok()) {
      return status;
    }
    if (!RestoreBalances(balances, &resource)) {
      return Lost(Table::kBalances, cursor->key(), "the balances are not whole");
    }
    population_->books.RestoreResource(std::move(resource));
    return absl::OkStatus();
  }

  absl::Status ReadDebts() {
    return ForEachRow(snapshot_, Table::kDebts, schema::PopulationPrefix(meta_.number()),
                      [&](std::string_view key, std::string_view value) {
                        stored::Debt debt;
                        auto status = Parse(Table::kDebts, key, value, &debt);
                        if (!status.ok()) return status;
                        if (key != schema::DebtKey(meta_.number(), debt.resource(), debt.order())) {
                          return Lost(Table::kDebts, key, "the record of another debt");
                        }
                        population_->books.RestoreDebt(debt);
                        return status;
                      });
  }

  absl::Status ReadFreezes() {
    return ForEachRow(snapshot_, Table::kFreezes, schema::PopulationPrefix(meta_.number()),
                      [&](std::string_view key, std::string_view value) {
                        stored::Freeze freeze;
                        auto status = Parse(Table::kFreezes, key, value, &freeze);
                        if (!status.ok()) return status;
                        if (freeze.id() != schema::IdOfKey(key)) {
                          return Lost(Table::kFreezes, key, "the record of another freeze");
                        }
                        population_->books.RestoreFreeze(freeze);
                        return status;
                      });
  }

  absl::Status ReadLimits() {
    auto status = ForEachRow(snapshot_, Table::kLimits, schema::PopulationPrefix(meta_.number()),
                             [&](std::string_view key, std::string_view value) {
                               stored::Limit limit;
                               auto parsed = Parse(Table::kLimits, key, value, &limit);
                               if (!parsed.ok()) return parsed;
                               if (limit.id() != schema::IdOfKey(key)) {
                                 return Lost(Table::kLimits, key, "the record of another limit");
                               }
                               population_->books.RestoreLimit(limit);
                               return parsed;
                             });
    population_->reservations.usage().RestoreLimits(population_->books.limits());
    return status;
  }

  absl::Status ReadRateCards() {
    auto rates = std::make_shared<RateBook>();
    auto status =
        ForEachRow(snapshot_, Table::kRateCards, schema::PopulationPrefix(meta_.number()),
                   [&](std::string_view key, std::string_view value) {
                     stored::RateCard card;
                     auto parsed = Parse(Table::kRateCards, key, value, &card);
                     if (!parsed.ok()) return parsed;
                     if (card.id() != schema::IdOfKey(key)) {
                       return Lost(Table::kRateCards, key, "the record of another rate card");
                     }
                     if (!FindCardFault(card).empty()) {
                       return Lost(Table::kRateCards, key, "a rate card that there is not");
                     }
                     rates->Put(card);
                     return parsed;
                   });
    population_->books.RestoreRates(std::move(rates));
    return status;
  }

  absl::Status ReadBudgets() {
    return ForEachRow(snapshot_, Table::kBudgets, schema::PopulationPrefix(meta_.number()),
                      [&](std::string_view key, std::string_view value) {
                        stored::BudgetRecord record;
                        auto status = Parse(Table::kBudgets, key, value, &record);
                        if (!status.ok()) return status;
                        if (record.budget().id() != schema::IdOfKey(key)) {
                          return Lost(Table::kBudgets, key, "the record of another budget");
                        }
                        const stored::CostMonth* month = population_->books.budgets().month();
                        const bool is_good =
                            record.budget().amount() > 0 && IsSum(record.spent()) &&
                            record.month().from_us() < record.month().until_us() &&
                            (month == nullptr || (month->from_us() == record.month().from_us() &&
                                                  month->until_us() == record.month().until_us()));
                        if (!is_good) return Lost(Table::kBudgets, key, "no budget can be so");
                        population_->books.RestoreBudget(record);
                        return status;
                      });
  }

  absl::Status ReadGuardrails() {
    return ForEachRow(snapshot_, Table::kGuardrails, schema::PopulationPrefix(meta_.number()),
                      [&](std::string_view key, std::string_view value) {
                        stored::GuardrailRecord record;
                        auto status = Parse(Table::kGuardrails, key, value, &record);
                        if (!status.ok()) return status;
                        if (record.guardrail().id() != schema::IdOfKey(key)) {
                          return Lost(Table::kGuardrails, key, "the record of another guardrail");
                        }
                        population_->books.RestoreGuardrail(record);
                        return status;
                      });
  }

  absl::Status ReadPeriods() {
    auto periods = std::make_shared<ClosedPeriods>();
    auto status = ForEachRow(snapshot_, Table::kPeriods, schema::PopulationPrefix(meta_.number()),
                             [&](std::string_view key, std::string_view value) {
                               stored::PeriodClosed closed;
                               auto parsed = Parse(Table::kPeriods, key, value, &closed);
                               if (!parsed.ok()) return parsed;
                               if (closed.period() != schema::IdOfKey(key)) {
                                 return Lost(Table::kPeriods, key, "the record of another month");
                               }
                               periods->emplace(closed.period(), closed);
                               return parsed;
                             });
    population_->books.RestorePeriods(std::move(periods));
    return status;
  }

  absl::Status ReadUsage() {
    return ForEachRow(
        snapshot_, Table::kUsage, schema::PopulationPrefix(meta_.number()),
        [&](std::string_view key, std::string_view value) {
          stored::UsageRecord record;
          if (auto status = Parse(Table::kUsage, key, value, &record); !status.ok()) return status;
          const std::string own = schema::UsageKey(meta_.number(), record.principal(),
                                                   record.label_key(), record.label_value());
          if (key != own) return Lost(Table::kUsage, key, "the record of another's usage");
          if (!population_->reservations.usage().Restore(record)) {
            return Lost(Table::kUsage, key, "the usage of a label value that has no limit");
          }
          return absl::OkStatus();
        });
  }

  absl::Status ReadReservations() {
    return ForEachRow(
        snapshot_, Table::kOpen, schema::PopulationPrefix(meta_.number()),
        [&](std::string_view key, std::string_view value) {
          stored::ReservationRecord record;
          if (auto status = Parse(Table::kOpen, key, value, &record); !status.ok()) return status;
          if (record.id() != schema::IdOfKey(key)) {
            return Lost(Table::kOpen, key, "the record of another reservation");
          }
          Reservation reservation = FromRecord(record, population_->directory.function());
          if (!reservation.open() && !reservation.queued() && !reservation.scheduled())
            return Lost(Table::kOpen, key, "not open");
          if (!population_->reservations.Restore(std::move(reservation))) {
            return Lost(Table::kOpen, key, "granted in the place of another");
          }
          CountHeld(record.id(), 1, population_.get());
          return absl::OkStatus();
        });
  }

  absl::Status ReadModels() {
    auto status = ForEachRow(snapshot_, Table::kModels, schema::PopulationPrefix(meta_.number()),
                             [&](std::string_view key, std::string_view value) {
                               auto model = std::make_shared<ModelRecord>();
                               auto parsed = Parse(Table::kModels, key, value, model.get());
                               if (!parsed.ok()) return parsed;
                               if (model->settings().id() != schema::IdOfKey(key)) {
                                 return Lost(Table::kModels, key, "the record of another model");
                               }
                               if (!population_->models.Restore(std::move(model))) {
                                 return Lost(Table::kModels, key, "a second model of the id");
                               }
                               return absl::OkStatus();
                             });
    if (!status.ok()) return status;
    population_->models.RestoreTargets(ModelResources::Of(population_->books));
    return ReadActivity();
  }

  absl::Status ReadProposals() {
    return ForEachRow(snapshot_, Table::kProposals, schema::PopulationPrefix(meta_.number()),
                      [&](std::string_view key, std::string_view value) {
                        auto proposal = std::make_shared<ProposalRecord>();
                        auto status = Parse(Table::kProposals, key, value, proposal.get());
                        if (!status.ok()) return status;
                        if (proposal->settings().id() != schema::IdOfKey(key)) {
                          return Lost(Table::kProposals, key, "the record of another proposal");
                        }
                        if (!population_->models.Restore(std::move(proposal))) {
                          return Lost(Table::kProposals, key, "a second proposal of the id");
                        }
                        return absl::OkStatus();
                      });
  }

  absl::Status ReadActivity() {
    const std::string key = schema::JournalKey(meta_.number(), UINT64_MAX);
    auto cursor = snapshot_->NewCursor(Table::kActiveModels);
    cursor->SeekLastAtOrBefore(key);
    if (!cursor->status().ok()) return cursor->status();
    const std::string prefix = schema::PopulationPrefix(meta_.number());
    if (!cursor->valid() || cursor->key().substr(0, prefix.size()) != prefix) {
      return absl::OkStatus();
    }
    stored::ActiveModels row;
    auto status = Parse(Table::kActiveModels, cursor->key(), cursor->value(), &row);
    population_->models.RestoreActivity(row.activity());
    return status;
  }

  absl::Status ReadModelState() {
    return ForEachRow(snapshot_, Table::kModelState, schema::PopulationPrefix(meta_.number()),
                      [&](std::string_view key, std::string_view value) {
                        stored::ModelStateRow row;
                        auto status = Parse(Table::kModelState, key, value, &row);
                        if (!status.ok()) return status;
                        if (key != schema::ModelStateKey(meta_.number(), row)) {
                          return Lost(Table::kModelState, key, "the record of something else");
                        }
                        population_->models.Restore(row);
                        return absl::OkStatus();
                      });
  }

  // Invariant 8 for the newest group: dense, in order, chained up to the hash that is kept apart.
  absl::Status CheckNewestEntries() {
    const std::string key = schema::JournalKey(meta_.number(), UINT64_MAX);
    auto cursor = snapshot_->NewCursor(Table::kJournal);
    cursor->SeekLastAtOrBefore(key);
    if (!cursor->status().ok()) return cursor->status();
    if (!cursor->valid() || cursor->key().substr(0, 4) != std::string_view(key).substr(0, 4)) {
      return Lost(Table::kJournal, key, "the journal is empty");
    }
    stored::JournalGroup group;
    if (auto status = Parse(Table::kJournal, cursor->key(), cursor->value(), &group);
        !status.ok()) {
      return status;
    }
    uint64_t sequence = schema::SequenceOfJournalKey(cursor->key());
    Hash hash{};
    if (group.hash_before().size() != hash.size()) {
      return Lost(Table::kJournal, cursor->key(), "the hash before the group is not whole");
    }
    std::copy(group.hash_before().begin(), group.hash_before().end(), hash.begin());
    for (const std::string& bytes : group.entries()) {
      stored::Entry entry;
      if (!entry.ParseFromString(bytes) || entry.sequence() != sequence) {
        return Lost(Table::kJournal, cursor->key(), Concat("entry ", sequence, " cannot be read"));
      }
      hash = NextHash(hash, bytes);
      ++sequence;
    }
    if (sequence != meta_.last_sequence() + 1 || Bytes(hash) != meta_.last_hash()) {
      return Lost(Table::kJournal, cursor->key(),
                  Concat("the newest entries do not chain up to entry ", meta_.last_sequence(),
                         "; last good sequence ", schema::SequenceOfJournalKey(cursor->key()) - 1));
    }
    return absl::OkStatus();
  }

  StoreSnapshot* snapshot_;
  const stored::PopulationMeta meta_;
  std::unique_ptr<Population> population_;
};

}  // namespace

bool RestoreBalances(const stored::Balances& row, Resource* resource) {
  if (row.accounts_size() != kAccountCount) return false;
  for (int i = 0; i < kAccountCount; ++i) {
    resource->balances.Set(static_cast<Account>(i), Amount::FromMicros(row.accounts(i)));
  }
  resource->base = Amount::FromMicros(row.base());
  resource->shortfall = Amount::FromMicros(row.shortfall());
  return true;
}

absl::Status ForEachRow(
    StoreSnapshot* snapshot, Table table, std::string_view prefix,
    const std::function<absl::Status(std::string_view, std::string_view)>& visit) {
  auto cursor = snapshot->NewCursor(table);
  for (cursor->SeekFirstAtOrAfter(prefix);
       cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    if (auto status = visit(cursor->key(), cursor->value()); !status.ok()) return status;
  }
  return cursor->status();
}

absl::StatusOr<Recovered> Recover(StoreSnapshot* snapshot, StateMachine* machine) {
  Recovered recovered;
  auto format = ReadNumber(snapshot, schema::kFormatKey);
  if (!format.ok()) return format.status();
  recovered.fresh = *format == 0;
  if (!recovered.fresh && *format != schema::kFormatVersion) {
    return absl::FailedPreconditionError(Concat("the data directory has format ", *format,
                                                ", this version reads format ",
                                                schema::kFormatVersion));
  }
  auto sign = ReadNumber(snapshot, schema::kSignOfLifeKey);
  if (!sign.ok()) return sign.status();
  recovered.sign_of_life_us = *sign;
  auto status =
      ForEachRow(snapshot, Table::kMeta, schema::kMetaPrefix,
                 [&](std::string_view key, std::string_view value) -> absl::Status {
                   if (recovered.fresh) {
                     return Lost(Table::kMeta, schema::kFormatKey, "the format row is missing");
                   }
                   stored::PopulationMeta meta;
                   if (auto parsed = Parse(Table::kMeta, key, value, &meta); !parsed.ok())
                     return parsed;
                   Hash& hash = recovered.hashes[meta.number()];
                   if (meta.last_hash().size() != hash.size())
                     return Lost(Table::kMeta, key, "no hash");
                   std::copy(meta.last_hash().begin(), meta.last_hash().end(), hash.begin());
                   recovered.last_time_us = std::max(recovered.last_time_us, meta.last_time_us());
                   auto population = PopulationReader(snapshot, meta).Read();
                   if (!population.ok()) return Locate(population.status(), meta);
                   machine->Restore(*std::move(population));
                   return absl::OkStatus();
                 });
  if (!status.ok()) return status;
  return recovered;
}

}  // namespace purser
