// Requests, leases and the verbs of a reservation.
#include <algorithm>

#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

int64_t StepOf(const Book& book) { return book.settings.step.value_or(1); }

bool WithinUnitLimits(int64_t amount, const Settings& settings) {
  return !(settings.min_amount && amount < *settings.min_amount) &&
         !(settings.max_amount && amount > *settings.max_amount) &&
         !(settings.step && amount % *settings.step != 0);
}

std::string EndedCode(const std::string& state) {
  if (state == "SETTLED") return "already_settled";
  if (state == "RELEASED") return "already_released";
  if (state == "EXPIRED") return "expired";
  if (state == "PREEMPTED") return "preempted";
  return "denied";
}

}  // namespace

int64_t Drawable(const Action& action, const Book& book) {
  return book.available + (DrawsOnReserve(action.purpose) ? book.reserve : 0);
}

int64_t Need(const Action& action, const std::string& resource, const Book& book) {
  const auto minimum = action.minimum_amounts.find(resource);
  if (minimum == action.minimum_amounts.end()) return action.amounts.at(resource);
  const int64_t step = StepOf(book);
  return (minimum->second + step - 1) / step * step;
}

int64_t Model::Obtainable(const Action& action, const std::string& resource, int64_t room) const {
  const Book& book = state_.books.at(resource);
  int64_t most = action.amounts.at(resource);
  if (!action.minimum_amounts.contains(resource)) return most;
  most = std::min(most, room);
  const bool later = action.start_at_us && book.settings.capacity;
  if (!later) most = std::min(most, Drawable(action, book));
  if (const auto tightest = TightestFor(action, resource)) {
    most = std::min(most, std::max<int64_t>(0, tightest->free));
  }
  return most / StepOf(book) * StepOf(book);
}

std::string Model::FaultyRequest(const Action& action) const {
  if (std::string code = UnknownResource(action.amounts); !code.empty()) return code;
  for (const auto& [resource, amount] : action.amounts) {
    if (!WithinUnitLimits(amount, state_.books.at(resource).settings)) return "invalid_argument";
  }
  for (const std::string& label : required_labels_) {
    if (!action.labels.contains(label)) return "invalid_argument";
  }
  if (action.quoted_us && *action.quoted_us > state_.now_us) return "invalid_argument";
  return "";
}

std::vector<std::string> Model::Blocks(const Action& action) const {
  std::vector<std::string> blocks;
  bool frozen = state_.freezes.contains({"population", ""}) ||
                state_.freezes.contains({"operator_family", FamilyOf(action)});
  frozen = frozen || IsStoppedByGuardrails(action);
  for (const auto& [resource, amount] : action.amounts) {
    frozen = frozen || state_.freezes.contains({"resource", resource});
  }
  if (frozen && !DrawsOnReserve(action.purpose)) blocks.push_back("frozen");
  bool owes = false;
  for (const auto& [name, book] : state_.books) {
    for (const Debt& debt : book.debts) owes = owes || debt.family == FamilyOf(action);
    owes = owes || (book.settings.debt_limit && book.TotalDebt() > *book.settings.debt_limit);
  }
  if (owes && IsExperiment(action.purpose)) blocks.push_back("overdrawn");
  return blocks;
}

std::vector<Shortage> Model::Shortages(const Action& action) const {
  std::vector<Shortage> shortages;
  for (const auto& [resource, amount] : action.amounts) {
    const Book& book = state_.books.at(resource);
    const int64_t need = Need(action, resource, book);
    const bool later = action.start_at_us && book.settings.capacity;
    const int64_t missing = later ? 0 : std::max<int64_t>(0, need - Drawable(action, book));
    const int64_t guarded = DrawsOnReserve(action.purpose) ? 0 : std::min(missing, book.reserve);
    Shortage shortage{resource,   amount,       book.available, book.held, book.in_use,
                      book.spent, book.reserve, guarded,        missing};
    // Of what is to come the reserve protects nothing: it is not booked.
    const auto tightest = TightestFor(action, resource);
    if (tightest && need > 0 && need - tightest->free > missing) {
      shortage.reserve_protected = 0;
      shortage.short_by = need - tightest->free;
      shortage.booked = tightest->booked;
      shortage.at_us = tightest->at_us;
    }
    if (shortage.short_by > 0) shortages.push_back(shortage);
  }
  return shortages;
}

