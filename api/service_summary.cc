// What is spent this month, how fast, and where that leads: one answer for a family, or for all.
#include <algorithm>
#include <map>

#include "api/burn_rate.h"
#include "api/open_proposals.h"
#include "api/render.h"
#include "api/render_budget.h"
#include "api/service.h"
#include "api/v1/summary.pb.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace purser::api {
namespace {

constexpr size_t kDriversMax = 5;

// In the order of the keys of the reports.
enum SummaryAxis { kFamilyOfSummary, kCategoryOfSummary, kModelOfSummary, kSummaryAxes };

struct LineCosts {
  absl::int128 month = 0;
  absl::int128 burnt = 0;
};
using LinesByValues = std::map<CostReport::Values, LineCosts>;

bool IsOf(const std::optional<std::string>& family, const CostReport::Values& values) {
  return !family.has_value() || values[kFamilyOfSummary] == *family;
}

// By what `keep` leaves of a group's values.
template <typename Keep>
LinesByValues SumLines(const SummaryRead& read, const std::optional<std::string>& family,
                       Keep keep) {
  LinesByValues lines;
  for (const auto& [values, group] : read.month.groups()) {
    if (IsOf(family, values)) lines[keep(values)].month += group.cost_micros;
  }
  for (const auto& [values, group] : read.burnt.groups()) {
    if (IsOf(family, values)) lines[keep(values)].burnt += group.cost_micros;
  }
  return lines;
}

// The dearest first, of equal ones by name.
std::vector<LinesByValues::const_iterator> Dearest(const LinesByValues& lines) {
  std::vector<LinesByValues::const_iterator> order;
  for (auto it = lines.begin(); it != lines.end(); ++it) order.push_back(it);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a->second.month > b->second.month; });
  return order;
}

void SetValue(int axis, const std::string& value, v1::SummaryLine* line) {
  if (axis == kFamilyOfSummary) line->set_operator_family(value);
  if (axis == kCategoryOfSummary) line->set_category(value);
  if (axis == kModelOfSummary) line->set_model(value);
}

v1::SummaryLine MakeSummaryLine(const LineCosts& costs) {
  v1::SummaryLine line;
  line.set_cost(SumText(costs.month));
  line.set_burnt(SumText(costs.burnt));
  return line;
}

template <typename Lines>
void AddLines(const SummaryRead& read, const std::optional<std::string>& family, int axis,
              Lines* out) {
  const LinesByValues lines = SumLines(read, family, [axis](const CostReport::Values& values) {
    return CostReport::Values{values[static_cast<size_t>(axis)]};
  });
  for (const auto& it : Dearest(lines)) {
    v1::SummaryLine line = MakeSummaryLine(it->second);
    SetValue(axis, it->first.front(), &line);
    *out->Add() = line;
  }
}

void AddDrivers(const LinesByValues& lines, v1::Summary* out) {
  for (const auto& it : Dearest(lines)) {
    const bool costs_something = it->second.month > 0;
    if (!costs_something || static_cast<size_t>(out->top_drivers_size()) == kDriversMax) return;
    v1::SummaryLine line = MakeSummaryLine(it->second);
    for (int axis = 0; axis < kSummaryAxes; ++axis) {
      SetValue(axis, it->first[static_cast<size_t>(axis)], &line);
    }
    *out->add_top_drivers() = line;
  }
}

void AddDays(const SummaryRead& read, v1::Summary* out) {
  for (const SummaryRead::Day& day : read.days) {
    v1::SummaryDay& shown = *out->add_trend();
    shown.set_day(day.name);
    SetTime(day.from_us, shown.mutable_from());
    SetTime(day.until_us, shown.mutable_until());
    shown.set_cost(SumText(day.cost_micros));
  }
}

// What is open and loses nothing.
absl::Status AddOpportunities(Controller* controller, const View& view,
                              const std::optional<std::string>& family, v1::Summary* out) {
  google::protobuf::RepeatedPtrField<v1::DigestProposal> open;
  if (auto status = AddOpenProposals(controller, view, family, &open); !status.ok()) return status;
  for (v1::DigestProposal& proposal : open) {
    const bool loses = proposal.has_expected_saving() && proposal.expected_saving().micros() < 0;
    if (!loses) *out->add_opportunities() = std::move(proposal);
  }
  return absl::OkStatus();
}

}  // namespace

HttpResponse Service::ReadSummary(const RequestContext& context, const View& view) {
  std::optional<std::string> family;
  if (context.query.count(kFamilyLabel) > 0) family = Query(context, kFamilyLabel);
  if (family.has_value() && !IsLabelValue(*family)) {
    return Problem(context,
                   RefuseField(stored::INVALID_ARGUMENT, "?operator_family", kLabelValueRule));
  }
  const auto read = controller_->ReadSummary(view, family);
  if (!read.ok()) return Problem(context, read.status());
  v1::Summary out;
  out.set_period(read->period);
  SetTime(read->from_us, out.mutable_from());
  SetTime(read->until_us, out.mutable_until());
  SetTime(read->at_us, out.mutable_time());
  if (family.has_value()) out.set_operator_family(*family);
  const LinesByValues lines =
      SumLines(*read, family, [](const CostReport::Values& values) { return values; });
  LineCosts total;
  for (const auto& [values, costs] : lines) {
    total.month += costs.month;
    total.burnt += costs.burnt;
  }
  out.set_month_to_date(SumText(total.month));
  SetTime(read->burn_from_us, out.mutable_burn_from());
  const BurnRate burn{total.burnt, read->at_us - read->burn_from_us};
  if (burn.is_known()) {
    out.set_burn_per_day(SumText(burn.In(kDayUs)));
    out.set_forecast(SumText(total.month + burn.In(read->until_us - read->at_us)));
  }
  AddLines(*read, family, kCategoryOfSummary, out.mutable_by_category());
  AddLines(*read, family, kModelOfSummary, out.mutable_by_model());
  AddDrivers(lines, &out);
  AddDays(*read, &out);
  const absl::Status status = AddOpportunities(controller_, view, family, &out);
  if (!status.ok()) return Problem(context, status);
  out.set_ledger_sequence(read->sequence);
  for (const auto& [id, budget] : read->budgets->all()) {
    *out.add_budgets() = RenderBudget({budget, *read->budgets->month(), read->at_us});
  }
  HttpResponse response = JsonResponse(200, out);
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
