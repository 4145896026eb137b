#include "lifecycle/booking_explanation.h"

#include <algorithm>
#include <optional>
#include <set>

#include "lifecycle/court.h"
#include "lifecycle/least_amount.h"
#include "lifecycle/notice_outlook.h"

namespace purser {

using stored::Explanation;

namespace {

constexpr int kStepsOfStart = 20;  // of each start that is tried

class LaterStart {
 public:
  LaterStart(const JudgedState& state, const CalendarDraft& calendar,
             const RequestReservation& request, ReturnSchedule::Steps* steps)
      : state_(state), calendar_(calendar), request_(request), steps_(steps) {}

  // nullopt: there is none within what may be booked ahead, or no steps were left.
  std::optional<InstantUs> Find() {
    InstantUs start_us = request_.start_at_us;
    while (start_us - state_.now_us <= kAdvanceMaxUs) {
      steps_->left -= kStepsOfStart;
      if (steps_->left <= 0) return std::nullopt;
      InstantUs next_us = start_us;
      for (const auto& [name, asked] : request_.amounts) {
        const Resource& resource = *state_.books->FindByName(name);
        if (resource.consumable()) continue;
        const InstantUs over_us =
            FindLastOver(resource, LeastOf(request_, resource, asked), start_us);
        if (over_us == INT64_MAX) return std::nullopt;
        next_us = std::max(next_us, over_us);
      }
      if (next_us == start_us) return start_us;
      start_us = next_us;
    }
    return std::nullopt;
  }

 private:
  // When there is enough again after the last time, while it would be held, at which there is not;
  // the start itself where there always is, INT64_MAX: never.
  InstantUs FindLastOver(const Resource& resource, Amount least, InstantUs start_us) {
    const InstantUs end_us = start_us + request_.lease_us;
    InstantUs over_us = start_us;
    std::optional<CalendarDraft::Step> lacking;  // since this one there is not enough
    calendar_.ForEachStep(resource, start_us, INT64_MAX, [&](const CalendarDraft::Step& step) {
      if (lacking.has_value()) {
        over_us = WhenEnough(resource, least, *lacking, step.at_us);
        // Something begins or ends at the step, too.
        if (over_us != INT64_MAX && over_us < step.at_us) lacking.reset();
        if (lacking.has_value() && step.free >= least) {
          over_us = step.at_us;
          lacking.reset();
        }
      }
      if (step.at_us >= end_us && !lacking.has_value()) return false;
      if (step.free < least) lacking = step;
      return true;
    });
    return lacking.has_value() ? WhenEnough(resource, least, *lacking, INT64_MAX) : over_us;
  }

  // When leases that end after the step, and by another instant, have given back enough.
  InstantUs WhenEnough(const Resource& resource, Amount least, const CalendarDraft::Step& step,
                       InstantUs until_us) {
    const int64_t shift_us = state_.books->lease_shift_us();
    ReturnSchedule::Question question;
    question.resource = resource.number;
    question.from_us = step.at_us + 1 - shift_us;
    question.until_us = until_us == INT64_MAX ? until_us : until_us - shift_us;
    question.wanted = least - step.free + step.goes_first;
    const auto answer = state_.returns->Reach(question, steps_);
    return answer.complete && answer.at_us.has_value() ? *answer.at_us + shift_us : INT64_MAX;
  }

