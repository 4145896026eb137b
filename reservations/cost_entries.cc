// Cost entries and outcomes: what is posted beside charges, and moves no resource.
#include <algorithm>

#include "ledger/text.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

void StoreLabels(const Labels& labels, google::protobuf::RepeatedPtrField<stored::Label>* out) {
  for (const auto& [key, value] : labels) {
    stored::Label& label = *out->Add();
    label.set_key(key);
    label.set_value(value);
  }
}

// The weights are in the label that it names.
void StoreAllocation(const Allocation& allocation, stored::CostEntered::Allocation* out) {
  out->set_label(allocation.label);
  out->set_resource(allocation.resource);
  StoreLabels(allocation.labels, out->mutable_labels());
  out->set_period(allocation.period);
  out->set_from_us(allocation.from_us);
  out->set_until_us(allocation.until_us);
  out->set_sequence(allocation.sequence);
  out->set_as_of(allocation.as_of != 0);
}

}  // namespace

absl::Status ReservationsDraft::Enter(const EnterCost& command, const Caller& caller, int index) {
  Faults faults;
  CheckLabels(command.labels, &faults);
  if (!command.corrects.empty()) {
    const auto corrected = context_.book->FindCharge(command.corrects, *context_.lookup);
    const bool is_cost =
        corrected != nullptr && (IsCharge(*corrected) || corrected->has_cost_entered());
    // Of the same atomic batch.
    const bool is_new = std::any_of(facts_.begin(), facts_.end(), [&](const auto& fact) {
      return fact.charged().id() == command.corrects ||
             fact.cost_entered().id() == command.corrects;
    });
    if (!is_cost && !is_new) {
      faults.Add(stored::INVALID_ARGUMENT, "corrects",
                 Concat("there is no charge or cost entry \"", command.corrects, "\""));
    }
  }
  if (command.allocation.has_value() && command.allocation->sequence == 0) {
    // There was no population to look at when it was sent.
    faults.Add(stored::INVALID_ARGUMENT, "allocation.resource", "nothing of it was used yet");
  }
  if (!faults.empty()) return faults.ToStatus();
  stored::CostEntered& entered = *NewFact().mutable_cost_entered();
  entered.set_id(ChooseId(command.id, index));
  entered.set_principal(caller.principal);
  entered.set_amount(command.amount.micros());
  entered.set_category(command.category);
  StoreLabels(command.labels, entered.mutable_labels());
  entered.set_reason(command.reason);
  entered.set_corrects(command.corrects);
  if (command.count.has_value()) entered.set_count(command.count->micros());
  if (command.rate.has_value()) entered.set_rate_picos(command.rate->picos());
  if (command.allocation.has_value()) {
    StoreAllocation(*command.allocation, entered.mutable_allocation());
  }
  usage_.NoteCost(command.labels, command.amount);
  charge_id_ = entered.id();
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Report(const ReportOutcomes& command, const Caller& caller,
                                       int index) {
  stored::OutcomesReported& reported = *NewFact().mutable_outcomes_reported();
  reported.set_id(ChooseId(command.id, index));
  reported.set_principal(caller.principal);
  StoreLabels(command.labels, reported.mutable_labels());
  reported.set_accepted(command.accepted);
  reported.set_rejected(command.rejected);
  reported.set_escalated(command.escalated);
  charge_id_ = reported.id();
  return absl::OkStatus();
}

}  // namespace purser
