// Periods: lists of months and one of them, and the closing of one.
#include "api/render_period.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {

// What is seen here may be too much by the time that the writer decides, and never too little:
// whoever holds consumables since before the end of a month that is over only becomes less.
absl::Status Service::LookAtPeriod(ClosePeriod* close, const View& view) {
  const auto period = controller_->FindPeriod(view, close->period);
  if (!period.ok()) return period.status();
  close->from_us = period->from_us;
  close->until_us = period->until_us;
  close->was_over = period->is_over;
  close->held = period->held;
  return absl::OkStatus();
}

HttpResponse Service::AnswerPeriod(const RequestContext& context,
                                   const stored::PeriodClosed& closed) {
  v1::Period period = RenderPeriod(closed);
  if (context.dry_run) period.set_dry_run(true);
  return JsonResponse(200, period);
}

HttpResponse Service::GetPeriod(const RequestContext& context, const View& view) {
  const auto period = controller_->FindPeriod(view, context.id());
  if (!period.ok()) return Problem(context, period.status());
  if (!period->is_of_it) return Problem(context, NotFound("period", context.id()));
  HttpResponse response = JsonResponse(200, RenderPeriod(*period));
  SetSequence(view->sequence, &response);
  return response;
}

HttpResponse Service::ListPeriods(const RequestContext& context, const View& view) {
  const auto page = ReadNamePage(context);
  if (!page.ok()) return Problem(context, page.status());
  const auto read = controller_->ListPeriods(view, *page);
  if (!read.ok()) return Problem(context, read.status());
  v1::PeriodList list;
  for (const PeriodRead& period : read->periods) *list.add_periods() = RenderPeriod(period);
  list.set_next_page_token(CloseToken(read->next_token));
  HttpResponse response = JsonResponse(200, list);
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
