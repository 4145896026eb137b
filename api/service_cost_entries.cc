// Cost entries and outcomes, and quotes.
#include "api/decode_cost_entries.h"
#include "api/json.h"
#include "api/render.h"
#include "api/render_cost_entry.h"
#include "api/service.h"
#include "ledger/rate_book.h"
#include "reservations/charge_costs.h"
#include "reservations/reservation_book.h"

namespace purser::api {

HttpResponse Service::GetPosted(const RequestContext& context, const View& view) {
  LookUpIds ids;
  ids.charges.push_back(context.id());
  auto found = controller_->LookUp(*view, ids);
  if (!found.ok()) return Problem(context, found.status());
  const bool is_cost = context.route->action == Action::kGetCostEntry;
  const auto it = found->charges.find(context.id());
  const bool is_there =
      it != found->charges.end() &&
      (is_cost ? it->second.has_cost_entered() : it->second.has_outcomes_reported());
  if (!is_there) {
    return Problem(context, NotFound(is_cost ? "cost entry" : "outcomes", context.id()));
  }
  HttpResponse response = is_cost ? JsonResponse(200, RenderCostEntry(it->second))
                                  : JsonResponse(200, RenderOutcomes(it->second));
  // It may be newer than the view.
  SetSequence(std::max(view->sequence, it->second.sequence()), &response);
  return response;
}

HttpResponse Service::ListPosted(const RequestContext& context, const View& view) {
  auto page = ReadPage(context);
  if (!page.ok()) return Problem(context, page.status());
  const bool is_cost = context.route->action == Action::kListCostEntries;
  auto posted =
      controller_->ListCharges(view, is_cost ? Posted::kCostEntry : Posted::kOutcomes, "", *page);
  if (!posted.ok()) return Problem(context, posted.status());
  HttpResponse response;
  if (is_cost) {
    v1::CostEntryList list;
    for (const auto& record : posted->items) *list.add_cost_entries() = RenderCostEntry(record);
    list.set_next_page_token(posted->next_token);
    response = JsonResponse(200, list);
  } else {
    v1::OutcomesList list;
    for (const auto& record : posted->items) *list.add_outcomes() = RenderOutcomes(record);
    list.set_next_page_token(posted->next_token);
    response = JsonResponse(200, list);
  }
  SetSequence(posted->sequence, &response);
  return response;
}

namespace {

absl::StatusOr<v1::Quote> MakeQuote(const QuoteQuestion& question, InstantUs at_us,
                                    const PopulationView& view) {
  v1::Quote quote;
  SetTime(at_us, quote.mutable_quoted_at());
  SetTime(at_us + kQuoteValidUs, quote.mutable_valid_until());
  Faults faults;
  absl::int128 cost_micros = 0;
  for (const auto& [name, amount] : question.amounts) {
    const std::string path = "amounts." + name;
    const auto found = view.resources.find(name);
    if (found == view.resources.end()) {
      faults.Add(stored::UNKNOWN_RESOURCE, path, "there is no such resource");
      continue;
    }
    const Resource& resource = *found->second;
    if (!resource.consumable()) {
      faults.Add(stored::INVALID_ARGUMENT, path, "only a consumable is charged");
      continue;
    }
    (*quote.mutable_amounts())[name].set_micros(amount.micros());
    (*quote.mutable_cost_categories())[name] =
        std::string(CostCategoryName(CategoryOfUse(resource, question.purpose)));
    const auto rate = FindUnitRate(*view.rates, resource, at_us);
    if (!rate.has_value()) {
      (*quote.mutable_unpriced())[name].set_micros(amount.micros());
      continue;
    }
    const auto cost = CostOf(amount, *rate);
    if (!cost.has_value()) {
      faults.Add(stored::INVALID_ARGUMENT, path, "costs more than the largest amount");
      continue;
    }
    (*quote.mutable_rates())[name].set_picos(rate->picos());
    (*quote.mutable_costs())[name].set_micros(cost->micros());
    cost_micros += cost->micros();
  }
  if (!faults.empty()) return faults.ToStatus();
  quote.set_cost(SumText(cost_micros));
  return quote;
}

}  // namespace

HttpResponse Service::Quote(const HttpRequest& request, const RequestContext& context,
                            const View& view) {
  v1::QuoteRequest body;
  Faults faults;
  if (auto status = ParseBody(request, &body, &faults); !status.ok()) {
    return Problem(context, status);
  }
  const QuoteQuestion question = DecodeQuote(body, &faults);
  if (!faults.empty()) return Problem(context, faults.ToStatus());
  const auto present = controller_->FixPresent(view);
  if (!present.ok()) return Problem(context, present.status());
  const auto quote = MakeQuote(question, present->at_us, *present->view);
  if (!quote.ok()) return Problem(context, quote.status());
  HttpResponse response = JsonResponse(200, *quote);
  SetSequence(present->view->sequence, &response);
  return response;
}

}  // namespace purser::api
