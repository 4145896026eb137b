#include "reservations/reservation_book.h"

#include <algorithm>
#include <climits>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {
namespace {

ReturnLines CapacityOf(const Reservation& open) {
  ReturnLines lines;
  for (const HoldLine& line : open.lines) {
    const Amount amount = line.held + line.in_use;
    if (!line.consumable && !amount.is_zero()) lines.push_back({line.resource, 0, amount});
  }
  return lines;
}

}  // namespace

ReservationBook::ReservationBook(const ReservationBook& other)
    : usage_(other.usage_), recent_(other.recent_) {
  other.open_.ForEach([this](const Reservation& reservation) { Insert(reservation); });
}

void ReservationBook::Count(const Reservation& reservation, int change) {
  for (const HoldLine& line : reservation.lines) {
    const auto it = naming_.try_emplace(line.resource, 0).first;
    it->second += change;
    if (it->second == 0) naming_.erase(it);
  }
}

const Reservation* ReservationBook::Insert(Reservation reservation) {
  Count(reservation, 1);
  Reservation* const kept = open_.Insert(std::make_unique<Reservation>(std::move(reservation)));
  PURSER_CHECK(kept != nullptr, "an id is granted once");
  Place(kept);
  return kept;
}

void ReservationBook::Place(Reservation* reservation) {
  if (reservation->queued()) {
    queue_.Insert(*reservation);
  } else if (reservation->scheduled()) {
    bookings_.Insert(*reservation);
  } else {
    const bool is_new = expiries_.emplace(ExpiryKeyOf(*reservation), reservation).second;
    PURSER_CHECK(is_new, "the order of grants is unique");
    const ReturnLines capacity = CapacityOf(*reservation);
    if (!capacity.empty()) returns_.Add(reservation->end_us(), capacity);
    if (TierGivesWay(reservation->tier)) preemptibles_.Insert(*reservation);
  }
}

void ReservationBook::Displace(const Reservation& reservation) {
  if (reservation.queued()) {
    queue_.Remove(reservation);
    budget_memo_.Forget(reservation);
  } else if (reservation.scheduled()) {
    bookings_.Remove(reservation);
  } else {
    expiries_.erase(ExpiryKeyOf(reservation));
    const ReturnLines capacity = CapacityOf(reservation);
    if (!capacity.empty()) returns_.Remove(reservation.end_us(), capacity);
    if (TierGivesWay(reservation.tier)) preemptibles_.Remove(reservation);
  }
}

void ReservationBook::Remove(const std::string& id) {
  Count(*open_.Find(id), -1);
  open_.Remove(id);
}

bool ReservationBook::Restore(Reservation reservation) {
  const bool gives_way_like_another =
      reservation.open() && TierGivesWay(reservation.tier) && preemptibles_.Contains(reservation);
  const bool is_taken = gives_way_like_another ? true
                        : reservation.queued() ? queue_.Contains(reservation)
                        : reservation.scheduled()
                            ? bookings_.by_key().contains(BookingKeyOf(reservation))
                            : expiries_.contains(ExpiryKeyOf(reservation));
  if (is_taken || open_.Find(reservation.id) != nullptr) return false;
  reservation.labels = interned_.Intern(std::move(reservation.labels));
  reservation.principal = interned_.Intern(*reservation.principal);
  const Reservation& restored = *Insert(std::move(reservation));
  if (restored.counts()) usage_.CountOpen(restored, 1, 0);
  return true;
}

const Reservation* ReservationBook::FindOpen(std::string_view id) const { return open_.Find(id); }

std::shared_ptr<const Reservation> ReservationBook::FindEnded(std::string_view id,
                                                              const Lookup& lookup) const {
  if (const auto* recent = recent_.FindReservation(id, lookup.sequence)) return *recent;
  const auto it = lookup.ended.find(id);
  return it == lookup.ended.end() ? nullptr : it->second;
}

