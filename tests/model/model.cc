#include "tests/model/model.h"

#include <algorithm>

#include "tests/model/budget_text.h"
#include "tests/model/calendar.h"
#include "tests/model/decimal.h"

namespace purser::model {
namespace {

constexpr int64_t kDenialRetentionUs = 7 * 86'400 * kOne;

}  // namespace

Verdict Refused(const std::string& code) {
  Verdict verdict;
  verdict.code = code;
  return verdict;
}

bool IsExperiment(const std::string& purpose) {
  return purpose == "TRAINING" || purpose == "FINE_TUNING" || purpose == "EVALUATION" ||
         purpose == "BREEDING";
}

bool DrawsOnReserve(const std::string& purpose) {
  return purpose == "ROLLBACK" || purpose == "DISASTER_RECOVERY";
}

std::string FamilyOf(const Action& action) {
  const auto found = action.labels.find("operator_family");
  return found == action.labels.end() ? "unattributed" : found->second;
}

Reservation NewReservation(const Action& action) {
  Reservation reservation;
  reservation.principal = action.principal;
  reservation.purpose = action.purpose;
  reservation.policy = action.overrun_policy;
  reservation.family = FamilyOf(action);
  reservation.labels = action.labels;
  reservation.tier = action.tier;
  reservation.grace_us = action.grace_us.value_or(kDefaultGraceUs);
  for (const auto& [resource, asked] : action.amounts) reservation.lines[resource].asked = asked;
  return reservation;
}

std::string ContentOf(const Action& action) {
  Action bare = action;
  bare.principal = "local";
  bare.admin = bare.reserve_spend = bare.debt_incur = true;
  bare.constraints_write = bare.approvals_write = bare.models_write = true;
  bare.proposals_write = bare.proposals_approve = true;
  const bool lease = action.verb == Verb::kReserve || action.verb == Verb::kRenew;
  if (lease && !bare.lease_us) bare.lease_us = kDefaultLeaseUs;
  const bool reserve = action.verb == Verb::kReserve;
  if (reserve && !bare.max_queue_wait_us) bare.max_queue_wait_us = kDefaultQueueWaitUs;
  if (reserve && !bare.grace_us && MayGiveWay(bare.tier)) bare.grace_us = kDefaultGraceUs;
  return ToString(bare);
}

std::optional<Verdict> Recall(const std::map<std::string, Remembered>& memory,
                              const std::string& id, const Action& action) {
  const auto found = memory.find(id);
  if (id.empty() || found == memory.end()) return std::nullopt;
  if (found->second.content != ContentOf(action)) return Refused("id_conflict");
  Verdict verdict = found->second.verdict;
  verdict.replayed = true;
  return verdict;
}

void Model::Reset(int64_t start_us, const std::vector<std::string>& required_labels) {
  state_ = State();
  state_.now_us = start_us;
  born_us_ = start_us;
  required_labels_ = required_labels;
}

Verdict Model::Do(const Action& action) {
  Verdict verdict = DoInEntries(action);
  // A notice may be due in the instant in which it is given: an entry of its own, before anything
  // else is decided or read.
  RunDue(state_.now_us);
  return verdict;
}

Verdict Model::DoInEntries(const Action& action) {
  ++state_.entry;
  const std::string lack = LacksScope(action);
  if (lack == "route") return Refused("forbidden");
  if (const std::string code = Malformed(action); !code.empty()) return Refused(code);
  if (lack == "content") return Refused("forbidden");
  Verdict verdict = Dispatch(action);
  // What is refused, or said again, is no entry: who was passed over stays so. The members of a
  // batch that is not atomic have looked, each in its entry; the clock's commands are no entries of
  // their own.
  const bool single = action.verb == Verb::kBatch && !action.atomic;
  const bool clock = action.verb == Verb::kAdvance || action.verb == Verb::kResume;
  const bool looks = verdict.code.empty() && !verdict.replayed && !single;
  if (looks) TripGuardrails();
  if (looks && !clock) GrantQueued();
  for (Verdict& result : verdict.results) ShowGrant(action.atomic, &result);
  if (looks && !clock) GiveNotices();
  EndLoans();
  Supersede();
  TellBudgets();
  ForgetDenials();
  return verdict;
}

Verdict Model::Dispatch(const Action& action) {
  switch (action.verb) {
    case Verb::kCreateResource:
      return CreateResource(action);
    case Verb::kUpdateResource:
      return Guarded(action, &Model::UpdateResource);
    case Verb::kDeleteResource:
      return Guarded(action, &Model::DeleteResource);
    case Verb::kGrant:
    case Verb::kWithdraw:
      return Guarded(action, &Model::Move);
    case Verb::kFreeze:
      return Freeze(action);
    case Verb::kUnfreeze:
      return Unfreeze(action);
    case Verb::kLimit:
      return SetLimit(action);
    case Verb::kRelimit:
      return Relimit(action);
    case Verb::kUnlimit:
      return Unlimit(action);
    case Verb::kRateCard:
      return MakeCard(action);
    case Verb::kRerate:
      return ChangeCard(action);
    case Verb::kUnrate:
      return DropCard(action);
    case Verb::kGuardrail:
      return MakeGuardrail(action);
    case Verb::kReguard:
    case Verb::kUnguard:
    case Verb::kReset:
      return OnGuardrail(action);
    case Verb::kReserve:
      return Reserve(action);
    case Verb::kStart:
      return StartVerb(action);
    case Verb::kRenew:
      return Renew(action);
    case Verb::kCharge:
      return ChargeVerb(action);
    case Verb::kSettle:
      return Settle(action);
    case Verb::kRelease:
      return Release(action);
    case Verb::kPostCharge:
      return PostCharge(action);
    case Verb::kEnterCost:
      return EnterCost(action);
    case Verb::kReportOutcomes:
      return ReportOutcomes(action);
    case Verb::kRefund:
      return Refund(action);
    case Verb::kClosePeriod:
      return ClosePeriod(action);
    case Verb::kBatch:
      return Batch(action);
    case Verb::kAdvance:
      return Advance(action);
    case Verb::kResume:
      return Resume(action);
    default:
      if (IsOfBudgets(action.verb)) return DispatchBudget(action);
      return action.verb >= Verb::kPropose ? DispatchProposal(action) : DispatchArtifact(action);
  }
}

// --- Time
// -------------------------------------------------------------------------------------------

Verdict Model::Advance(const Action& action) {
  if (action.at_us < state_.now_us) return Refused("invalid_argument");
  RunDue(action.at_us);
  return Verdict();
}

Verdict Model::Resume(const Action& action) {
  // Who waits is looked at before anything: a notice that the last entry gave may have made room.
  if (!state_.notices.empty()) GrantQueued();
  GiveNotices();
  TellBudgets();
  for (auto& [id, reservation] : state_.reservations) {
    if (!reservation.IsOpen()) continue;
    reservation.expires_us += action.shift_us;
    if (reservation.HasNotice()) reservation.preempt_at_us += action.shift_us;
  }
  for (Notice& notice : state_.notices) notice.preempt_at_us += action.shift_us;
  for (const auto& [name, book] : state_.books) state_.disturbed.insert(name);
  const int64_t last_sign_us = action.at_us == 0 ? state_.now_us : action.at_us;
  RunDue(last_sign_us + action.shift_us);
  return Verdict();
}

// By instant, then the month of the budgets, rollovers by name, thaws, those who have waited long
// enough in the order of their arrival, expiries in the order of their grants, executions in the
// order of the notices, starts in the order in which they were booked, rollback windows in the
// order in which they began and by id, approvals in the order in which they were asked for,
// proposals that expire in the order in which they were made, days, what was realised in the
// order of execution, rates.
void Model::RunDue(int64_t until_us) {
  using Event = std::tuple<int64_t, int, int64_t, std::string, std::string>;
  for (;;) {
    std::set<Event> due;
    for (const auto& [name, book] : state_.books) {
      if (book.HasPeriods()) due.insert({book.next_boundary_us, 0, 0, name, ""});
    }
    for (const auto& [key, freeze] : state_.freezes) {
      if (freeze.until_us) due.insert({*freeze.until_us, 1, 0, key.first, key.second});
    }
    for (const Waiting& waiting : state_.queue) {
      due.insert({waiting.GivesUpUs(), 2, waiting.order, waiting.id, ""});
    }
    for (const auto& [id, reservation] : state_.reservations) {
      if (reservation.IsOpen()) due.insert({reservation.expires_us, 3, reservation.order, id, ""});
    }
    for (size_t i = 0; i < state_.notices.size(); ++i) {
      const Notice& notice = state_.notices[i];
      due.insert({notice.preempt_at_us, 4, static_cast<int64_t>(i), notice.id, ""});
    }
    for (const Waiting& booking : state_.bookings) {
      due.insert({*booking.request.start_at_us, 5, booking.order, booking.id, ""});
    }
    for (const Window& window : state_.zoo.windows) {
      due.insert({window.until_us, 6, window.number, "", ""});
    }
    for (size_t i = 0; i < state_.zoo.approvals.size(); ++i) {
      const Approval& approval = state_.zoo.approvals[i];
      if (approval.state != "PENDING") continue;
      due.insert({approval.expires_us, 7, static_cast<int64_t>(i), "", ""});
    }
    for (const auto& [id, proposal] : state_.proposals.by_id) {
      if (proposal.IsLive()) due.insert({proposal.expires_us, 8, proposal.order, id, ""});
      if (!proposal.IsExecuted() || proposal.realised) continue;
      const int64_t at_us = proposal.executed_us + kRealisedAfterUs;
      due.insert({at_us, 10, proposal.executed_order, id, ""});
    }
    // A new day, where limits count days or months and somebody waits: it changes nothing else.
    if (CountsDays() && !state_.queue.empty()) due.insert({NextDay(state_.now_us), 9, 0, "", ""});
    if (!state_.budgets.empty()) due.insert({state_.budget_month.until_us, -1, 0, "", ""});
    // Other rates, where somebody waits and there are budgets: they change nothing else.
    const auto rates_us = NextRates();
    if (!state_.budgets.empty() && !state_.queue.empty() && rates_us) {
      due.insert({*rates_us, 11, 0, "", ""});
    }
    if (due.empty() || std::get<0>(*due.begin()) > until_us) break;
    const auto [instant, kind, order, name, second] = *due.begin();
    MoveTo(instant);
    ++state_.entry;
    if (kind == -1) BeginBudgetMonth();
    if (kind == 0) RollOver(&state_.books.at(name));
    if (kind == 1) state_.freezes.erase({name, second});
    if (kind == 2) LeaveQueue(name, "DENIED");
    if (kind == 3) Expire(name);
    if (kind == 4) Execute(name);
    if (kind == 5) StartScheduled(name);
    if (kind == 6) EndWindow(order);
    if (kind == 7) state_.zoo.approvals[order].state = "EXPIRED";
    if (kind == 8) state_.proposals.by_id.at(name).state = "EXPIRED";
    if (kind == 10) Realise(name);
    GrantQueued();
    GiveNotices();
    EndLoans();
    Supersede();
    TellBudgets();
  }
  MoveTo(until_us);
}

void Model::RollOver(Book* book) const {
  book->Rollover();
  book->next_boundary_us =
      book->settings.monthly ? NextMonth(state_.now_us) : state_.now_us + book->settings.period_us;
}

void Model::Expire(const std::string& id) {
  Reservation& reservation = state_.reservations.at(id);
  GiveBack(&reservation);
  reservation.state = "EXPIRED";
  reservation.preempt_at_us = 0;
  reservation.preempted_for.clear();
}

void Model::ForgetDenials() {
  std::erase_if(state_.reservation_ids, [this](const auto& entry) {
    const int64_t denied_us = entry.second.denied_us;
    return denied_us >= 0 && state_.now_us - denied_us >= kDenialRetentionUs;
  });
  std::erase_if(state_.reservations, [this](const auto& entry) {
    return entry.second.denied_us >= 0 &&
           state_.now_us - entry.second.denied_us >= kDenialRetentionUs;
  });
}

// --- An operator's commands
// -------------------------------------------------------------------------

Verdict Model::CreateResource(const Action& action) {
  if (auto known = Recall(state_.resource_names, action.resource, action)) return *known;
  if (action.resource == kCount && CountActive() > 0) return Refused("resource_in_use");
  Book book;
  book.settings = action.settings;
  if (!book.settings.reserve_percent && !book.settings.reserve_amount) {
    book.settings.reserve_percent = 25 * kOne;
  }
  book.incarnation = state_.next_order++;
  book.priced_us = state_.now_us;
  book.amount_in_force = *action.settings.amount;
  if (book.settings.monthly) book.next_boundary_us = NextMonth(state_.now_us);
  if (book.settings.period_us != 0) {
    book.next_boundary_us = state_.now_us + book.settings.period_us;
  }
  book.Grant(book.Posted());
  NotePriced(book);
  if (action.resource == kCount) {
    state_.zoo.month_began_with = book.Base();
    state_.zoo.month_ends_us = NextMonth(state_.now_us);
  }
  state_.books[action.resource] = book;
  state_.disturbed.erase(action.resource);
  state_.resource_names[action.resource] = {ContentOf(action), Verdict(), -1};
  return Verdict();
}

Verdict Model::UpdateResource(const Action& action) {
  const auto found = state_.books.find(action.resource);
  if (found == state_.books.end()) return Refused("not_found");
  const Settings& wanted = action.settings;
  Book book = found->second;
  Settings& settings = book.settings;
  const auto set = [](const auto& from, auto* to) {
    if (from) *to = from;
  };
  set(wanted.amount, &settings.amount);
  if (wanted.reserve_percent || wanted.reserve_amount) {
    settings.reserve_percent = wanted.reserve_percent;
    settings.reserve_amount = wanted.reserve_amount;
  }
  set(wanted.min_amount, &settings.min_amount);
  set(wanted.max_amount, &settings.max_amount);
  set(wanted.step, &settings.step);
  set(wanted.overcommit_numerator, &settings.overcommit_numerator);
  set(wanted.overcommit_denominator, &settings.overcommit_denominator);
  set(wanted.carry_available, &settings.carry_available);
  set(wanted.carry_reserve, &settings.carry_reserve);
  set(wanted.debt_limit, &settings.debt_limit);
  if (!book.HasPeriods()) book.amount_in_force = *settings.amount;
  const bool carries = settings.carry_available || settings.carry_reserve;
  if (book.Base() < 0 ||
      (settings.capacity ? carries : settings.overcommit_numerator.has_value()) ||
      (settings.min_amount && settings.max_amount && *settings.min_amount > *settings.max_amount)) {
    return Refused("invalid_argument");
  }
  const bool loses_price = settings.priced.value_or(true) && wanted.priced == false;
  if (loses_price && IsPriced(action.resource)) return Refused("resource_in_use");
  const bool flips = wanted.priced && *wanted.priced != settings.priced.value_or(true);
  if (flips) book.priced_us = state_.now_us;
  set(wanted.priced, &settings.priced);
  if (flips) NotePriced(book);
  book.Repost(found->second.Posted(), found->second.Target());
  found->second = book;
  state_.disturbed.insert(action.resource);
  return Verdict();
}

Verdict Model::DeleteResource(const Action& action) {
  const auto found = state_.books.find(action.resource);
  if (found == state_.books.end()) return Refused("not_found");
  bool used = !found->second.debts.empty() || IsNamedByArtifacts(action.resource);
  for (const auto& [id, reservation] : state_.reservations) {
    const bool open = reservation.IsPromised() || reservation.state == "QUEUED";
    used = used || (open && reservation.lines.contains(action.resource));
  }
  if (used) return Refused("resource_in_use");
  state_.books.erase(found);
  state_.resource_names.erase(action.resource);
  state_.freezes.erase({"resource", action.resource});
  return Verdict();
}

Verdict Model::Move(const Action& action) {
  const auto found = state_.books.find(action.resource);
  if (found == state_.books.end()) return Refused("not_found");
  Book& book = found->second;
  const int64_t posted = book.Posted();
  const int64_t target = book.Target();
  if (action.verb == Verb::kWithdraw && action.amount > book.Base()) {
    return Refused("invalid_argument");
  }
  book.adjusted += action.verb == Verb::kGrant ? action.amount : -action.amount;
  // A grant comes in as inflow, which fills the reserve first: nothing else is moved to it.
  book.Repost(posted, std::max(target, book.Target()));
  if (action.verb == Verb::kWithdraw) state_.disturbed.insert(action.resource);
  return Verdict();
}

Verdict Model::Freeze(const Action& action) {
  if (action.freeze_kind == "resource" && !state_.books.contains(action.freeze_name)) {
    return Refused("unknown_resource");
  }
  if (action.until_us && *action.until_us <= state_.now_us) return Refused("invalid_argument");
  state_.freezes[{action.freeze_kind, action.freeze_name}] = {action.freeze_kind,
                                                              action.freeze_name, action.until_us};
  return Verdict();
}

Verdict Model::Unfreeze(const Action& action) {
  const auto erased = state_.freezes.erase({action.freeze_kind, action.freeze_name});
  return erased == 0 ? Refused("not_found") : Verdict();
}

}  // namespace purser::model
