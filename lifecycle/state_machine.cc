#include "lifecycle/state_machine.h"

#include <set>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/text.h"
#include "lifecycle/cost_month.h"
#include "lifecycle/decision.h"
#include "reservations/label_split.h"

namespace purser {
namespace {

// A population that does not exist yet, for the command that makes it.
Population MakeUnborn(const std::string& name) {
  Population population;
  population.name = name;
  return population;
}

// What was charged counts for guardrails.
void NoteCosts(const stored::Entry& entry, Population* population) {
  if (population->books.guardrails().empty()) return;
  for (const auto& fact : entry.reservation_facts()) {
    if (!fact.has_charged()) continue;
    const auto* const record =
        population->reservations.recent().FindCharge(fact.charged().id(), entry.sequence() - 1);
    PURSER_CHECK(record != nullptr, "what was charged just now is remembered");
    const auto costs = CostsByGuardrail(population->books.guardrails(), fact.charged(),
                                        *ReadLabels((*record)->labels()));
    for (const auto& [id, cost] : costs) population->books.CountForGuardrail(id, cost);
  }
}

// The reservations that the entry changes, where there are budgets.
std::set<std::string> TouchedByBudgets(const stored::Entry& entry, const Population& population) {
  std::set<std::string> ids;
  if (population.books.budgets().empty()) return ids;
  for (const auto& fact : entry.reservation_facts()) ids.emplace(ReservationIdOf(fact));
  return ids;
}

// What was spent counts for budgets.
void NoteSpending(const stored::Entry& entry, Population* population) {
  ForEachSpending(entry, *population, [&](const std::string& id, Amount part) {
    if (!part.is_zero()) population->books.SpendOfBudget(id, part);
  });
}

// Which models were charged to. What comes late, when its reservation has ended, is none of it.
void NoteUses(const stored::Entry& entry, Population* population, ModelBook::Changes* models) {
  if (population->models.active().empty()) return;
  for (const auto& fact : entry.reservation_facts()) {
    if (!fact.has_charged() || fact.charged().late()) continue;
    const auto* const record =
        population->reservations.recent().FindCharge(fact.charged().id(), entry.sequence() - 1);
    if (record == nullptr) continue;
    for (const stored::Label& label : (*record)->labels()) {
      if (label.key() != kModelLabel) continue;
      ForEachLabelValue({{label.key(), label.value()}},
                        [&](const std::string&, const std::string& value) {
                          population->models.NoteUse(value, entry.time_us(), models);
                        });
    }
  }
}

}  // namespace

InstantUs NextBoundary(const stored::ResourceSettings& settings, const std::string& time_zone,
                       InstantUs begin_us, const MonthStartAfter& month_start_after) {
  if (settings.monthly()) return month_start_after(time_zone, begin_us);
  return settings.period_us() > 0 ? begin_us + settings.period_us() : 0;
}

Rehearsal::Rehearsal(const Command* command, std::unique_ptr<Decision> decision)
    : command_(command), decision_(std::move(decision)) {}
Rehearsal::Rehearsal(Rehearsal&&) noexcept = default;
Rehearsal::~Rehearsal() = default;

Verdict Rehearsal::DecideMember(size_t member) {
  return decision_->RehearseMember(std::get<Batch>(command_->body).members[member], member);
}

StateMachine::StateMachine(Policy policy, MonthStartAfter month_start_after,
                           ClockHourAt clock_hour_at)
    : policy_(std::move(policy)),
      civil_time_{std::move(month_start_after), std::move(clock_hour_at)} {}

Population* StateMachine::Find(std::string_view name) {
  const auto it = populations_.find(name);
  return it == populations_.end() ? nullptr : it->second.get();
}

const Population* StateMachine::Find(std::string_view name) const {
  const auto it = populations_.find(name);
  return it == populations_.end() ? nullptr : it->second.get();
}

Population* StateMachine::Restore(std::unique_ptr<Population> population) {
  population->last_change = population->last_sequence;
  next_population_number_ = std::max(next_population_number_, population->number + 1);
  auto& slot = populations_[population->name];
  slot = std::move(population);
  return slot.get();
}

Verdict StateMachine::Decide(const Command& command, InstantUs now_us,
                             google::protobuf::Arena* arena) const {
  const Population* population = Find(command.population);
  const bool creates = std::holds_alternative<CreatePopulation>(command.body);
  Verdict refused;
  if (creates && population != nullptr) {
    // The sender compares with what is there, and answers a replay or a conflict.
    refused.status = Refuse(stored::ID_CONFLICT,
                            Concat("there is a population \"", command.population, "\" already"));
    return refused;
  }
  if (creates && populations_.size() >= kPopulationsMax) {
    refused.status = Refuse(stored::LIMIT_OF_THE_DAEMON,
                            Concat("a daemon serves at most ", kPopulationsMax, " populations"));
    return refused;
  }
  if (!creates && population == nullptr) {
    refused.status =
        Refuse(stored::NOT_FOUND, Concat("there is no population \"", command.population, "\""));
    return refused;
  }
  std::optional<Population> unborn;
  if (creates) unborn = MakeUnborn(command.population);
  Decision decision(creates ? *unborn : *population, policy_, civil_time_, command, now_us, arena);
  const auto* batch = std::get_if<Batch>(&command.body);
  if (batch == nullptr) return decision.Decide();
  PURSER_CHECK(batch->atomic, "other batches are decided member by member");
  return decision.DecideAtomicBatch(*batch);
}

bool StateMachine::IsStale(const Command& command) const {
  const Population* population = Find(command.population);
  if (population == nullptr) return false;
  return Decision(*population, policy_, civil_time_, command, 0, nullptr).IsStale();
}

Verdict StateMachine::DecideMember(const Command& command, size_t member, InstantUs now_us,
                                   google::protobuf::Arena* arena) const {
  const Population* population = Find(command.population);
  PURSER_CHECK(population != nullptr, "a batch's population was checked");
  Decision decision(*population, policy_, civil_time_, command, now_us, arena);
  return decision.DecideMember(std::get<Batch>(command.body).members[member], member);
}

Rehearsal StateMachine::Rehearse(const Command& command, InstantUs now_us) const {
  const Population* population = Find(command.population);
  PURSER_CHECK(population != nullptr, "a batch's population was checked");
  return Rehearsal(&command, std::make_unique<Decision>(*population, policy_, civil_time_, command,
                                                        now_us, nullptr));
}

stored::Entry StateMachine::DecideDue(const Population& population, const Due& due) const {
  BooksDraft books(&population.books, population.last_sequence + 1, due.at_us);
  const Lookup nothing;
  ReservationsDraft reservations(&books, {&population.reservations, &nothing, &policy_.reservations,
                                          population.directory.function(), std::nullopt});
  ModelsDraft models(&books, &reservations, {&population.models, &policy_.models, std::nullopt});
  ProposalsDraft proposals(&books, &models, {&population.models, &policy_.models, std::nullopt});
  switch (due.kind) {
    case stored::ROLLOVER: {
      const stored::ResourceSettings& settings = *population.books.Find(due.resource)->settings;
      const InstantUs next = NextBoundary(settings, population.books.settings().time_zone(),
                                          due.at_us, civil_time_.month_start_after);
      books.RollOver(due.resource, next);
      break;
    }
    case stored::THAW:
      books.Thaw(due.id, true);
      break;
    case stored::TIME_OUT:
      reservations.TimeOut(due.id);
      break;
    case stored::EXPIRE:
      reservations.Expire(due.id);
      break;
    case stored::PREEMPT:
      reservations.Preempt(due.id);
      break;
    case stored::START_SCHEDULED:
      reservations.StartScheduled(due.id);
      break;
    case stored::END_ROLLBACK_WINDOW:
      models.EndWindow(due.id);
      break;
    case stored::EXPIRE_APPROVAL:
      models.ExpireApproval(due.id);
      break;
    case stored::EXPIRE_PROPOSAL:
      proposals.Expire(due.id);
      break;
    case stored::BOOK_SAVING:
      proposals.BookSaving(due.id);
      break;
    case stored::COST_MONTH:
      books.BeginCostMonth(CostMonthAt(civil_time_.month_start_after,
                                       population.books.settings().time_zone(), due.at_us));
      break;
    case stored::NEW_DAY:
    case stored::NEW_RATES:
      break;
    default:
      PURSER_CHECK(false, "what is due is known");
  }
  reservations.GrantQueued();
  models.EndLoans();
  proposals.Supersede();
  reservations.TellEndangered(false);
  stored::Entry entry = MakeEntry(due.kind, &books, &reservations);
  if (!models.facts().empty()) entry.mutable_model_facts()->Swap(&models.facts());
  return entry;
}

stored::Entry StateMachine::MakeEntry(stored::CommandKind kind, BooksDraft* books,
                                      ReservationsDraft* reservations) const {
  reservations->TellCrossings();
  stored::Entry entry;
  entry.set_sequence(books->sequence());
  entry.set_time_us(books->now_us());
  entry.set_command(kind);
  entry.set_policy_version(policy_.version);
  books->MoveInto(entry.mutable_ledger_facts(), entry.mutable_postings(), entry.mutable_balances());
  entry.mutable_reservation_facts()->Swap(&reservations->facts());
  return entry;
}

std::optional<stored::Entry> StateMachine::DecideGrants(const Population& population,
                                                        InstantUs at_us) const {
  BooksDraft books(&population.books, population.last_sequence + 1, at_us);
  const Lookup nothing;
  ReservationsDraft reservations(&books, {&population.reservations, &nothing, &policy_.reservations,
                                          population.directory.function(), std::nullopt});
  reservations.GrantQueued();
  if (reservations.facts().empty()) return std::nullopt;
  reservations.TellEndangered(false);
  return MakeEntry(stored::GRANT_QUEUED, &books, &reservations);
}

stored::Entry StateMachine::DecideResume(const Population& population, InstantUs at_us,
                                         int64_t shift_us) const {
  BooksDraft books(&population.books, population.last_sequence + 1, at_us);
  books.Resume(shift_us);
  const Lookup nothing;
  ReservationsDraft reservations(&books, {&population.reservations, &nothing, &policy_.reservations,
                                          population.directory.function(), std::nullopt});
  reservations.TellEndangered(shift_us);
  return MakeEntry(stored::RESUME, &books, &reservations);
}

void StateMachine::Apply(const std::string& name, const stored::Entry& entry, const Lookup& lookup,
                         ReservationBook::Changes* changes, ModelBook::Changes* models) {
  Population* population = Find(name);
  if (population == nullptr) {
    auto born = std::make_unique<Population>();
    born->name = name;
    born->number = next_population_number_;
    population = Restore(std::move(born));
  }
  PURSER_CHECK(entry.sequence() == population->last_sequence + 1, "invariant 8: dense numbers");
  PURSER_CHECK(entry.time_us() >= population->last_time_us, "invariant 8: times never fall");
  for (const auto& fact : entry.ledger_facts()) {
    if (!fact.has_resource_created()) continue;
    const auto& created = fact.resource_created();
    population->directory.Add(created.resource(), created.settings().name(),
                              created.settings().kind() == stored::CONSUMABLE);
  }
  const EntryContext context = population->ContextOf(entry);
  const uint64_t limits_before = population->books.limits().version();
  population->books.Apply(entry.ledger_facts(), entry.postings(), entry.balances());
  if (population->books.limits().version() != limits_before) {
    population->reservations.SetLimits(population->books.limits(), context, changes);
  }
  const std::set<std::string> touched = TouchedByBudgets(entry, *population);
  for (const std::string& id : touched) CountHeld(id, -1, population);
  population->reservations.Apply(entry.reservation_facts(), context,
                                 population->directory.function(), lookup, changes);
  for (const std::string& id : touched) CountHeld(id, 1, population);
  if (!entry.model_facts().empty()) {
    const ModelResources resources = ModelResources::Of(population->books);
    population->models.Apply(entry.model_facts(), {{entry.sequence(), entry.time_us()}, resources},
                             models);
  }
  NoteCosts(entry, population);
  NoteSpending(entry, population);
  NoteUses(entry, population, models);
  population->last_sequence = entry.sequence();
  population->last_time_us = entry.time_us();
  if (entry.command() != stored::EXPLAIN_REQUESTS) population->last_change = entry.sequence();
}

}  // namespace purser
