#include "reservations/reservation.h"

#include <algorithm>

#include "ledger/check.h"
#include "reservations/interned.h"

namespace purser {
namespace {

template <typename Lines>
auto FindIn(Lines& lines, uint32_t resource) -> decltype(&lines[0]) {
  for (auto& line : lines) {
    if (line.resource == resource) return &line;
  }
  return nullptr;
}

// Of a line of a hold, or of a record.
template <typename Line>
std::optional<Rate> ReadRate(const Line& line) {
  if (!line.has_rate_picos()) return std::nullopt;
  return Rate::FromPicos(line.rate_picos());
}

void Touched(const EntryContext& entry, Reservation* reservation) {
  auto& sequences = reservation->sequences;
  if (!sequences.empty() && sequences.back() == entry.sequence) return;
  sequences.push_back(entry.sequence);
  reservation->create_sequence = sequences.front();
  reservation->generation = sequences.size();
}

// The fields that a request settles, whether it is granted or denied.
Reservation FromRequest(const stored::ReservationRequest& request, const std::string& principal,
                        const EntryContext& entry, const ResourceIdentities& identify,
                        Interned* interned) {
  Reservation reservation;
  reservation.id = request.id();
  reservation.purpose = request.purpose();
  reservation.tier = static_cast<uint8_t>(request.tier());
  reservation.priority = request.priority();
  reservation.overrun_policy = request.overrun_policy();
  reservation.labels =
      interned == nullptr ? ReadLabels(request.labels()) : interned->Intern(request.labels());
  reservation.principal = interned == nullptr ? std::make_shared<const std::string>(principal)
                                              : interned->Intern(principal);
  reservation.lease_us = request.lease_us();
  reservation.lease_asked_us = request.lease_us();
  reservation.queue_wait_us = request.queue_wait_us();
  reservation.start_at_us = request.start_at_us();
  reservation.preemption_grace_us = request.preemption_grace_us();
  if (request.has_quote()) {
    reservation.quote = std::make_shared<const stored::Quote>(request.quote());
  }
  reservation.create_time_us = entry.time_us;
  reservation.create_index = entry.index;
  reservation.denied_before.assign(request.denied_before().begin(), request.denied_before().end());
  Touched(entry, &reservation);
  reservation.lines.reserve(request.lines_size());
  for (const auto& asked : request.lines()) {
    HoldLine& line = reservation.lines.emplace_back();
    line.resource = asked.resource();
    line.consumable = identify(line.resource).consumable;
    line.asked = Amount::FromMicros(asked.amount());
    if (asked.has_minimum()) line.minimum = Amount::FromMicros(asked.minimum());
  }
  return reservation;
}

constexpr uint32_t kGrantedInFirst = 1u << 15;

void ReadGrant(const stored::ReservationRecord& record, Reservation* reservation) {
  reservation->queue_grant = static_cast<uint16_t>(record.queue_grant() & ~kGrantedInFirst);
  reservation->grant_sequence = record.grant_sequence();
  if (record.queue_grant() == 0 || record.grant_sequence() != 0) return;
  const int entry = (record.queue_grant() & kGrantedInFirst) != 0 ? 0 : 1;
  if (record.sequences_size() > entry) reservation->grant_sequence = record.sequences(entry);
}

void ReadNotice(const stored::ReservationRecord& record, Reservation* reservation) {
  if (record.notice_order() == 0 && record.preempted_for().empty()) return;
  reservation->notice = std::make_shared<const Notice>(
      Notice{record.preempt_end_us(), record.notice_order(), record.preempted_for()});
}

}  // namespace

std::shared_ptr<const Labels> ReadLabels(
    const google::protobuf::RepeatedPtrField<stored::Label>& stored_labels) {
  Labels labels;
  labels.reserve(stored_labels.size());
  for (const auto& label : stored_labels) labels.emplace_back(label.key(), label.value());
  return std::make_shared<const Labels>(std::move(labels));
}

HoldLine* ReservationPicture::FindLine(uint32_t resource) { return FindIn(lines, resource); }
const HoldLine* ReservationPicture::FindLine(uint32_t resource) const {
  return FindIn(lines, resource);
}

bool NamesAny(const ReservationPicture& picture, const std::set<uint32_t>& resources) {
  return std::any_of(picture.lines.begin(), picture.lines.end(),
                     [&](const HoldLine& line) { return resources.contains(line.resource); });
}

bool ShareResources(const ReservationPicture& one, const ReservationPicture& other) {
  return std::any_of(one.lines.begin(), one.lines.end(), [&other](const HoldLine& line) {
    return other.FindLine(line.resource) != nullptr;
  });
}

std::string_view FindLabel(const Labels& labels, std::string_view key) {
  for (const auto& [label, value] : labels) {
    if (label == key) return value;
  }
  return {};
}

std::string_view FamilyOf(const Labels& labels) {
  const std::string_view family = FindLabel(labels, kFamilyLabel);
  return family.empty() ? kUnattributed : family;
}

std::string_view ReservationPicture::family() const { return FamilyOf(*labels); }

bool IsExperiment(stored::Purpose purpose) {
  return purpose == stored::TRAINING || purpose == stored::FINE_TUNING ||
         purpose == stored::EVALUATION || purpose == stored::BREEDING;
}

bool PassesFreezes(stored::Purpose purpose) {
  return purpose == stored::ROLLBACK || purpose == stored::DISASTER_RECOVERY;
}

Reservation MakeReservation(const stored::Held& held, const EntryContext& entry,
                            const ResourceIdentities& identify, Interned* interned) {
  Reservation reservation =
      FromRequest(held.request(), held.principal(), entry, identify, interned);
  reservation.state = stored::STATE_GRANTED;
  reservation.grant_time_us = entry.time_us;
  reservation.lease_end_us = entry.time_us + reservation.lease_us - entry.lease_shift_us;
  PURSER_CHECK(held.lines_size() == held.request().lines_size(),
               "a hold has a line a request line");
  for (int i = 0; i < held.lines_size(); ++i) {
    HoldLine& line = reservation.lines[i];
    line.granted = Amount::FromMicros(held.lines(i).granted());
    line.held = line.granted;
    line.period = held.lines(i).period();
    line.rate = ReadRate(held.lines(i));
  }
  return reservation;
}

Reservation MakeReservation(const stored::RequestDenied& denied, const EntryContext& entry,
                            const ResourceIdentities& identify) {
  Reservation reservation =
      FromRequest(denied.request(), denied.principal(), entry, identify, nullptr);
  reservation.state = stored::STATE_DENIED;
  reservation.end_time_us = entry.time_us;
  return reservation;
}

Reservation MakeReservation(const stored::Queued& queued, const EntryContext& entry,
                            const ResourceIdentities& identify, Interned* interned) {
  Reservation reservation =
      FromRequest(queued.request(), queued.principal(), entry, identify, interned);
  reservation.state = stored::STATE_QUEUED;
  return reservation;
}

Reservation MakeReservation(const stored::Scheduled& scheduled, const EntryContext& entry,
                            const ResourceIdentities& identify, Interned* interned) {
  Reservation reservation =
      FromRequest(scheduled.request(), scheduled.principal(), entry, identify, interned);
  reservation.state = stored::STATE_SCHEDULED;
  PURSER_CHECK(scheduled.lines_size() == scheduled.request().lines_size(),
               "a booking has a line a request line");
  for (int i = 0; i < scheduled.lines_size(); ++i) {
    HoldLine& line = reservation.lines[i];
    line.granted = Amount::FromMicros(scheduled.lines(i).granted());
    if (line.consumable) line.held = line.granted;
    line.period = scheduled.lines(i).period();
    line.rate = ReadRate(scheduled.lines(i));
  }
  return reservation;
}

void Fold(const stored::Delayed& fact, const EntryContext& entry, Reservation* reservation) {
  PURSER_CHECK(reservation->scheduled() && fact.id() == reservation->id,
               "what starts late was booked");
  reservation->state = stored::STATE_QUEUED;
  Touched(entry, reservation);
}

void Fold(const stored::Granted& fact, const EntryContext& entry, Reservation* reservation) {
  PURSER_CHECK(reservation->queued() || reservation->scheduled(),
               "what is granted later waited or was booked");
  PURSER_CHECK(fact.lines_size() == static_cast<int>(reservation->lines.size()),
               "a grant has a line a line of the request");
  reservation->state = stored::STATE_GRANTED;
  reservation->notice = nullptr;
  reservation->grant_time_us = entry.time_us;
  reservation->queue_grant = static_cast<uint16_t>(entry.index + 1);
  reservation->grant_sequence = entry.sequence;
  reservation->lease_end_us = entry.time_us + reservation->lease_us - entry.lease_shift_us;
  for (int i = 0; i < fact.lines_size(); ++i) {
    HoldLine& line = reservation->lines[i];
    line.granted = Amount::FromMicros(fact.lines(i).granted());
    line.held = line.granted;
    line.period = fact.lines(i).period();
    line.rate = ReadRate(fact.lines(i));
  }
  Touched(entry, reservation);
}

void Fold(const stored::Noticed& fact, const EntryContext& entry, Reservation* reservation) {
  const bool asks = fact.preempted_for().empty();
  PURSER_CHECK(asks ? reservation->queued() : reservation->open(),
               "who gives notice waits, and who gives way is open");
  Notice notice;
  notice.preempt_end_us = fact.preempt_at_us() - entry.lease_shift_us;
  notice.preempted_for = fact.preempted_for();
  if (asks) notice.order = entry.sequence * kNoticesAnEntryMax + fact.index();
  reservation->notice = std::make_shared<const Notice>(std::move(notice));
  Touched(entry, reservation);
}

void Fold(const stored::NoticeWithdrawn& /*fact*/, const EntryContext& entry,
          Reservation* reservation) {
  PURSER_CHECK(reservation->notice != nullptr, "a notice that is withdrawn was given");
  reservation->notice = nullptr;
  Touched(entry, reservation);
}

void Fold(const stored::RequestReviewed& fact, const EntryContext& entry,
          Reservation* reservation) {
  PURSER_CHECK(reservation->queued(), "what is reviewed waits");
  reservation->approver = std::make_shared<const std::string>(fact.principal());
  Touched(entry, reservation);
}

void Fold(const stored::Started& fact, const EntryContext& entry, Reservation* reservation) {
  PURSER_CHECK(reservation->state == stored::STATE_GRANTED, "what starts was granted");
  reservation->state = stored::STATE_ACTIVE;
  reservation->start_time_us = entry.time_us;
  for (HoldLine& line : reservation->lines) {
    if (line.consumable) continue;
    line.in_use = line.held;
    line.held = Amount();
  }
  if (fact.lease_us() > 0) {
    reservation->lease_us = fact.lease_us();
    reservation->lease_end_us = entry.time_us + fact.lease_us() - entry.lease_shift_us;
  }
  Touched(entry, reservation);
}

void Fold(const stored::Renewed& fact, const EntryContext& entry, Reservation* reservation) {
  PURSER_CHECK(reservation->open(), "what is renewed is open");
  reservation->lease_us = fact.lease_us();
  reservation->lease_end_us = entry.time_us + fact.lease_us() - entry.lease_shift_us;
  Touched(entry, reservation);
}

void Fold(const stored::Charged& fact, const EntryContext& entry, Reservation* reservation) {
  for (const auto& charged : fact.lines()) {
    HoldLine* line = reservation->FindLine(charged.resource());
    PURSER_CHECK(line != nullptr, "a charge names what the reservation holds");
    line->held -= Amount::FromMicros(charged.within_hold());
    line->charged += Amount::FromMicros(charged.amount());
    line->overrun += Amount::FromMicros(charged.overrun());
    PURSER_CHECK(!line->held.is_negative(), "no more is charged within a hold than is held");
  }
  if (fact.stop()) reservation->stopped = true;
  Touched(entry, reservation);
}

void Fold(const stored::Ended& fact, const EntryContext& entry, Reservation* reservation) {
  PURSER_CHECK(reservation->open() || reservation->queued() || reservation->scheduled(),
               "what ends is open, booked, or waits");
  if (fact.state() != stored::STATE_PREEMPTED) reservation->notice = nullptr;
  reservation->state = fact.state();
  reservation->end_time_us = entry.time_us;
  reservation->final_shift_us = entry.lease_shift_us;
  for (HoldLine& line : reservation->lines) {
    line.held = Amount();
    line.in_use = Amount();
  }
  Touched(entry, reservation);
}

void Fold(const stored::Refunded& fact, const EntryContext& entry, Reservation* reservation) {
  for (const auto& refunded : fact.lines()) {
    HoldLine* line = reservation->FindLine(refunded.resource());
    PURSER_CHECK(line != nullptr, "a refund names what the reservation holds");
    line->charged -= Amount::FromMicros(refunded.amount());
    PURSER_CHECK(!line->charged.is_negative(), "no more is refunded than was charged");
  }
  Touched(entry, reservation);
}

bool MakesReservation(const stored::ReservationFact& fact) {
  return fact.has_held() || fact.has_scheduled() || fact.has_queued() || fact.has_denied();
}

std::string_view ReservationIdOf(const stored::ReservationFact& fact) {
  switch (fact.fact_case()) {
    case stored::ReservationFact::kHeld:
      return fact.held().request().id();
    case stored::ReservationFact::kDenied:
      return fact.denied().request().id();
    case stored::ReservationFact::kStarted:
      return fact.started().id();
    case stored::ReservationFact::kRenewed:
      return fact.renewed().id();
    case stored::ReservationFact::kCharged:
      return fact.charged().reservation();
    case stored::ReservationFact::kEnded:
      return fact.ended().id();
    case stored::ReservationFact::kRefunded:
      return fact.refunded().reservation();
    case stored::ReservationFact::kQueued:
      return fact.queued().request().id();
    case stored::ReservationFact::kGranted:
      return fact.granted().id();
    case stored::ReservationFact::kScheduled:
      return fact.scheduled().request().id();
    case stored::ReservationFact::kDelayed:
      return fact.delayed().id();
    case stored::ReservationFact::kNoticed:
      return fact.noticed().id();
    case stored::ReservationFact::kNoticeWithdrawn:
      return fact.notice_withdrawn().id();
    case stored::ReservationFact::kReviewed:
      return fact.reviewed().id();
    // These tell of a reservation, which stays as it is, or of none.
    case stored::ReservationFact::kExplained:
    case stored::ReservationFact::kEndangered:
    case stored::ReservationFact::kCostEntered:
    case stored::ReservationFact::kOutcomesReported:
      return {};
    case stored::ReservationFact::FACT_NOT_SET:
      break;
  }
  PURSER_CHECK(false, "an entry's fact is known to this version");
  return {};
}

void FoldFact(const stored::ReservationFact& fact, const EntryContext& entry,
              Reservation* reservation) {
  switch (fact.fact_case()) {
    case stored::ReservationFact::kGranted:
      return Fold(fact.granted(), entry, reservation);
    case stored::ReservationFact::kDelayed:
      return Fold(fact.delayed(), entry, reservation);
    case stored::ReservationFact::kNoticed:
      return Fold(fact.noticed(), entry, reservation);
    case stored::ReservationFact::kNoticeWithdrawn:
      return Fold(fact.notice_withdrawn(), entry, reservation);
    case stored::ReservationFact::kReviewed:
      return Fold(fact.reviewed(), entry, reservation);
    case stored::ReservationFact::kStarted:
      return Fold(fact.started(), entry, reservation);
    case stored::ReservationFact::kRenewed:
      return Fold(fact.renewed(), entry, reservation);
    case stored::ReservationFact::kCharged:
      return Fold(fact.charged(), entry, reservation);
    case stored::ReservationFact::kEnded:
      return Fold(fact.ended(), entry, reservation);
    case stored::ReservationFact::kRefunded:
      return Fold(fact.refunded(), entry, reservation);
    default:
      PURSER_CHECK(false, "a fact that makes a reservation is not folded into one");
  }
}

RecordedGrant RecordGrant(const Reservation& reservation) {
  if (reservation.queue_grant == 0) return {};
  const bool in_first = reservation.grant_sequence == reservation.create_sequence;
  const bool is_second = !in_first && reservation.sequences[1] == reservation.grant_sequence;
  return {reservation.queue_grant | (in_first ? kGrantedInFirst : 0u),
          in_first || is_second ? 0 : reservation.grant_sequence};
}

stored::ReservationRecord ToRecord(const Reservation& reservation) {
  stored::ReservationRecord record;
  record.set_id(reservation.id);
  record.set_state(reservation.state);
  record.set_purpose(reservation.purpose);
  record.set_tier(reservation.tier);
  record.set_priority(reservation.priority);
  record.set_lease_us(reservation.lease_us);
  record.set_lease_asked_us(reservation.lease_asked_us);
  record.set_overrun_policy(reservation.overrun_policy);
  record.set_principal(*reservation.principal);
  record.set_create_time_us(reservation.create_time_us);
  record.set_grant_time_us(reservation.grant_time_us);
  record.set_start_time_us(reservation.start_time_us);
  record.set_end_time_us(reservation.end_time_us);
  record.set_lease_end_us(reservation.lease_end_us);
  record.set_final_shift_us(reservation.final_shift_us);
  record.set_generation(reservation.generation);
  record.set_stopped(reservation.stopped);
  record.set_create_sequence(reservation.create_sequence);
  record.set_create_index(reservation.create_index);
  record.set_queue_wait_us(reservation.queue_wait_us);
  const RecordedGrant grant = RecordGrant(reservation);
  record.set_queue_grant(grant.number);
  record.set_grant_sequence(grant.sequence);
  record.set_start_at_us(reservation.start_at_us);
  record.set_preemption_grace_us(reservation.preemption_grace_us);
  if (reservation.quote != nullptr) *record.mutable_quote() = *reservation.quote;
  if (reservation.approver != nullptr) record.set_approver(*reservation.approver);
  if (reservation.notice != nullptr) {
    record.set_preempt_end_us(reservation.notice->preempt_end_us);
    record.set_notice_order(reservation.notice->order);
    record.set_preempted_for(reservation.notice->preempted_for);
  }
  for (const auto& [key, value] : *reservation.labels) {
    stored::Label& label = *record.add_labels();
    label.set_key(key);
    label.set_value(value);
  }
  for (const HoldLine& line : reservation.lines) {
    stored::ReservationRecord::Line& out = *record.add_lines();
    out.set_resource(line.resource);
    out.set_asked(line.asked.micros());
    if (line.minimum.has_value()) out.set_minimum(line.minimum->micros());
    out.set_granted(line.granted.micros());
    out.set_held(line.held.micros());
    out.set_in_use(line.in_use.micros());
    out.set_charged(line.charged.micros());
    out.set_overrun(line.overrun.micros());
    out.set_period(line.period);
    if (line.rate.has_value()) out.set_rate_picos(line.rate->picos());
  }
  for (uint64_t sequence : reservation.sequences) record.add_sequences(sequence);
  for (uint64_t sequence : reservation.denied_before) record.add_denied_before(sequence);
  return record;
}

Reservation FromRecord(const stored::ReservationRecord& record,
                       const ResourceIdentities& identify) {
  Reservation reservation;
  reservation.id = record.id();
  reservation.state = record.state();
  reservation.purpose = record.purpose();
  reservation.tier = static_cast<uint8_t>(record.tier());
  reservation.priority = record.priority();
  reservation.overrun_policy = record.overrun_policy();
  reservation.stopped = record.stopped();
  reservation.create_index = record.create_index();
  reservation.queue_wait_us = record.queue_wait_us();
  ReadGrant(record, &reservation);
  reservation.start_at_us = record.start_at_us();
  reservation.preemption_grace_us = record.preemption_grace_us();
  if (record.has_quote()) {
    reservation.quote = std::make_shared<const stored::Quote>(record.quote());
  }
  ReadNotice(record, &reservation);
  if (!record.approver().empty()) {
    reservation.approver = std::make_shared<const std::string>(record.approver());
  }
  reservation.labels = ReadLabels(record.labels());
  reservation.principal = std::make_shared<const std::string>(record.principal());
  reservation.lease_us = record.lease_us();
  reservation.lease_asked_us = record.lease_asked_us();
  reservation.create_time_us = record.create_time_us();
  reservation.grant_time_us = record.grant_time_us();
  reservation.start_time_us = record.start_time_us();
  reservation.end_time_us = record.end_time_us();
  reservation.lease_end_us = record.lease_end_us();
  reservation.final_shift_us = record.final_shift_us();
  reservation.lines.reserve(record.lines_size());
  for (const auto& stored_line : record.lines()) {
    HoldLine& line = reservation.lines.emplace_back();
    line.resource = stored_line.resource();
    line.consumable = identify(line.resource).consumable;
    line.asked = Amount::FromMicros(stored_line.asked());
    if (stored_line.has_minimum()) line.minimum = Amount::FromMicros(stored_line.minimum());
    line.granted = Amount::FromMicros(stored_line.granted());
    line.held = Amount::FromMicros(stored_line.held());
    line.in_use = Amount::FromMicros(stored_line.in_use());
    line.charged = Amount::FromMicros(stored_line.charged());
    line.overrun = Amount::FromMicros(stored_line.overrun());
    line.period = stored_line.period();
    line.rate = ReadRate(stored_line);
  }
  reservation.sequences.assign(record.sequences().begin(), record.sequences().end());
  reservation.denied_before.assign(record.denied_before().begin(), record.denied_before().end());
  reservation.create_sequence = record.create_sequence();
  reservation.generation = record.generation();
  return reservation;
}

}  // namespace purser
