#include "lifecycle/planner.h"

#include <algorithm>
#include <tuple>

#include "lifecycle/notice_outlook.h"
#include "reservations/reservations_draft.h"

namespace purser {

using stored::HELD;
using Assumption = stored::Explanation::Assumption;

namespace {

constexpr int kStepsOfEvent = 5;
constexpr size_t kWaitingAStep = 10;  // who is looked at again at each event

}  // namespace

void AddAssumption(Assumption::Kind kind, std::string_view name, InstantUs at_us, Assumptions* to) {
  if (to->size() >= static_cast<int>(kEventsNamedMax)) return;
  Assumption& assumption = *to->Add();
  assumption.set_kind(kind);
  assumption.set_name(std::string(name));
  assumption.set_at_us(at_us);
}

Planner::Planner(const JudgedState& state, const PlanQuestion& question,
                 ReturnSchedule::Steps* steps)
    : state_(state),
      question_(question),
      steps_(steps),
      waiting_(FindWaiting()),
      bookings_(FindBookings()),
      resources_(FindResources()),
      future_(*state.books, state.returns, state.month_start_after, resources_, state.now_us),
      prospects_(&future_, state.policy, steps) {
  plan_.starts.reserve(waiting_.size());
  for (const Waiting& each : waiting_) {
    plan_.starts.push_back({each.key, each.picture->id, std::nullopt, true, {}});
  }
  for (const ReservationPicture* booked : bookings_) AddBooking(*booked);
  NoteLimits();
  if (question_.acts == nullptr || question_.no_notices) NoteNotices();
}

const BookedSteps* Planner::FindBooked(uint32_t resource) const {
  const auto it = booked_.find(resource);
  return it == booked_.end() ? nullptr : &it->second;
}

Amount Planner::ReturnedWithin(uint32_t resource, InstantUs after_us, InstantUs until_us) const {
  const bool from_now = after_us == kFromNow;
  ReturnSchedule::Question question;
  question.resource = resource;
  question.from_us = (from_now ? future_.now_us() : std::max(after_us + 1, future_.now_us())) -
                     state_.books->lease_shift_us();
  question.until_us = until_us + 1 - state_.books->lease_shift_us();
  question.wanted = Amount::Max();
  const auto found = state_.returns->Reach(question, steps_);
  Amount sum = found.sum;
  const auto end = leases_.upper_bound(until_us);
  for (auto it = from_now ? leases_.begin() : leases_.upper_bound(after_us); it != end; ++it) {
    const Lease& lease = it->second;
    for (size_t i = 0; i < lease.granted.size(); ++i) {
      if (lease.picture->lines[i].resource == resource) sum += lease.granted[i];
    }
  }
  return sum;
}

InstantUs Planner::MinuteStart(InstantUs at_us) const {
  const int64_t shift_us = state_.books->lease_shift_us();
  return ReturnSums::MinuteStart(at_us - shift_us) + shift_us;
}

std::vector<Planner::Waiting> Planner::FindWaiting() {
  const BooksDraft books(state_.books, state_.sequence + 1, state_.now_us);
  const UsageDraft usage(&books, nullptr, state_.usage);
  const QueueRules rules(&books, state_.policy, &usage, nullptr);
  std::vector<Waiting> waiting;
  QueueReach reach(question_.depth);
  const auto add = [&](const QueueKey& key, const ReservationPicture* picture, bool is_blocked) {
    waiting.push_back({key, picture, picture->give_up_us(), waiting.size()});
    reach.Count(is_blocked);
  };
  const ReservationPicture* joining = question_.joining;
  const auto join = [&] {
    add(QueueKeyOf(*joining), joining, rules.IsBlocked(*joining));
    joining = nullptr;
  };
  if (state_.queue != nullptr) {
    for (const auto& [key, queued] : state_.queue->by_key()) {
      if (question_.before.has_value() && !(key < *question_.before)) break;
      if (joining != nullptr && !reach.is_over() && QueueKeyOf(*joining) < key) join();
      leaves_out_ = reach.is_over();
      if (leaves_out_) break;
      const ReservationPicture* const changed = question_.changed;
      if (changed != nullptr && QueueKeyOf(*changed) == key) {
        add(key, changed, rules.IsBlocked(*changed));
      } else {
        add(key, queued, rules.IsBlocked(*queued, state_.budget_memo));
      }
    }
  }
  if (joining != nullptr && !reach.is_over()) join();
  if (question_.booking != nullptr) KeepRelated(&waiting);
  return waiting;
}

// Nobody else decides when the booking that is asked for starts; where all of them are looked at.
void Planner::KeepRelated(std::vector<Waiting>* waiting) const {
  if (state_.queue == nullptr || state_.queue->size() > waiting->size()) return;
  std::set<uint32_t> resources;
  AddResourcesOf(*question_.booking, &resources);
  for (size_t before = SIZE_MAX; resources.size() != before;) {
    before = resources.size();
    const Victims victims(state_, resources);
    const auto add = [&](const ReservationPicture& other) {
      const bool is_related = NamesAny(other, resources) || victims.MayGiveWayTo(other);
      if (is_related) AddResourcesOf(other, &resources);
    };
    for (const Waiting& each : *waiting) add(*each.picture);
    if (state_.bookings == nullptr) continue;
    for (const auto& [key, booked] : state_.bookings->by_key()) add(*booked);
  }
  std::erase_if(*waiting, [&](const Waiting& each) {
    std::set<uint32_t> own;
    AddResourcesOf(*each.picture, &own);
    return std::none_of(own.begin(), own.end(),
                        [&](uint32_t resource) { return resources.contains(resource); });
  });
  for (size_t i = 0; i < waiting->size(); ++i) (*waiting)[i].start = i;
}

// What it names, and what keeps it from a grant by debts.
void Planner::AddResourcesOf(const ReservationPicture& picture,
                             std::set<uint32_t>* resources) const {
  for (const HoldLine& line : picture.lines) resources->insert(line.resource);
  AddOwed(*state_.books, picture.purpose, picture.family(), resources);
}

std::set<uint32_t> Planner::FindResources() const {
  std::set<uint32_t> resources = ResourcesOfQuestion();
  for (const ReservationPicture* booked : bookings_) AddResourcesOf(*booked, &resources);
  return resources;
}

std::set<uint32_t> Planner::ResourcesOfQuestion() const {
  std::set<uint32_t> resources;
  if (question_.booking != nullptr) AddResourcesOf(*question_.booking, &resources);
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
      const HoldLine& line = picture.lines[i];
      const bool is_held = picture.booked() && line.consumable;
      lease.periods.push_back(is_held ? line.period : books->Find(line.resource)->period);
      if (is_held) continue;
      books->Hold(line.resource, granted[i], state_.policy->MayDrawOnReserve(picture.purpose));
    }
  });
  leases_.emplace(until_us, std::move(lease));
}

