#include "lifecycle/queue_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "lifecycle/prospects.h"
#include "reservations/queue_rules.h"
#include "reservations/reservations_draft.h"

namespace purser {

using stored::HELD;
using Assumption = stored::Explanation::Assumption;
using Assumptions = google::protobuf::RepeatedPtrField<Assumption>;

namespace {

constexpr int kStepsOfEvent = 5;
constexpr size_t kWaitingAStep = 10;  // who is looked at again at each event
constexpr size_t kResourcesAStep = 8;
constexpr size_t kEventsNamedMax = 5;  // of one start
constexpr size_t kLeasesLookedAtMax = 100;

void AddAssumption(Assumption::Kind kind, std::string_view name, InstantUs at_us, Assumptions* to) {
  if (to->size() >= static_cast<int>(kEventsNamedMax)) return;
  Assumption& assumption = *to->Add();
  assumption.set_kind(kind);
  assumption.set_name(std::string(name));
  assumption.set_at_us(at_us);
}

class Planner {
 public:
  Planner(const JudgedState& state, const PlanQuestion& question, ReturnSchedule::Steps* steps)
      : state_(state),
        question_(question),
        steps_(steps),
        waiting_(FindWaiting()),
        future_(*state.books, state.returns, state.month_start_after, FindResources(),
                state.now_us),
        prospects_(&future_, state.policy, steps) {
    for (const Waiting& each : waiting_) {
      plan_.starts.push_back({each.key, each.picture->id, std::nullopt, {}});
    }
    NoteLimits();
  }

  QueuePlan Make();

 private:
  struct Waiting {
    QueueKey key;
    const ReservationPicture* picture = nullptr;
    InstantUs gives_up_us = 0;
    bool is_there = true;  // neither granted nor gone
  };
  // What was granted ahead of time, until its lease ends.
  struct Lease {
    const ReservationPicture* picture = nullptr;
    std::vector<Amount> granted;
    std::vector<uint64_t> periods;
  };
  enum class Kind { kNone, kBoundary, kThaw, kTimeOut, kReturn };
  struct Event {
    InstantUs at_us = INT64_MAX;
    Kind kind = Kind::kNone;

    // Of one instant they come in the order of their kinds.
    void Take(InstantUs at, Kind what) {
      if (std::pair(at, what) < std::pair(at_us, kind) || kind == Kind::kNone) *this = {at, what};
    }
  };

  std::vector<Waiting> FindWaiting() const;
  void NoteLimits();
  std::set<uint32_t> FindResources() const;
  void AddResourcesOf(const ReservationPicture& picture, std::set<uint32_t>* resources) const;
  void TakeNow(const ReservationPicture& picture, const std::vector<Amount>& granted,
               InstantUs until_us);
  void GrantAll();
  bool GrantSome();
  void NoteArrival(const QueueRules& rules);
  Event FindNext();
  void AddReadiness(const ReservationPicture& picture, const QueueRules& rules,
                    const QueueClaims& claims, InstantUs until_us, Event* next);
  // Of those ahead of who would come at the instant.
  QueueClaims ClaimsAhead(const ReservationPicture& arrival, const QueueRules& rules) const;
  void Pass(const Event& event);
  void EndLeases(InstantUs at_us);
  void TimeOut(InstantUs at_us);
  // What happened at the instant to bring about a grant of the picture.
  Assumptions ReasonsOf(const ReservationPicture& picture) const;

  InstantUs Now() const { return at_us_ == 0 ? state_.now_us : at_us_; }

