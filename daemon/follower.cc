#include "daemon/follower.h"

#include <algorithm>
#include <utility>

#include "ledger/refusal.h"
#include "ledger/text.h"
#include "lifecycle/schedule_foresight.h"
#include "reservations/queue_rules.h"

namespace purser {
namespace {

// So many reservations changed: then they are taken in though nobody asks.
constexpr size_t kWaitingChangesMax = 4'096;

// How much is looked at to find one who may pass: each that fits costs two plans.
constexpr int kPassingStepsMax = 10 * kOutlookStepsMax;

void TakeDebt(const stored::LedgerFact& fact, DebtBook* debts) {
  if (fact.has_debt_incurred()) {
    debts->Incur(fact.debt_incurred());
  } else {
    const stored::DebtRepaid& repaid = fact.debt_repaid();
    debts->Repay(repaid.resource(), repaid.order(), Amount::FromMicros(repaid.amount()));
  }
}

}  // namespace

void FollowedPopulation::Take(const QueueChange& change) {
  if (change.waits != nullptr) {
    queue.Insert(*change.waits);
    waiting[change.key] = change.waits;
    return;
  }
  const auto left = waiting.find(change.key);
  queue.Remove(*left->second);
  budget_memo.Forget(*left->second);
  waiting.erase(left);
}

void FollowedPopulation::Take(const BookingChange& change) {
  if (change.booked != nullptr) {
    bookings.Insert(*change.booked);
    booked[change.key] = change.booked;
    return;
  }
  const auto left = booked.find(change.key);
  bookings.Remove(*left->second);
  booked.erase(left);
}

void FollowedPopulation::Take(const PreemptibleChange& change) {
  if (change.open != nullptr) {
    preemptibles.Insert(*change.open);
    preemptible[change.key] = change.open;
    return;
  }
  const auto left = preemptible.find(change.key);
  preemptibles.Remove(*left->second);
  preemptible.erase(left);
}

Books MakeBooks(const api::PopulationView& view, const DebtBook& debts) {
  Books books;
  uint32_t next_number = 1;
  for (const auto& [name, resource] : view.resources) {
    next_number = std::max(next_number, resource->number + 1);
  }
  books.RestoreSettings(view.settings, view.lease_shift_us, next_number);
  for (const auto& [name, resource] : view.resources) books.RestoreResource(*resource);
  for (const auto& [id, freeze] : *view.freezes) books.RestoreFreeze(freeze);
  for (const auto& [key, debt] : debts.all()) books.RestoreDebt(debt);
  books.RestoreLimits(*view.limits);
  books.RestoreRates(view.rates);
  books.RestoreBudgets(*view.budgets);
  return books;
}

Follower::Follower(ReservationPolicy policy, ModelPolicy model_policy,
                   MonthStartAfter month_start_after)
    : policy_(std::move(policy)),
      model_policy_(std::move(model_policy)),
      month_start_after_(std::move(month_start_after)) {}

Follower::~Follower() { Stop(); }

void Follower::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Follower::Stop() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    many_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Follower::Run() {
  while (true) {
    {
      MutexLock lock(&mutex_);
      while (!stopping_ && waiting_changes_ < kWaitingChangesMax) many_.Wait(&mutex_);
      if (stopping_) return;
    }
    MutexLock lock(&state_mutex_);
    TakeIn();
  }
}

void Follower::Reset(std::vector<FollowedPopulation> populations) {
  MutexLock state_lock(&state_mutex_);
  MutexLock lock(&mutex_);
  waiting_.clear();
  waiting_changes_ = 0;
  populations_.clear();
  for (FollowedPopulation& population : populations) {
    const std::string name = population.view->name;
    populations_[name] = std::move(population);
  }
}

void Follower::Take(std::vector<PopulationNews> news) {
  MutexLock lock(&mutex_);
  for (PopulationNews& each : news) {
    waiting_changes_ += 1 + each.returns.size() + each.debts.size() + each.queue.size() +
                        each.bookings.size() + each.preemptibles.size() + each.models.size();
    waiting_.push_back(std::move(each));
  }
  if (waiting_changes_ >= kWaitingChangesMax) many_.NotifyOne();
}

void Follower::TakeIn() {
  std::vector<PopulationNews> news;
  {
    MutexLock lock(&mutex_);
    news.swap(waiting_);
    waiting_changes_ = 0;
  }
  for (PopulationNews& each : news) {
    FollowedPopulation& population = populations_[each.view->name];
    population.view = std::move(each.view);
    for (const ReturnChange& change : each.returns) population.returns.Apply(change);
    for (const stored::LedgerFact& fact : each.debts) TakeDebt(fact, &population.debts);
    for (const QueueChange& change : each.queue) population.Take(change);
    for (const BookingChange& change : each.bookings) population.Take(change);
    for (const PreemptibleChange& change : each.preemptibles) population.Take(change);
    for (const auto& of : each.models) {
      population.models.Apply(of.facts, of.context, nullptr);
      for (const stored::ModelUse& use : of.uses) population.models.Take(use);
    }
  }
}

absl::StatusOr<FollowedPopulation*> Follower::FindNewest(const std::string& population) {
  TakeIn();
  const auto it = populations_.find(population);
  if (it != populations_.end()) return &it->second;
  return Refuse(stored::NOT_FOUND, Concat("there is no population \"", population, "\""));
}

JudgedState Follower::StateOf(const FollowedPopulation& followed, const Books* books,
                              std::string_view principal, InstantUs now_us) const {
  const api::PopulationView& view = *followed.view;
  InstantUs judged_us = std::max(now_us, view.time_us);
  if (view.next_due_us != 0) judged_us = std::min(judged_us, view.next_due_us - 1);
  return {books,
          &followed.returns,
          &followed.queue,
          view.usage.get(),
          &followed.bookings,
          &followed.preemptibles,
          principal,
          &policy_,
          &month_start_after_,
          view.sequence,
          judged_us,
          &followed.models,
          &model_policy_,
          &followed.budget_memo};
}

const QueuePlan& Follower::PlanOf(const JudgedState& state, FollowedPopulation* followed) {
  if (followed->plan_sequence != state.sequence) {
    ReturnSchedule::Steps steps{kOutlookStepsMax};
    followed->plan = MakePlan(state, {}, &steps);
    followed->plan_sequence = state.sequence;
  }
  return followed->plan;
}

absl::StatusOr<Explained> Follower::Explain(const std::string& population,
                                            const RequestReservation& request,
                                            std::string_view principal, InstantUs now_us,
                                            ReturnSchedule::Steps* steps) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
  const JudgedState state = StateOf(**followed, &books, principal, now_us);
  // Who asks whether it may pass is told as of this state, not of the one that it asked by.
  RequestReservation asked = request;
  asked.passing = {};
  // What that looks at is not taken off what is told.
  ReturnSchedule::Steps steps_of_passing{kOutlookStepsMax};
  const bool passes = request.passing.sequence != 0 && MayArrive(state, asked, &steps_of_passing);
  if (passes) asked.passing = {state.sequence, state.now_us};
  auto explained = purser::Explain(state, asked, steps);
  if (explained.ok()) NotePressure(**followed, explained->refusal);
  return explained;
}

