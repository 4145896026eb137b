// Refunds: part of a charge taken back, of the same family, resource by resource.
#include <algorithm>

#include "ledger/text.h"
#include "reservations/charge_costs.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

Labels LabelsOf(const stored::ChargeRecord& charge) {
  Labels labels;
  for (const auto& label : charge.labels()) labels.emplace_back(label.key(), label.value());
  return labels;
}

}  // namespace

// The lines that a refund asks for: all that is left of each resource where it names none.
absl::Status ReservationsDraft::ResolveRefund(const RefundCharge& command,
                                              const stored::ChargeRecord& charge,
                                              stored::Refunded* refunded) const {
  Faults faults;
  std::string exceeding;
  NamedAmounts named = command.amounts;
  for (int i = 0; i < charge.charged().lines_size(); ++i) {
    const stored::Charged::Line& line = charge.charged().lines(i);
    const std::string& name = charge.resource_names(i);
    const Amount left = Amount::FromMicros(line.amount()) - RefundedOf(charge, line.resource());
    const auto asked = named.find(name);
    if (!command.amounts.empty() && asked == named.end()) continue;
    const Amount amount = command.amounts.empty() ? left : asked->second;
    if (asked != named.end()) named.Erase(name);
    if (amount.is_zero()) continue;
    if (books_->Find(line.resource()) == nullptr) {
      faults.Add(
          stored::UNKNOWN_RESOURCE, "amounts." + name,
          "the resource that was charged is deleted: enter its cost, below 0, as a cost entry that "
          "corrects the charge");
    }
    if (amount > left) {
      exceeding += Concat(exceeding.empty() ? "" : ", ", "of ", name, " ", left.ToString());
    }
    stored::Refunded::Line& out = *refunded->add_lines();
    out.set_resource(line.resource());
    out.set_amount(amount.micros());
  }
  for (const auto& [name, amount] : named) {
    const Reason reason =
        books_->FindByName(name) == nullptr ? stored::UNKNOWN_RESOURCE : stored::INVALID_ARGUMENT;
    faults.Add(reason, "amounts." + name, "the charge does not name it");
  }
  if (!faults.empty()) return faults.ToStatus();
  if (refunded->lines().empty()) {
    return Refuse(stored::REFUND_EXCEEDS_CHARGE, "nothing is left of the charge");
  }
  if (!exceeding.empty()) {
    return Refuse(stored::REFUND_EXCEEDS_CHARGE,
                  Concat("more than is left of the charge: ", exceeding));
  }
  return absl::OkStatus();
}

absl::Status ReservationsDraft::PostRefund(const stored::ChargeRecord& charge,
                                           const stored::Refunded& refunded) {
  const Labels labels = LabelsOf(charge);
  for (const auto& refund : refunded.lines()) {
    const auto& lines = charge.charged().lines();
    const auto line = std::find_if(lines.begin(), lines.end(), [&](const auto& each) {
      return each.resource() == refund.resource();
    });
    // What overran the hold goes back first, then what was within it.
    const Amount amount = Amount::FromMicros(refund.amount());
    const Amount overrun_left = std::max(
        Amount(), Amount::FromMicros(line->overrun()) - RefundedOf(charge, refund.resource()));
    const Amount of_overrun = std::min(amount, overrun_left);
    for (const auto& [part, held_in] : {std::pair(of_overrun, uint64_t{0}),
                                        std::pair(amount - of_overrun, line->held_in_period())}) {
      if (part.is_zero()) continue;
      auto status = books_->Refund(refund.resource(), part, line->posted_in_period(), held_in,
                                   FamilyOf(labels));
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Refund(const RefundCharge& command, int index) {
  if (auto status = CheckNames(command.amounts); !status.ok()) return status;
  const auto charge = context_.book->FindCharge(command.charge, *context_.lookup);
  if (charge == nullptr || !IsCharge(*charge)) {
    return Refuse(stored::NOT_FOUND, Concat("there is no charge \"", command.charge, "\""));
  }
  if (charge->refunds_size() >= static_cast<int>(kRefundsOfChargeMax)) {
    return Refuse(stored::LIMIT_OF_THE_DAEMON,
                  Concat("a charge takes at most ", kRefundsOfChargeMax, " refunds"));
  }
  const std::string& of_reservation = charge->charged().reservation();
  if (!of_reservation.empty()) {
    // The reservation may have ended long ago: it is in the look-up then.
    const Reservation* reservation = Find(of_reservation);
    if (reservation == nullptr) {
      return Refuse(stored::INTERNAL, "the charge's reservation was not looked up");
    }
    if (auto status = CheckLength(*reservation); !status.ok()) return status;
  }
  stored::Refunded refunded;
  if (auto status = ResolveRefund(command, *charge, &refunded); !status.ok()) return status;
  if (auto status = PostRefund(*charge, refunded); !status.ok()) return status;
  refunded.set_id(ChooseId(command.id, index));
  refunded.set_charge(command.charge);
  refunded.set_reservation(of_reservation);
  refunded.set_reason(command.reason);
  refunded.set_all_left(command.amounts.empty());
  if (of_reservation.empty()) {
    usage_.NoteRefunded(charge->charged().principal(), LabelsOf(*charge), refunded, *charge,
                        MakeContext());
  } else {
    const Reservation& reservation = *Touch(of_reservation);
    usage_.NoteRefunded(*reservation.principal, *reservation.labels, refunded, *charge,
                        MakeContext());
    Fold(refunded, MakeContext(), Touch(of_reservation));
  }
  charge_id_ = refunded.id();
  subject_ = command.charge;
  *NewFact().mutable_refunded() = std::move(refunded);
  return absl::OkStatus();
}

}  // namespace purser
