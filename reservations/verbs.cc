// What may happen to a reservation that was granted, and to charges.
#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"
#include "reservations/charge_costs.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

Reason EndedReason(stored::ReservationState state) {
  switch (state) {
    case stored::STATE_SETTLED:
      return stored::ALREADY_SETTLED;
    case stored::STATE_RELEASED:
      return stored::ALREADY_RELEASED;
    case stored::STATE_EXPIRED:
      return stored::EXPIRED;
    case stored::STATE_PREEMPTED:
      return stored::PREEMPTED;
    default:
      return stored::DENIED;
  }
}

absl::Status RefuseEnded(const Reservation& reservation) {
  return Refuse(
      EndedReason(reservation.state),
      Concat("the reservation is ", stored::ReservationState_Name(reservation.state).substr(6),
             "; nothing reopens: request a new one"));
}

absl::Status NotFound(std::string_view what, std::string_view id) {
  return Refuse(stored::NOT_FOUND, Concat("there is no ", what, " \"", id, "\""));
}

}  // namespace

ReservationsDraft::ReservationsDraft(BooksDraft* books, Context context,
                                     google::protobuf::Arena* arena)
    : books_(books),
      context_(std::move(context)),
      usage_(books, context_.book == nullptr ? nullptr : &context_.book->usage(), context_.usage),
      foresight_(context_.book == nullptr
                     ? std::nullopt
                     : std::optional<BookForesight>(std::in_place, context_.book,
                                                    books->books().lease_shift_us())),
      calendar_(books, foresight_.has_value() ? &*foresight_ : context_.foresight),
      tracks_(context_.book != nullptr && context_.book->bookings().size() > 0),
      facts_(arena) {}

EntryContext ReservationsDraft::MakeContext() const {
  return {books_->sequence(), books_->now_us(), books_->books().lease_shift_us(), 0};
}

std::string ReservationsDraft::ChooseId(const std::string& id, int index) const {
  if (!id.empty()) return id;
  return index < 0 ? Concat("_", books_->sequence()) : Concat("_", books_->sequence(), ".", index);
}

const Reservation* ReservationsDraft::Find(std::string_view id) const {
  const auto touched = touched_.find(id);
  if (touched != touched_.end()) return touched->second.get();
  if (const Reservation* open = context_.book->FindOpen(id)) return open;
  return context_.book->FindEnded(id, *context_.lookup).get();
}

std::shared_ptr<const Reservation> ReservationsDraft::Share(std::string_view id) const {
  const auto touched = touched_.find(id);
  PURSER_CHECK(touched != touched_.end(), "what is shared was touched");
  return touched->second;
}

Reservation* ReservationsDraft::Touch(std::string_view id) {
  const auto touched = touched_.find(id);
  if (touched != touched_.end()) return touched->second.get();
  const Reservation* found = Find(id);
  PURSER_CHECK(found != nullptr, "what is touched was found");
  auto copy = std::make_shared<Reservation>(*found);
  return touched_.emplace(id, std::move(copy)).first->second.get();
}

absl::StatusOr<Reservation*> ReservationsDraft::TouchForCharge(const std::string& id,
                                                               const Caller& caller) {
  const Reservation* found = Find(id);
  if (found == nullptr) return NotFound("reservation", id);
  if (!caller.admin && caller.principal != *found->principal) {
    return Refuse(stored::FORBIDDEN, "the reservation is another principal's");
  }
  const bool late =
      found->state == stored::STATE_EXPIRED || found->state == stored::STATE_PREEMPTED;
  if (found->queued()) return Refuse(stored::NOT_GRANTED, "the reservation waits in the queue");
  if (found->scheduled()) {
    return Refuse(stored::NOT_GRANTED, "the reservation has not reached its start");
  }
  if (!found->open() && !late) return RefuseEnded(*found);
  subject_ = id;
  return Touch(id);
}

absl::StatusOr<Reservation*> ReservationsDraft::TouchOpen(const std::string& id,
                                                          const Caller& caller) {
  auto reservation = TouchForCharge(id, caller);
  if (reservation.ok() && !(*reservation)->open()) return RefuseEnded(**reservation);
  return reservation;
}

void ReservationsDraft::StartNow(Reservation* reservation, std::optional<int64_t> lease_us) {
  stored::Started& started = *NewFact().mutable_started();
  started.set_id(reservation->id);
  started.set_lease_us(lease_us.value_or(0));
  for (const HoldLine& line : reservation->lines) {
    if (!line.consumable) books_->Start(line.resource, line.held);
  }
  Change(started, MakeContext(), reservation);
}

void ReservationsDraft::End(Reservation* reservation, stored::ReservationState state,
                            const std::string& charge) {
  if (reservation->counts()) {
    for (const HoldLine& line : reservation->lines) {
      books_->GiveBack(line.resource, stored::HELD, line.held, line.period);
      books_->GiveBack(line.resource, stored::IN_USE, line.in_use, line.period);
    }
  }
  const bool was_booked_before =
      reservation->scheduled() && context_.book->FindOpen(reservation->id) != nullptr;
  if (was_booked_before) ++cancelled_;
  stored::Ended& ended = *NewFact().mutable_ended();
  ended.set_id(reservation->id);
  ended.set_state(state);
  ended.set_charge(charge);
  const bool gave_notice = reservation->gave_notice();
  Change(ended, MakeContext(), reservation);
  if (gave_notice) Withdraw(reservation->id);
}