Assumptions Planner::ReasonsOf(const ReservationPicture& picture) const {
  Assumptions reasons;
  if (at_us_ == 0) return reasons;
  std::set<uint32_t> resources;
  AddResourcesOf(picture, &resources);
  for (const uint32_t resource : resources) {
    for (const ExpiryKey& key : FindEnds(resource, kEventsNamedMax)) {
      AddAssumption(key.by_notice ? Assumption::PREEMPTED : Assumption::LEASE_ENDS, "",
                    key.end_us + state_.books->lease_shift_us(), &reasons);
      reasons.rbegin()->set_create_sequence(key.grant_sequence);
      reasons.rbegin()->set_create_index(key.grant_index);
    }
  }
  for (const Assumption& each : happened_) {
    AddAssumption(each.kind(), each.name(), each.at_us(), &reasons);
  }
  return reasons;
}

std::vector<Planner::First> Planner::FindFirst() const {
  const BooksDraft books(&future_.books(), 0, Now());
  const QueueRules rules(&books, state_.policy, nullptr, nullptr);
  std::vector<First> first;
  QueueReach reach;
  for (size_t i = 0; i < waiting_.size() && !reach.is_over(); ++i) {
    if (!waiting_[i].is_there) continue;
    first.push_back({i, rules.IsBlocked(*waiting_[i].picture)});
    reach.Count(first.back().is_blocked);
  }
  return first;
}

