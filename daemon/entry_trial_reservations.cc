// The trial of facts about reservations and charges.
#include <algorithm>

#include "daemon/entry_trial.h"
#include "reservations/charge_costs.h"

namespace purser {

const Reservation* EntryTrial::FindReservation(const std::string& id) const {
  const auto touched = reservations_.find(id);
  if (touched != reservations_.end()) return &touched->second;
  if (const Reservation* open = population_.reservations.FindOpen(id)) return open;
  const auto* ended = population_.reservations.recent().FindReservation(id);
  return ended == nullptr ? nullptr : ended->get();
}

const stored::ChargeRecord* EntryTrial::FindCharge(const std::string& id) const {
  const auto touched = charges_.find(id);
  if (touched != charges_.end()) return &touched->second;
  const auto* charge = population_.reservations.recent().FindCharge(id);
  return charge == nullptr ? nullptr : charge->get();
}

bool EntryTrial::TryReservations() {
  for (const auto& fact : entry_.reservation_facts()) {
    if (!TryFact(fact)) return false;
  }
  return true;
}

// Nobody is left to give way to a request that does not wait for it any more.
bool EntryTrial::CheckNotices() {
  for (const auto& [id, reservation] : reservations_) {
    if (reservation.gives_way()) {
      const Reservation* request = FindReservation(reservation.notice->preempted_for);
      if (request == nullptr || !request->gave_notice()) {
        return Fail("reservation \"", id, "\" gives way to what does not wait");
      }
    }
    if (reservation.gave_notice()) continue;
    const auto* victims = population_.reservations.preemptibles().FindVictims(id);
    if (victims == nullptr) continue;
    for (const auto& [key, victim] : *victims) {
      const Reservation& now = *FindReservation(victim->id);
      if (!now.gives_way() || now.notice->preempted_for != id) continue;
      return Fail("reservation \"", victim->id, "\" still gives way to \"", id, "\"");
    }
  }
  return true;
}

bool EntryTrial::TryFact(const stored::ReservationFact& fact) {
  switch (fact.fact_case()) {
    case stored::ReservationFact::kHeld:
      return Try(fact.held());
    case stored::ReservationFact::kDenied:
      return Try(fact.denied());
    case stored::ReservationFact::kStarted:
      return Try(fact.started());
    case stored::ReservationFact::kRenewed:
      return Try(fact.renewed());
    case stored::ReservationFact::kCharged:
      return Try(fact.charged());
    case stored::ReservationFact::kEnded:
      return Try(fact.ended());
    case stored::ReservationFact::kRefunded:
      return Try(fact.refunded());
    case stored::ReservationFact::kExplained:
      return Try(fact.explained());
    case stored::ReservationFact::kQueued:
      return Try(fact.queued());
    case stored::ReservationFact::kReviewed:
      return Try(fact.reviewed());
    case stored::ReservationFact::kGranted:
      return Try(fact.granted());
    case stored::ReservationFact::kScheduled:
      return Try(fact.scheduled());
    case stored::ReservationFact::kDelayed:
      return Try(fact.delayed());
    case stored::ReservationFact::kNoticed:
      return Try(fact.noticed());
    case stored::ReservationFact::kNoticeWithdrawn:
      return Try(fact.notice_withdrawn());
    case stored::ReservationFact::kEndangered:
      return Try(fact.endangered());
    case stored::ReservationFact::kCostEntered:
      return Try(fact.cost_entered());
    case stored::ReservationFact::kOutcomesReported:
      return Try(fact.outcomes_reported());
    case stored::ReservationFact::FACT_NOT_SET:
      break;
  }
  return Fail("it has a fact that this version does not know");
}

void EntryTrial::NoteHolds(const Reservation& reservation, int sign) {
  for (const HoldLine& line : reservation.lines) {
    if (line.held.is_zero() && line.in_use.is_zero()) continue;
    said_[line.resource].held += absl::int128(line.held.micros()) * sign;
    said_[line.resource].in_use += absl::int128(line.in_use.micros()) * sign;
  }
}

template <typename Fact>
void EntryTrial::FoldInto(const std::string& id, const Fact& fact) {
  Reservation& reservation = reservations_.try_emplace(id, *FindReservation(id)).first->second;
  NoteHolds(reservation, -1);
  Fold(fact, population_.ContextOf(entry_), &reservation);
  NoteHolds(reservation, 1);
}

template <typename Fact>
bool EntryTrial::Make(const Fact& fact) {
  const std::string& id = fact.request().id();
  EntryContext context = population_.ContextOf(entry_);
  context.index = made_++;
  Reservation made = MakeReservation(fact, context, population_.directory.function());
  if (!CheckQuote(made) || !CheckHeldRates(made, nullptr)) return false;
  std::set<uint32_t> named;
  for (const HoldLine& line : made.lines) {
    const Resource* resource = Touch(line.resource);
    if (resource == nullptr || !named.insert(line.resource).second || line.granted.is_negative() ||
        line.period != resource->period) {
      return Fail("reservation ", id, " holds what it cannot hold of resource ", line.resource);
    }
    if (!IsExperiment(made.purpose)) {
      said_[line.resource].held_for_reserve_purposes += line.held.micros();
    }
  }
  NoteHolds(made, 1);
  reservations_[id] = std::move(made);
  return true;
}

bool EntryTrial::Try(const stored::Held& fact) {
  const std::string& id = fact.request().id();
  // The id of a denial may be used again when its retention is over.
  const Reservation* known = FindReservation(id);
  if (id.empty() || (known != nullptr && !known->denied_at_once())) {
    return Fail("invariant 7: it grants reservation \"", id, "\" a second time");
  }
  if (fact.lines_size() != fact.request().lines_size()) return Fail("a hold lacks lines");
  if (fact.request().start_at_us() != 0) return Fail("it grants at once what is booked for later");
  if (!CheckLease(fact.request().lease_us())) return false;
  if (fact.request().queue_wait_us() != 0 && !CheckWait(fact.request().queue_wait_us())) {
    return false;
  }
  return Make(fact);
}

bool EntryTrial::Try(const stored::RequestDenied& fact) {
  const std::string& id = fact.request().id();
  ++made_;
  if (id.empty()) return true;
  const Reservation* known = FindReservation(id);
  if (known != nullptr && !known->denied_at_once()) {
    return Fail("invariant 7: it denies reservation \"", id, "\", which was granted");
  }
  reservations_[id] =
      MakeReservation(fact, population_.ContextOf(entry_), population_.directory.function());
  return true;
}

bool EntryTrial::Try(const stored::Queued& fact) {
  const std::string& id = fact.request().id();
  const Reservation* known = FindReservation(id);
  if (id.empty() || (known != nullptr && !known->denied_at_once())) {
    return Fail("invariant 7: it queues reservation \"", id, "\" a second time");
  }
  if (fact.request().start_at_us() != 0) return Fail("it queues what is booked for later");
  if (!CheckWait(fact.request().queue_wait_us())) return false;
  if (!CheckLease(fact.request().lease_us())) return false;
  std::set<uint32_t> named;
  for (const auto& line : fact.request().lines()) {
    if (Touch(line.resource()) == nullptr || !named.insert(line.resource()).second) {
      return Fail("reservation ", id, " waits for what there is not");
    }
  }
  EntryContext context = population_.ContextOf(entry_);
  context.index = made_++;
  reservations_[id] = MakeReservation(fact, context, population_.directory.function());
  return true;
}

bool EntryTrial::Try(const stored::Scheduled& fact) {
  const std::string& id = fact.request().id();
  const Reservation* known = FindReservation(id);
  if (id.empty() || (known != nullptr && !known->denied_at_once())) {
    return Fail("invariant 7: it books reservation \"", id, "\" a second time");
  }
  const InstantUs start_at_us = fact.request().start_at_us();
  if (start_at_us <= entry_.time_us() || start_at_us > entry_.time_us() + kAdvanceMaxUs ||
      fact.lines_size() != fact.request().lines_size() || fact.request().lease_us() <= 0 ||
      !CheckWait(fact.request().queue_wait_us()) || !CheckLease(fact.request().lease_us())) {
    return Fail("reservation ", id, " is booked for a time that there is not");
  }
  return Make(fact);
}

bool EntryTrial::Try(const stored::Delayed& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  if (reservation == nullptr || !reservation->scheduled() ||
      reservation->start_at_us != entry_.time_us()) {
    return Fail("it delays reservation \"", fact.id(), "\", which was not to start");
  }
  FoldInto(fact.id(), fact);
  return true;
}

bool EntryTrial::Try(const stored::Noticed& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  if (reservation == nullptr || reservation->notice != nullptr ||
      fact.preempt_at_us() < entry_.time_us() || fact.preempt_at_us() > kInstantMaxUs ||
      fact.index() >= kNoticesAnEntryMax) {
    return Fail("it gives notice of reservation \"", fact.id(), "\", which has none to give");
  }
  const bool asks = fact.preempted_for().empty();
  const Reservation* request = asks ? reservation : FindReservation(fact.preempted_for());
  const int64_t shift_us = population_.books.lease_shift_us();
  if (request == nullptr || !request->queued()) {
    return Fail("reservation \"", fact.id(), "\" gives way to what does not wait");
  }
  const bool agrees = asks || (reservation->open() && request->gave_notice() &&
                               TierGivesWay(reservation->tier, request->tier) &&
                               request->notice->preempt_end_us + shift_us == fact.preempt_at_us());
  if (!agrees) return Fail("reservation \"", fact.id(), "\" does not give way to that request");
  FoldInto(fact.id(), fact);
  return true;
}

bool EntryTrial::Try(const stored::NoticeWithdrawn& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  const bool had_notice =
      reservation != nullptr && (reservation->gives_way() || reservation->gave_notice());
  if (!had_notice) {
    return Fail("it withdraws notice of reservation \"", fact.id(), "\", which has none");
  }
  FoldInto(fact.id(), fact);
  return true;
}

bool EntryTrial::Try(const stored::Endangered& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  const HoldLine* line = reservation == nullptr ? nullptr : reservation->FindLine(fact.resource());
  if (line == nullptr || line->consumable || !reservation->scheduled() || fact.short_by() <= 0) {
    return Fail("it tells of reservation \"", fact.id(), "\", which nothing endangers");
  }
  return true;
}

bool EntryTrial::Try(const stored::Granted& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  const bool starts = reservation != nullptr && reservation->scheduled();
  if (reservation == nullptr || !(reservation->queued() || starts) ||
      (starts && (reservation->start_at_us != entry_.time_us() ||
                  entry_.command() != stored::START_SCHEDULED)) ||
      fact.lines_size() != static_cast<int>(reservation->lines.size())) {
    return Fail("it grants reservation \"", fact.id(), "\", which does not wait");
  }
  for (int i = 0; i < fact.lines_size(); ++i) {
    const HoldLine& line = reservation->lines[i];
    const Resource* resource = Touch(line.resource);
    // What was booked is what it gets, and of budgets its own already.
    const bool is_held = reservation->booked() && line.consumable;
    if (resource == nullptr || fact.lines(i).granted() < 0 ||
        fact.lines(i).period() != (is_held ? line.period : resource->period) ||
        (reservation->booked() && fact.lines(i).granted() != line.granted.micros())) {
      return Fail("reservation ", fact.id(), " holds what it cannot hold");
    }
    if (!is_held && !IsExperiment(reservation->purpose)) {
      said_[line.resource].held_for_reserve_purposes += fact.lines(i).granted();
    }
  }
  Reservation& granted =
      reservations_.try_emplace(fact.id(), *FindReservation(fact.id())).first->second;
  EntryContext context = population_.ContextOf(entry_);
  context.index = grants_++;
  const Reservation before = granted;
  NoteHolds(granted, -1);
  Fold(fact, context, &granted);
  NoteHolds(granted, 1);
  return CheckHeldRates(granted, &before);
}

bool EntryTrial::Try(const stored::RequestExplained& fact) {
  if (entry_.command() != stored::EXPLAIN_REQUESTS) return Fail("its command explains nothing");
  const uint64_t denied = fact.denied_sequence();
  if (denied == 0 || denied >= entry_.sequence()) {
    return Fail("it explains entry ", denied, ", which was not before it");
  }
  if (!explained_.emplace(denied, fact.id()).second ||
      population_.reservations.recent().IsExplained(denied, 0)) {
    return Fail("it explains entry ", denied, " a second time");
  }
  return true;
}

bool EntryTrial::Try(const stored::Started& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  if (reservation == nullptr || reservation->state != stored::STATE_GRANTED) {
    return Fail("it starts reservation \"", fact.id(), "\", which is not GRANTED");
  }
  if (!CheckLease(fact.lease_us())) return false;
  FoldInto(fact.id(), fact);
  return true;
}

bool EntryTrial::CheckLease(int64_t lease_us) {
  return (lease_us >= 0 && lease_us <= kInstantMaxUs) || Fail("it has a lease of ", lease_us);
}

bool EntryTrial::CheckWait(int64_t wait_us) {
  return (wait_us > 0 && wait_us <= kInstantMaxUs) || Fail("it waits for ", wait_us);
}

bool EntryTrial::Try(const stored::Renewed& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  if (reservation == nullptr || !reservation->open() || reservation->stopped) {
    return Fail("it renews reservation \"", fact.id(), "\", which may not be renewed");
  }
  if (!CheckLease(fact.lease_us())) return false;
  FoldInto(fact.id(), fact);
  return true;
}

bool EntryTrial::CheckPrice(const stored::Charged& fact, const stored::Charged::Line& line,
                            const Resource& resource) {
  const Reservation* const reservation =
      fact.reservation().empty() ? nullptr : FindReservation(fact.reservation());
  const stored::Purpose purpose = reservation == nullptr ? stored::SERVING : reservation->purpose;
  const auto said = ParseCostCategory(fact.category());
  if (!fact.category().empty() && !said.has_value()) {
    return Fail("charge ", fact.id(), " is of a category that there is not");
  }
  stored::Charged::Line expected;
  SetPrice(RateOfCharge(population_.books.rates(), resource, reservation, entry_.time_us()),
           resource, purpose, said.value_or(stored::COST_CATEGORY_UNSPECIFIED), &expected);
  if (line.has_rate_picos() != expected.has_rate_picos() ||
      line.rate_picos() != expected.rate_picos() ||
      line.cost_category() != expected.cost_category() ||
      (line.has_rate_picos() && !CostOf(line))) {
    return Fail("charge ", fact.id(), " of ", resource.name(),
                " has not the rate and the category that it had then");
  }
  return true;
}

bool EntryTrial::CheckChargedLine(const stored::Charged& fact, const stored::Charged::Line& line) {
  const Resource* resource = Touch(line.resource());
  if (resource == nullptr || !resource->consumable()) {
    return Fail("charge ", fact.id(), " is of what is no consumable");
  }
  if (line.amount() <= 0 || line.within_hold() < 0 || line.within_hold() > line.amount() ||
      line.overrun() != line.amount() - line.within_hold() || line.overdraft() < 0 ||
      line.overdraft() > line.overrun() || line.posted_in_period() != resource->period) {
    return Fail("charge ", fact.id(), " of ", resource->name(), " does not add up");
  }
  if (!CheckPrice(fact, line, *resource)) return false;
  said_[line.resource()].spent += line.amount();
  if (fact.reservation().empty()) {
    return line.within_hold() == 0 || Fail("charge ", fact.id(), " is within no hold");
  }
  const HoldLine* hold = FindReservation(fact.reservation())->FindLine(line.resource());
  if (hold == nullptr || line.within_hold() > hold->held.micros() ||
      !Add(hold->charged, Amount::FromMicros(line.amount())) ||
      !Add(hold->overrun, Amount::FromMicros(line.overrun()))) {
    return Fail("charge ", fact.id(), " of ", resource->name(), " is more than was held");
  }
  return true;
}

bool EntryTrial::Try(const stored::Charged& fact) {
  if (fact.id().empty() || FindCharge(fact.id()) != nullptr) {
    return Fail("invariant 7: it posts charge \"", fact.id(), "\" a second time");
  }
  const std::string& id = fact.reservation();
  const Reservation* reservation = id.empty() ? nullptr : FindReservation(id);
  const bool may_be_charged = reservation != nullptr &&
                              (reservation->open() || reservation->state == stored::STATE_EXPIRED ||
                               reservation->state == stored::STATE_PREEMPTED);
  if (!id.empty() && !may_be_charged) {
    return Fail("it charges reservation \"", id, "\", which may not be charged");
  }
  std::set<uint32_t> named;
  for (const auto& line : fact.lines()) {
    if (!named.insert(line.resource()).second) return Fail("a charge names a resource twice");
    if (!CheckChargedLine(fact, line)) return false;
  }
  const bool is_within = std::any_of(fact.lines().begin(), fact.lines().end(),
                                     [](const auto& line) { return line.within_hold() != 0; });
  if (fact.hold_time_us() != (is_within ? reservation->held_since_us() : 0)) {
    return Fail("charge ", fact.id(), " is within a hold of another time");
  }
  if (!id.empty()) FoldInto(id, fact);
  *charges_[fact.id()].mutable_charged() = fact;
  return true;
}

bool EntryTrial::Try(const stored::Ended& fact) {
  const Reservation* reservation = FindReservation(fact.id());
  const bool waits = reservation != nullptr && (reservation->queued() || reservation->scheduled());
  if (reservation == nullptr || !(reservation->open() || waits)) {
    return Fail("it ends reservation \"", fact.id(), "\", which is not open");
  }
  if (waits) {
    const bool is_rejected =
        entry_.command() == stored::REJECT_REQUEST && reservation->approver != nullptr;
    const bool may_be_denied =
        (entry_.command() == stored::TIME_OUT || is_rejected) && reservation->queued();
    const bool is_denied = fact.state() == stored::STATE_DENIED && may_be_denied;
    if (!is_denied && fact.state() != stored::STATE_RELEASED) {
      return Fail("it ends reservation \"", fact.id(),
                  "\", which waits, in a way that there is not");
    }
    FoldInto(fact.id(), fact);
    return true;
  }
  const bool expires = fact.state() == stored::STATE_EXPIRED;
  const bool by_hand =
      fact.state() == stored::STATE_SETTLED || fact.state() == stored::STATE_RELEASED;
  const bool gives_way = fact.state() == stored::STATE_PREEMPTED &&
                         entry_.command() == stored::PREEMPT && reservation->gives_way();
  if (expires ? entry_.command() != stored::EXPIRE : !(by_hand || gives_way)) {
    return Fail("it ends reservation \"", fact.id(), "\" in a way that there is not");
  }
  FoldInto(fact.id(), fact);
  return true;
}

bool EntryTrial::CheckRefundedLine(const stored::Refunded& fact, const stored::ChargeRecord& charge,
                                   const stored::Refunded::Line& line) {
  absl::int128 left = 0;
  for (const auto& charged : charge.charged().lines()) {
    if (charged.resource() == line.resource()) left += charged.amount();
  }
  for (const auto& refund : charge.refunds()) {
    for (const auto& before : refund.lines()) {
      if (before.resource() == line.resource()) left -= before.amount();
    }
  }
  const Reservation* reservation =
      fact.reservation().empty() ? nullptr : FindReservation(fact.reservation());
  const HoldLine* hold = reservation == nullptr ? nullptr : reservation->FindLine(line.resource());
  const bool of_hold =
      fact.reservation().empty() || (hold != nullptr && line.amount() <= hold->charged.micros());
  if (line.amount() <= 0 || line.amount() > left || !of_hold) {
    return Fail("refund ", fact.id(), " is more than is left of charge ", fact.charge());
  }
  return true;
}

bool EntryTrial::Try(const stored::Refunded& fact) {
  if (fact.id().empty() || FindCharge(fact.id()) != nullptr) {
    return Fail("invariant 7: it posts refund \"", fact.id(), "\" a second time");
  }
  const stored::ChargeRecord* charge = FindCharge(fact.charge());
  if (charge == nullptr || !IsCharge(*charge) ||
      charge->charged().reservation() != fact.reservation()) {
    return Fail("refund ", fact.id(), " names no charge: \"", fact.charge(), "\"");
  }
  std::set<uint32_t> named;
  for (const auto& line : fact.lines()) {
    if (!named.insert(line.resource()).second) return Fail("a refund names a resource twice");
    if (!CheckRefundedLine(fact, *charge, line)) return false;
  }
  if (!fact.reservation().empty()) FoldInto(fact.reservation(), fact);
  stored::ChargeRecord changed = *charge;
  *changed.add_refunds() = fact;
  charges_[fact.charge()] = std::move(changed);
  charges_[fact.id()].set_refund_of(fact.charge());
  return true;
}

}  // namespace purser
