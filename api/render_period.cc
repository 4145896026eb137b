#include "api/render_period.h"

#include "api/render.h"

namespace purser::api {

v1::PeriodClosing RenderClosing(const stored::PeriodClosed& closed) {
  v1::PeriodClosing out;
  out.set_principal(closed.principal());
  SetTime(closed.create_time_us(), out.mutable_time());
  out.set_reason(closed.reason());
  out.set_ledger_sequence(closed.sequence());
  return out;
}

v1::Period RenderPeriod(const stored::PeriodClosed& closed) {
  v1::Period out;
  out.set_period(closed.period());
  SetTime(closed.from_us(), out.mutable_from());
  SetTime(closed.until_us(), out.mutable_until());
  out.set_state("CLOSED");
  *out.mutable_closed() = RenderClosing(closed);
  return out;
}

v1::Period RenderPeriod(const PeriodRead& period) {
  if (period.closed.has_value()) return RenderPeriod(*period.closed);
  v1::Period out;
  out.set_period(period.period);
  SetTime(period.from_us, out.mutable_from());
  SetTime(period.until_us, out.mutable_until());
  out.set_state(!period.is_over ? "OPEN" : period.held.count > 0 ? "HELD" : "FINAL");
  for (const std::string& id : period.held.first) out.add_held_by(id);
  // Lists look at nobody by name.
  if (!period.held.first.empty()) out.set_held_count(period.held.count);
  return out;
}

}  // namespace purser::api
