#include "api/render_guardrail.h"

#include "api/render.h"

namespace purser::api {

v1::Guardrail RenderGuardrail(const stored::GuardrailRecord& record, const stored::Freeze* freeze) {
  const stored::Guardrail& guardrail = record.guardrail();
  v1::Guardrail out;
  out.set_id(guardrail.id());
  for (const auto& label : guardrail.labels()) (*out.mutable_labels())[label.key()] = label.value();
  if (guardrail.has_expected_hourly_cost()) {
    out.mutable_expected_hourly_cost()->set_micros(guardrail.expected_hourly_cost());
  }
  out.set_state(freeze != nullptr ? v1::TRIPPED : IsArmed(record) ? v1::ARMED : v1::UNARMED);
  if (record.has_hour()) {
    SetTime(record.hour().hour_us(), out.mutable_hour_start());
    out.mutable_hour_cost()->set_micros(record.hour_cost());
  }
  const Amount mean = MeanHourOfDayBefore(record);
  if (!mean.is_zero()) out.mutable_day_before_mean_hour()->set_micros(mean.micros());
  if (freeze != nullptr) {
    out.set_freeze(freeze->id());
    SetTime(freeze->create_time_us(), out.mutable_trip_time());
    out.set_trip_reason(freeze->reason());
  }
  out.set_generation(guardrail.generation());
  SetTime(guardrail.create_time_us(), out.mutable_create_time());
  return out;
}

}  // namespace purser::api