QueueClaims Planner::ClaimsAhead(const ReservationPicture& arrival) const {
  const int64_t order_us = Now() - arrival.priority * kAgeStepUs;
  QueueClaims claims;
  for (const First& first : FindFirst()) {
    const Waiting& each = waiting_[first.waiting];
    if (each.key.notice_order == kNoNotice && each.key.order_us > order_us) break;
    if (!first.is_blocked) Claim(*each.picture, &claims);
  }
  return claims;
}

void Planner::NoteArrival(const QueueRules& rules) {
  const ReservationPicture& arrival = *question_.arrival;
  if (plan_.arrival_us.has_value() || rules.IsBlocked(arrival)) return;
  if (!rules.FindGrant(arrival, ClaimsAhead(arrival)).has_value()) return;
  plan_.arrival_us = Now();
  plan_.arrival_assumptions = ReasonsOf(arrival);
}

void Planner::NoteStart(const Waiting& granted) {
  if (granted.picture == question_.booking) {
    plan_.arrival_us = Now();
    plan_.arrival_assumptions = ReasonsOf(*granted.picture);
  }
  if (granted.start == SIZE_MAX) return;
  QueuePlan::Start& start = plan_.starts[granted.start];
  started_.push_back(granted.start);
  start.at_us = Now();
  start.assumptions = ReasonsOf(*granted.picture);
}

bool Planner::GrantSome() {
  bool granted_some = false;
  QueueClaims claims;
  // Of the books as they are; made again when they change.
  std::optional<BooksDraft> books;
  std::optional<CalendarDraft> calendar;
  std::optional<QueueRules> rules;
  for (const First& first : FindFirst()) {
    Waiting& each = waiting_[first.waiting];
    if (first.is_blocked) continue;
    if (!rules.has_value()) {
      books.emplace(&future_.books(), 0, Now());
      calendar.emplace(&*books, static_cast<const Foresight*>(this));
      rules.emplace(&*books, state_.policy, nullptr, &*calendar);
    }
    const auto granted = rules->FindGrant(*each.picture, claims);
    if (!granted.has_value()) {
      Claim(*each.picture, &claims);
      continue;
    }
    const InstantUs now_us = Now();
    NoteStart(each);
    each.is_there = false;
    if (each.picture->notice != nullptr && now_us < PreemptAt(*each.picture)) {
      plan_.is_exact = false;  // others will not give way for it
    }
    granted_some = true;
    is_more_granted_ = is_more_granted_ || IsMoreThanLeast(*each.picture, *granted);
    rules.reset();
    TakeNow(*each.picture, {granted->begin(), granted->end()}, now_us + each.picture->lease_us);
    AddAssumption(Assumption::GRANTED_BEFORE, each.picture->id, now_us, &happened_);
  }
  return granted_some;
}

// Who takes as much as there is, or what others claim, may have less after the first of several
// things; who is blocked until the last of them claims nothing before.
void Planner::GrantWaiting() {
  const size_t happened = CountHappened();
  const bool is_any_freed = IsAnyFreed();
  const bool is_any_unbound =
      std::any_of(waiting_.begin(), waiting_.end(), [this](const Waiting& each) {
        return each.is_there && state_.policy->MayDrawOnReserve(each.picture->purpose);
      });
  is_more_granted_ = false;
  bool granted_some = false;
  while (GrantSome()) granted_some = true;
  const bool may_depend = is_any_freed || (granted_some && (is_more_granted_ || is_any_unbound));
  if (at_us_ != 0 && may_depend && IsOneOfSeveral(happened)) plan_.is_exact = false;
}

