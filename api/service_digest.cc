// What a week cost beside those before it: sums, movers, anomalies and open proposals.
#include <algorithm>
#include <array>
#include <map>

#include "api/open_proposals.h"
#include "api/render.h"
#include "api/service.h"
#include "api/v1/digest.pb.h"
#include "ledger/text.h"

namespace purser::api {
namespace {

constexpr int kWeeksOfMean = 4;
constexpr int kDaysOfWeek = 7;
constexpr int kAnomalyTimes = 3;
constexpr size_t kMoversMax = 10;

// In the order of the keys of the reports.
enum DigestAxis { kFamilyAxis, kCategoryAxis, kModelAxis, kDigestAxes };

// The week itself and the four before it, the newest first.
struct WeekCosts {
  std::array<absl::int128, 1 + kWeeksOfMean> micros = {};

  absl::int128 Before() const {
    absl::int128 sum = 0;
    for (int i = 1; i <= kWeeksOfMean; ++i) sum += micros[static_cast<size_t>(i)];
    return sum;
  }
  absl::int128 Change() const { return micros[0] - micros[1]; }
};

using CostsByValues = std::map<CostReport::Values, WeekCosts>;

// Half away from zero; the divisor is above 0.
absl::int128 DivideRounded(absl::int128 dividend, absl::int128 divisor) {
  const absl::int128 half = dividend < 0 ? -divisor / 2 : divisor / 2;
  return (dividend + half) / divisor;
}

// By all three; by one axis alone; by nothing: what `keep` leaves of a group's values.
template <typename Keep>
CostsByValues SumWeeks(const DigestRead& read, Keep keep) {
  CostsByValues sums;
  for (size_t week = 0; week < read.weeks.size(); ++week) {
    for (const auto& [values, group] : read.weeks[week].groups()) {
      sums[keep(values)].micros[week] += group.cost_micros;
    }
  }
  return sums;
}

v1::DigestLine MakeLine(const WeekCosts& costs) {
  v1::DigestLine line;
  line.set_cost(SumText(costs.micros[0]));
  line.set_week_before(SumText(costs.micros[1]));
  line.set_mean_of_four(SumText(DivideRounded(costs.Before(), kWeeksOfMean)));
  line.set_change(SumText(costs.Change()));
  return line;
}

void SetAxis(int axis, const std::string& value, v1::DigestLine* line) {
  if (axis == kFamilyAxis) line->set_operator_family(value);
  if (axis == kCategoryAxis) line->set_category(value);
  if (axis == kModelAxis) line->set_model(value);
}

// The dearest first, of equal ones by name.
template <typename Lines>
void AddAxis(const DigestRead& read, int axis, Lines* out) {
  const CostsByValues sums = SumWeeks(read, [axis](const CostReport::Values& values) {
    return CostReport::Values{values[static_cast<size_t>(axis)]};
  });
  std::vector<CostsByValues::const_iterator> order;
  for (auto it = sums.begin(); it != sums.end(); ++it) order.push_back(it);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a->second.micros[0] > b->second.micros[0];
  });
  for (const auto& it : order) {
    v1::DigestLine line = MakeLine(it->second);
    SetAxis(axis, it->first.front(), &line);
    *out->Add() = line;
  }
}

// Those that changed most in one direction: `sign` 1 or -1.
template <typename Lines>
void AddMovers(const CostsByValues& sums, int sign, Lines* out) {
  std::vector<CostsByValues::const_iterator> order;
  for (auto it = sums.begin(); it != sums.end(); ++it) {
    if (it->second.Change() * sign > 0) order.push_back(it);
  }
  std::stable_sort(order.begin(), order.end(), [sign](const auto& a, const auto& b) {
    return a->second.Change() * sign > b->second.Change() * sign;
  });
  if (order.size() > kMoversMax) order.resize(kMoversMax);
  for (const auto& it : order) {
    v1::DigestLine line = MakeLine(it->second);
    for (int axis = 0; axis < kDigestAxes; ++axis) {
      SetAxis(axis, it->first[static_cast<size_t>(axis)], &line);
    }
    *out->Add() = line;
  }
}

// Weeks that the population did not live through cost nothing and are no days of the mean.
void AddAnomalies(const DigestRead& read, absl::int128 before, v1::Digest* out) {
  if (read.weeks_before == 0) return;
  const absl::int128 days = static_cast<int64_t>(read.weeks_before) * kDaysOfWeek;
  for (const DigestRead::Day& day : read.days) {
    if (day.cost_micros * days <= before * kAnomalyTimes) continue;
    v1::DigestAnomaly& anomaly = *out->add_anomalies();
    anomaly.set_day(day.name);
    SetTime(day.from_us, anomaly.mutable_from());
    SetTime(day.until_us, anomaly.mutable_until());
    anomaly.set_cost(SumText(day.cost_micros));
    anomaly.set_mean_day(SumText(DivideRounded(before, days)));
  }
}

}  // namespace

HttpResponse Service::ReadDigest(const RequestContext& context, const View& view) {
  std::optional<std::string> week;
  if (context.query.count("week") > 0) week = Query(context, "week");
  const auto read = controller_->ReadDigest(view, week);
  if (!read.ok()) return Problem(context, read.status());
  v1::Digest out;
  out.set_week(read->week);
  SetTime(read->from_us, out.mutable_from());
  SetTime(read->until_us, out.mutable_until());
  const CostsByValues total =
      SumWeeks(*read, [](const CostReport::Values&) { return CostReport::Values(); });
  const WeekCosts sums = total.empty() ? WeekCosts() : total.begin()->second;
  *out.mutable_total() = MakeLine(sums);
  AddAxis(*read, kFamilyAxis, out.mutable_by_operator_family());
  AddAxis(*read, kCategoryAxis, out.mutable_by_category());
  AddAxis(*read, kModelAxis, out.mutable_by_model());
  const CostsByValues all =
      SumWeeks(*read, [](const CostReport::Values& values) { return values; });
  AddMovers(all, 1, out.mutable_movers_up());
  AddMovers(all, -1, out.mutable_movers_down());
  AddAnomalies(*read, sums.Before(), &out);
  out.set_weeks_before(read->weeks_before);
  const absl::Status status =
      AddOpenProposals(controller_, view, std::nullopt, out.mutable_open_proposals());
  if (!status.ok()) return Problem(context, status);
  out.set_ledger_sequence(read->sequence);
  SetTime(read->accrued_until_us, out.mutable_accrued_until());
  HttpResponse response = JsonResponse(200, out);
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
