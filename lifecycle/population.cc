#include "lifecycle/population.h"

namespace purser {

std::string FindFault(const Population& population) {
  std::string fault = population.books.FindFault();
  if (!fault.empty()) return fault;
  const ModelResources resources = ModelResources::Of(population.books);
  const Occupied occupied = population.models.SumOccupied(resources);
  fault = population.reservations.FindFault(population.books, occupied);
  if (!fault.empty()) return fault;
  const auto slots = occupied.find(resources.slots);
  const Amount counted = slots == occupied.end() ? Amount() : slots->second;
  const auto active = static_cast<int64_t>(population.models.active().size());
  if (resources.slots != 0 && counted != Amount::FromUnits(active)) {
    return "invariant 5: the ACTIVE models are not those that occupy slots";
  }
  return population.models.FindFault(resources);
}

std::optional<Due> NextDue(const Population& population) {
  std::optional<Due> next;
  const auto consider = [&next](Due due) {
    if (due.at_us != 0 && (!next || due.at_us < next->at_us)) next = std::move(due);
  };
  // An equal instant does not displace: that is the order.
  if (const stored::CostMonth* month = population.books.budgets().month()) {
    consider({month->until_us(), stored::COST_MONTH, 0, ""});
  }
  if (const auto boundary = population.books.NextBoundary()) {
    consider({boundary->at_us, stored::ROLLOVER, boundary->resource, ""});
  }
  if (auto end = population.books.freezes().NextEnd()) {
    consider({end->at_us, stored::THAW, 0, std::move(end->id)});
  }
  if (const auto time_out = population.reservations.queue().NextTimeOut()) {
    consider({time_out->at_us, stored::TIME_OUT, 0, *time_out->id});
  }
  if (auto expiry = population.reservations.NextExpiry(population.books.lease_shift_us())) {
    consider({expiry->at_us, stored::EXPIRE, 0, std::move(expiry->id)});
  }
  if (const Reservation* gave = population.reservations.queue().NextNotice()) {
    const InstantUs at_us = gave->notice->preempt_end_us + population.books.lease_shift_us();
    consider({at_us, stored::PREEMPT, 0, gave->id});
  }
  if (const auto& bookings = population.reservations.bookings().by_key(); !bookings.empty()) {
    const auto& [key, booked] = *bookings.begin();
    consider({key.start_at_us, stored::START_SCHEDULED, 0, booked->id});
  }
  if (auto window = population.models.NextWindow()) {
    consider({window->ends_us, stored::END_ROLLBACK_WINDOW, 0, std::move(window->id)});
  }
  if (auto approval = population.models.NextApproval()) {
    consider({approval->at_us, stored::EXPIRE_APPROVAL, 0, std::move(approval->id)});
  }
  if (auto expiry = population.models.proposals().NextExpiry()) {
    consider({expiry->at_us, stored::EXPIRE_PROPOSAL, 0, std::move(expiry->id)});
  }
  // Whatever else an entry of the new day does, it looks at who waits.
  if (population.books.limits().has_days() && population.reservations.queue().size() > 0) {
    consider({DayStart(DayOf(population.last_time_us) + 1), stored::NEW_DAY, 0, ""});
  }
  if (auto saving = population.models.proposals().NextSaving()) {
    consider({saving->at_us, stored::BOOK_SAVING, 0, std::move(saving->id)});
  }
  // Whom a budget keeps waiting may cost less from then on.
  const Books& books = population.books;
  if (!books.budgets().empty() && population.reservations.queue().size() > 0) {
    consider({books.rates().NextChange(population.last_time_us), stored::NEW_RATES, 0, ""});
  }
  return next;
}

}  // namespace purser
