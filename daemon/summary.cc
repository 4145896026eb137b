#include "daemon/summary.h"

#include <algorithm>

namespace purser {
namespace {

constexpr int kWeeksOfDays = static_cast<int>(api::kSummaryDays) / 7;

InstantUs BornUs(const api::PopulationView& view) { return view.settings->create_time_us(); }

absl::int128 CostOf(const CostReport& report, const std::optional<std::string>& family) {
  if (!family.has_value()) return report.Total().cost_micros;
  const auto group = report.groups().find({*family});
  return group == report.groups().end() ? absl::int128(0) : group->second.cost_micros;
}

// Those that are over, from the one in which the population was made.
absl::StatusOr<std::vector<api::SummaryRead::Day>> FindDays(const api::PopulationView& view,
                                                            InstantUs at_us) {
  std::vector<api::SummaryRead::Day> days;
  for (int back = kWeeksOfDays; back >= 0; --back) {
    const auto week = WeekOf(view.settings->time_zone(), at_us, back);
    if (!week.has_value()) return NoSuchZone(view);
    for (const Week::Day& day : week->days) {
      if (day.until_us > at_us || day.until_us <= BornUs(view)) continue;
      days.push_back({day.name, day.from_us, day.until_us, 0});
    }
  }
  if (days.size() > api::kSummaryDays) days.erase(days.begin(), days.end() - api::kSummaryDays);
  return days;
}

}  // namespace

absl::StatusOr<api::SummaryRead> ReadSummary(History* history, const api::PopulationView& view,
                                             const std::optional<std::string>& family,
                                             const Present& present) {
  const auto month = MonthOf(view.settings->time_zone(), present.at_us);
  if (!month.has_value()) return NoSuchZone(view);
  api::SummaryRead read;
  read.period = month->name;
  read.from_us = month->from_us;
  read.until_us = month->until_us;
  read.at_us = present.at_us;
  read.burn_from_us = std::max(present.at_us - api::kBurnUs, std::min(BornUs(view), present.at_us));
  read.sequence = view.sequence;
  read.budgets = view.budgets;
  const std::vector<std::string> keys = {kFamilyLabel, std::string(kByCategory), kModelLabel};
  const auto add = [&](InstantUs from_us, InstantUs until_us, CostReport* report) {
    return history->ReadCosts(ScopeOf(view, {from_us, until_us}, view.sequence, present.at_us),
                              present.abandon, report);
  };
  read.month = CostReport(keys);
  read.burnt = CostReport(keys);
  if (auto status = add(month->from_us, present.at_us + 1, &read.month); !status.ok()) {
    return status;
  }
  if (auto status = add(read.burn_from_us, present.at_us + 1, &read.burnt); !status.ok()) {
    return status;
  }
  auto days = FindDays(view, present.at_us);
  if (!days.ok()) return days.status();
  for (api::SummaryRead::Day& day : *days) {
    CostReport report({kFamilyLabel});
    if (auto status = add(day.from_us, day.until_us, &report); !status.ok()) return status;
    day.cost_micros = CostOf(report, family);
  }
  read.days = *std::move(days);
  return read;
}

}  // namespace purser
