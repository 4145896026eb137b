// Deciding that a month is closed (daemon/decisions/0012).
#include "ledger/text.h"
#include "lifecycle/decision.h"

namespace purser {
namespace {

// Until when it holds unless it is renewed; 0: it is late for its start.
InstantUs HeldUntil(const Reservation& holds, int64_t lease_shift_us) {
  if (holds.open()) return holds.end_us() + lease_shift_us;
  return holds.scheduled() ? holds.start_at_us + holds.lease_us : 0;
}

absl::Status RefuseHeld(const ClosePeriod& body, const ReservationBook& reservations,
                        int64_t lease_shift_us) {
  Refusal refusal;
  refusal.set_reason(stored::PERIOD_HELD);
  refusal.set_detail(Concat(body.held.count, " reservation", body.held.count == 1 ? "" : "s",
                            " still hold", body.held.count == 1 ? "s" : "",
                            " consumables since before the end of ", body.period,
                            ", and what they charge is of that month"));
  for (const std::string& id : body.held.first) {
    auto& blocking = *refusal.add_blocking();
    blocking.set_kind("HOLD");
    blocking.set_name(id);
    const InstantUs until_us = HeldUntil(*reservations.FindOpen(id), lease_shift_us);
    if (until_us != 0) blocking.set_until_us(until_us);
  }
  return Refuse(refusal);
}

// Of those who held when it was looked; who is not named is taken to hold still.
void DropWhoEnded(const ReservationBook& reservations, ClosePeriod* body) {
  const uint64_t others = body->held.count - body->held.first.size();
  std::erase_if(body->held.first, [&](const std::string& id) {
    const Reservation* const open = reservations.FindOpen(id);
    return open == nullptr || !HoldsSinceBefore(*open, body->until_us);
  });
  body->held.count = others + body->held.first.size();
}

}  // namespace

void Decision::ShowPeriod(const stored::PeriodClosed& closed) {
  NewShown(stored::Answer::PERIOD, closed.period(), false).period =
      std::make_shared<const stored::PeriodClosed>(closed);
}

absl::Status Decision::DecideBody(const ClosePeriod& body) {
  const ClosedPeriods& periods = population_.books.closed_periods();
  if (const auto before = periods.find(body.period); before != periods.end()) {
    ShowPeriod(before->second);
    NoteReplay();
    return absl::OkStatus();
  }
  const InstantUs born_us = population_.books.settings().create_time_us();
  if (body.until_us <= born_us) {
    return Refuse(stored::NOT_FOUND,
                  Concat("the population was made after the end of ", body.period));
  }
  if (!body.was_over || body.until_us > books_.now_us()) {
    return Refuse(stored::PERIOD_NOT_OVER, Concat(body.period, " is not over"));
  }
  ClosePeriod seen = body;
  DropWhoEnded(population_.reservations, &seen);
  if (seen.held.count > 0) {
    return RefuseHeld(seen, population_.reservations, population_.books.lease_shift_us());
  }
  stored::PeriodClosed closed;
  closed.set_period(body.period);
  closed.set_from_us(body.from_us);
  closed.set_until_us(body.until_us);
  closed.set_reason(body.reason);
  closed.set_principal(command_.caller.principal);
  closed.set_create_time_us(books_.now_us());
  closed.set_sequence(books_.sequence());
  books_.ClosePeriod(closed);
  ShowPeriod(closed);
  return absl::OkStatus();
}

}  // namespace purser