absl::StatusOr<Explained> Follower::ExplainQueued(const std::string& population,
                                                  const QueueKey& key, InstantUs now_us,
                                                  ReturnSchedule::Steps* steps) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  // It may have given notice, or its notice ended, since it was read.
  const auto& waiting = (*followed)->waiting;
  auto queued = waiting.find(key);
  if (queued == waiting.end()) {
    queued = std::find_if(waiting.begin(), waiting.end(), [&key](const auto& each) {
      return each.first.create_sequence == key.create_sequence &&
             each.first.create_index == key.create_index;
    });
  }
  if (queued == (*followed)->waiting.end()) {
    return Refuse(stored::NOT_FOUND, "it does not wait any more");
  }
  const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
  const JudgedState state = StateOf(**followed, &books, "", now_us);
  Explained explained = purser::ExplainQueued(state, *queued->second, PlanOf(state, *followed));
  NotePressure(**followed, explained.refusal);
  AddRemedies(state, *queued->second, steps, &explained);
  return explained;
}

absl::StatusOr<Explained> Follower::ExplainScheduled(const std::string& population,
                                                     const BookingKey& key, InstantUs now_us,
                                                     ReturnSchedule::Steps* steps) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  const auto booked = (*followed)->booked.find(key);
  if (booked == (*followed)->booked.end()) {
    return Refuse(stored::NOT_FOUND, "it is not booked any more");
  }
  const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
  const JudgedState state = StateOf(**followed, &books, "", now_us);
  return purser::ExplainScheduled(state, *booked->second, steps);
}