std::shared_ptr<const stored::ChargeRecord> ReservationBook::FindCharge(
    std::string_view id, const Lookup& lookup) const {
  if (const auto* recent = recent_.FindCharge(id, lookup.sequence)) return *recent;
  const auto it = lookup.charges.find(id);
  return it == lookup.charges.end() ? nullptr : it->second;
}

int ReservationBook::CountNaming(uint32_t resource) const {
  const auto it = naming_.find(resource);
  return it == naming_.end() ? 0 : it->second;
}

std::optional<ReservationBook::Expiry> ReservationBook::NextExpiry(int64_t lease_shift_us) const {
  if (expiries_.empty()) return std::nullopt;
  const auto& [key, reservation] = *expiries_.begin();
  if (key.by_notice) return std::nullopt;
  return Expiry{key.end_us + lease_shift_us, reservation->id};
}

stored::ChargeRecord MakeChargeRecord(const stored::Charged& charged, const Labels* labels,
                                      const EntryContext& entry,
                                      const ResourceIdentities& identify) {
  stored::ChargeRecord record;
  *record.mutable_charged() = charged;
  record.set_create_time_us(entry.time_us);
  record.set_sequence(entry.sequence);
  record.set_index(entry.index);
  *record.mutable_labels() = charged.labels();
  if (labels != nullptr) {
    for (const auto& [key, value] : *labels) {
      stored::Label& label = *record.add_labels();
      label.set_key(key);
      label.set_value(value);
    }
  }
  for (const auto& line : charged.lines()) {
    record.add_resource_names(std::string(identify(line.resource()).name));
  }
  return record;
}

namespace {

template <typename Fact>
stored::ChargeRecord RecordOf(const Fact& fact, const EntryContext& entry) {
  stored::ChargeRecord record;
  record.set_create_time_us(entry.time_us);
  record.set_sequence(entry.sequence);
  record.set_index(entry.index);
  *record.mutable_labels() = fact.labels();
  return record;
}

}  // namespace

stored::ChargeRecord MakeChargeRecord(const stored::CostEntered& entered,
                                      const EntryContext& entry) {
  stored::ChargeRecord record = RecordOf(entered, entry);
  *record.mutable_cost_entered() = entered;
  return record;
}

stored::ChargeRecord MakeChargeRecord(const stored::OutcomesReported& reported,
                                      const EntryContext& entry) {
  stored::ChargeRecord record = RecordOf(reported, entry);
  *record.mutable_outcomes_reported() = reported;
  return record;
}

template <typename Fact>
void ReservationBook::KeepPosted(const Fact& fact, const EntryContext& entry, Changes* changes) {
  recent_.AddCharge(entry.sequence,
                    std::make_shared<const stored::ChargeRecord>(MakeChargeRecord(fact, entry)),
                    fact.id());
  changes->charges.push_back(fact.id());
}

void ReservationBook::ApplyCharge(const stored::Charged& charged, const Reservation* reservation,
                                  const EntryContext& entry, const ResourceIdentities& identify,
                                  Changes* changes) {
  if (usage_.records()) {
    const bool alone = reservation == nullptr;
    usage_.NoteCharged(alone ? charged.principal() : *reservation->principal,
                       alone ? *ReadLabels(charged.labels()) : *reservation->labels, charged,
                       entry);
  }
  auto record = std::make_shared<const stored::ChargeRecord>(MakeChargeRecord(
      charged, reservation == nullptr ? nullptr : reservation->labels.get(), entry, identify));
  recent_.AddCharge(entry.sequence, std::move(record), charged.id());
  changes->charges.push_back(charged.id());
}

