// Charges, their settlement and refunds. Usage is a fact: nothing here is refused for lack of
// funds.
#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

// Whether this charge, on top of what was said before, tells the holder to stop.
bool TellsToStop(const Reservation& reservation, const stored::Charged& charged) {
  if (reservation.stopped) return true;
  const auto any = [&charged](auto has) {
    return std::any_of(charged.lines().begin(), charged.lines().end(), has);
  };
  switch (reservation.overrun_policy) {
    case stored::STOP:
      return any([](const auto& line) { return line.overrun() > 0; });
    case stored::EXTEND:
      return any([](const auto& line) { return line.overdraft() > 0; });
    default:
      return false;
  }
}

Amount RefundedOf(const stored::ChargeRecord& charge, uint32_t resource) {
  Amount sum;
  for (const auto& refund : charge.refunds()) {
    for (const auto& line : refund.lines()) {
      if (line.resource() == resource) sum += Amount::FromMicros(line.amount());
    }
  }
  return sum;
}

}  // namespace

absl::Status ReservationsDraft::ChargeLines(Reservation* reservation, const NamedAmounts& amounts,
                                            stored::Charged charged) {
  charged.set_reservation(reservation->id);
  charged.set_late(!reservation->open());
  for (const auto& [name, amount] : amounts) {
    const Resource& resource = *books_->FindByName(name);
    const HoldLine& hold = *reservation->FindLine(resource.number);
    stored::Charged::Line& line = *charged.add_lines();
    line.set_resource(resource.number);
    line.set_amount(amount.micros());
    line.set_posted_in_period(resource.period);
    line.set_held_in_period(hold.period);
    Funding funding;
    const ChargeOwner owner{charged.id(), reservation->family()};
    if (auto status = books_->Charge(resource.number, amount, hold.held, owner, &funding);
        !status.ok()) {
      return status;
    }
    line.set_within_hold(funding.within_hold.micros());
    line.set_overrun(funding.overrun.micros());
    line.set_overdraft(funding.overdraft.micros());
  }
  charged.set_stop(TellsToStop(*reservation, charged));
  Fold(charged, MakeContext(), reservation);
  charge_id_ = charged.id();
  *NewFact().mutable_charged() = std::move(charged);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Charge(const ChargeReservation& command, const Caller& caller,
                                       int index) {
  if (auto status = CheckNames(command.amounts); !status.ok()) return status;
  auto reservation = TouchForCharge(command.reservation, caller);
  if (!reservation.ok()) return reservation.status();
  if (auto status = CheckLength(**reservation); !status.ok()) return status;
  if (auto status = CheckLines(**reservation, command.amounts); !status.ok()) return status;
  if ((*reservation)->state == stored::STATE_GRANTED) StartNow(*reservation, std::nullopt);
  stored::Charged charged;
  charged.set_id(ChooseId(command.id, index));
  charged.set_category(command.category);
  charged.set_principal(caller.principal);
  return ChargeLines(*reservation, command.amounts, std::move(charged));
}

absl::Status ReservationsDraft::Settle(const SettleReservation& command, const Caller& caller,
                                       int index) {
  if (auto status = CheckNames(command.amounts); !status.ok()) return status;
  auto reservation = TouchOpen(command.id, caller);
  if (!reservation.ok()) return reservation.status();
  if (auto status = CheckLines(**reservation, command.amounts); !status.ok()) return status;
  if ((*reservation)->state == stored::STATE_GRANTED) StartNow(*reservation, std::nullopt);
  NamedAmounts amounts = command.amounts;
  for (const HoldLine& line : (*reservation)->lines) {
    if (!command.charge_all || !line.consumable) continue;
    amounts[std::string(context_.identify(line.resource).name)] = line.held;
  }
  std::erase_if(amounts, [](const auto& named) { return named.second.is_zero(); });
  std::string charge;
  // An id that was chosen is remembered also when nothing is charged: a resend is a replay then.
  if (!amounts.empty() || !command.charge_id.empty()) {
    charge = ChooseId(command.charge_id, index);
    stored::Charged charged;
    charged.set_id(charge);
    charged.set_category(command.category);
    charged.set_principal(caller.principal);
    charged.set_settles(true);
    charged.set_charge_all(command.charge_all);
    auto status = ChargeLines(*reservation, amounts, std::move(charged));
    if (!status.ok()) return status;
  }
  End(*reservation, stored::STATE_SETTLED, charge);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Post(const PostCharge& command, const Caller& caller, int index) {
  Faults faults;
  for (const auto& [name, amount] : command.amounts) {
    const Resource* resource = books_->FindByName(name);
    if (resource == nullptr) {
      faults.Add(stored::UNKNOWN_RESOURCE, "amounts." + name,
                 "the population has no such resource");
    } else if (!resource->consumable()) {
      faults.Add(stored::INVALID_ARGUMENT, "amounts." + name, "only a consumable is charged");
    }
  }
  for (const std::string& label : books_->books().settings().required_labels()) {
    if (FindLabel(command.labels, label).empty()) {
      faults.Add(stored::INVALID_ARGUMENT, "labels." + label,
                 "required by the population's settings");
    }
  }
  if (!faults.empty()) return faults.ToStatus();
  stored::Charged charged;
  charged.set_id(ChooseId(command.id, index));
  charged.set_category(command.category);
  charged.set_principal(caller.principal);
  for (const auto& [key, value] : command.labels) {
    stored::Label& label = *charged.add_labels();
    label.set_key(key);
    label.set_value(value);
  }
  for (const auto& [name, amount] : command.amounts) {
    const Resource& resource = *books_->FindByName(name);
    Funding funding;
    const ChargeOwner owner{charged.id(), FamilyOf(command.labels)};
    stored::Charged::Line& line = *charged.add_lines();
    line.set_resource(resource.number);
    line.set_amount(amount.micros());
    line.set_posted_in_period(resource.period);
    if (auto status = books_->Charge(resource.number, amount, Amount(), owner, &funding);
        !status.ok()) {
      return status;
    }
    line.set_overrun(funding.overrun.micros());
    line.set_overdraft(funding.overdraft.micros());
  }
  charge_id_ = charged.id();
  *NewFact().mutable_charged() = std::move(charged);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Refund(const RefundCharge& command, int index) {
  // Faults that need the state come before the charge is looked for; whether a resource lives on is
  // known only of the charge's own, so that is checked with its lines.
  const auto charge = context_.book->FindCharge(command.charge, *context_.lookup);
  if (charge == nullptr || !charge->refund_of().empty()) {
    return Refuse(stored::NOT_FOUND, Concat("there is no charge \"", command.charge, "\""));
  }
  if (charge->refunds_size() >= static_cast<int>(kRefundsOfChargeMax)) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a charge takes at most ", kRefundsOfChargeMax, " refunds"));
  }
  Faults faults;
  stored::Refunded refunded;
  bool exceeds = false;
  NamedAmounts named = command.amounts;
  Labels labels;
  for (const auto& label : charge->labels()) labels.emplace_back(label.key(), label.value());
  for (int i = 0; i < charge->charged().lines_size(); ++i) {
    const stored::Charged::Line& line = charge->charged().lines(i);
    const std::string& name = charge->resource_names(i);
    const Amount refunded_before = RefundedOf(*charge, line.resource());
    const Amount left = Amount::FromMicros(line.amount()) - refunded_before;
    Amount amount = left;
    if (!command.amounts.empty()) {
      const auto asked = named.find(name);
      if (asked == named.end()) continue;
      amount = asked->second;
      named.erase(asked);
    }
    exceeds = exceeds || amount > left;
    if (amount.is_zero() || exceeds) continue;
    if (books_->Find(line.resource()) == nullptr) {
      faults.Add(stored::UNKNOWN_RESOURCE, "amounts." + name, "the resource is deleted");
      continue;
    }
    stored::Refunded::Line& out = *refunded.add_lines();
    out.set_resource(line.resource());
    out.set_amount(amount.micros());
    // What overran the hold goes back first, then what was within it.
    const Amount overrun_left =
        std::max(Amount(), Amount::FromMicros(line.overrun()) - refunded_before);
    const Amount of_overrun = std::min(amount, overrun_left);
    const std::string_view family = FamilyOf(labels);
    for (const auto& [part, held_in] : {std::pair(of_overrun, uint64_t{0}),
                                        std::pair(amount - of_overrun, line.held_in_period())}) {
      if (part.is_zero()) continue;
      auto status = books_->Refund(line.resource(), part, line.posted_in_period(), held_in, family);
      if (!status.ok()) return status;
    }
  }
  for (const auto& [name, amount] : named) {
    const Reason reason =
        books_->FindByName(name) == nullptr ? stored::UNKNOWN_RESOURCE : stored::INVALID_ARGUMENT;
    faults.Add(reason, "amounts." + name, "the charge does not name it");
  }
  if (!faults.empty()) return faults.ToStatus();
  if (exceeds || refunded.lines().empty()) {
    return Refuse(stored::REFUND_EXCEEDS_CHARGE, "more than is left of the charge");
  }
  refunded.set_id(ChooseId(command.id, index));
  refunded.set_charge(command.charge);
  refunded.set_reservation(charge->charged().reservation());
  refunded.set_reason(command.reason);
  if (!refunded.reservation().empty()) {
    // The reservation may have ended long ago: it is in the look-up then.
    if (Find(refunded.reservation()) == nullptr) {
      return Refuse(stored::INTERNAL, "the charge's reservation was not looked up");
    }
    Reservation* reservation = Touch(refunded.reservation());
    Fold(refunded, MakeContext(), reservation);
  }
  charge_id_ = refunded.id();
  subject_ = command.charge;
  *NewFact().mutable_refunded() = std::move(refunded);
  return absl::OkStatus();
}

}  // namespace purser