absl::StatusOr<api::QueueRead> Follower::ReadQueue(const std::string& population,
                                                   const std::optional<QueueKey>& after,
                                                   size_t count, InstantUs now_us) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
  const JudgedState state = StateOf(**followed, &books, "", now_us);
  const auto& waiting = (*followed)->waiting;
  api::QueueRead read;
  read.length = waiting.size();
  read.sequence = state.sequence;
  read.view = (*followed)->view;
  auto it = after.has_value() ? waiting.upper_bound(*after) : waiting.begin();
  for (; it != waiting.end() && read.waiting.size() < count; ++it) {
    read.waiting.push_back(
        {it->second, purser::ExplainQueued(state, *it->second, PlanOf(state, *followed))});
  }
  read.has_more = it != waiting.end();
  return read;
}

absl::StatusOr<CalendarPage> Follower::ReadCalendar(const std::string& population,
                                                    const CalendarQuestion& question,
                                                    InstantUs now_us, uint64_t* sequence) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
  if (question.resource.has_value()) {
    const Resource* const resource = books.FindByName(*question.resource);
    if (resource == nullptr || resource->consumable()) {
      return Refuse(stored::NOT_FOUND, Concat("there is no capacity \"", *question.resource, "\""));
    }
  }
  const JudgedState state = StateOf(**followed, &books, "", now_us);
  *sequence = state.sequence;
  return purser::ReadCalendar(state, question);
}

const Reservation* FollowedPopulation::FindPassing(const JudgedState& state) const {
  const BooksDraft books(state.books, state.sequence + 1, state.now_us);
  const UsageDraft usage(&books, nullptr, state.usage);
  ReturnSchedule::Steps steps{kPassingStepsMax};
  const ScheduleForesight foresight(&state, &steps);
  const CalendarDraft calendar(&books, &foresight);
  const QueueRules rules(&books, state.policy, &usage, &calendar);
  QueueReach reach;
  for (const auto& [key, queued] : queue.by_key()) {
    if (reach.is_over() || steps.left <= 0) break;
    const bool is_blocked = rules.IsBlocked(*queued, state.budget_memo);
    reach.Count(is_blocked);
    // Who gave notice has its time.
    if (queued->gave_notice() || is_blocked) continue;
    if (!rules.FindGrant(*queued, {}).has_value()) continue;
    if (MayPass(state, *queued, key, &steps)) return queued;
  }
  return nullptr;
}

std::optional<RequestReservation::Passing> Follower::MayPass(const std::string& population,
                                                             const RequestReservation& request,
                                                             std::string_view principal,
                                                             InstantUs now_us) {
  MutexLock lock(&state_mutex_);
  const auto found = FindNewest(population);
  if (!found.ok() || (*found)->queue.size() == 0) return std::nullopt;
  const Books books = MakeBooks(*(*found)->view, (*found)->debts);
  const JudgedState state = StateOf(**found, &books, principal, now_us);
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  if (!MayArrive(state, request, &steps)) return std::nullopt;
  return RequestReservation::Passing{state.sequence, state.now_us};
}

std::optional<LetPass> Follower::FindPassing(const std::string& population, InstantUs now_us) {
  MutexLock lock(&state_mutex_);
  const auto found = FindNewest(population);
  if (!found.ok() || (*found)->queue.size() == 0) return std::nullopt;
  FollowedPopulation& followed = **found;
  if (followed.no_passing_sequence == followed.view->sequence) return std::nullopt;
  const Books books = MakeBooks(*followed.view, followed.debts);
  const JudgedState state = StateOf(followed, &books, "", now_us);
  if (const Reservation* passing = followed.FindPassing(state)) {
    return LetPass{passing->id, state.sequence, state.now_us};
  }
  followed.no_passing_sequence = state.sequence;
  return std::nullopt;
}

FollowedPopulation* Follower::FindForTest(const std::string& population) {
  MutexLock lock(&state_mutex_);
  TakeIn();
  const auto it = populations_.find(population);
  return it == populations_.end() ? nullptr : &it->second;
}

}  // namespace purser