Verdict Model::Judge(const Action& action) const {
  Verdict verdict;
  verdict.reasons = Blocks(action);
  if (IsLimited(action) || TooManyBookings(action)) verdict.reasons.push_back("limit_exceeded");
  for (const std::string& reason : OverBudget(action, false)) verdict.reasons.push_back(reason);
  const std::set<std::string> claimed = ClaimedAhead(action);
  const bool behind =
      std::any_of(action.amounts.begin(), action.amounts.end(),
                  [&claimed](const auto& amount) { return claimed.contains(amount.first); });
  if (behind && !DrawsOnReserve(action.purpose)) verdict.reasons.push_back("behind_queue");
  verdict.shortages = Shortages(action);
  if (!verdict.shortages.empty()) {
    const bool only_reserve = std::all_of(
        verdict.shortages.begin(), verdict.shortages.end(),
        [](const Shortage& shortage) { return shortage.reserve_protected == shortage.short_by; });
    verdict.reasons.push_back(only_reserve ? "reserve_protected" : "insufficient_capacity");
  }
  return verdict;
}

Verdict Model::Reserve(const Action& action) {
  if (auto known = Recall(state_.reservation_ids, action.id, action)) return *known;
  if (const std::string code = FaultyRequest(action); !code.empty()) return Refused(code);
  const std::string start = FaultyStart(action);
  bool expired = action.quoted_us && *action.quoted_us <= state_.now_us - kDayUs;
  for (const auto& [resource, amount] : action.amounts) {
    expired =
        expired || (action.quoted_us && state_.books.at(resource).priced_us > *action.quoted_us);
  }
  if (expired && start != "invalid_argument") return Refused("quote_expired");
  if (!start.empty()) return Refused(start);
  Verdict verdict = Judge(action);
  if (!verdict.reasons.empty()) {
    return action.queue ? Queue(action, verdict) : Deny(action, verdict);
  }
  if (action.start_at_us) return Schedule(action, verdict);
  verdict.granted = GrantHold(action.id.empty() ? FreshName() : action.id, action);
  if (!action.id.empty()) {
    state_.reservation_ids[action.id] = {ContentOf(action), verdict, -1};
  }
  return verdict;
}

Amounts Model::GrantHold(const std::string& id, const Action& action) {
  Amounts granted;
  Reservation reservation = NewReservation(action);
  reservation.quoted = QuoteOf(action);
  reservation.state = "GRANTED";
  reservation.expires_us = state_.now_us + action.lease_us.value_or(kDefaultLeaseUs);
  reservation.order = state_.next_order++;
  reservation.since_us = reservation.held_us = state_.now_us;
  reservation.held_entry = state_.entry;
  reservation.approver = ApproverOf(id);
  Amounts gets;
  for (const auto& [resource, asked] : action.amounts) {
    gets[resource] = Obtainable(action, resource, Room(action, resource));
  }
  Disturb(action.purpose, gets);
  const int64_t moment = state_.next_moment++;
  for (const auto& [resource, asked] : action.amounts) {
    Book& book = state_.books.at(resource);
    const int64_t got = gets[resource];
    state_.grants.push_back(
        {action.principal, action.labels, resource, book.incarnation, got, state_.now_us, moment});
    book.Hold(got);
    reservation.lines[resource] = {asked, got, got, 0, 0, 0, book.period, book.incarnation};
    reservation.lines[resource].picos = HoldPriceOf(reservation, resource);
    granted[resource] = got;
  }
  state_.reservations[id] = reservation;
  return granted;
}

Verdict Model::Deny(const Action& action, Verdict verdict) {
  verdict.code = verdict.reasons.front();
  if (action.id.empty()) return verdict;
  Reservation denied = NewReservation(action);
  denied.state = "DENIED";
  denied.denied_us = state_.now_us;
  state_.reservations[action.id] = denied;
  state_.reservation_ids[action.id] = {ContentOf(action), verdict, state_.now_us};
  return verdict;
}