void ReservationBook::ApplyRefund(const stored::Refunded& refunded, const Reservation* reservation,
                                  const EntryContext& entry, const Lookup& lookup,
                                  Changes* changes) {
  const auto charge = FindCharge(refunded.charge(), lookup);
  PURSER_CHECK(charge != nullptr, "what is refunded was charged");
  if (usage_.records()) {
    const bool alone = reservation == nullptr;
    usage_.NoteRefunded(alone ? charge->charged().principal() : *reservation->principal,
                        alone ? *ReadLabels(charge->labels()) : *reservation->labels, refunded,
                        *charge, entry);
  }
  auto changed = std::make_shared<stored::ChargeRecord>(*charge);
  stored::Refunded& refund = *changed->add_refunds();
  refund = refunded;
  refund.set_sequence(entry.sequence);
  refund.set_time_us(entry.time_us);
  recent_.AddCharge(entry.sequence, std::move(changed), refunded.charge());
  changes->charges.push_back(refunded.charge());
  auto row = std::make_shared<stored::ChargeRecord>();
  row->set_refund_of(refunded.charge());
  row->set_sequence(entry.sequence);
  row->set_create_time_us(entry.time_us);
  *row->add_refunds() = refund;
  recent_.AddCharge(entry.sequence, std::move(row), refunded.id());
  changes->charges.push_back(refunded.id());
}

void ReservationBook::CountGranted(const Reservation& granted, const EntryContext& entry) {
  usage_.CountOpen(granted, 1, entry.sequence);
  usage_.NoteGranted(granted, entry);
}

// What is told of one where it is now.
void ReservationBook::TellOf(const Reservation& reservation, Changes* changes) {
  if (reservation.queued()) {
    changes->queue.push_back(
        {QueueKeyOf(reservation), std::make_shared<const Reservation>(reservation)});
  } else if (reservation.scheduled()) {
    changes->bookings.push_back(
        {BookingKeyOf(reservation), std::make_shared<const Reservation>(reservation)});
  } else {
    changes->returns.push_back(
        {std::nullopt, ExpiryKeyOf(reservation), ReturnLinesOf(reservation)});
    TellPreemptible(reservation, changes);
  }
}

void ReservationBook::TellPreemptible(const Reservation& open, Changes* changes) {
  if (!TierGivesWay(open.tier)) return;
  changes->preemptibles.push_back({RegretKeyOf(open), WithoutEntries(open)});
}

void ReservationBook::TellGone(const Reservation& reservation, Changes* changes) {
  if (reservation.queued()) changes->queue.push_back({QueueKeyOf(reservation), nullptr});
  if (reservation.scheduled()) changes->bookings.push_back({BookingKeyOf(reservation), nullptr});
}

void ReservationBook::Make(const stored::ReservationFact& fact, const EntryContext& entry,
                           const ResourceIdentities& identify, Changes* changes) {
  Reservation made = fact.has_held() ? MakeReservation(fact.held(), entry, identify, &interned_)
                     : fact.has_queued()
                         ? MakeReservation(fact.queued(), entry, identify, &interned_)
                         : MakeReservation(fact.scheduled(), entry, identify, &interned_);
  const Reservation& kept = *Insert(std::move(made));
  if (kept.counts()) CountGranted(kept, entry);
  changes->open.push_back(&kept);
  TellOf(kept, changes);
}

void ReservationBook::Grant(const std::string& id, const stored::Granted& fact,
                            const EntryContext& entry, Changes* changes) {
  Reservation* const granted = open_.Find(id);
  PURSER_CHECK(granted != nullptr, "what is granted later is there");
  if (granted->counts()) usage_.CountOpen(*granted, -1, entry.sequence);
  TellGone(*granted, changes);
  Displace(*granted);
  Fold(fact, entry, granted);
  CountGranted(*granted, entry);
  Place(granted);
  changes->open.push_back(granted);
  TellOf(*granted, changes);
}

