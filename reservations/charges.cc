// Charges, their settlement and refunds. Usage is a fact: nothing here is refused for lack of
// funds.
#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"
#include "reservations/charge_costs.h"
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

}  // namespace

void ReservationsDraft::ChargeLines(Reservation* reservation, const NamedAmounts& amounts,
                                    CostCategory category, stored::Charged* fact) {
  stored::Charged& charged = *fact;
  charged.set_category(std::string(CostCategoryName(category)));
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
    const ChargeOwner owner{charged.id(), reservation->family()};
    const Funding funding = books_->Charge(resource.number, amount, hold.held, owner);
    line.set_within_hold(funding.within_hold.micros());
    if (!funding.within_hold.is_zero()) charged.set_hold_time_us(reservation->held_since_us());
    line.set_overrun(funding.overrun.micros());
    line.set_overdraft(funding.overdraft.micros());
    SetPrice(RateOfCharge(books_->rates(), resource, reservation, books_->now_us()), resource,
             reservation->purpose, category, &line);
  }
  charged.set_stop(TellsToStop(*reservation, charged));
  if (reservation->open()) usage_.CountOpen(*reservation, -1);
  Fold(charged, MakeContext(), reservation);
  if (reservation->open()) usage_.CountOpen(*reservation, 1);
  usage_.NoteCharged(*reservation->principal, *reservation->labels, charged, MakeContext());
  charge_id_ = charged.id();
}

absl::Status ReservationsDraft::Charge(const ChargeReservation& command, const Caller& caller,
                                       int index) {
  if (auto status = CheckNames(command.amounts); !status.ok()) return status;
  auto reservation = TouchForCharge(command.reservation, caller);
  if (!reservation.ok()) return reservation.status();
  if (auto status = CheckLength(**reservation); !status.ok()) return status;
  if (auto status = CheckGeneration(command.reservation); !status.ok()) return status;
  if (auto status = CheckLines(**reservation, command.amounts); !status.ok()) return status;
  if ((*reservation)->state == stored::STATE_GRANTED) StartNow(*reservation, std::nullopt);
  stored::Charged& charged = *NewFact().mutable_charged();
  charged.set_id(ChooseId(command.id, index));
  charged.set_principal(caller.principal);
  ChargeLines(*reservation, command.amounts, command.category, &charged);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Settle(const SettleReservation& command, const Caller& caller,
                                       int index) {
  if (auto status = CheckNames(command.amounts); !status.ok()) return status;
  auto reservation = TouchOpen(command.id, caller);
  if (!reservation.ok()) return reservation.status();
  if (auto status = CheckGeneration(command.id); !status.ok()) return status;
  NamedAmounts amounts = command.amounts;
  for (const HoldLine& line : (*reservation)->lines) {
    if (!command.charge_all || !line.consumable) continue;
    amounts[context_.identify(line.resource).name] = line.held;
  }
  if (auto status = CheckLines(**reservation, amounts); !status.ok()) return status;
  if ((*reservation)->state == stored::STATE_GRANTED) StartNow(*reservation, std::nullopt);
  amounts.EraseZeros();
  std::string charge;
  // An id that was chosen is remembered also when nothing is charged: a resend is a replay then.
  if (!amounts.empty() || !command.charge_id.empty()) {
    charge = ChooseId(command.charge_id, index);
    stored::Charged& charged = *NewFact().mutable_charged();
    charged.set_id(charge);
    charged.set_principal(caller.principal);
    charged.set_settles(true);
    charged.set_charge_all(command.charge_all);
    ChargeLines(*reservation, amounts, command.category, &charged);
  }
  End(*reservation, stored::STATE_SETTLED, charge);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Post(const PostCharge& command, const Caller& caller, int index) {
  Faults faults;
  for (const auto& [name, amount] : command.amounts) {
    const Resource* resource = books_->FindByName(name);
    if (resource == nullptr) {
      faults.Add(stored::UNKNOWN_RESOURCE, "amounts." + name, kNoSuchResource);
    } else if (!resource->consumable()) {
      faults.Add(stored::INVALID_ARGUMENT, "amounts." + name, "only a consumable is charged");
    } else if (!books_->CanCharge(resource->number, amount, Amount())) {
      faults.Add(stored::INVALID_ARGUMENT, "amounts." + name, kDebtTooLarge);
    } else if (!FitsCost(RateOfCharge(books_->rates(), *resource, nullptr, books_->now_us()),
                         amount)) {
      faults.Add(stored::INVALID_ARGUMENT, "amounts." + name, kCostTooLarge);
    }
  }
  CheckLabels(command.labels, &faults);
  if (!faults.empty()) return faults.ToStatus();
  stored::Charged& charged = *NewFact().mutable_charged();
  charged.set_id(ChooseId(command.id, index));
  charged.set_category(std::string(CostCategoryName(command.category)));
  charged.set_principal(caller.principal);
  for (const auto& [key, value] : command.labels) {
    stored::Label& label = *charged.add_labels();
    label.set_key(key);
    label.set_value(value);
  }
  for (const auto& [name, amount] : command.amounts) {
    const Resource& resource = *books_->FindByName(name);
    const ChargeOwner owner{charged.id(), FamilyOf(command.labels)};
    stored::Charged::Line& line = *charged.add_lines();
    line.set_resource(resource.number);
    line.set_amount(amount.micros());
    line.set_posted_in_period(resource.period);
    const Funding funding = books_->Charge(resource.number, amount, Amount(), owner);
    line.set_overrun(funding.overrun.micros());
    line.set_overdraft(funding.overdraft.micros());
    SetPrice(RateOfCharge(books_->rates(), resource, nullptr, books_->now_us()), resource,
             stored::SERVING, command.category, &line);
  }
  usage_.NoteCharged(caller.principal, command.labels, charged, MakeContext());
  charge_id_ = charged.id();
  return absl::OkStatus();
}

}  // namespace purser