std::string Model::RefuseVerb(const Action& action) const {
  const auto found = state_.reservations.find(action.id);
  if (found == state_.reservations.end()) return "not_found";
  const Reservation& reservation = found->second;
  if (!action.admin && action.principal != reservation.principal) return "forbidden";
  const bool waits = reservation.state == "QUEUED" || reservation.IsScheduled();
  if (waits) return action.verb == Verb::kRelease ? "" : "not_granted";
  if (reservation.IsOpen()) return "";
  const bool late = reservation.state == "EXPIRED" || reservation.state == "PREEMPTED";
  if (late && action.verb == Verb::kCharge) return "";
  return EndedCode(reservation.state);
}

void Model::Start(Reservation* reservation) {
  if (reservation->state != "GRANTED") return;
  reservation->state = "ACTIVE";
  reservation->since_us = state_.now_us;
  for (auto& [resource, line] : reservation->lines) {
    Book& book = state_.books.at(resource);
    if (!book.settings.capacity) continue;
    book.held -= line.held;
    book.in_use += line.held;
    line.in_use = line.held;
    line.held = 0;
  }
}

void Model::GiveBack(Reservation* reservation) {
  for (auto& [resource, line] : reservation->lines) {
    Book& book = state_.books.at(resource);
    const bool lapses = line.period != book.period && !book.CarriesAllAvailable();
    book.GiveBackHeld(line.held, lapses);
    book.GiveBackInUse(line.in_use);
    line.held = 0;
    line.in_use = 0;
  }
}

Verdict Model::StartVerb(const Action& action) {
  if (const std::string code = RefuseVerb(action); !code.empty()) return Refused(code);
  Reservation& reservation = state_.reservations.at(action.id);
  if (reservation.state == "ACTIVE") return Refused("already_started");
  Verdict verdict;
  if (action.lease_us) verdict = Prolong(&reservation, *action.lease_us);
  if (verdict.code.empty()) Start(&reservation);
  return verdict;
}

Verdict Model::Renew(const Action& action) {
  if (const std::string code = RefuseVerb(action); !code.empty()) return Refused(code);
  Reservation& reservation = state_.reservations.at(action.id);
  if (reservation.stopped) return Refused("overrun_stop");
  return Prolong(&reservation, action.lease_us.value_or(kDefaultLeaseUs));
}

Verdict Model::Release(const Action& action) {
  if (const std::string code = RefuseVerb(action); !code.empty()) return Refused(code);
  Reservation& reservation = state_.reservations.at(action.id);
  if (reservation.state == "QUEUED") {
    LeaveQueue(action.id, "RELEASED");
    return Verdict();
  }
  if (reservation.IsScheduled()) Cancel(action.id);
  GiveBack(&reservation);
  reservation.state = "RELEASED";
  reservation.preempt_at_us = 0;
  reservation.preempted_for.clear();
  return Verdict();
}

Verdict Model::Settle(const Action& action) {
  if (auto known = Recall(state_.charge_ids, action.charge_id, action)) return *known;
  if (const std::string code = UnknownResource(action.amounts); !code.empty()) return Refused(code);
  if (const std::string code = RefuseVerb(action); !code.empty()) return Refused(code);
  if (const std::string code = NotOfReservation(action); !code.empty()) return Refused(code);
  Reservation& reservation = state_.reservations.at(action.id);
  Amounts last = action.amounts;
  for (const auto& [resource, line] : reservation.lines) {
    const bool consumable = !state_.books.at(resource).settings.capacity;
    if (action.charge_all && consumable) last[resource] = line.held;
  }
  if (CostsTooMuch(last, &reservation)) return Refused("invalid_argument");
  Start(&reservation);
  std::erase_if(last, [](const auto& entry) { return entry.second == 0; });
  // An id that was chosen names a charge also when nothing is charged.
  const bool charges = !last.empty() || !action.charge_id.empty();
  if (charges) Post(ChargeOf(action), action.charge_id, last);
  GiveBack(&reservation);
  reservation.state = "SETTLED";
  reservation.preempt_at_us = 0;
  reservation.preempted_for.clear();
  if (!action.charge_id.empty()) {
    state_.charge_ids[action.charge_id] = {ContentOf(action), Verdict(), -1};
  }
  return Verdict();
}

}  // namespace purser::model