// The reservation, or nullptr where that ended it.
const Reservation* ReservationBook::ApplyToOpen(const stored::ReservationFact& fact,
                                                const EntryContext& entry, Reservation* open,
                                                Changes* changes) {
  if (open->counts()) usage_.CountOpen(*open, -1, entry.sequence);
  const std::optional<ExpiryKey> before =
      open->open() ? std::optional<ExpiryKey>(ExpiryKeyOf(*open)) : std::nullopt;
  if (before.has_value() && TierGivesWay(open->tier)) {
    changes->preemptibles.push_back({RegretKeyOf(*open), nullptr});
  }
  // Charges and refunds leave it where it is.
  const bool stays = fact.has_charged() || fact.has_refunded();
  if (!before.has_value()) TellGone(*open, changes);
  const bool counts_as_preemptible = stays && before.has_value() && TierGivesWay(open->tier);
  if (!stays) Displace(*open);
  if (counts_as_preemptible) preemptibles_.Remove(*open);
  FoldFact(fact, entry, open);
  if (counts_as_preemptible) preemptibles_.Insert(*open);
  if (open->counts()) usage_.CountOpen(*open, 1, entry.sequence);
  const bool ended = !open->open() && !open->queued();
  if (!stays && !ended) Place(open);
  if (before.has_value()) {
    ReturnChange& returns = changes->returns.emplace_back();
    returns.before = before;
    if (open->open()) {
      returns.after = ExpiryKeyOf(*open);
      returns.lines = ReturnLinesOf(*open);
      TellPreemptible(*open, changes);
    }
  } else if (!ended) {
    TellOf(*open, changes);
  }
  if (!ended) {
    changes->open.push_back(open);
    return open;
  }
  auto kept = std::make_shared<const Reservation>(*open);
  recent_.AddReservation(entry.sequence, kept);
  changes->ended.push_back(std::move(kept));
  std::erase(changes->open, open);
  Remove(std::string(open->id));
  return nullptr;
}

const Reservation* ReservationBook::ApplyToEnded(const std::string& id,
                                                 const stored::ReservationFact& fact,
                                                 const EntryContext& entry, const Lookup& lookup,
                                                 Changes* changes) {
  const auto ended = FindEnded(id, lookup);
  PURSER_CHECK(ended != nullptr, "a fact is about a reservation that exists");
  auto changed = std::make_shared<Reservation>(*ended);
  FoldFact(fact, entry, changed.get());
  recent_.AddReservation(entry.sequence, changed);
  changes->ended.push_back(changed);
  return changed.get();
}

void ReservationBook::Apply(
    const google::protobuf::RepeatedPtrField<stored::ReservationFact>& facts,
    const EntryContext& entry, const ResourceIdentities& identify, const Lookup& lookup,
    Changes* changes) {
  EntryContext context = entry;
  uint32_t made = 0;
  uint32_t grants = 0;
  uint32_t charges = 0;
  uint32_t posted = 0;  // beside charges
  for (const auto& fact : facts) {
    const std::string id(ReservationIdOf(fact));
    if (fact.has_held() || fact.has_queued() || fact.has_scheduled()) {
      context.index = made++;
      Make(fact, context, identify, changes);
      continue;
    }
    if (fact.has_granted()) {
      context.index = grants++;
      Grant(id, fact.granted(), context, changes);
      continue;
    }
    if (fact.has_denied()) {
      context.index = made++;
      if (id.empty()) continue;  // remembered by its key alone
      auto denied =
          std::make_shared<const Reservation>(MakeReservation(fact.denied(), context, identify));
      recent_.AddReservation(entry.sequence, denied);
      changes->ended.push_back(std::move(denied));
      continue;
    }
    if (fact.has_explained()) {
      recent_.AddExplained(entry.sequence, fact.explained().denied_sequence());
      continue;
    }
    if (fact.has_endangered()) continue;
    if (fact.has_cost_entered() || fact.has_outcomes_reported()) {
      context.index = posted++;
      if (fact.has_cost_entered()) KeepPosted(fact.cost_entered(), context, changes);
      if (fact.has_outcomes_reported()) KeepPosted(fact.outcomes_reported(), context, changes);
      continue;
    }
    const Reservation* reservation = nullptr;
    if (Reservation* const open = open_.Find(id)) {
      reservation = ApplyToOpen(fact, context, open, changes);
    } else if (!id.empty()) {
      reservation = ApplyToEnded(id, fact, context, lookup, changes);
    }
    if (fact.has_charged()) {
      EntryContext charge_context = entry;
      charge_context.index = charges++;
      ApplyCharge(fact.charged(), reservation, charge_context, identify, changes);
    } else if (fact.has_refunded()) {
      ApplyRefund(fact.refunded(), reservation, context, lookup, changes);
    }
  }
}