absl::Status ReservationsDraft::CheckGeneration(const std::string& id) const {
  if (!context_.if_match.has_value()) return absl::OkStatus();
  const Reservation* open = context_.book->FindOpen(id);
  const auto ended = open == nullptr ? context_.book->FindEnded(id, *context_.lookup) : nullptr;
  if (open == nullptr && ended == nullptr) return absl::OkStatus();  // made by this command
  const uint64_t generation = open != nullptr ? open->generation : ended->generation;
  return CheckIfMatch(context_.if_match, generation, Match::kOptional);
}

absl::Status ReservationsDraft::CheckLength(const Reservation& reservation) const {
  if (reservation.sequences.size() < kEntriesOfReservationMax) return absl::OkStatus();
  return Refuse(stored::LIMIT_OF_THE_DAEMON,
                Concat("a reservation is renewed, charged and refunded at most ",
                       kEntriesOfReservationMax, " times"));
}

absl::Status ReservationsDraft::Start(const StartReservation& command, const Caller& caller) {
  auto reservation = TouchOpen(command.id, caller);
  if (!reservation.ok()) return reservation.status();
  if ((*reservation)->state == stored::STATE_ACTIVE) {
    return Refuse(stored::ALREADY_STARTED, "the reservation is ACTIVE already");
  }
  if (auto status = CheckGeneration(command.id); !status.ok()) return status;
  if (command.lease_us.has_value()) {
    if (auto status = CheckLonger(**reservation, *command.lease_us); !status.ok()) return status;
  }
  StartNow(*reservation, command.lease_us);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Renew(const RenewReservation& command, const Caller& caller) {
  auto reservation = TouchOpen(command.id, caller);
  if (!reservation.ok()) return reservation.status();
  if ((*reservation)->stopped) {
    return Refuse(stored::OVERRUN_STOP,
                  "the reservation was told to stop for its overrun: its lease ends it");
  }
  if (auto status = CheckLength(**reservation); !status.ok()) return status;
  if (auto status = CheckGeneration(command.id); !status.ok()) return status;
  if (auto status = CheckLonger(**reservation, command.lease_us); !status.ok()) return status;
  stored::Renewed& renewed = *NewFact().mutable_renewed();
  renewed.set_id(command.id);
  renewed.set_lease_us(command.lease_us);
  Change(renewed, MakeContext(), *reservation);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Release(const ReleaseReservation& command, const Caller& caller) {
  const Reservation* const found = Find(command.id);
  const bool waits = found != nullptr && (found->queued() || found->scheduled()) &&
                     (caller.admin || caller.principal == *found->principal);
  if (waits) subject_ = command.id;
  auto reservation =
      waits ? absl::StatusOr<Reservation*>(Touch(command.id)) : TouchOpen(command.id, caller);
  if (!reservation.ok()) return reservation.status();
  if (auto status = CheckGeneration(command.id); !status.ok()) return status;
  End(*reservation, stored::STATE_RELEASED, "");
  return absl::OkStatus();
}

void ReservationsDraft::Expire(const std::string& id) {
  subject_ = id;
  End(Touch(id), stored::STATE_EXPIRED, "");
}

absl::Status ReservationsDraft::CheckNames(const NamedAmounts& amounts) const {
  Faults faults;
  for (const auto& [name, amount] : amounts) {
    if (books_->FindByName(name) == nullptr) {
      faults.Add(stored::UNKNOWN_RESOURCE, "amounts." + name, kNoSuchResource);
    }
  }
  return faults.ToStatus();
}

void ReservationsDraft::CheckLabels(const Labels& labels, Faults* faults) const {
  for (const std::string& label : books_->books().settings().required_labels()) {
    if (!FindLabel(labels, label).empty()) continue;
    faults->Add(stored::INVALID_ARGUMENT, "labels." + label, kLabelRequired);
  }
}

absl::Status ReservationsDraft::CheckLines(const Reservation& reservation,
                                           const NamedAmounts& amounts) const {
  Faults faults;
  for (const auto& [name, amount] : amounts) {
    const auto path = [&name = name] { return Concat("amounts.", name); };
    const Resource& resource = *books_->FindByName(name);
    const HoldLine* line = reservation.FindLine(resource.number);
    const bool of_a_deleted_one =
        line == nullptr && std::any_of(reservation.lines.begin(), reservation.lines.end(),
                                       [&, &name = name](const HoldLine& each) {
                                         return context_.identify(each.resource).name == name;
                                       });
    if (of_a_deleted_one) {
      faults.Add(stored::UNKNOWN_RESOURCE, path(), "the resource that was held is deleted");
    } else if (line == nullptr) {
      faults.Add(stored::INVALID_ARGUMENT, path(), "the reservation does not name it");
    } else if (!line->consumable) {
      faults.Add(stored::INVALID_ARGUMENT, path(), "only a consumable is charged");
    } else if (!Add(line->charged, amount).has_value() || !Add(line->overrun, amount).has_value()) {
      faults.Add(stored::INVALID_ARGUMENT, path(), "makes more than the largest amount");
    } else if (!books_->CanCharge(line->resource, amount, line->held)) {
      faults.Add(stored::INVALID_ARGUMENT, path(), kDebtTooLarge);
    } else if (!FitsCost(RateOfCharge(books_->rates(), resource, &reservation, books_->now_us()),
                         amount)) {
      faults.Add(stored::INVALID_ARGUMENT, path(), kCostTooLarge);
    }
  }
  return faults.ToStatus();
}

}  // namespace purser
