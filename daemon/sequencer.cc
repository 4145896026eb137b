#include "daemon/sequencer.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "daemon/recovery.h"
#include "daemon/schema.h"
#include "ledger/check.h"
#include "ledger/default_resources.h"
#include "ledger/refusal.h"
#include "ledger/text.h"
#include "lifecycle/command_cost.h"
#include "reservations/reservations_draft.h"

namespace purser {

Sequencer::Sequencer(SequencerOptions options, JournalStore* store,
                     MonthStartAfter month_start_after, Follower* follower)
    : options_(std::move(options)),
      store_(store),
      month_start_after_(std::move(month_start_after)),
      follower_(follower),
      arena_(arena_block_.get(), kArenaBytes) {}

absl::Status Sequencer::Open(InstantUs clock_us) {
  machine_ =
      std::make_unique<StateMachine>(options_.policy, month_start_after_, options_.clock_hour_at);
  group_count_ = store_->GroupCount();
  auto recovered = Recover(store_->TakeSnapshot().get(), machine_.get());
  if (!recovered.ok()) return recovered.status();
  hashes_ = recovered->hashes;
  group_ = std::make_unique<GroupWriter>(&hashes_);
  latest_views_.clear();  // of a state that may be no more
  rates_.clear();
  std::map<std::string, InstantUs> stamps;
  for (const auto& [name, population] : machine_->populations()) {
    stamps[name] = std::max(recovered->sign_of_life_us, population->last_time_us);
    Publish(*population);
  }
  TellFollowerAll();
  // Time never falls behind the newest entry, nor behind the sign up to which leases had their
  // time.
  last_time_us_ = std::max(clock_us, recovered->last_time_us);
  if (options_.resume_leases) {
    last_time_us_ = std::max(last_time_us_, recovered->sign_of_life_us);
  }
  if (recovered->fresh) {
    if (auto status = CreateDefaultPopulation(); !status.ok()) return status;
  }
  // What made room may have been the last entry before the end.
  for (const auto& [name, population] : machine_->populations()) RecordGrants(name);
  if (options_.resume_leases) {
    if (auto status = Resume(stamps); !status.ok()) return status;
  }
  // Views made before this point are durable ones; what fell due meanwhile comes before any
  // command.
  if (!SignOfLife(last_time_us_)) return absl::UnavailableError(store_->LastError());
  return absl::OkStatus();
}

absl::Status Sequencer::CreateDefaultPopulation() {
  group_->AddRow({Table::kMeta, schema::kFormatKey, Concat(schema::kFormatVersion)});
  Command command;
  command.population = kDefaultPopulation;
  CreatePopulation body;
  body.settings.set_name(kDefaultPopulation);
  body.settings.set_time_zone(options_.time_zone);
  for (const std::string& label : options_.required_labels) {
    body.settings.add_required_labels(label);
  }
  body.resources = DefaultResources();
  command.body = std::move(body);
  Verdict verdict = machine_->Decide(command, last_time_us_, &arena_);
  PURSER_CHECK(verdict.status.ok(), "the default population can be made");
  Record(command.population, *verdict.entry, command.lookup);
  return Flush() ? absl::OkStatus() : absl::UnavailableError(store_->LastError());
}

absl::Status Sequencer::Resume(const std::map<std::string, InstantUs>& stamps) {
  // A start that failed half way has left its sign, but not all that was due by then.
  for (const auto& [name, stamp] : stamps) {
    if (!CommitDue(name, stamp)) return absl::UnavailableError(store_->LastError());
  }
  if (!Flush()) return absl::UnavailableError(store_->LastError());
  for (const auto& [name, stamp] : stamps) {
    const int64_t shift = last_time_us_ - stamp;
    if (shift <= 0) continue;
    Record(name, machine_->DecideResume(*machine_->Find(name), stamp, shift), Lookup());
  }
  if (group_->empty()) return absl::OkStatus();
  // In one group: the next start must not give the same downtime back again.
  group_->AddRow({Table::kMeta, schema::kSignOfLifeKey, Concat(last_time_us_)});
  return Flush() ? absl::OkStatus() : absl::UnavailableError(store_->LastError());
}

void Sequencer::Record(const std::string& population, const stored::Entry& entry,
                       const Lookup& lookup) {
  ReservationBook::Changes changes;
  ModelBook::Changes models;
  machine_->Apply(population, entry, lookup, &changes, &models);
  group_->Add(*machine_->Find(population), entry, changes, models);
  if (follower_ != nullptr) {
    GatherNews(population, entry, std::move(changes), std::move(models.uses));
  }
}

void Sequencer::ShowCharge(const std::string& population, Shown* shown) const {
  const Population& state = *machine_->Find(population);
  const stored::Answer::Kind kind = shown->answer.kind();
  const bool is_posted = kind == stored::Answer::CHARGE || kind == stored::Answer::COST_ENTRY ||
                         kind == stored::Answer::OUTCOMES;
  const bool is_new = is_posted && shown->answer.sequence() == state.last_sequence;
  if (!is_new || shown->charge != nullptr) return;
  const auto* charge = state.reservations.recent().FindCharge(shown->answer.id());
  PURSER_CHECK(charge != nullptr, "a charge of this group is remembered");
  shown->charge = *charge;
}

bool Sequencer::CommitDue(const std::string& population, InstantUs until_us) {
  const Population* state = machine_->Find(population);
  if (state == nullptr) return true;
  for (auto due = NextDue(*state); due.has_value() && due->at_us <= until_us;
       due = NextDue(*state)) {
    const stored::Entry entry = machine_->DecideDue(*state, *due);
    Record(population, entry, Lookup());
    GrantRest(population, entry);
    if (group_->size_bytes() >= kGroupBytesMax && !Flush()) return false;
  }
  return true;
}

bool Sequencer::HasNotices(const std::string& population) const {
  const Population* state = machine_->Find(population);
  return state != nullptr && state->reservations.queue().NextNotice() != nullptr;
}

void Sequencer::RecordGrants(const std::string& population) {
  const Population* state = machine_->Find(population);
  if (state->reservations.queue().size() == 0) return;
  // At the instant of the entry that made room.
  while (const auto entry = machine_->DecideGrants(*state, state->last_time_us)) {
    Record(population, *entry, Lookup());
  }
}

void Sequencer::GrantRest(const std::string& population, const stored::Entry& entry) {
  if (machine_->Find(population)->reservations.queue().size() == 0) return;
  const auto& facts = entry.reservation_facts();
  const auto grants = std::count_if(facts.begin(), facts.end(),
                                    [](const auto& fact) { return fact.has_granted(); });
  if (static_cast<size_t>(grants) < kQueueGrantsAnEntryMax) return;
  RecordGrants(population);
}

bool Sequencer::Flush() {
  const std::vector<const Population*> changed = group_->populations();
  const uint64_t entries = group_->entries();
  const std::vector<Row> rows = group_->Finish();
  group_ = std::make_unique<GroupWriter>(&hashes_);
  arena_.Reset();
  if (rows.empty()) return true;
  if (store_->Append(group_count_, rows) != Appended::kDurable) return false;
  ++group_count_;
  ++groups_;
  entries_ += entries;
  for (const Population* population : changed) {
    machine_->Find(population->name)->reservations.recent().Trim();
    machine_->Find(population->name)->reservations.CountSome();
    Publish(*population);
  }
  if (follower_ == nullptr) return true;
  std::vector<PopulationNews> news;
  for (auto& [name, each] : news_) {
    each.view = latest_views_[name];
    news.push_back(std::move(each));
  }
  news_.clear();
  follower_->Take(std::move(news));
  return true;
}

bool Sequencer::Commit(const std::vector<Submission>& submissions, InstantUs clock_us) {
  last_time_us_ = std::max(last_time_us_, clock_us);
  size_t durable = 0;
  bool good = true;
  for (size_t i = 0; good && i < submissions.size(); ++i) {
    const std::string& population = submissions[i].command->population;
    good = CommitDue(population, last_time_us_);
    if (!good) break;
    Run(submissions[i]);
    // Of what a command makes, a notice alone may be due at once.
    good = !HasNotices(population) || CommitDue(population, last_time_us_);
    if (!good) break;
    if (group_->size_bytes() < kGroupBytesMax) continue;
    good = Flush();
    if (good) durable = i + 1;
  }
  if (good && Flush()) return true;
  for (size_t i = durable; i < submissions.size(); ++i) {
    api::CommandResult& result = *submissions[i].result;
    result = api::CommandResult();
    result.status = Refuse(stored::COMMIT_UNKNOWN,
                           "the disk did not confirm the write; send it again with the same id");
  }
  return false;
}

bool Sequencer::CommitAllDue(InstantUs clock_us) {
  last_time_us_ = std::max(last_time_us_, clock_us);
  std::vector<std::string> names;
  for (const auto& [name, population] : machine_->populations()) names.push_back(name);
  for (const std::string& name : names) {
    if (!CommitDue(name, last_time_us_)) return false;
    machine_->Find(name)->reservations.CountSome();
  }
  return Flush();
}

bool Sequencer::SignOfLife(InstantUs clock_us) {
  if (!CommitAllDue(clock_us)) return false;
  group_->AddRow({Table::kMeta, schema::kSignOfLifeKey, Concat(last_time_us_)});
  return Flush();
}

bool Sequencer::TakeTokens(const Command& command, api::CommandResult* result) {
  const Population* population = machine_->Find(command.population);
  if (population == nullptr || !population->books.limits().has_rates()) return true;
  const RequestCost cost = CostOf(command);
  if (cost.of_principal == 0 && cost.of_labels.empty()) return true;
  result->time_us = last_time_us_;
  result->sequence = population->last_sequence;
  // What is sent again for that takes its tokens then.
  if (machine_->IsStale(command)) {
    result->stale = true;
    return false;
  }
  result->rate = rates_[population->number].Take(population->books.limits(),
                                                 command.caller.principal, cost, last_time_us_);
  if (!result->rate.has_value() || result->rate->retry_after_seconds == 0) return true;
  result->status = Refuse(stored::RATE_LIMITED,
                          Concat("the limit \"", result->rate->limit, "\" has requests a second; ",
                                 result->rate->retry_after_seconds, " s would do"));
  return false;
}

void Sequencer::Run(const Submission& submission) {
  const Command& command = *submission.command;
  api::CommandResult* result = submission.result;
  if (!TakeTokens(command, result)) return;
  const auto* batch = std::get_if<Batch>(&command.body);
  if (batch != nullptr && !batch->atomic) {
    RunBatch(command, result);
    return;
  }
  result->time_us = last_time_us_;
  if (std::holds_alternative<Tick>(command.body)) return;
  Verdict verdict = machine_->Decide(command, last_time_us_, &arena_);
  result->status = verdict.status;
  result->stale = verdict.stale;
  result->shown = std::move(verdict.shown);
  if (verdict.entry != nullptr && !command.dry_run) {
    Record(command.population, *verdict.entry, command.lookup);
    for (Shown& shown : result->shown) ShowCharge(command.population, &shown);
    if (command.key.has_value()) RecordKey(command, *result);
    GrantRest(command.population, *verdict.entry);
  }
  const Population* population = machine_->Find(command.population);
  result->sequence = population == nullptr ? 0 : population->last_sequence;
}

void Sequencer::RunBatch(const Command& command, api::CommandResult* result) {
  const Batch& batch = std::get<Batch>(command.body);
  const Population* population = machine_->Find(command.population);
  result->time_us = last_time_us_;
  if (population == nullptr) {
    result->status = Refuse(stored::NOT_FOUND, "there is no such population");
    return;
  }
  if (machine_->IsStale(command)) {
    result->stale = true;
    return;
  }
  result->member_status.resize(batch.members.size());
  result->shown.resize(batch.members.size());
  const uint64_t before = population->last_sequence;
  // By the first member that names an id that several name: the one that took it.
  absl::flat_hash_map<size_t, size_t> recorded;
  std::optional<Rehearsal> rehearsal;
  if (command.dry_run) rehearsal.emplace(machine_->Rehearse(command, last_time_us_));
  for (size_t i = 0; i < batch.members.size(); ++i) {
    const BatchMember& member = batch.members[i];
    const auto taken =
        member.id_use.has_value() ? recorded.find(member.id_use->first) : recorded.end();
    if (taken != recorded.end()) {
      const size_t other = taken->second;
      if (member.id_use->first_of_content != batch.members[other].id_use->first_of_content) {
        result->member_status[i] =
            Refuse(stored::ID_CONFLICT, "an earlier member uses the id with other content");
      } else {
        result->member_status[i] = result->member_status[other];
        result->shown[i] = result->shown[other];
        result->shown[i].answer.set_replayed(true);
      }
      continue;
    }
    const bool takes_effect =
        RunMember(command, i, rehearsal.has_value() ? &*rehearsal : nullptr, result);
    if (takes_effect && member.id_use.has_value()) recorded[member.id_use->first] = i;
  }
  result->sequence = population->last_sequence;
  const bool recorded_something = population->last_sequence != before && !command.dry_run;
  if (recorded_something && command.key.has_value()) RecordKey(command, *result);
}

// True when the member left an entry, or would have in a rehearsal.
bool Sequencer::RunMember(const Command& command, size_t index, Rehearsal* rehearsal,
                          api::CommandResult* result) {
  const BatchMember& member = std::get<Batch>(command.body).members[index];
  Shown& shown = result->shown[index];
  if (member.malformed || member.known == BatchMember::Known::kConflict) {
    result->member_status[index] = Refuse(*member.refusal);
    return false;
  }
  if (member.known == BatchMember::Known::kReplay) {
    shown.answer = *member.replay;
    shown.answer.set_replayed(true);
    return false;
  }
  Verdict verdict = rehearsal != nullptr
                        ? rehearsal->DecideMember(index)
                        : machine_->DecideMember(command, index, last_time_us_, &arena_);
  result->member_status[index] = verdict.status;
  if (!verdict.shown.empty()) shown = std::move(verdict.shown.front());
  if (rehearsal != nullptr) {
    return verdict.status.ok() || IsDenial(RefusalOf(verdict.status).reason());
  }
  if (verdict.entry == nullptr) return false;
  Record(command.population, *verdict.entry, command.lookup);
  ShowCharge(command.population, &shown);
  GrantRest(command.population, *verdict.entry);
  return true;
}

namespace {

// What a key's record says of a refusal that left no other trace.
void SetRefusal(const absl::Status& status, stored::Answer* answer) {
  answer->set_kind(stored::Answer::REFUSAL);
  *answer->mutable_refusal() = RefusalOf(status);
}

// Where the answers of a command that has a key are found again.
void AddAnswers(const Command& command, const api::CommandResult& result,
                stored::KeyRecord* record) {
  const auto* batch = std::get_if<Batch>(&command.body);
  if (batch != nullptr && batch->atomic && !result.status.ok()) {
    stored::Answer& answer = *record->add_answers();
    if (!result.shown.empty()) answer = result.shown.front().answer;
    SetRefusal(result.status, &answer);
    // What was denied is found again, with its explanation, where it was denied.
    if (IsDenial(answer.refusal().reason()) && !result.shown.empty()) {
      answer.set_kind(stored::Answer::DENIAL);
    }
    return;
  }
  for (size_t i = 0; i < result.shown.size(); ++i) {
    stored::Answer& answer = *record->add_answers();
    answer = result.shown[i].answer;
    const bool refused = i < result.member_status.size() && !result.member_status[i].ok();
    if (!refused || answer.kind() != stored::Answer::NOTHING) continue;
    // Of what was denied before: where that was.
    const bool is_denied = batch != nullptr && batch->members[i].replay.has_value();
    if (is_denied) {
      answer = *batch->members[i].replay;
    } else {
      SetRefusal(result.member_status[i], &answer);
    }
  }
}

}  // namespace

void Sequencer::RecordKey(const Command& command, const api::CommandResult& result) {
  Population* population = machine_->Find(command.population);
  stored::KeyRecord record = command.key->record;
  record.set_time_us(last_time_us_);
  record.set_sequence(population->last_sequence);
  record.set_batch(std::holds_alternative<Batch>(command.body));
  record.set_failed(!result.status.ok());
  record.set_request_id(command.request_id);
  AddAnswers(command, result, &record);
  group_->AddKey(*population, command.caller.principal, command.key->key, record);
  population->reservations.recent().AddKey(
      population->last_sequence, Concat(command.caller.principal, "\n", command.key->key));
}

std::vector<api::View> Sequencer::TakeViews() {
  std::vector<api::View> views;
  for (auto& [name, view] : new_views_) views.push_back(std::move(view));
  new_views_.clear();
  return views;
}

void Sequencer::PublishLimits(const Population& population, const api::PopulationView* before,
                              api::PopulationView* view) const {
  const LimitBook& limits = population.books.limits();
  const bool same = before != nullptr && before->limits->version() == limits.version();
  view->limits = same ? before->limits : std::make_shared<const LimitBook>(limits);
  view->usage =
      population.reservations.usage().MakeView(limits, before == nullptr ? 0 : before->sequence + 1,
                                               before == nullptr ? nullptr : before->usage.get());
}

void Sequencer::Publish(const Population& population) {
  const api::View before = latest_views_[population.name];
  auto view = std::make_shared<api::PopulationView>();
  view->name = population.name;
  view->number = population.number;
  view->sequence = population.last_sequence;
  view->time_us = population.last_time_us;
  view->lease_shift_us = population.books.lease_shift_us();
  view->open_reservations = population.reservations.open_count();
  view->queue_length = population.reservations.queue().size();
  view->settings = population.books.shared_settings();
  view->rates = population.books.shared_rates();
  view->closed_periods = population.books.shared_closed_periods();
  const auto due = NextDue(population);
  view->next_due_us = due.has_value() ? due->at_us : 0;
  for (const auto& [name, number] : population.books.numbers_by_name()) {
    const Resource& resource = *population.books.Find(number);
    // What did not change is shared with the view before.
    std::shared_ptr<const Resource> old;
    if (before != nullptr) {
      const auto it = before->resources.find(name);
      if (it != before->resources.end()) old = it->second;
    }
    const bool same = old != nullptr && old->number == number &&
                      old->balances == resource.balances && old->settings == resource.settings &&
                      old->base == resource.base && old->shortfall == resource.shortfall &&
                      old->period == resource.period;
    view->resources[name] = same ? old : std::make_shared<const Resource>(resource);
  }
  const FreezeBook& freezes = population.books.freezes();
  view->freezes_version = freezes.version();
  const bool same_freezes = before != nullptr && before->freezes_version == freezes.version();
  view->freezes =
      same_freezes ? before->freezes : std::make_shared<const FreezeBook::ById>(freezes.all());
  const GuardrailBook& guardrails = population.books.guardrails();
  view->guardrails_version = guardrails.version();
  const bool same_guardrails =
      before != nullptr && before->guardrails_version == guardrails.version();
  view->guardrails = same_guardrails
                         ? before->guardrails
                         : std::make_shared<const GuardrailBook::ById>(guardrails.all());
  const BudgetBook& budgets = population.books.budgets();
  const bool same_budgets = before != nullptr && before->budgets->version() == budgets.version();
  view->budgets = same_budgets ? before->budgets : std::make_shared<const BudgetBook>(budgets);
  PublishLimits(population, before.get(), view.get());
  // Names are only added.
  const bool same_names =
      before != nullptr && before->directory->size() == population.directory.size();
  view->directory = same_names ? before->directory
                               : std::make_shared<const ResourceDirectory>(population.directory);
  latest_views_[population.name] = view;
  new_views_[population.name] = std::move(view);
}

}  // namespace purser
