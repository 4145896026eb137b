// The calendar of capacity.
#include "api/json_scalar.h"
#include "api/render.h"
#include "api/service.h"

namespace purser::api {
namespace {

absl::StatusOr<std::optional<InstantUs>> ReadInstant(const RequestContext& context,
                                                     const std::string& name) {
  const auto it = context.query.find(name);
  if (it == context.query.end()) return std::optional<InstantUs>();
  const auto instant = ParseTimestampMicros(it->second);
  if (instant.ok()) return std::optional<InstantUs>(*instant);
  return RefuseField(stored::INVALID_ARGUMENT, "?" + name,
                     "an RFC 3339 time such as 2026-11-22T12:00:00Z");
}

v1::CalendarStep RenderStep(const CalendarStep& step) {
  v1::CalendarStep out;
  out.set_resource(step.resource);
  SetTime(step.from_us, out.mutable_from());
  if (step.until_us.has_value()) SetTime(*step.until_us, out.mutable_until());
  out.mutable_granted()->set_micros(step.granted.micros());
  out.mutable_reserve()->set_micros(step.reserve.micros());
  out.mutable_occupied()->set_micros(step.occupied.micros());
  out.mutable_booked()->set_micros(step.booked.micros());
  out.mutable_available()->set_micros(step.available.micros());
  return out;
}

}  // namespace

HttpResponse Service::ReadCalendar(const RequestContext& context, const View& view) {
  auto page = ReadPage(context);
  if (!page.ok()) return Problem(context, page.status());
  CalendarQuery query;
  if (const auto it = context.query.find("resource"); it != context.query.end()) {
    query.resource = it->second;
  }
  const auto from = ReadInstant(context, "from");
  const auto until = ReadInstant(context, "until");
  if (!from.ok()) return Problem(context, from.status());
  if (!until.ok()) return Problem(context, until.status());
  query.from_us = *from;
  query.until_us = *until;
  if (from->has_value() && until->has_value() && **until <= **from) {
    return Problem(context, RefuseField(stored::INVALID_ARGUMENT, "?until", "not after from"));
  }
  const auto read = controller_->ReadCalendar(view, query, *page);
  if (!read.ok()) return Problem(context, read.status());
  v1::Calendar calendar;
  for (const CalendarStep& step : read->steps) *calendar.add_steps() = RenderStep(step);
  calendar.set_next_page_token(read->next_token);
  HttpResponse response = JsonResponse(200, calendar);
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
