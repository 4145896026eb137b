// Budgets: what they say of requests, who approves what they ask for, and what is told of them
// (daemon/decisions/0015).
#include "ledger/rate_book.h"
#include "ledger/text.h"
#include "reservations/charge_costs.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

stored::RequestReviewed MakeReview(const std::string& id, const std::string& reason,
                                   const Caller& caller, bool approved) {
  stored::RequestReviewed reviewed;
  reviewed.set_id(id);
  reviewed.set_principal(caller.principal);
  reviewed.set_approved(approved);
  reviewed.set_reason(reason);
  return reviewed;
}

}  // namespace

void ReservationsDraft::FindBudgets(const RequestReservation& command, Judged* judged) const {
  if (books_->budgets().empty() || PassesBudgets(command.purpose)) return;
  BudgetCheck check(*books_, usage_, command.labels, CostsOf(*books_, command), false);
  const InstantUs next_us = books_->budgets().month()->until_us();
  // What is sent again then.
  const bool may_come =
      (command.start_at_us == 0 || command.start_at_us > next_us) &&
      (command.quoted_at_us == 0 || command.quoted_at_us + kQuoteValidUs > next_us);
  if (!check.blocking().empty() && may_come) {
    check.NoteNextMonth(*books_, command.labels, CostsOf(*books_, command, next_us), false);
  }
  judged->is_hopeless = judged->is_hopeless || check.refuses();
  AddBudgets(check, &judged->refusal);
}

void ReservationsDraft::FindBudgets(const ReservationPicture& queued, Refusal* refusal) const {
  if (books_->budgets().empty() || queued.booked() || PassesBudgets(queued.purpose)) return;
  const bool is_approved = queued.approver != nullptr;
  BudgetCheck check(*books_, usage_, *queued.labels, CostsOf(*books_, queued), is_approved);
  if (!check.blocking().empty()) {
    const InstantUs next_us = books_->budgets().month()->until_us();
    check.NoteNextMonth(*books_, *queued.labels, CostsOf(*books_, queued, next_us), is_approved);
  }
  AddBudgets(check, refusal);
}

void ReservationsDraft::AddBudgets(const BudgetCheck& check, Refusal* refusal) {
  for (const Refusal::Blocking& blocking : check.blocking()) {
    if (refusal->reason() == stored::REASON_UNSPECIFIED) {
      refusal->set_reason(check.refuses() ? stored::BUDGET_BLOCKED : stored::APPROVAL_REQUIRED);
    }
    *refusal->add_blocking() = blocking;
  }
}

std::optional<Rate> ReservationsDraft::RateOfRequest(const RequestReservation& command,
                                                     const Resource& resource) const {
  const InstantUs at_us = command.quoted_at_us != 0 ? command.quoted_at_us : books_->now_us();
  return FindUnitRate(books_->rates(), resource, at_us);
}

void ReservationsDraft::SetHeldRate(const Resource& resource, const std::optional<Rate>& rate,
                                    stored::Held::Line* line) {
  if (!resource.consumable() || !rate.has_value()) return;
  line->set_rate_picos(rate->picos());
}

absl::StatusOr<Reservation*> ReservationsDraft::TouchReviewed(const std::string& id, bool approves,
                                                              const Caller& caller) {
  const Reservation* const found = Find(id);
  if (found == nullptr) {
    return Refuse(stored::NOT_FOUND, Concat("nothing called \"", id, "\" waits for an approval"));
  }
  if (caller.principal == *found->principal) {
    return Refuse(stored::FORBIDDEN, "another than who asks has to decide");
  }
  if (!found->queued()) {
    const std::string state = stored::ReservationState_Name(found->state).substr(6);
    return Refuse(stored::WRONG_STATE,
                  Concat("it is ", state, "; only what is QUEUED is approved or rejected"));
  }
  if (approves && found->approver != nullptr) {
    return Refuse(stored::WRONG_STATE, Concat(*found->approver, " has approved it"));
  }
  if (!MayBeReviewed(*books_, usage_, *found, approves)) {
    return Refuse(stored::WRONG_STATE, "no budget asks for an approval of it");
  }
  if (auto status = CheckGeneration(id); !status.ok()) return status;
  subject_ = id;
  return Touch(id);
}

absl::Status ReservationsDraft::Approve(const std::string& id, const std::string& reason,
                                        const Caller& caller) {
  auto reservation = TouchReviewed(id, true, caller);
  if (!reservation.ok()) return reservation.status();
  stored::RequestReviewed& reviewed = *NewFact().mutable_reviewed();
  reviewed = MakeReview(id, reason, caller, true);
  Change(reviewed, MakeContext(), *reservation);
  return absl::OkStatus();
}

absl::Status ReservationsDraft::Reject(const std::string& id, const std::string& reason,
                                       const Caller& caller) {
  auto reservation = TouchReviewed(id, false, caller);
  if (!reservation.ok()) return reservation.status();
  stored::RequestReviewed& reviewed = *NewFact().mutable_reviewed();
  reviewed = MakeReview(id, reason, caller, false);
  Change(reviewed, MakeContext(), *reservation);
  End(*reservation, stored::STATE_DENIED, "");
  return absl::OkStatus();
}

std::vector<stored::BudgetCrossed> ReservationsDraft::TellCrossings() {
  std::vector<stored::BudgetCrossed> crossings = usage_.FindCrossings();
  for (const stored::BudgetCrossed& crossed : crossings) books_->TellCrossing(crossed);
  return crossings;
}

}  // namespace purser
