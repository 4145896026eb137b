// Charges within a hold and beyond it, charges without a reservation, refunds.
#include <algorithm>

#include "tests/model/model.h"

namespace purser::model {

std::string Model::UnknownResource(const Amounts& amounts) const {
  for (const auto& [resource, amount] : amounts) {
    if (!state_.books.contains(resource)) return "unknown_resource";
  }
  return "";
}

// What a charge names must be a consumable that the reservation holds, and still the same resource.
std::string Model::NotOfReservation(const Action& action) const {
  const Reservation& reservation = state_.reservations.at(action.id);
  bool named = true;
  for (const auto& [resource, amount] : action.amounts) {
    const auto line = reservation.lines.find(resource);
    const Book& book = state_.books.at(resource);
    const bool held = line != reservation.lines.end();
    if (held && line->second.incarnation != book.incarnation) return "unknown_resource";
    named = named && held && !book.settings.capacity &&
            !CostsTooMuch({{resource, amount}}, &reservation);
  }
  return named ? "" : "invalid_argument";
}

Verdict Model::ChargeVerb(const Action& action) {
  if (auto known = Recall(state_.charge_ids, action.charge_id, action)) return *known;
  if (const std::string code = UnknownResource(action.amounts); !code.empty()) return Refused(code);
  if (const std::string code = RefuseVerb(action); !code.empty()) return Refused(code);
  if (const std::string code = NotOfReservation(action); !code.empty()) return Refused(code);
  Reservation& reservation = state_.reservations.at(action.id);
  Start(&reservation);
  Verdict verdict = Post(ChargeOf(action), action.charge_id, action.amounts);
  verdict.action = reservation.stopped ? "STOP" : "";
  verdict.late = !reservation.IsOpen();
  if (!action.charge_id.empty()) {
    state_.charge_ids[action.charge_id] = {ContentOf(action), verdict, -1};
  }
  return verdict;
}

Verdict Model::PostCharge(const Action& action) {
  if (auto known = Recall(state_.charge_ids, action.charge_id, action)) return *known;
  if (const std::string code = UnknownResource(action.amounts); !code.empty()) return Refused(code);
  for (const auto& [resource, amount] : action.amounts) {
    if (state_.books.at(resource).settings.capacity) return Refused("invalid_argument");
  }
  if (CostsTooMuch(action.amounts, nullptr)) return Refused("invalid_argument");
  for (const std::string& label : required_labels_) {
    if (!action.labels.contains(label)) return Refused("invalid_argument");
  }
  Verdict verdict =
      Post({"", FamilyOf(action), action.principal, action.labels, 0, {}, "", action.category},
           action.charge_id, action.amounts);
  if (!action.charge_id.empty()) {
    state_.charge_ids[action.charge_id] = {ContentOf(action), verdict, -1};
  }
  return verdict;
}

Charge Model::ChargeOf(const Action& action) const {
  const Reservation& holder = state_.reservations.at(action.id);
  return {action.id, holder.family,  holder.principal, holder.labels, 0,
          {},        holder.purpose, action.category};
}

// Usage is a fact: posts all of it. First from the hold, then from available, the rest is a debt.
Verdict Model::Post(Charge charge, const std::string& charge_id, const Amounts& amounts) {
  Verdict verdict;
  charge.moment = state_.next_moment++;
  Reservation* reservation =
      charge.reservation.empty() ? nullptr : &state_.reservations.at(charge.reservation);
  for (const auto& [resource, amount] : amounts) {
    Book& book = state_.books.at(resource);
    ReservationLine* held = reservation == nullptr ? nullptr : &reservation->lines.at(resource);
    const int64_t within = held == nullptr ? 0 : std::min(amount, held->held);
    const int64_t overrun = amount - within;
    book.held -= within;
    book.spent += within;
    const int64_t unfunded = book.SpendBeyondHold(overrun);
    if (unfunded > 0)
      book.debts.push_back({charge.family, charge_id, unfunded, state_.next_order++});
    const bool older = held != nullptr && held->period != book.period;
    charge.lines[resource] = {within,
                              overrun,
                              0,
                              0,
                              book.period,
                              older,
                              book.incarnation,
                              PriceFor(reservation, resource),
                              CategoryOf(charge.category, resource, charge.purpose)};
    verdict.within_hold[resource] = within;
    verdict.overrun[resource] = overrun;
    verdict.overdraft[resource] = unfunded;
    if (reservation == nullptr) continue;
    held->held -= within;
    held->charged += amount;
    held->overrun += overrun;
    const bool stops = (reservation->policy == "STOP" && overrun > 0) ||
                       (reservation->policy == "EXTEND" && unfunded > 0);
    reservation->stopped = reservation->stopped || stops;
  }
  ShowCosts(charge, &verdict);
  RecordCosts(charge);
  CountForGuardrails(charge);
  state_.charges[charge_id.empty() ? FreshName() : charge_id] = charge;
  return verdict;
}

Verdict Model::Refund(const Action& action) {
  if (auto known = Recall(state_.refund_ids, action.refund_id, action)) return *known;
  if (const std::string code = UnknownResource(action.amounts); !code.empty()) return Refused(code);
  const auto found = state_.charges.find(action.charge_id);
  if (found == state_.charges.end()) return Refused("not_found");
  Charge& charge = found->second;
  Amounts wanted = action.amounts;
  Amounts left;
  for (const auto& [resource, line] : charge.lines) {
    left[resource] = line.within + line.overrun - line.within_refunded - line.overrun_refunded;
    if (action.amounts.empty() && left[resource] > 0) wanted[resource] = left[resource];
  }
  // What is wrong with the names comes before what is wrong with the amounts.
  for (const auto& [resource, amount] : wanted) {
    const auto book = state_.books.find(resource);
    const bool same = charge.lines.contains(resource) && book != state_.books.end() &&
                      book->second.incarnation == charge.lines[resource].incarnation;
    if (charge.lines.contains(resource) && !same) return Refused("unknown_resource");
  }
  for (const auto& [resource, amount] : wanted) {
    if (!charge.lines.contains(resource)) return Refused("invalid_argument");
  }
  for (const auto& [resource, amount] : wanted) {
    if (amount > left[resource]) return Refused("refund_exceeds_charge");
  }
  if (wanted.empty()) return Refused("refund_exceeds_charge");
  for (const auto& [resource, amount] : wanted) {
    RecordRefund(charge, resource, amount);
    RefundLine(charge.family, amount, &charge.lines[resource], &state_.books.at(resource));
    if (charge.reservation.empty()) continue;
    state_.reservations.at(charge.reservation).lines.at(resource).charged -= amount;
  }
  Verdict verdict;
  ShowCosts(charge, &verdict);
  if (!action.refund_id.empty()) {
    state_.refund_ids[action.refund_id] = {ContentOf(action), verdict, -1};
  }
  return verdict;
}

// Takes the overrun back first, then what was within the hold; each pays the family's own debt
// first.
void Model::RefundLine(const std::string& family, int64_t amount, ChargeLine* line, Book* book) {
  const int64_t overrun = std::min(amount, line->overrun - line->overrun_refunded);
  const int64_t within = amount - overrun;
  line->overrun_refunded += overrun;
  line->within_refunded += within;
  const bool keeps = book->CarriesAllAvailable();
  if (line->period != book->period) {  // The period is closed: the source pays.
    const int64_t rest = book->RepayOwn(family, amount);
    book->granted += amount - rest;
    if (keeps) book->Grant(rest);
    return;
  }
  book->spent -= amount;
  book->Inflow(book->RepayOwn(family, overrun));
  const int64_t rest = book->RepayOwn(family, within);
  if (line->older_hold && !keeps) {
    book->granted -= rest;
  } else {
    book->Inflow(rest);
  }
}

}  // namespace purser::model
