// Reports of costs, and the present that a quote is of.
#include <algorithm>

#include "daemon/periods.h"
#include "daemon/pipeline_history.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {

// Where nothing is said it is the present: asked again as of that instant, a report says the same.
// While nothing can be written it is the newest entry's.
absl::StatusOr<api::AsOf> CommitPipeline::FixAsOf(const api::View& view,
                                                  const api::CostsQuery& query,
                                                  const api::AsOf& as_of) {
  api::AsOf fixed = as_of;
  if (query.present_us.has_value()) {
    fixed.time_us = query.present_us;  // FixPresent has waited
    return fixed;
  }
  if (!as_of.given()) fixed.time_us = NowUs();
  const absl::Status status = WaitUntilPast(view, fixed);
  if (status.ok()) return fixed;
  if (as_of.given()) return status;
  fixed.time_us = Peek(view->name)->time_us;
  return fixed;
}

namespace {

absl::Status SetPeriod(const api::PopulationView& view, InstantUs at_us,
                       const api::CostsQuery& query, api::CostsRead* read) {
  const auto running = MonthOf(view.settings->time_zone(), at_us);
  if (!running.has_value()) return NoSuchZone(view);
  const auto month = FindPeriod(view, query.period.value_or(running->name));
  if (!month.has_value()) return NoSuchMonth(query.period_field);
  read->period = month->name;
  read->from_us = month->from_us;
  read->until_us = month->until_us;
  read->accrued_until_us = std::min(at_us, month->until_us);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<api::CostsRead> CommitPipeline::ReadCosts(const api::View& view,
                                                         const api::CostsQuery& query,
                                                         const api::AsOf& as_of) {
  const auto fixed = FixAsOf(view, query, as_of);
  if (!fixed.ok()) return fixed.status();
  const auto abandon = Abandons();
  return WithHistory<api::CostsRead>(
      view->name, [&](History& history, const api::View& now) -> absl::StatusOr<api::CostsRead> {
        api::CostsRead read{CostReport(query.keys, query.most_groups)};
        read.sequence = now->sequence;
        if (query.with_outcomes) {
          read.outcomes.emplace(std::vector<std::string>(query.keys.begin(), query.keys.end() - 1));
        }
        InstantUs at_us = fixed->time_us.value_or(0);
        // What is FINAL has whatever was charged within holds, however late.
        if (!query.present_us.has_value()) {
          auto sequence = ResolveAsOf(history, now, *fixed);
          if (!sequence.ok()) return sequence.status();
          read.sequence = *sequence;
        }
        if (!fixed->time_us.has_value()) {
          auto entry = history.FindEntry(read.sequence);
          if (!entry.ok()) return entry.status();
          at_us = *entry != nullptr ? (*entry)->time_us() : NowUs();
        }
        absl::Status status = SetPeriod(*now, at_us, query, &read);
        if (!status.ok()) return status;
        const Span period{read.from_us, read.until_us};
        status =
            history.ReadCosts(ScopeOf(*now, period, read.sequence, read.accrued_until_us), abandon,
                              &read.report, read.outcomes ? &*read.outcomes : nullptr);
        if (absl::IsCancelled(status)) {
          return Refuse(stored::READ_ONLY, "the store is being reopened; try again");
        }
        if (!status.ok()) return status;
        read.is_over = query.present_us.has_value() && *query.present_us >= read.until_us;
        if (!read.is_over) return read;
        auto held = history.FindHoldsSince(read.until_us, api::kHoldsNamedMax, abandon);
        if (!held.ok()) return held.status();
        read.held_by = std::move(held->first);
        return read;
      });
}

namespace {

// That there is something of the name that is charged, or was.
absl::Status CheckUsed(const ResourceDirectory& directory, const std::string& name,
                       std::string_view path) {
  const std::string field = Concat(path, "resource");
  bool is_there = false;
  for (uint32_t number = 1; number < directory.size(); ++number) {
    const ResourceIdentity identity = directory.Find(number);
    if (identity.name != name) continue;
    if (identity.consumable) return absl::OkStatus();
    is_there = true;
  }
  if (is_there) return RefuseField(stored::INVALID_ARGUMENT, field, "only a consumable is charged");
  return RefuseField(stored::UNKNOWN_RESOURCE, field, kNoSuchResource);
}

}  // namespace

absl::StatusOr<api::UsageRead> CommitPipeline::ReadUsage(const api::View& view,
                                                         const Allocation& allocation,
                                                         std::string_view path) {
  const auto abandon = Abandons();
  return WithHistory<api::UsageRead>(
      view->name, [&](History& history, const api::View& now) -> absl::StatusOr<api::UsageRead> {
        auto status = CheckUsed(*now->directory, allocation.resource, path);
        if (!status.ok()) return status;
        api::UsageRead read;
        read.from_us = allocation.from_us;
        read.until_us = allocation.until_us;
        if (!allocation.period.empty()) {
          const auto month = purser::FindPeriod(*now, allocation.period);
          if (!month.has_value()) return NoSuchMonth(Concat(path, "period").c_str());
          read.from_us = month->from_us;
          read.until_us = month->until_us;
        }
        // Of the moment that is looked at; the view may be newer.
        const auto meta = history.ReadMeta();
        if (!meta.ok()) return meta.status();
        read.sequence = allocation.as_of == 0 ? meta->last_sequence() : allocation.as_of;
        if (read.sequence > meta->last_sequence()) {
          return RefuseField(stored::AS_OF_IN_FUTURE, Concat(path, "as_of"),
                             Concat("the newest entry is ", meta->last_sequence()));
        }
        auto used =
            history.ReadUsage(allocation, {read.from_us, read.until_us}, read.sequence, abandon);
        if (absl::IsCancelled(used.status())) {
          return Refuse(stored::READ_ONLY, "the store is being reopened; try again");
        }
        if (!used.ok()) return used.status();
        read.used = *std::move(used);
        return read;
      });
}

absl::StatusOr<EarlierCosts> CommitPipeline::ReadEarlierCosts(const api::View& view,
                                                              const BudgetState& budget) {
  const auto abandon = Abandons();
  auto earlier = WithHistory<EarlierCosts>(view->name, [&](History& history, const api::View&) {
    return history.ReadEarlierCosts(*budget.settings, *view->budgets->month(), abandon);
  });
  if (absl::IsCancelled(earlier.status())) {
    return Refuse(stored::READ_ONLY, "the store is being reopened; try again");
  }
  return earlier;
}

absl::StatusOr<api::Controller::Present> CommitPipeline::FixPresent(const api::View& view) {
  api::AsOf present;
  present.time_us = NowUs();
  if (auto status = WaitUntilPast(view, present); !status.ok()) return status;
  return Present{*present.time_us, Peek(view->name)};
}

}  // namespace purser