std::string ReservationBook::FindFault(const Books& books,
                                       const std::map<uint32_t, Amount>& beside) const {
  std::map<uint32_t, std::pair<Amount, Amount>> sums;
  for (const auto& [resource, amount] : beside) sums[resource].second = amount;
  std::string fault;
  open_.ForEach([&](const Reservation& reservation) {
    for (const HoldLine& line : reservation.lines) {
      sums[line.resource].first += line.held;
      sums[line.resource].second += line.in_use;
      if (books.Find(line.resource) != nullptr) continue;
      fault = Concat("invariant 3: ", reservation.id, " names nothing");
    }
  });
  if (fault.empty()) fault = FindNoticeFault();
  if (!fault.empty()) return fault;
  for (const auto& [name, number] : books.numbers_by_name()) {
    const Resource& resource = *books.Find(number);
    const auto& [held, in_use] = sums[number];
    if (resource[stored::HELD] != held || resource[stored::IN_USE] != in_use) {
      return Concat("invariant 3: ", name, ": ", IdentityLine(resource.balances),
                    ", open reservations hold ", held.ToString(), " and occupy, with the models, ",
                    in_use.ToString());
    }
  }
  return "";
}

std::string ReservationBook::FindNoticeFault() const {
  std::string fault;
  preemptibles_.ForEach([&](const RegretKey&, const Reservation& open) {
    if (!open.gives_way()) return;
    const Reservation* const request = FindOpen(open.notice->preempted_for);
    const bool agrees = request != nullptr && request->gave_notice() &&
                        request->notice->preempt_end_us == open.notice->preempt_end_us;
    if (!agrees) fault = Concat(open.id, " gives way, and no notice says so");
  });
  return fault;
}

ReturnSchedule ReservationBook::MakeReturnSchedule() const {
  ReturnSchedule schedule;
  for (const auto& [key, reservation] : expiries_) {
    schedule.Apply({std::nullopt, key, ReturnLinesOf(*reservation)});
  }
  return schedule;
}

Amount ReservationBook::ReturnedWithin(uint32_t resource, InstantUs after_us, InstantUs until_us,
                                       int* looks_left) const {
  ReturnQuestion question;
  question.resource = resource;
  question.from_us = after_us + 1;
  question.until_us = until_us + 1;
  question.wanted = Amount::Max();
  const auto walk = [&](InstantUs end_us, InstantUs* at_us, ReturnAnswer* answer, ReturnSteps*) {
    int left = std::min(kLeasesOfMinuteMax, *looks_left);
    for (auto it = expiries_.lower_bound({*at_us, 0, 0});
         it != expiries_.end() && it->first.end_us < end_us && left-- > 0; ++it) {
      --*looks_left;
      const HoldLine* const line = it->second->FindLine(resource);
      if (line != nullptr) answer->sum += line->held + line->in_use;
    }
    *at_us = end_us;
  };
  ReturnSteps unlimited{INT_MAX};
  return returns_.Reach(question, &unlimited, walk).sum;
}

UsageBook::ForEachBooked ReservationBook::for_each_booked() const {
  return [this](const UsageBook::Visit& visit) {
    for (const auto& [key, reservation] : bookings_.by_key()) visit(*reservation);
    for (const auto& [key, reservation] : queue_.by_key()) {
      if (reservation->booked()) visit(*reservation);
    }
  };
}

std::map<std::string_view, const Reservation*> ReservationBook::ListOpen() const {
  std::map<std::string_view, const Reservation*> list;
  open_.ForEach(
      [&list](const Reservation& reservation) { list.emplace(reservation.id, &reservation); });
  return list;
}

}  // namespace purser