void Planner::GrantAll() {
  GrantWaiting();
  // Whose notice is executed now and grants nothing gives back what others gave up for it.
  NoteFailures(at_us_);
  for (const size_t start : started_) plan_.starts[start].is_exact = plan_.is_exact;
  started_.clear();
  if (question_.arrival == nullptr) return;
  const BooksDraft books(&future_.books(), 0, Now());
  const CalendarDraft calendar(&books, this);
  NoteArrival(QueueRules(&books, state_.policy, nullptr, &calendar));
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
      if (picture.booked() && line.consumable) continue;
      if (is_bound && claims.contains(line.resource)) return;
      const Resource& resource = *future_.books().Find(line.resource);
      wait_for(prospects_.WhenEnough(resource, LeastOfLine(picture, line, resource),
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
  if (!bookings_.empty()) next.Take(bookings_.back()->start_at_us, Kind::kStart);
  const BooksDraft books(&future_.books(), 0, Now());
  const QueueRules rules(&books, state_.policy, nullptr, nullptr);
  QueueClaims claims;
  for (const First& first : FindFirst()) {
    const Waiting& each = waiting_[first.waiting];
    AddReadiness(*each.picture, rules, claims, boundary_us, &next);
    if (!first.is_blocked) Claim(*each.picture, &claims);
  }
  if (question_.arrival != nullptr) {
    AddReadiness(*question_.arrival, rules, ClaimsAhead(*question_.arrival), boundary_us, &next);
  }
  return next;
}

// Some of those that give way to one that gave notice may not be needed any more.
void Planner::NoteMoreIsThere() {
  const bool is_noticed = !waiting_.empty() && waiting_.front().key.notice_order != kNoNotice &&
                          waiting_.front().is_there;
  if (is_noticed) plan_.is_exact = false;
}

void Planner::EndLeases(InstantUs at_us) {
  if (!leases_.empty() && leases_.begin()->first <= at_us) NoteMoreIsThere();
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

// The first to give up by then: it leaves what it claimed to those who give up next.
void Planner::TimeOut(InstantUs at_us) {
  const auto order = [](const Waiting& each) {
    return std::tuple(each.gives_up_us, each.key.create_sequence, each.key.create_index);
  };
  Waiting* first = nullptr;
  for (Waiting& each : waiting_) {
    if (!each.is_there || each.picture->queue_wait_us == 0 || each.gives_up_us > at_us) continue;
    if (first == nullptr || order(each) < order(*first)) first = &each;
  }
  if (first == nullptr) return;
  first->is_there = false;
  if (first->picture->booked()) GiveUpBooking(*first->picture);
  AddAssumption(Assumption::GIVES_UP, first->picture->id, at_us, &happened_);
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
    case Kind::kStart:
      future_.AdvanceTo(event.at_us, steps_);
      EndLeases(event.at_us);
      StartBookings(event.at_us);
      return;
    default:
      future_.AdvanceTo(event.at_us, steps_);
      EndLeases(event.at_us);
  }
}

QueuePlan Planner::Finish() {
  for (QueuePlan::Start& start : plan_.starts) {
    if (!start.at_us.has_value()) start.is_exact = plan_.is_exact;
  }
  return std::move(plan_);
}

QueuePlan Planner::Make() {
  if (question_.passing != nullptr) {
    const ReservationPicture& picture = *question_.passing->picture;
    if (picture.scheduled()) {
      HoldConsumables(picture);
    } else {
      TakeNow(picture, question_.passing->granted,
              state_.now_us + picture.lease_us + kPassingSlackUs);
    }
  }
  const auto is_done = [this] {
    if (question_.arrival != nullptr || question_.booking != nullptr)
      return plan_.arrival_us.has_value();
    return std::none_of(waiting_.begin(), waiting_.end(),
                        [](const Waiting& each) { return each.is_there; });
  };
  const size_t resources = state_.books->numbers_by_name().size();
  const int steps_of_event = kStepsOfEvent + static_cast<int>(waiting_.size() / kWaitingAStep +
                                                              resources / kResourcesAStep);
  if (question_.acts != nullptr) {
    for (const auto& act : *question_.acts) {
      future_.Change(act);
      GrantWaiting();
      steps_->left -= steps_of_event;
    }
    GrantAll();
    plan_.complete = steps_->left > 0 && future_.complete();
    return Finish();
  }
  while (true) {
    GrantAll();
    if (is_done()) return Finish();
    steps_->left -= steps_of_event;
    const Event next = FindNext();
    plan_.complete = steps_->left > 0 && prospects_.complete() && future_.complete();
    if (!plan_.complete || next.kind == Kind::kNone) break;
    if (next.at_us - state_.now_us > kOutlookMaxUs) break;
    NoteFailures(next.at_us - 1);
    NoteBlocked(next.at_us);
    Pass(next);
  }
  NoteFailures(INT64_MAX);
  return Finish();
}

}  // namespace purser
