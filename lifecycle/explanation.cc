#include "lifecycle/explanation.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "lifecycle/booking_explanation.h"
#include "lifecycle/budget_remedies.h"
#include "lifecycle/court.h"
#include "lifecycle/notice_outlook.h"
#include "lifecycle/operator_action.h"
#include "lifecycle/proposal_remedy.h"
#include "reservations/budget_check.h"

namespace purser {

using stored::Explanation;

namespace {

// An arrival that comes later stands behind all that waits now: with more than this it is not
// looked for.
constexpr size_t kWaitingPlannedMax = 300;

absl::StatusOr<Refusal> Judge(const JudgedState& state, const Books& books,
                              const RequestReservation& request, NamedAmounts* granted = nullptr) {
  return Court(state, books).draft.Judge(request, state.principal, granted);
}

bool Fits(const JudgedState& state, const Books& books, const RequestReservation& request) {
  const auto refusal = Judge(state, books, request);
  return refusal.ok() && refusal->reason() == stored::REASON_UNSPECIFIED;
}

// Whether somebody waits, and a limit binds the request, of which they may use what is left.
bool SharesLimits(const JudgedState& state, const RequestReservation& request) {
  if (state.queue == nullptr || state.queue->size() == 0) return false;
  const BooksDraft books(state.books, state.sequence + 1, state.now_us);
  const UsageDraft usage(&books, nullptr, state.usage);
  // What is to be booked is judged as what is asked for now.
  RequestReservation asked = request;
  asked.start_at_us = 0;
  return QueueRules(&books, state.policy, &usage, nullptr).IsLimited(PictureOf(state, asked));
}

// Whether the queue takes one more of who asks.
bool MayWait(const JudgedState& state) {
  return state.queue != nullptr && state.queue->size() < kQueueLengthMax &&
         state.queue->CountOf(std::string(state.principal)) < kQueueLengthOfPrincipalMax;
}

// And whether that may come to a grant, some time.
bool MayWaitFor(const JudgedState& state, const RequestReservation& request) {
  return MayWait(state) && Court(state).draft.MayEverFit(request);
}

// Whether somebody waits for the same.
bool IsAwaited(const JudgedState& state, const RequestReservation& request) {
  if (state.queue == nullptr) return false;
  const std::set<uint32_t> resources = NamedResources(*state.books, request);
  const auto& waiting = state.queue->by_key();
  return std::any_of(waiting.begin(), waiting.end(),
                     [&](const auto& each) { return NamesAny(*each.second, resources); });
}

// Whether somebody waits for what decides when it fits, or has booked of it: they take of it, and
// give back what also repays debts.
bool IsContested(const JudgedState& state, const RequestReservation& request) {
  const std::set<uint32_t> resources = FindResources(*state.books, request);
  if (IsFreedByNotice(state, resources)) return true;
  const auto any_shares = [&resources](const auto* list) {
    return list != nullptr && std::any_of(list->by_key().begin(), list->by_key().end(),
                                          [&resources](const auto& each) {
                                            return NamesAny(*each.second, resources);
                                          });
  };
  return any_shares(state.queue) || any_shares(state.bookings);
}

// Whether a limit or a budget stands in its way: what others of the same do decides when it does
// not, and is not looked for.
bool IsLimited(const Refusal& refusal) {
  const auto& blocking = refusal.blocking();
  return std::any_of(blocking.begin(), blocking.end(), [](const auto& each) {
    return each.kind() == "LIMIT" || each.kind() == kBudgetKind;
  });
}

void AddAmount(const Resource& resource, Amount amount, Explanation::Remedy* remedy) {
  Explanation::NamedAmount& named = *remedy->add_amounts();
  named.set_resource(resource.name());
  named.set_amount(amount.micros());
}

void AddRemedy(Explanation::Remedy::Kind kind, InstantUs until_us, Explanation* explanation) {
  Explanation::Remedy& remedy = *explanation->add_remedies();
  remedy.set_kind(kind);
  remedy.set_until_us(until_us);
}

// Whether the quote that it names, if it names one, is good at the instant.
bool IsQuoted(const RequestReservation& request, InstantUs at_us) {
  return request.quoted_at_us == 0 || at_us < request.quoted_at_us + kQuoteValidUs;
}

// Waits on a copy. A time that does not come true is taken back: there is none that is known.
void AddWait(const JudgedState& state, const RequestReservation& request, Outlook* outlook,
             Explanation* explanation) {
  if (!explanation->has_earliest_start_us()) return;
  const InstantUs at_us = explanation->earliest_start_us();
  if (!IsQuoted(request, at_us)) {  // as it stands it never fits
    explanation->clear_earliest_start_us();
    explanation->clear_assumptions();
    return;
  }
  if (!Fits(state, outlook->WaitUntil(at_us), request) || !PassesBudgetsAt(state, request, at_us)) {
    explanation->clear_earliest_start_us();
    explanation->clear_assumptions();
    explanation->set_complete(false);
    return;
  }
  AddRemedy(Explanation::Remedy::WAIT, at_us, explanation);
}

// What of the request is to be made less.
void AddReduced(const JudgedState& state, const RequestReservation& request,
                const RequestReservation& reduced, Explanation* explanation) {
  Explanation::Remedy& remedy = *explanation->add_remedies();
  remedy.set_kind(Explanation::Remedy::REDUCE);
  for (const auto& [name, asked] : request.amounts) {
    const Amount amount = reduced.amounts.find(name)->second;
    if (amount == asked) continue;
    const bool drops_minimum =
        request.minimum_amounts.find(name) != request.minimum_amounts.end() &&
        reduced.minimum_amounts.find(name) == reduced.minimum_amounts.end();
    if (drops_minimum) remedy.add_drop_minimums(name);
    AddAmount(*state.books->FindByName(name), amount, &remedy);
  }
}

// The largest amounts that would be granted now, of what is short or limited; of what budgets count
// those that are known.
void AddReduction(const JudgedState& state, const RequestReservation& request,
                  const Refusal& refusal, Explanation* explanation) {
  const auto& blocking = refusal.blocking();
  const bool only_limits = std::all_of(blocking.begin(), blocking.end(), [](const auto& each) {
    return each.kind() == "LIMIT" || each.kind() == kBudgetKind;
  });
  if (!only_limits) return;
  const NamedAmounts rooms = Court(state).draft.RoomsOf(request, state.principal);
  RequestReservation reduced = request;
  for (const auto& [name, asked] : request.amounts) {
    const Resource& resource = *state.books->FindByName(name);
    const Amount has = rooms.find(name)->second;
    if (LeastOf(request, resource, asked) <= has) continue;
    const Amount amount = RoundDownToStep(has, resource.step());
    if (!amount.is_positive()) return;
    reduced.amounts[name] = amount;
    reduced.minimum_amounts.Erase(name);
  }
  const auto fits = [&state](const RequestReservation& less) {
    return Fits(state, *state.books, less);
  };
  const bool helps =
      fits(reduced) || (HasBudgets(refusal) && ReduceForBudgets(state, fits, &reduced));
  if (helps) AddReduced(state, request, reduced, explanation);
}

// The longest lease with which it would be granted now.
void AddShortening(const JudgedState& state, const RequestReservation& request,
                   Explanation* explanation) {
  RequestReservation shorter = request;
  shorter.lease_us = FindShorterLease(Court(state).draft, *state.books, request, state.now_us);
  if (shorter.lease_us == 0 || !Fits(state, *state.books, shorter)) return;
  Explanation::Remedy& remedy = *explanation->add_remedies();
  remedy.set_kind(Explanation::Remedy::SHORTEN);
  remedy.set_lease_us(shorter.lease_us);
}

void TellStart(const QueuePlan& plan, const QueueKey& key, Explanation* explanation) {
  const QueuePlan::Start* const start = plan.Find(key);
  if (start == nullptr) return;  // behind those who are planned for
  explanation->set_complete(start->is_exact && (plan.complete || start->at_us.has_value()));
  if (!start->at_us.has_value()) return;
  explanation->set_earliest_start_us(*start->at_us);
  *explanation->mutable_assumptions() = start->assumptions;
}

// What the request would be told if it waited from now on; and whether it would give notice.
Explanation Join(const JudgedState& state, const RequestReservation& request,
                 ReturnSchedule::Steps* steps, bool* gives_notice = nullptr) {
  ReservationPicture picture = PictureOf(state, request);
  if (picture.queue_wait_us == 0) picture.queue_wait_us = kQueueWaitDefaultUs;
  const auto notice = GiveNotice(state, &picture, steps);
  if (gives_notice != nullptr) *gives_notice = notice.has_value();
  const QueueKey key = QueueKeyOf(picture);
  PlanQuestion question;
  question.joining = &picture;
  const QueuePlan plan = MakePlan(state, question, steps);
  Explanation joined;
  const Queue::ByKey& waiting = state.queue->by_key();
  const auto place = std::distance(waiting.begin(), waiting.lower_bound(key));
  joined.set_queue_position(static_cast<uint32_t>(place) + 1);
  TellStart(plan, key, &joined);
  const bool starts_before =
      joined.has_earliest_start_us() &&
      (!notice.has_value() || joined.earliest_start_us() <= notice->preempt_at_us);
  if (!notice.has_value() || starts_before) return joined;
  joined.set_earliest_start_us(notice->preempt_at_us);
  *joined.mutable_assumptions() = notice->victims;
  joined.set_complete(plan.complete && plan.is_exact && notice->is_certain);
  return joined;
}

// Where others wait for the same who gets what comes back depends on them.
void LookBehindQueue(const JudgedState& state, const RequestReservation& request,
                     ReturnSchedule::Steps* steps, Explanation* explanation) {
  if (state.queue->size() > kWaitingPlannedMax) return;
  const ReservationPicture picture = PictureOf(state, request);
  PlanQuestion question;
  question.depth = kWaitingPlannedMax;
  question.arrival = &picture;
  QueuePlan plan = MakePlan(state, question, steps);
  explanation->set_complete(plan.complete && plan.is_exact);
  if (!plan.arrival_us.has_value() || !plan.is_exact) return;
  if (!IsQuoted(request, *plan.arrival_us)) return;
  explanation->set_earliest_start_us(*plan.arrival_us);
  *explanation->mutable_assumptions() = std::move(plan.arrival_assumptions);
  AddRemedy(Explanation::Remedy::WAIT, *plan.arrival_us, explanation);
}

// Waiting helps where nobody waits only by a notice.
void AddQueueByNotice(const JudgedState& state, const RequestReservation& request,
                      ReturnSchedule::Steps* steps, Explanation* explanation) {
  const bool may_find_victims = state.preemptibles != nullptr && !state.preemptibles->empty();
  if (!MayWait(state) || !may_find_victims) return;
  bool gives_notice = false;
  const Explanation joined = Join(state, request, steps, &gives_notice);
  if (!gives_notice || !joined.has_earliest_start_us() || !joined.complete()) return;
  AddRemedy(Explanation::Remedy::QUEUE, joined.earliest_start_us(), explanation);
}

// The lowest tier above its own with which it would give notice, and start by that before the
// time that it is told of otherwise.
void AddTier(const JudgedState& state, const RequestReservation& request,
             ReturnSchedule::Steps* steps, Explanation* explanation) {
  if (!MayWait(state) || state.preemptibles == nullptr || state.preemptibles->empty()) return;
  for (int tier = std::min(request.tier - 1, kTierStandard); tier >= kTierRealtime; --tier) {
    RequestReservation higher = request;
    higher.tier = tier;
    higher.preemption_grace_us = 0;
    if (higher.queue_wait_us == 0) higher.queue_wait_us = kQueueWaitDefaultUs;
    if (!Court(state).draft.MayEverFit(higher)) continue;
    bool gives_notice = false;
    const Explanation joined = Join(state, higher, steps, &gives_notice);
    if (!gives_notice || !joined.has_earliest_start_us() || !joined.complete()) continue;
    const InstantUs at_us = joined.earliest_start_us();
    const auto& remedies = explanation->remedies();
    const bool is_late =
        (explanation->has_earliest_start_us() && at_us >= explanation->earliest_start_us()) ||
        std::any_of(remedies.begin(), remedies.end(), [at_us](const auto& remedy) {
          return remedy.kind() == Explanation::Remedy::QUEUE && at_us >= remedy.until_us();
        });
    if (is_late) return;
    AddRemedy(Explanation::Remedy::TIER, at_us, explanation);
    explanation->mutable_remedies()->rbegin()->set_tier(tier);
    return;
  }
}

// What somebody could do.
void AddActions(const JudgedState& state, const RequestReservation& request,
                const ReservationPicture* waits, ReturnSchedule::Steps* steps,
                Explanation* explanation) {
  AddOperatorAction(state, request, waits, steps, explanation);
  AddProposals(state, request, waits, steps, explanation);
}

// Of a request that is not granted at once though it would wait.
void LookFromQueue(const JudgedState& state, const RequestReservation& request,
                   ReturnSchedule::Steps* steps, Explanation* explanation) {
  const Explanation joined = Join(state, request, steps);
  explanation->set_queue_position(joined.queue_position());
  explanation->set_complete(joined.complete());
  // Where it gives up before there is room, what it would be told if it came then is not its start.
  explanation->clear_earliest_start_us();
  *explanation->mutable_assumptions() = joined.assumptions();
  if (joined.has_earliest_start_us()) {
    explanation->set_earliest_start_us(joined.earliest_start_us());
  }
}

// What approvers could do. Beyond the first who wait an approval grants nothing.
void AddApproval(const JudgedState& state, const RequestReservation& request,
                 const Refusal& refusal, bool may_wait, ReturnSchedule::Steps* steps,
                 Explanation* explanation) {
  const ReservationPicture picture = PictureOf(state, request);
  const bool is_reached = may_wait && IsAmongFirst(state, QueueKeyOf(picture));
  AddBudgetRemedies(state, refusal, is_reached, nullptr, explanation);
  if (is_reached) AddLaterApproval(state, refusal, picture, false, steps, explanation);
}

}  // namespace

absl::StatusOr<Explained> Explain(const JudgedState& state, const RequestReservation& request,
                                  ReturnSchedule::Steps* steps) {
  Explained explained;
  auto refusal = Judge(state, *state.books, request, &explained.granted);
  if (!refusal.ok()) return refusal.status();
  explained.refusal = *std::move(refusal);
  Explanation& explanation = explained.explanation;
  explanation.set_sequence(state.sequence);
  explanation.set_time_us(state.now_us);
  if (explained.refusal.reason() == stored::REASON_UNSPECIFIED) {
    explanation.set_earliest_start_us(state.now_us);
    explanation.set_complete(true);
    return explained;
  }
  // As the request itself would be told: it is not left to wait.
  const bool would_wait = request.queue_wait_us != 0 && request.start_at_us == 0;
  const bool never_fits = would_wait && !Court(state).draft.MayEverFit(request);
  if (never_fits) NoteNeverFits(&explained.refusal);
  if (steps->left <= 0) return explained;
  const bool waits = state.queue != nullptr && would_wait && !never_fits;
  if (request.start_at_us != 0) {
    FindLaterStart(state, Court(state).draft, request, steps, &explanation);
    AddReduction(state, request, explained.refusal, &explanation);
    AddBudgetRemedies(state, explained.refusal, false, nullptr, &explanation);
    if (!IsLimited(explained.refusal) && !IsAwaited(state, request) &&
        !SharesLimits(state, request)) {
      AddActions(state, request, nullptr, steps, &explanation);
    }
    return explained;
  }
  if (IsContested(state, request) || SharesLimits(state, request)) {
    const ReservationPicture picture = PictureOf(state, request);
    const bool may_wait = MayWaitFor(state, request);
    if (waits) {
      LookFromQueue(state, request, steps, &explanation);
    } else {
      LookBehindQueue(state, request, steps, &explanation);
      const Explanation joined = may_wait ? Join(state, request, steps) : Explanation();
      if (joined.has_earliest_start_us() && joined.complete()) {
        AddRemedy(Explanation::Remedy::QUEUE, joined.earliest_start_us(), &explanation);
      }
    }
    AddReduction(state, request, explained.refusal, &explanation);
    AddShortening(state, request, &explanation);
    AddApproval(state, request, explained.refusal, may_wait, steps, &explanation);
    AddActions(state, request, waits && may_wait ? &picture : nullptr, steps, &explanation);
    AddTier(state, request, steps, &explanation);
    return explained;
  }
  if (IsLimited(explained.refusal)) {
    AddReduction(state, request, explained.refusal, &explanation);
    AddApproval(state, request, explained.refusal, MayWaitFor(state, request), steps, &explanation);
    return explained;
  }
  Outlook outlook(state, request, steps);
  outlook.Find(&explanation);
  AddWait(state, request, &outlook, &explanation);
  AddReduction(state, request, explained.refusal, &explanation);
  AddActions(state, request, nullptr, steps, &explanation);
  if (waits) {
    LookFromQueue(state, request, steps, &explanation);
  } else {
    AddQueueByNotice(state, request, steps, &explanation);
  }
  if (MayBeFreedByNotice(state, FindResources(*state.books, request))) {
    explanation.set_complete(false);
  }
  AddTier(state, request, steps, &explanation);
  return explained;
}

bool MayArrive(const JudgedState& state, const RequestReservation& request,
               ReturnSchedule::Steps* steps) {
  const auto refusal = Judge(state, *state.books, request);
  if (!refusal.ok() || refusal->reason() != stored::BEHIND_QUEUE) return false;
  ReservationPicture picture = PictureOf(state, request);
  if (picture.scheduled()) {
    RequestReservation alone = request;
    alone.passing.sequence = state.sequence;
    NamedAmounts granted;
    const auto fits = Judge(state, *state.books, alone, &granted);
    if (!fits.ok() || fits->reason() != stored::REASON_UNSPECIFIED) return false;
    for (HoldLine& line : picture.lines) {
      line.granted = granted.find(state.books->Find(line.resource)->name())->second;
    }
  }
  return MayPass(state, picture, QueueKeyOf(picture), steps);
}

Explained ExplainQueued(const JudgedState& state, const ReservationPicture& queued,
                        const QueuePlan& plan) {
  Explained explained;
  explained.refusal = Court(state).draft.JudgeQueued(queued);
  Explanation& explanation = explained.explanation;
  explanation.set_sequence(state.sequence);
  explanation.set_time_us(state.now_us);
  const QueueKey key = QueueKeyOf(queued);
  const Queue::ByKey& waiting = state.queue->by_key();
  const auto place = std::distance(waiting.begin(), waiting.find(key));
  explanation.set_queue_position(static_cast<uint32_t>(place) + 1);
  TellStart(plan, key, &explanation);
  return explained;
}

void AddRemedies(const JudgedState& state, const ReservationPicture& queued,
                 ReturnSchedule::Steps* steps, Explained* explained) {
  // Of an advance reservation its own explanation says what would have let it start.
  if (queued.booked() || explained->refusal.reason() == stored::REASON_UNSPECIFIED) return;
  const QueueKey key = QueueKeyOf(queued);
  if (IsAmongFirst(state, key)) {
    AddBudgetRemedies(state, explained->refusal, true, &queued, &explained->explanation);
    AddLaterApproval(state, explained->refusal, queued, true, steps, &explained->explanation);
  }
  AddActions(state, RequestOf(queued, *state.books), &queued, steps, &explained->explanation);
}

}  // namespace purser
