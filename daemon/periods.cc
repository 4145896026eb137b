#include "daemon/periods.h"

#include <algorithm>

#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {
namespace {

constexpr int kWeeksBefore = 4;

InstantUs BornUs(const api::PopulationView& view) { return view.settings->create_time_us(); }

api::PeriodRead MakePeriod(const api::PopulationView& view, const Month& month,
                           InstantUs present_us) {
  api::PeriodRead period;
  period.period = month.name;
  period.from_us = month.from_us;
  period.until_us = month.until_us;
  period.is_of_it = month.from_us <= present_us && month.until_us > BornUs(view);
  period.is_over = month.until_us <= present_us;
  const auto closed = view.closed_periods->find(month.name);
  if (closed != view.closed_periods->end()) period.closed = closed->second;
  return period;
}

}  // namespace

std::optional<Month> FindPeriod(const api::PopulationView& view, std::string_view name) {
  const auto closed = view.closed_periods->find(name);
  if (closed == view.closed_periods->end()) return FindMonth(view.settings->time_zone(), name);
  return Month{std::string(name), closed->second.from_us(), closed->second.until_us()};
}

absl::Status NoSuchMonth(const char* field) {
  return RefuseField(stored::INVALID_ARGUMENT, field, "a month such as 2026-11, from 1970 on");
}

absl::Status NoSuchZone(const api::PopulationView& view) {
  return Refuse(stored::INTERNAL,
                Concat("this machine knows no time zone ", view.settings->time_zone()));
}

History::CostsScope ScopeOf(const api::PopulationView& view, const Span& period, uint64_t as_of,
                            InstantUs accrue_until_us) {
  History::CostsScope scope{period, as_of, accrue_until_us, view.rates, {}};
  scope.month_at = [zone = view.settings->time_zone()](InstantUs at_us) {
    const auto month = MonthOf(zone, at_us);
    return month.has_value() ? Span{month->from_us, month->until_us} : Span{at_us, INT64_MAX};
  };
  return scope;
}

absl::StatusOr<api::PeriodRead> ReadPeriod(History* history, const api::PopulationView& view,
                                           std::string_view name, const Present& present) {
  const auto month = FindPeriod(view, name);
  if (!month.has_value()) return NoSuchMonth("period");
  api::PeriodRead period = MakePeriod(view, *month, present.at_us);
  if (!period.is_over || period.closed.has_value()) return period;
  auto held = history->FindHoldsSince(month->until_us, api::kHoldsNamedMax, present.abandon);
  if (!held.ok()) return held.status();
  period.held = *std::move(held);
  return period;
}

absl::StatusOr<api::PeriodsRead> ListPeriods(History* history, const api::PopulationView& view,
                                             const api::PageRequest& page, const Present& present) {
  const std::string& zone = view.settings->time_zone();
  const auto running = MonthOf(zone, present.at_us);
  if (!running.has_value()) return NoSuchZone(view);
  std::optional<Month> month = running;
  if (!page.token.empty()) month = FindMonth(zone, page.token);
  if (!month.has_value() || month->from_us > present.at_us) {
    return RefuseField(stored::INVALID_ARGUMENT, "page_token", "not a token of this list");
  }
  // One look tells all months that are held: those behind the oldest hold.
  auto held = history->FindHoldsSince(running->from_us, 0, present.abandon);
  if (!held.ok()) return held.status();
  api::PeriodsRead read;
  read.sequence = view.sequence;
  while (month.has_value() && month->until_us > BornUs(view)) {
    if (read.periods.size() == page.size) {
      read.next_token = month->name;
      break;
    }
    // One that was closed keeps its instants.
    api::PeriodRead& period = read.periods.emplace_back(
        MakePeriod(view, FindPeriod(view, month->name).value_or(*month), present.at_us));
    const bool is_held = held->count > 0 && held->oldest_us < period.until_us;
    if (period.is_over && is_held && !period.closed.has_value()) period.held.count = 1;
    month = FindMonthBefore(zone, month->name);
  }
  return read;
}

absl::StatusOr<api::DigestRead> ReadDigest(History* history, const api::PopulationView& view,
                                           const std::optional<std::string>& week,
                                           const Present& present) {
  const std::string& zone = view.settings->time_zone();
  const auto newest = week.has_value() ? FindWeek(zone, *week) : WeekOf(zone, present.at_us, 1);
  if (!newest.has_value() && week.has_value()) {
    return RefuseField(stored::INVALID_ARGUMENT, "?week",
                       "an ISO week such as 2026-W48, from 1970 on");
  }
  if (!newest.has_value()) return NoSuchZone(view);
  if (newest->from_us() > present.at_us) {
    return RefuseField(stored::INVALID_ARGUMENT, "?week", "it has not begun");
  }
  api::DigestRead read;
  read.week = newest->name;
  read.from_us = newest->from_us();
  read.until_us = newest->until_us();
  read.accrued_until_us = std::min(present.at_us, read.until_us);
  read.sequence = view.sequence;
  const std::vector<std::string> keys = {kFamilyLabel, std::string(kByCategory), kModelLabel};
  read.weeks.assign(1 + kWeeksBefore, CostReport(keys));
  std::vector<CostReport> of_days(newest->days.size(), CostReport({}));
  const auto add = [&](InstantUs from_us, InstantUs until_us, CostReport* report) {
    return history->ReadCosts(ScopeOf(view, {from_us, until_us}, view.sequence, present.at_us),
                              present.abandon, report);
  };
  for (int back = 0; back <= kWeeksBefore; ++back) {
    const auto each = WeekOf(zone, newest->from_us(), back);
    if (!each.has_value()) return NoSuchZone(view);
    const absl::Status status =
        add(each->from_us(), each->until_us(), &read.weeks[static_cast<size_t>(back)]);
    if (!status.ok()) return status;
    const bool lived = each->from_us() >= BornUs(view) && each->until_us() <= present.at_us;
    if (back > 0 && lived) ++read.weeks_before;
  }
  for (size_t i = 0; i < newest->days.size(); ++i) {
    const absl::Status status = add(newest->days[i].from_us, newest->days[i].until_us, &of_days[i]);
    if (!status.ok()) return status;
  }
  for (size_t i = 0; i < newest->days.size(); ++i) {
    const Week::Day& day = newest->days[i];
    read.days.push_back({day.name, day.from_us, day.until_us, of_days[i].Total().cost_micros});
  }
  return read;
}

}  // namespace purser