  const JudgedState& state_;
  const CalendarDraft& calendar_;
  const RequestReservation& request_;
  ReturnSchedule::Steps* const steps_;
};

}  // namespace

void FindLaterStart(const JudgedState& state, const ReservationsDraft& draft,
                    const RequestReservation& request, ReturnSchedule::Steps* steps,
                    Explanation* explanation) {
  const auto start_us = LaterStart(state, draft.calendar(), request, steps).Find();
  explanation->set_complete(steps->left > 0);
  if (!start_us.has_value()) return;
  RequestReservation later = request;
  later.start_at_us = *start_us;
  const auto refusal = draft.Judge(later, state.principal);
  // Something else is in its way: when that is over is not looked for.
  if (!refusal.ok() || refusal->reason() != stored::REASON_UNSPECIFIED) {
    explanation->set_complete(false);
    return;
  }
  explanation->set_earliest_start_us(*start_us);
  Explanation::Remedy& remedy = *explanation->add_remedies();
  remedy.set_kind(Explanation::Remedy::START_LATER);
  remedy.set_until_us(*start_us);
}

int64_t FindShorterLease(const ReservationsDraft& draft, const Books& books,
                         const RequestReservation& request, InstantUs now_us) {
  InstantUs end_us = INT64_MAX;
  for (const auto& [name, asked] : request.amounts) {
    const Resource& resource = *books.FindByName(name);
    if (resource.consumable()) continue;
    const Amount least = LeastOf(request, resource, asked);
    draft.calendar().ForEachStep(resource, now_us, now_us + request.lease_us,
                                 [&](const CalendarDraft::Step& step) {
                                   if (step.booked.is_zero() || step.free >= least) return true;
                                   end_us = std::min(end_us, step.at_us);
                                   return false;
                                 });
  }
  const int64_t lease_us = end_us == INT64_MAX ? 0 : end_us - now_us;
  return lease_us < kLeaseMinUs || lease_us >= request.lease_us ? 0 : lease_us;
}

namespace {

// Whether a grant lets the booking have what it booked of the resource.
bool IsEnough(const JudgedState& state, const ScheduleForesight& foresight,
              const ReservationPicture& booked, uint32_t resource, Amount grant) {
  BooksDraft books(state.books, state.sequence + 1, state.now_us);
  if (!books.Grant(resource, grant, "").ok()) return false;
  const CalendarDraft calendar(&books, &foresight);
  const Room room = calendar.RoomBeside(*books.Find(resource), booked.start_at_us,
                                        booked.start_at_us + booked.lease_us);
  return !room.amount.is_negative();
}

// Whether its release may grant something to others, who wait: what they would leave is not looked
// for.
bool MayHelpOthers(const JudgedState& state, const ReservationPicture& booked) {
  if (state.queue == nullptr || state.queue->size() == 0) return false;
  if (state.books->limits().size() > 0) return true;
  const bool is_owed =
      std::any_of(booked.lines.begin(), booked.lines.end(), [&state](const HoldLine& line) {
        return state.books->Find(line.resource)->owed().is_positive();
      });
  const Queue::ByKey& waiting = state.queue->by_key();
  return is_owed || std::any_of(waiting.begin(), waiting.end(), [&booked](const auto& each) {
           return ShareResources(*each.second, booked);
         });
}

// Whether nobody who waits, or is booked, decides whether it has what it booked: by a notice to
// those who have it, or, where it comes late, as one that bookings do not bind.
bool IsSettled(const JudgedState& state, const ReservationPicture& booked) {
  std::set<uint32_t> resources;
  for (const HoldLine& line : booked.lines) resources.insert(line.resource);
  if (IsFreedByNotice(state, resources)) return false;
  const auto any_is_unbound = [&](const auto* list) {
    return list != nullptr &&
           std::any_of(list->by_key().begin(), list->by_key().end(), [&](const auto& each) {
             const ReservationPicture& other = *each.second;
             return other.id != booked.id && state.policy->MayDrawOnReserve(other.purpose) &&
                    ShareResources(other, booked);
           });
  };
  return !any_is_unbound(state.queue) && !any_is_unbound(state.bookings);
}

// What is in its way besides room: which freezes an operator would lift, of those that are there at
// its start. False: something that an operator does not take away.
bool FindLifted(const Refusal& refusal, InstantUs start_us, Explanation::Remedy* action) {
  bool is_all = true;
  for (const auto& blocking : refusal.blocking()) {
    const bool is_freeze = blocking.kind() == "FREEZE";
    const bool lasts = !blocking.has_until_us() || blocking.until_us() > start_us;
    if (is_freeze && lasts) action->add_freezes(blocking.name());
    is_all = is_all && (is_freeze || blocking.kind() == "QUEUE");
  }
  return is_all;
}

// What an operator could grant, and what could be booked instead.
void AddHelp(const JudgedState& state, const ReservationPicture& booked, const Court& court,
             const Refusal& refusal, Explanation* explanation) {
  CalendarDraft without(&court.books, &court.foresight);
  without.CountBooking(booked, -1);
  Explanation::Remedy action;
  action.set_kind(Explanation::Remedy::OPERATOR_ACTION);
  Explanation::Remedy reduction;
  reduction.set_kind(Explanation::Remedy::REDUCE);
  const Refusal now = court.draft.JudgeQueued(booked);
  const bool can_act = FindLifted(now, booked.start_at_us, &action);
  const bool is_blocked = std::any_of(now.blocking().begin(), now.blocking().end(),
                                      [](const auto& each) { return each.kind() != "QUEUE"; });
  bool can_reduce = !is_blocked && !MayHelpOthers(state, booked);
  const auto add = [](const Resource& resource, Amount amount, Explanation::Remedy* remedy) {
    Explanation::NamedAmount& named = *remedy->add_amounts();
    named.set_resource(resource.name());
    named.set_amount(amount.micros());
  };
  for (const auto& shortage : refusal.shortages()) {
    const Resource& resource = *state.books->FindByName(shortage.resource());
    const auto grant = LeastAmount([&](Amount amount) {
      return IsEnough(state, court.foresight, booked, resource.number, amount);
    });
    if (!grant.has_value() || !court.foresight.complete()) return;
    add(resource, *grant, &action);
    const Room room =
        without.RoomToBook(resource, booked.start_at_us, booked.start_at_us + booked.lease_us);
    const Amount most = RoundDownToStep(std::max(Amount(), room.amount), resource.step());
    can_reduce = can_reduce && most.is_positive();
    add(resource, most, &reduction);
  }
  if (can_reduce) *explanation->add_remedies() = std::move(reduction);
  if (can_act && IsSettled(state, booked)) *explanation->add_remedies() = std::move(action);
}

}  // namespace

Explained ExplainScheduled(const JudgedState& state, const ReservationPicture& booked,
                           ReturnSchedule::Steps* steps) {
  Explained explained;
  const Court court(state);
  Explanation& explanation = explained.explanation;
  explanation.set_sequence(state.sequence);
  explanation.set_time_us(state.now_us);
  explained.refusal = court.draft.JudgeScheduled(booked);
  const UsageDraft usage(&court.books, nullptr, state.usage);
  const QueueRules rules(&court.books, state.policy, &usage, nullptr);
  const bool is_known = court.foresight.complete();
  if (!is_known) explained.refusal.Clear();
  PlanQuestion question;
  question.booking = &booked;
  const QueuePlan plan = MakePlan(state, question, steps);
  const bool is_late = plan.arrival_us.has_value() ? *plan.arrival_us > booked.start_at_us
                                                   : plan.complete && plan.is_exact;
  if (explained.refusal.reason() == stored::REASON_UNSPECIFIED && !rules.IsBlocked(booked) &&
      !is_late) {
    explanation.set_earliest_start_us(booked.start_at_us);
    explanation.set_complete(is_known && IsSettled(state, booked) && plan.complete &&
                             plan.is_exact);
    return explained;
  }
  if (explained.refusal.reason() != stored::REASON_UNSPECIFIED) {
    AddHelp(state, booked, court, explained.refusal, &explanation);
  }
  if (explained.refusal.reason() == stored::REASON_UNSPECIFIED && is_late) {
    // A freeze, a debt, a limit; what it lacks now is no matter.
    explained.refusal = court.draft.JudgeQueued(booked);
    explained.refusal.clear_shortages();
    if (explained.refusal.blocking().empty()) explained.refusal.Clear();
  }
  explanation.set_complete(plan.complete && plan.is_exact);
  if (!plan.arrival_us.has_value()) return explained;
  explanation.set_earliest_start_us(*plan.arrival_us);
  *explanation.mutable_assumptions() = plan.arrival_assumptions;
  return explained;
}

}  // namespace purser
