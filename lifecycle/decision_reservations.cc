// What a client is shown of a command, and the commands about reservations and charges.
#include "ledger/check.h"
#include "ledger/text.h"
#include "lifecycle/decision.h"

namespace purser {

// ---- what is shown

Shown& Decision::NewShown(stored::Answer::Kind kind, const std::string& id, bool created) {
  Shown& shown = shown_.emplace_back();
  shown.answer.set_kind(kind);
  shown.answer.set_id(id);
  shown.answer.set_created(created);
  shown.answer.set_sequence(books_.sequence());
  shown.lease_shift_us = population_.books.lease_shift_us();
  return shown;
}

void Decision::ShowReservation(stored::Answer::Kind kind, bool created) {
  Shown& shown = NewShown(kind, reservations_.subject(), created);
  shown.reservation = reservations_.Share(reservations_.subject());
  // What later members do is not theirs to show.
  if (rehearses_) shown.reservation = std::make_shared<ReservationPicture>(*shown.reservation);
  if (created && shown.reservation->queued()) {
    const auto& facts = reservations_.facts();
    const auto& queued = facts.Get(facts.size() - 1).queued();
    shown.waits_for = std::make_shared<const Refusal>(queued.refusal());
  }
}

void Decision::ShowCharge(bool created) {
  Shown& shown = NewShown(stored::Answer::CHARGE, reservations_.charge_id(), created);
  if (!command_.dry_run) return;  // see Shown
  const auto& facts = reservations_.facts();
  const stored::Charged& charged = facts.Get(facts.size() - 1).charged();
  const Reservation* reservation =
      charged.reservation().empty() ? nullptr : reservations_.Find(charged.reservation());
  EntryContext entry{books_.sequence(), books_.now_us(), 0, 0};
  shown.charge = std::make_shared<const stored::ChargeRecord>(
      MakeChargeRecord(charged, reservation == nullptr ? nullptr : reservation->labels.get(), entry,
                       population_.directory.function()));
}

void Decision::ShowRefund() {
  Shown& shown = NewShown(stored::Answer::REFUND, reservations_.charge_id(), true);
  const auto& facts = reservations_.facts();
  stored::Refunded refund = facts.Get(facts.size() - 1).refunded();
  refund.set_sequence(books_.sequence());
  refund.set_time_us(books_.now_us());
  auto charge = std::make_shared<stored::ChargeRecord>(
      *population_.reservations.FindCharge(refund.charge(), command_.lookup));
  *charge->add_refunds() = std::move(refund);
  shown.charge = std::move(charge);
}

template <typename Fact>
void Decision::ShowPosted(stored::Answer::Kind kind, const Fact& fact) {
  Shown& shown = NewShown(kind, reservations_.charge_id(), true);
  if (!command_.dry_run) return;  // see Shown
  EntryContext entry{books_.sequence(), books_.now_us(), 0, 0};
  shown.charge = std::make_shared<const stored::ChargeRecord>(MakeChargeRecord(fact, entry));
}

void Decision::ShowResource(uint32_t number, bool created) {
  const Resource& resource = *books_.Find(number);
  Shown& shown = NewShown(stored::Answer::RESOURCE, resource.name(), created);
  shown.answer.set_resource(number);
  shown.resources.push_back(resource);
}

// ---- reservations and charges

absl::Status Decision::DecideBody(const RequestReservation& body) {
  absl::Status status = reservations_.Request(body, command_.caller, member_);
  if (status.ok()) ShowReservation(stored::Answer::RESERVATION, true);
  return status;
}

absl::Status Decision::DecideBody(const StartReservation& body) {
  if (auto status = reservations_.Start(body, command_.caller); !status.ok()) return status;
  ShowReservation(stored::Answer::RESERVATION, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const RenewReservation& body) {
  if (auto status = reservations_.Renew(body, command_.caller); !status.ok()) return status;
  ShowReservation(stored::Answer::RESERVATION, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const ChargeReservation& body) {
  absl::Status status = reservations_.Charge(body, command_.caller, member_);
  if (!status.ok()) return status;
  ShowCharge(true);
  return status;
}

absl::Status Decision::DecideBody(const SettleReservation& body) {
  absl::Status status = reservations_.Settle(body, command_.caller, member_);
  if (!status.ok()) return status;
  ShowReservation(stored::Answer::RESERVATION, false);
  return status;
}

absl::Status Decision::DecideBody(const ReleaseReservation& body) {
  if (auto status = reservations_.Release(body, command_.caller); !status.ok()) return status;
  ShowReservation(stored::Answer::RESERVATION, false);
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const PostCharge& body) {
  absl::Status status = reservations_.Post(body, command_.caller, member_);
  if (status.ok()) ShowCharge(true);
  return status;
}

absl::Status Decision::DecideBody(const RefundCharge& body) {
  absl::Status status = reservations_.Refund(body, member_);
  if (status.ok()) ShowRefund();
  return status;
}

absl::Status Decision::DecideBody(const EnterCost& body) {
  absl::Status status = reservations_.Enter(body, command_.caller, member_);
  const auto& facts = reservations_.facts();
  if (status.ok()) ShowPosted(stored::Answer::COST_ENTRY, facts.rbegin()->cost_entered());
  return status;
}

absl::Status Decision::DecideBody(const ReportOutcomes& body) {
  absl::Status status = reservations_.Report(body, command_.caller, member_);
  const auto& facts = reservations_.facts();
  if (status.ok()) ShowPosted(stored::Answer::OUTCOMES, facts.rbegin()->outcomes_reported());
  return status;
}

absl::Status Decision::DecideBody(const Batch&) {
  PURSER_CHECK(false, "a batch is decided by its members");
  return absl::OkStatus();
}

absl::Status Decision::DecideBody(const LetPass& body) {
  const bool is_old = body.judged_sequence < population_.last_change;
  const bool is_late = books_.now_us() > body.judged_us + kPassingSlackUs;
  if (!is_old && !is_late && reservations_.LetPass(body.id)) return absl::OkStatus();
  return Refuse(stored::NOT_FOUND, "it does not wait, or something has changed since");
}

absl::Status Decision::DecideBody(const ExplainRequests& body) {
  for (const stored::RequestExplained& each : body.explained) reservations_.Explain(each);
  return absl::OkStatus();
}

}  // namespace purser
