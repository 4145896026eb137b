// Statements: what a month cost on both axes, as JSON or CSV.
#include <map>

#include "api/csv_text.h"
#include "api/media_type.h"
#include "api/render.h"
#include "api/render_occupation.h"
#include "api/render_period.h"
#include "api/service.h"
#include "api/v1/cost.pb.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

enum Axis { kOfFamily, kOfCapability, kOfCategory, kOfResource, kOfOrigin };

std::vector<std::string> StatementKeys() {
  return {kFamilyLabel, kCapabilityLabel, std::string(kByCategory), std::string(kByResource),
          std::string(kByOrigin)};
}

const char* StateOf(const CostsRead& read, const stored::PeriodClosed* closed) {
  if (closed != nullptr) return "CLOSED";
  if (!read.is_over) return "OPEN";
  return read.held_by.empty() ? "FINAL" : "HELD";
}

// Of what has no rate, of a line's own resource.
absl::int128 UnpricedOf(const CostReport::Sums& sums) {
  absl::int128 amount = 0;
  for (const auto& [resource, its] : sums.unpriced) amount += its;
  return amount;
}

template <typename Sums>
void SetSums(const CostReport& report, Axis axis, Sums* out) {
  std::map<std::string, absl::int128> sums;
  for (const auto& [values, group] : report.groups()) sums[values[axis]] += group.cost_micros;
  for (const auto& [name, cost_micros] : sums) {
    v1::StatementSum& sum = *out->Add();
    sum.set_name(name);
    sum.set_cost(SumText(cost_micros));
  }
}

v1::Statement RenderStatement(const CostsRead& read, const stored::PeriodClosed* closed) {
  v1::Statement out;
  out.set_period(read.period);
  SetTime(read.from_us, out.mutable_from());
  SetTime(read.until_us, out.mutable_until());
  out.set_state(StateOf(read, closed));
  if (closed != nullptr) *out.mutable_closed() = RenderClosing(*closed);
  for (const std::string& id : read.held_by) out.add_held_by(id);
  for (const auto& [values, sums] : read.report.groups()) {
    v1::StatementLine& line = *out.add_lines();
    line.set_operator_family(values[kOfFamily]);
    line.set_capability(values[kOfCapability]);
    line.set_category(values[kOfCategory]);
    line.set_resource(values[kOfResource]);
    line.set_cost(SumText(sums.cost_micros));
    line.set_unpriced(SumText(UnpricedOf(sums)));
    line.set_origin(values[kOfOrigin]);
    for (const auto& [resource, occupation] : sums.occupied) {
      *line.mutable_occupied() = RenderOccupation(read.report, resource, occupation);
    }
  }
  SetSums(read.report, kOfFamily, out.mutable_by_operator_family());
  SetSums(read.report, kOfCapability, out.mutable_by_capability());
  SetSums(read.report, kOfCategory, out.mutable_by_category());
  const CostReport::Sums total = read.report.Total();
  out.set_total(SumText(total.cost_micros));
  out.set_unattributed(SumText(read.report.Unattributed().cost_micros));
  for (const auto& [resource, amount] : total.unpriced) {
    (*out.mutable_unpriced())[resource] = SumText(amount);
  }
  SetOccupied(read.report, total, out.mutable_occupied());
  SetTime(read.accrued_until_us, out.mutable_accrued_until());
  out.set_ledger_sequence(read.sequence);
  return out;
}

// The lines alone. What clients chose is guarded against being run as a formula; numbers are not.
HttpResponse RenderCsv(const CostsRead& read, const stored::PeriodClosed* closed) {
  HttpResponse response;
  response.status = 200;
  response.content_type = Concat(kCsvType, "; charset=utf-8");
  AppendCsvRow(
      {"period", "state", "operator_family", "capability", "category", "resource", "origin",
       "cost_usd", "unpriced", "occupied", "occupied_unpriced", "occupied_unit", "ledger_sequence"},
      &response.body);
  for (const auto& [values, sums] : read.report.groups()) {
    v1::Occupation occupied;
    for (const auto& [resource, occupation] : sums.occupied) {
      occupied = RenderOccupation(read.report, resource, occupation);
    }
    AppendCsvRow(
        {read.period, StateOf(read, closed), GuardText(values[kOfFamily]),
         GuardText(values[kOfCapability]), values[kOfCategory], values[kOfResource],
         values[kOfOrigin], SumText(sums.cost_micros), SumText(UnpricedOf(sums)), occupied.amount(),
         occupied.unpriced(), GuardText(occupied.unit()), Concat(read.sequence)},
        &response.body);
  }
  return response;
}

}  // namespace

// One that is closed is as of its closing, for ever.
HttpResponse Service::ReadStatement(const RequestContext& context, const View& view) {
  const auto period = controller_->FindPeriod(view, context.id());
  if (!period.ok()) return Problem(context, period.status());
  if (!period->is_of_it) return Problem(context, NotFound("period", context.id()));
  CostsQuery query;
  query.keys = StatementKeys();
  query.most_groups = kStatementLinesMax;
  query.period = context.id();
  query.period_field = "period";
  AsOf as_of;
  View now = view;
  auto closed = now->closed_periods->find(context.id());
  if (closed == now->closed_periods->end()) {
    const auto present = controller_->FixPresent(view);
    if (!present.ok()) return Problem(context, present.status());
    query.present_us = present->at_us;
    now = present->view;
    closed = now->closed_periods->find(context.id());
  }
  const stored::PeriodClosed* const closing =
      closed == now->closed_periods->end() ? nullptr : &closed->second;
  if (closing != nullptr) {
    as_of.sequence = closing->sequence();
    query.present_us.reset();
  }
  const auto read = controller_->ReadCosts(now, query, as_of);
  if (!read.ok()) return Problem(context, read.status());
  HttpResponse response = context.answer_form == BodyForm::kCsv
                              ? RenderCsv(*read, closing)
                              : JsonResponse(200, RenderStatement(*read, closing));
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
