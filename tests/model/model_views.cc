// What the model shows: views, the identity line, invariants, the digest.
#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/decimal.h"
#include "tests/model/model.h"

namespace purser::model {
namespace {

// Invariants 1 and 2 of ledger.md 7, and what follows from the order of inflow.
std::string CheckBook(const Book& book) {
  const int64_t sum = book.available + book.reserve + book.held + book.in_use + book.spent;
  if (book.granted != sum + book.overdraft) return "granted is not the sum of the accounts";
  const int64_t least = std::min({book.available, book.reserve, book.held, book.in_use, book.spent,
                                  book.shortfall, -book.overdraft, book.Base()});
  if (least < 0) return "an account is negative";
  if (book.overdraft != -book.TotalDebt()) return "overdraft is not the sum of the debts";
  if (book.overdraft < 0 && book.available != 0) return "available beside a debt";
  if (book.shortfall > 0 && book.available != 0) return "available beside a shortfall";
  if (book.reserve > book.Target()) return "reserve above its target";
  if (!book.HasPeriods() && book.granted != book.Posted() + book.shortfall) {
    return "granted is not what was posted and the shortfall";
  }
  for (const Debt& debt : book.debts) {
    if (debt.amount <= 0) return "an empty debt";
  }
  return "";
}

}  // namespace

std::optional<ResourceView> Model::FindResource(const std::string& name) const {
  const auto found = state_.books.find(name);
  if (found == state_.books.end()) return std::nullopt;
  const Book& book = found->second;
  const int64_t target = book.Target();
  return ResourceView{book.granted,
                      book.available,
                      book.reserve,
                      book.held,
                      book.in_use,
                      book.spent,
                      book.overdraft,
                      book.Base(),
                      target,
                      std::max<int64_t>(0, target - book.reserve),
                      std::max<int64_t>(0, book.reserve - book.TotalDebt()),
                      book.shortfall};
}

std::optional<ReservationView> Model::FindReservation(const std::string& id) const {
  const auto found = state_.reservations.find(id);
  if (found == state_.reservations.end()) return std::nullopt;
  ReservationView view;
  view.state = found->second.state;
  view.expires_us = found->second.expires_us;
  view.stopped = found->second.stopped;
  view.preempt_at_us = found->second.preempt_at_us;
  view.preempted_for = found->second.preempted_for;
  view.approver = found->second.approver;
  // The model's own names mean nothing outside.
  if (!view.preempted_for.empty() && view.preempted_for[0] == '_') view.preempted_for = "_";
  for (const auto& [resource, line] : found->second.lines) {
    view.lines[resource] = {line.granted, line.held, line.in_use, line.charged, line.overrun};
  }
  return view;
}

std::vector<DebtView> Model::ListDebts() const {
  std::map<int64_t, DebtView> ordered;
  for (const auto& [name, book] : state_.books) {
    for (const Debt& debt : book.debts) {
      ordered[debt.order] = {debt.family, name, debt.charge, debt.amount};
    }
  }
  std::vector<DebtView> debts;
  debts.reserve(ordered.size());
  for (const auto& [order, debt] : ordered) debts.push_back(debt);
  return debts;
}

std::vector<FreezeView> Model::ListFreezes() const {
  std::vector<FreezeView> freezes;
  for (const auto& [key, freeze] : state_.freezes) freezes.push_back(freeze);
  return freezes;
}

std::vector<std::string> Model::ListQueue() const {
  std::vector<std::string> ids;
  for (const Waiting& waiting : QueueInOrder()) {
    ids.push_back(waiting.request.id.empty() ? "_" : waiting.id);
  }
  return ids;
}

std::string Model::Identity(const std::string& resource) const {
  const auto found = state_.books.find(resource);
  if (found == state_.books.end()) return "";
  const Book& book = found->second;
  const std::pair<const char*, int64_t> terms[] = {
      {"available", book.available}, {"reserve", book.reserve}, {"held", book.held},
      {"in_use", book.in_use},       {"spent", book.spent},     {"overdraft", book.overdraft}};
  std::string sum;
  for (const auto& [name, amount] : terms) {
    if (amount == 0) continue;
    sum += (sum.empty() ? "" : " + ") + std::string(name) + " " + FormatDecimal(amount);
  }
  return "granted " + FormatDecimal(book.granted) + " = " + (sum.empty() ? "available 0" : sum);
}

std::string Model::CheckInvariants() const {
  for (const auto& [name, book] : state_.books) {
    const std::string broken = CheckBook(book);
    if (!broken.empty()) return std::string(name).append(": ").append(broken);
    int64_t held = 0;
    int64_t in_use = 0;
    for (const auto& [id, reservation] : state_.reservations) {
      const auto line = reservation.lines.find(name);
      if (!reservation.IsPromised() || line == reservation.lines.end()) continue;
      held += line->second.held;
      in_use += line->second.in_use;
    }
    for (const auto& [id, artifact] : state_.zoo.artifacts) {
      const Amounts occupied = OccupiedBy(artifact);
      if (const auto part = occupied.find(name); part != occupied.end()) in_use += part->second;
    }
    if (book.held != held || book.in_use != in_use) {
      return name + ": held or in_use is not the sum over the open reservations and models";
    }
  }
  if (std::string broken = CheckClosed(); !broken.empty()) return broken;
  if (std::string broken = CheckBookings(); !broken.empty()) return broken;
  if (std::string broken = CheckNotices(); !broken.empty()) return broken;
  if (std::string broken = CheckArtifacts(); !broken.empty()) return broken;
  if (std::string broken = CheckProposals(); !broken.empty()) return broken;
  return CheckQueue();
}

std::string Model::Digest() const {
  std::string out = "now " + FormatInstant(state_.now_us) + "\n";
  for (const auto& [name, book] : state_.books) {
    out += name + ": " + Identity(name) + " base " + FormatDecimal(book.Base()) + " target " +
           FormatDecimal(book.Target()) + " shortfall " + FormatDecimal(book.shortfall) +
           " amount " + FormatDecimal(*book.settings.amount) + " in force " +
           FormatDecimal(book.amount_in_force) + " boundary " +
           std::to_string(book.next_boundary_us) + "\n";
  }
  for (const auto& [id, reservation] : state_.reservations) {
    out += id + ": " + reservation.state + (reservation.stopped ? " stopped" : "") + " expires " +
           std::to_string(reservation.expires_us);
    if (!reservation.preempted_for.empty()) {
      out += " gives way at " + FormatInstant(reservation.preempt_at_us) + " for " +
             reservation.preempted_for;
    }
    for (const auto& [resource, line] : reservation.lines) {
      out += " " + resource;
      for (const int64_t part :
           {line.granted, line.held, line.in_use, line.charged, line.overrun}) {
        out += " " + FormatDecimal(part);
      }
    }
    out += "\n";
  }
  for (const Waiting& booking : state_.bookings) {
    out += "booked " + booking.id + " from " + FormatInstant(*booking.request.start_at_us) +
           " until " + FormatInstant(booking.BookedUntilUs()) + "\n";
  }
  for (const Waiting& waiting : QueueInOrder()) {
    out += "waits " + waiting.id + " " + FormatInstant(waiting.arrived_us) + " until " +
           FormatInstant(waiting.GivesUpUs()) + "\n";
  }
  for (const Notice& notice : state_.notices) {
    out += "notice of " + notice.id + " at " + FormatInstant(notice.preempt_at_us) + "\n";
  }
  for (const auto& [id, charge] : state_.charges) {
    out += "charge " + id;
    for (const auto& [resource, line] : charge.lines) {
      out += " " + resource + " left " + FormatDecimal(line.within - line.within_refunded) +
             " within, " + FormatDecimal(line.overrun - line.overrun_refunded) + " beyond";
    }
    out += "\n";
  }
  for (const DebtView& debt : ListDebts()) {
    out += "debt " + debt.family + " " + debt.resource + " " + debt.charge + " " +
           FormatDecimal(debt.amount) + "\n";
  }
  for (const FreezeView& freeze : ListFreezes()) {
    out += "freeze " + freeze.kind + " " + freeze.name + " " +
           (freeze.until_us ? FormatInstant(*freeze.until_us) : "") + "\n";
  }
  out += "outcomes " + std::to_string(state_.outcomes.size()) + "\n";
  out += "budgets " + Budgets() + " " + BudgetMonth() + "\n";
  return out + DigestOfArtifacts() + DigestOfProposals();
}

}  // namespace purser::model