  const JudgedState& state_;
  const PlanQuestion& question_;
  ReturnSchedule::Steps* const steps_;
  std::vector<Waiting> waiting_;  // in order of the queue
  Future future_;
  Prospects prospects_;
  std::multimap<InstantUs, Lease> leases_;
  InstantUs at_us_ = 0;   // of the last event; 0: it is now
  Assumptions happened_;  // at it, other than ends of leases that there are now
  QueuePlan plan_;
};

std::vector<Planner::Waiting> Planner::FindWaiting() const {
  std::vector<Waiting> waiting;
  const auto add = [&waiting](const QueueKey& key, const ReservationPicture* picture) {
    waiting.push_back({key, picture, picture->create_time_us + picture->queue_wait_us, true});
  };
  const ReservationPicture* joining = question_.joining;
  const auto join = [&] {
    add(QueueKeyOf(*joining), joining);
    joining = nullptr;
  };
  if (state_.queue != nullptr) {
    for (const auto& [key, queued] : state_.queue->by_key()) {
      if (waiting.size() >= question_.depth) break;
      if (question_.before.has_value() && !(key < *question_.before)) break;
      if (joining != nullptr && QueueKeyOf(*joining) < key) join();
      add(key, queued);
    }
  }
  if (joining != nullptr && waiting.size() < question_.depth) join();
  return waiting;
}

void Planner::NoteLimits() {
  const BooksDraft books(state_.books, state_.sequence + 1, state_.now_us);
  const UsageDraft usage(&books, nullptr, state_.usage);
  const QueueRules with(&books, state_.policy, &usage);
  const QueueRules without(&books, state_.policy, nullptr);
  for (Waiting& each : waiting_) {
    if (!with.IsLimited(*each.picture)) continue;
    plan_.is_exact = false;
    if (with.IsBlocked(*each.picture) && !without.IsBlocked(*each.picture)) each.is_there = false;
  }
  if (question_.arrival != nullptr && with.IsLimited(*question_.arrival)) plan_.is_exact = false;
}

// What it names, and what keeps it from a grant by debts.
void Planner::AddResourcesOf(const ReservationPicture& picture,
                             std::set<uint32_t>* resources) const {
  for (const HoldLine& line : picture.lines) resources->insert(line.resource);
  if (PassesDebts(picture.purpose)) return;
  if (const auto* owed = state_.books->debts().OfFamily(picture.family())) {
    for (const auto& [resource, order] : *owed) resources->insert(resource);
  }
  for (const auto& [name, number] : state_.books->numbers_by_name()) {
    if (state_.books->Find(number)->is_past_debt_limit()) resources->insert(number);
  }
}

std::set<uint32_t> Planner::FindResources() const {
  std::set<uint32_t> resources;
  for (const Waiting& each : waiting_) AddResourcesOf(*each.picture, &resources);
  if (question_.arrival != nullptr) AddResourcesOf(*question_.arrival, &resources);
  if (question_.passing != nullptr) AddResourcesOf(*question_.passing->picture, &resources);
  return resources;
}

void Planner::TakeNow(const ReservationPicture& picture, const std::vector<Amount>& granted,
                      InstantUs until_us) {
  Lease lease{&picture, granted, {}};
  future_.Change([&](BooksDraft* books) {
    for (size_t i = 0; i < granted.size(); ++i) {
      const uint32_t resource = picture.lines[i].resource;
      lease.periods.push_back(books->Find(resource)->period);
      books->Hold(resource, granted[i], state_.policy->MayDrawOnReserve(picture.purpose));
    }
  });
  leases_.emplace(until_us, std::move(lease));
}

Assumptions Planner::ReasonsOf(const ReservationPicture& picture) const {
  Assumptions reasons;
  if (at_us_ == 0) return reasons;
  const int64_t shift_us = state_.books->lease_shift_us();
  std::set<uint32_t> resources;
  AddResourcesOf(picture, &resources);
  for (const uint32_t resource : resources) {
    ReturnSchedule::Question question =
        future_.ReturnsOf(*future_.books().Find(resource), at_us_ + 1);
    question.from_us = at_us_ - shift_us;
    for (const ExpiryKey& key :
         state_.returns->FindLast(question, kEventsNamedMax, kLeasesLookedAtMax)) {
      AddAssumption(Assumption::LEASE_ENDS, "", key.lease_end_us + shift_us, &reasons);
      reasons.rbegin()->set_create_sequence(key.grant_sequence);
      reasons.rbegin()->set_create_index(key.grant_index);
    }
  }
  for (const Assumption& each : happened_) {
    AddAssumption(each.kind(), each.name(), each.at_us(), &reasons);
  }
  return reasons;
}

QueueClaims Planner::ClaimsAhead(const ReservationPicture& arrival, const QueueRules& rules) const {
  const int64_t order_us = Now() - arrival.priority * kAgeStepUs;
  QueueClaims claims;
  for (const Waiting& each : waiting_) {
    if (each.key.order_us > order_us) break;
    if (each.is_there && !rules.IsBlocked(*each.picture)) Claim(*each.picture, &claims);
  }
  return claims;
}

void Planner::NoteArrival(const QueueRules& rules) {
  const ReservationPicture& arrival = *question_.arrival;
  if (plan_.arrival_us.has_value() || rules.IsBlocked(arrival)) return;
  if (!rules.FindGrant(arrival, ClaimsAhead(arrival, rules)).has_value()) return;
  plan_.arrival_us = Now();
  plan_.arrival_assumptions = ReasonsOf(arrival);
}

bool Planner::GrantSome() {
  bool granted_some = false;
  QueueClaims claims;
  // Of the books as they are; made again when they change.
  std::optional<BooksDraft> books;
  std::optional<QueueRules> rules;
  for (size_t i = 0; i < waiting_.size(); ++i) {
    Waiting& each = waiting_[i];
    if (!each.is_there) continue;
    if (!rules.has_value()) {
      books.emplace(&future_.books(), 0, future_.now_us());
      rules.emplace(&*books, state_.policy, nullptr);
    }
    if (rules->IsBlocked(*each.picture)) continue;
    const auto granted = rules->FindGrant(*each.picture, claims);
    if (!granted.has_value()) {
      Claim(*each.picture, &claims);
      continue;
    }
    const InstantUs now_us = Now();
    plan_.starts[i].at_us = now_us;
    plan_.starts[i].assumptions = ReasonsOf(*each.picture);
    each.is_there = false;
    granted_some = true;
    rules.reset();
    TakeNow(*each.picture, {granted->begin(), granted->end()}, now_us + each.picture->lease_us);
    AddAssumption(Assumption::GRANTED_BEFORE, each.picture->id, now_us, &happened_);
  }
  return granted_some;
}

void Planner::GrantAll() {
  while (GrantSome()) {
  }
  if (question_.arrival == nullptr) return;
  const BooksDraft books(&future_.books(), 0, future_.now_us());
  NoteArrival(QueueRules(&books, state_.policy, nullptr));
}

// When nothing stands in the picture's way any more but what has an instant of its own.
void Planner::AddReadiness(const ReservationPicture& picture, const QueueRules& rules,
                           const QueueClaims& claims, InstantUs until_us, Event* next) {
  InstantUs at_us = future_.now_us();
  bool comes = true;
  bool by_leases = false;  // rather than being so already
  const auto wait_for = [&](const Prospect& prospect) {
    comes = comes && prospect.at_us.has_value();
    by_leases = by_leases || prospect.by_leases;
    if (comes) at_us = std::max(at_us, *prospect.at_us);
  };
  if (rules.IsBlocked(picture)) {
    std::set<uint32_t> resources;
    AddResourcesOf(picture, &resources);
    for (const uint32_t number : resources) {
      const Resource& resource = *future_.books().Find(number);
      wait_for(prospects_.WhenRepaid(resource, picture.family(), until_us));
    }
  } else {
    const bool is_bound = !rules.MayDraw(picture);
    for (const HoldLine& line : picture.lines) {
      if (is_bound && claims.contains(line.resource)) return;
      const Resource& resource = *future_.books().Find(line.resource);
      wait_for(prospects_.WhenEnough(resource, LeastOf(resource, line.asked, line.minimum),
                                     picture.purpose, until_us));
    }
  }
  if (comes && by_leases) next->Take(at_us, Kind::kReturn);
}

Planner::Event Planner::FindNext() {
  Event next;
  const InstantUs boundary_us = future_.NextBoundary();
  if (boundary_us != INT64_MAX) next.Take(boundary_us, Kind::kBoundary);
  if (const auto thaw = future_.books().freezes().NextEnd()) next.Take(thaw->at_us, Kind::kThaw);
  for (const Waiting& each : waiting_) {
    if (each.is_there && each.picture->queue_wait_us != 0) {
      next.Take(each.gives_up_us, Kind::kTimeOut);
    }
  }
  if (!leases_.empty()) next.Take(leases_.begin()->first, Kind::kReturn);
  const BooksDraft books(&future_.books(), 0, future_.now_us());
  const QueueRules rules(&books, state_.policy, nullptr);
  QueueClaims claims;
  for (const Waiting& each : waiting_) {
    if (!each.is_there) continue;
    AddReadiness(*each.picture, rules, claims, boundary_us, &next);
    if (!rules.IsBlocked(*each.picture)) Claim(*each.picture, &claims);
  }
  if (question_.arrival != nullptr) {
    AddReadiness(*question_.arrival, rules, ClaimsAhead(*question_.arrival, rules), boundary_us,
                 &next);
  }
  return next;
}

void Planner::EndLeases(InstantUs at_us) {
  while (!leases_.empty() && leases_.begin()->first <= at_us) {
    const Lease lease = std::move(leases_.begin()->second);
    leases_.erase(leases_.begin());
    const bool is_passing =
        question_.passing != nullptr && lease.picture == question_.passing->picture;
    future_.Change([&](BooksDraft* books) {
      for (size_t i = 0; i < lease.granted.size(); ++i) {
        const HoldLine& line = lease.picture->lines[i];
        // Whoever passes will have used what is gone then.
        if (is_passing && line.consumable) continue;
        books->GiveBack(line.resource, HELD, lease.granted[i], lease.periods[i]);
      }
    });
    AddAssumption(Assumption::LEASE_ENDS, lease.picture->id, at_us, &happened_);
  }
}

void Planner::TimeOut(InstantUs at_us) {
  for (Waiting& each : waiting_) {
    if (!each.is_there || each.picture->queue_wait_us == 0 || each.gives_up_us > at_us) continue;
    each.is_there = false;
    AddAssumption(Assumption::GIVES_UP, each.picture->id, at_us, &happened_);
  }
}

void Planner::Pass(const Event& event) {
  happened_.Clear();
  at_us_ = event.at_us;
  switch (event.kind) {
    case Kind::kBoundary:
      future_.PassBoundary(event.at_us, steps_);
      for (const auto& [name, number] : future_.books().numbers_by_name()) {
        if (future_.books().Find(number)->period_start_us != event.at_us) continue;
        AddAssumption(Assumption::PERIOD_ENDS, name, event.at_us, &happened_);
      }
      return;
    case Kind::kThaw:
      AddAssumption(Assumption::FREEZE_ENDS, future_.books().freezes().NextEnd()->id, event.at_us,
                    &happened_);
      future_.AdvanceToJustBefore(event.at_us, steps_);
      return;
    case Kind::kTimeOut:
      future_.AdvanceToJustBefore(event.at_us, steps_);
      TimeOut(event.at_us);
      return;
    default:
      future_.AdvanceTo(event.at_us, steps_);
      EndLeases(event.at_us);
  }
}

QueuePlan Planner::Make() {
  if (question_.passing != nullptr) {
    const ReservationPicture& picture = *question_.passing->picture;
    TakeNow(picture, question_.passing->granted,
            state_.now_us + picture.lease_us + kPassingSlackUs);
  }
  const auto is_done = [this] {
    if (question_.arrival != nullptr) return plan_.arrival_us.has_value();
    return std::none_of(waiting_.begin(), waiting_.end(),
                        [](const Waiting& each) { return each.is_there; });
  };
  const size_t resources = state_.books->numbers_by_name().size();
  const int steps_of_event = kStepsOfEvent + static_cast<int>(waiting_.size() / kWaitingAStep +
                                                              resources / kResourcesAStep);
  while (true) {
    GrantAll();
    if (is_done()) break;
    steps_->left -= steps_of_event;
    const Event next = FindNext();
    plan_.complete = steps_->left > 0 && prospects_.complete() && future_.complete();
    if (!plan_.complete || next.kind == Kind::kNone) break;
    if (next.at_us - state_.now_us > kOutlookMaxUs) break;
    Pass(next);
  }
  return std::move(plan_);
}

}  // namespace

const QueuePlan::Start* QueuePlan::Find(const QueueKey& key) const {
  const auto it =
      std::lower_bound(starts.begin(), starts.end(), key,
                       [](const Start& each, const QueueKey& k) { return each.key < k; });
  return it == starts.end() || it->key != key ? nullptr : &*it;
}

QueuePlan MakePlan(const JudgedState& state, const PlanQuestion& question,
                   ReturnSchedule::Steps* steps) {
  return Planner(state, question, steps).Make();
}

bool MayPass(const JudgedState& state, const ReservationPicture& passing, const QueueKey& key,
             ReturnSchedule::Steps* steps) {
  const BooksDraft books(state.books, state.sequence + 1, state.now_us);
  const UsageDraft usage(&books, nullptr, state.usage);
  const QueueRules rules(&books, state.policy, &usage);
  if (rules.IsBlocked(passing)) return false;
  const auto granted = rules.FindGrant(passing, {});
  if (!granted.has_value()) return false;
  PlanQuestion question;
  question.before = key;
  const QueuePlan without = MakePlan(state, question, steps);
  if (!without.complete) return false;
  const Passing passes{&passing, {granted->begin(), granted->end()}};
  question.passing = &passes;
  const QueuePlan with = MakePlan(state, question, steps);
  if (!with.complete) return false;
  for (size_t i = 0; i < without.starts.size(); ++i) {
    const auto before = without.starts[i].at_us;
    const auto after = with.starts[i].at_us;
    if (before.has_value() && (!after.has_value() || *after > *before)) return false;
  }
  return true;
}

ReservationPicture PictureOf(const JudgedState& state, const RequestReservation& request) {
  ReservationPicture picture;
  picture.id = request.id;
  picture.state = stored::STATE_QUEUED;
  picture.purpose = request.purpose;
  picture.tier = static_cast<uint8_t>(request.tier);
  picture.priority = request.priority;
  picture.labels = std::make_shared<const Labels>(request.labels);
  picture.principal = std::make_shared<const std::string>(state.principal);
  picture.lease_us = request.lease_us;
  picture.queue_wait_us = request.queue_wait_us;
  picture.create_time_us = state.now_us;
  picture.create_sequence = state.sequence + 1;
  for (const auto& [name, asked] : request.amounts) {
    const Resource& resource = *state.books->FindByName(name);
    HoldLine& line = picture.lines.emplace_back();
    line.resource = resource.number;
    line.consumable = resource.consumable();
    line.asked = asked;
    const auto minimum = request.minimum_amounts.find(name);
    if (minimum != request.minimum_amounts.end()) line.minimum = minimum->second;
  }
  return picture;
}

}  // namespace purser
