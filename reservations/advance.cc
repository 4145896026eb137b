// Advance reservations: what may be booked, and what becomes of it at its start
// (daemon/decisions/0008).
#include <algorithm>

#include "ledger/text.h"
#include "reservations/reservations_draft.h"

namespace purser {

void ReservationsDraft::Track(const Reservation& reservation, int sign) {
  if (!tracks_) return;
  if (reservation.scheduled()) {
    calendar_.CountBooking(reservation, sign);
  } else if (reservation.open()) {
    calendar_.CountLease(reservation, books_->books().lease_shift_us(), sign);
  }
}

// The first to book of all: what the command did before it counts as well.
void ReservationsDraft::StartTracking() {
  if (tracks_) return;
  tracks_ = true;
  for (const auto& [id, touched] : touched_) {
    const Reservation* const before = context_.book->FindOpen(id);
    if (before != nullptr) Track(*before, -1);
    Track(*touched, 1);
  }
}

void ReservationsDraft::CheckStart(const RequestReservation& command, Faults* faults) const {
  if (command.start_at_us == 0) return;
  if (command.start_at_us <= books_->now_us()) {
    faults->Add(stored::INVALID_ARGUMENT, "start_at", "is not in the future");
  } else if (command.start_at_us - books_->now_us() > kAdvanceMaxUs) {
    faults->Add(stored::INVALID_ARGUMENT, "start_at", "is more than 400 days ahead");
  }
}

absl::Status ReservationsDraft::CheckPeriods(const RequestReservation& command,
                                             const std::vector<Wanted>& wanted) const {
  if (command.start_at_us == 0) return absl::OkStatus();
  for (const Wanted& line : wanted) {
    const Resource& resource = *line.resource;
    const bool ends = resource.consumable() && resource.next_boundary_us != 0;
    if (!ends || command.start_at_us < resource.next_boundary_us) continue;
    return Refuse(stored::PERIOD_NOT_OPEN,
                  Concat("the period of ", resource.name(),
                         " from which it would be held ends before start_at"));
  }
  return absl::OkStatus();
}

void ReservationsDraft::FindBookingBounds(const RequestReservation& command,
                                          std::string_view principal, Refusal* refusal) const {
  if (command.start_at_us == 0 || context_.book == nullptr) return;
  const Bookings& bookings = context_.book->bookings();
  const bool is_full = bookings.size() + booked_ - cancelled_ >= kBookingsMax;
  const std::string name(principal);
  if (!is_full && bookings.CountOf(name) + booked_ < kBookingsOfPrincipalMax) return;
  if (refusal->reason() == stored::REASON_UNSPECIFIED) refusal->set_reason(stored::LIMIT_EXCEEDED);
  Refusal::Blocking& blocking = *refusal->add_blocking();
  blocking.set_kind("BOOKINGS");
  blocking.set_name(is_full ? "population" : name);
  blocking.set_detail("no more advance reservations may be booked");
}

Room ReservationsDraft::FindRoom(const RequestReservation& command, const CalendarDraft& calendar,
                                 const Resource& resource) const {
  if (resource.consumable()) return {};
  if (command.start_at_us != 0) {
    return calendar.RoomToBook(resource, command.start_at_us,
                               command.start_at_us + command.lease_us);
  }
  if (context_.policy->MayDrawOnReserve(command.purpose)) return {};
  return calendar.RoomUntil(resource, books_->now_us() + command.lease_us);
}

absl::Status ReservationsDraft::Schedule(const RequestReservation& command, const Caller& caller,
                                         int index, const std::vector<Wanted>& wanted) {
  stored::Scheduled& scheduled = *NewFact().mutable_scheduled();
  Store(command, wanted, scheduled.mutable_request());
  scheduled.mutable_request()->set_id(ChooseId(command.id, index));
  scheduled.set_principal(caller.principal);
  for (const Wanted& line : wanted) {
    stored::Held::Line& stored_line = *scheduled.add_lines();
    stored_line.set_granted(line.granted.micros());
    stored_line.set_period(line.resource->period);
    SetHeldRate(*line.resource, RateOfRequest(command, *line.resource), &stored_line);
  }
  for (int i = 0; i < scheduled.lines_size(); ++i) {
    const uint32_t resource = scheduled.request().lines(i).resource();
    if (!books_->Find(resource)->consumable()) continue;
    books_->Hold(resource, wanted[i].granted, context_.policy->MayDrawOnReserve(command.purpose));
  }
  EntryContext context = MakeContext();
  context.index = made_++;
  ++booked_;
  subject_ = scheduled.request().id();
  auto made = std::make_shared<Reservation>(
      MakeReservation(scheduled, context, context_.identify, context_.book->interned()));
  usage_.CountOpen(*made, 1);
  usage_.NoteGranted(*made, context);
  Track(*made, 1);
  touched_[subject_] = std::move(made);
  return absl::OkStatus();
}

void ReservationsDraft::StartScheduled(const std::string& id) {
  subject_ = id;
  Reservation* const booked = Touch(id);
  // Who starts as it booked takes its own: what others booked does not bind it.
  const QueueRules rules(books_, context_.policy, &usage_, nullptr);
  if (!rules.IsBlocked(*booked)) {
    if (const auto granted = rules.FindGrant(*booked, {})) return GrantOne(*booked, *granted);
  }
  stored::Delayed& delayed = *NewFact().mutable_delayed();
  delayed.set_id(id);
  Change(delayed, MakeContext(), booked);
  // Others that wait are not what keeps it, and what it booked is not in its own way any more.
  *delayed.mutable_refusal() = JudgeWaiting(*booked, false);
  Move(booked);
  ++made_to_wait_;
}

Refusal ReservationsDraft::JudgeScheduled(const ReservationPicture& booked) const {
  Refusal refusal;
  for (const HoldLine& line : booked.lines) {
    if (line.consumable) continue;
    const Resource& resource = *books_->Find(line.resource);
    Wanted wanted{&resource, line.granted, std::nullopt, line.granted, Amount()};
    wanted.booked =
        calendar_.RoomBeside(resource, booked.start_at_us, booked.start_at_us + booked.lease_us);
    if (!wanted.booked.amount.is_negative()) continue;
    // Its own is among what is booked.
    wanted.booked.amount = std::max(Amount(), line.granted + wanted.booked.amount);
    AddShortage(wanted, Amount::Max(), false, &refusal);
  }
  if (refusal.shortages().empty()) return refusal;
  refusal.set_reason(stored::INSUFFICIENT_CAPACITY);
  refusal.set_detail(DescribeDenial(refusal));
  return refusal;
}

absl::Status ReservationsDraft::CheckLonger(const Reservation& reservation, int64_t lease_us) {
  if (!tracks_) return absl::OkStatus();
  const InstantUs end_us = reservation.expire_time_us(books_->books().lease_shift_us());
  const InstantUs new_end_us = books_->now_us() + lease_us;
  if (new_end_us <= end_us) return absl::OkStatus();
  if (context_.policy->MayDrawOnReserve(reservation.purpose)) {
    is_unbound_ = true;
    return absl::OkStatus();
  }
  Refusal refusal;
  Track(reservation, -1);
  for (const HoldLine& line : reservation.lines) {
    if (line.consumable) continue;
    const Resource& resource = *books_->Find(line.resource);
    const Room room = calendar_.RoomBeside(resource, end_us, new_end_us);
    if (!room.amount.is_negative()) continue;
    const Amount occupies = line.held + line.in_use;
    Wanted wanted{&resource, occupies, std::nullopt, occupies, Amount()};
    wanted.booked = room;
    wanted.booked.amount = occupies + room.amount;
    AddShortage(wanted, Amount::Max(), false, &refusal);
  }
  Track(reservation, 1);
  if (refusal.shortages().empty()) return absl::OkStatus();
  refusal.set_reason(stored::CAPACITY_BOOKED);
  refusal.set_detail(DescribeDenial(refusal));
  return Refuse(refusal);
}

namespace {

// Where less is free than is booked.
struct Lack {
  InstantUs from_us = 0;
  InstantUs until_us = INT64_MAX;
  Amount amount;
};

std::vector<Lack> FindLacks(const CalendarDraft& calendar, const Resource& resource,
                            InstantUs now_us) {
  std::vector<Lack> lacks;
  bool is_open = false;
  calendar.ForEachStep(resource, now_us, INT64_MAX, [&](const CalendarDraft::Step& step) {
    if (is_open) lacks.back().until_us = step.at_us;
    is_open = step.free.is_negative() && !step.booked.is_zero();
    if (is_open) lacks.push_back({step.at_us, INT64_MAX, -step.free});
    return true;
  });
  return lacks;
}

// The worst of those in the booking's time; nullptr: there is none.
const Lack* FindWorst(const std::vector<Lack>& lacks, const Reservation& booked) {
  const Lack* worst = nullptr;
  for (const Lack& lack : lacks) {
    const bool meets =
        lack.until_us > booked.start_at_us && lack.from_us < booked.start_at_us + booked.lease_us;
    if (meets && (worst == nullptr || lack.amount > worst->amount)) worst = &lack;
  }
  return worst;
}

}  // namespace

void ReservationsDraft::TellEndangered(bool took) {
  if (tracks_ && (took || is_unbound_)) NameEndangered(calendar_);
}

void ReservationsDraft::TellEndangered(int64_t shift_us) {
  const BookForesight later(context_.book, books_->books().lease_shift_us() + shift_us);
  NameEndangered(CalendarDraft(books_, &later));
}

// Those that lacked as much before the command were named then.
void ReservationsDraft::NameEndangered(const CalendarDraft& calendar) {
  const BooksDraft before_books(&books_->books(), books_->sequence(), books_->now_us());
  const BookForesight foresight(context_.book, books_->books().lease_shift_us());
  const CalendarDraft before(&before_books, &foresight);
  struct OfResource {
    std::vector<Lack> before;
    std::vector<Lack> now;
  };
  std::map<uint32_t, OfResource> lacks;
  const auto find = [&](uint32_t resource) -> const OfResource& {
    const auto [found, is_new] = lacks.try_emplace(resource);
    if (is_new) {
      found->second.now = FindLacks(calendar, *books_->Find(resource), books_->now_us());
      if (!found->second.now.empty()) {
        found->second.before = FindLacks(before, *before_books.Find(resource), books_->now_us());
      }
    }
    return found->second;
  };
  size_t named = 0;
  for (const auto& [key, booked] : context_.book->bookings().by_key()) {
    const Reservation& now = *Find(booked->id);
    if (!now.scheduled()) continue;
    for (const HoldLine& line : now.lines) {
      // Of what it was to get the most of, and booked none, it lacks nothing.
      if (line.consumable || line.granted.is_zero()) continue;
      const OfResource& of_resource = find(line.resource);
      const Lack* const worst = FindWorst(of_resource.now, now);
      if (worst == nullptr) continue;
      const Lack* const known = FindWorst(of_resource.before, now);
      if (known != nullptr && known->amount >= worst->amount) continue;
      if (named++ == kEndangeredNamedMax) return;
      stored::Endangered& endangered = *NewFact().mutable_endangered();
      endangered.set_id(now.id);
      endangered.set_resource(line.resource);
      endangered.set_at_us(std::max(worst->from_us, now.start_at_us));
      endangered.set_short_by(std::min(worst->amount, line.granted).micros());
      break;
    }
  }
}

}  // namespace purser
