// Reports of what charges cost, and the present that a quote is of.
#include "daemon/pipeline_history.h"
#include "daemon/time_zones.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {

absl::StatusOr<api::CostsRead> CommitPipeline::ReadCosts(const api::View& view,
                                                         const api::CostsQuery& query,
                                                         const api::AsOf& as_of) {
  if (auto status = WaitUntilPast(view, as_of); !status.ok()) return status;
  // It may take long, and the store cannot be reopened before the last reader is gone.
  const auto abandon = [this] {
    MutexLock lock(&mutex_);
    return reads_closed_;
  };
  return WithHistory<api::CostsRead>(
      view->name, [&](History& history, const api::View& now) -> absl::StatusOr<api::CostsRead> {
        api::CostsRead read{CostReport(query.keys)};
        read.sequence = now->sequence;
        if (query.with_outcomes) {
          read.outcomes.emplace(std::vector<std::string>(query.keys.begin(), query.keys.end() - 1));
        }
        InstantUs at_us = NowUs();
        if (as_of.given()) {
          auto sequence = ResolveAsOf(history, now, as_of);
          if (!sequence.ok()) return sequence.status();
          read.sequence = *sequence;
          auto entry = history.FindEntry(*sequence);
          if (!entry.ok()) return entry.status();
          if (*entry != nullptr) at_us = (*entry)->time_us();
          at_us = as_of.time_us.value_or(at_us);
        }
        const std::string& zone = now->settings->time_zone();
        const auto running = MonthOf(zone, at_us);
        if (!running.has_value()) {
          return Refuse(stored::INTERNAL, Concat("this machine knows no time zone ", zone));
        }
        const auto month = query.period.has_value() ? FindMonth(zone, *query.period) : running;
        if (!month.has_value()) {
          return RefuseField(stored::INVALID_ARGUMENT, "?period",
                             "a month such as 2026-11, from 1970 on");
        }
        read.period = month->name;
        read.from_us = month->from_us;
        read.until_us = month->until_us;
        const absl::Status status =
            history.ReadCosts(month->from_us, month->until_us, read.sequence, abandon, &read.report,
                              read.outcomes ? &*read.outcomes : nullptr);
        if (absl::IsCancelled(status)) {
          return Refuse(stored::READ_ONLY, "the store is being reopened; try again");
        }
        if (!status.ok()) return status;
        read.is_over = query.present_us.has_value() && *query.present_us >= month->until_us;
        if (!read.is_over) return read;
        auto held_by = history.FindHoldsSince(month->until_us, api::kHoldsNamedMax, abandon);
        if (!held_by.ok()) return held_by.status();
        read.held_by = *std::move(held_by);
        return read;
      });
}

absl::StatusOr<api::Controller::Present> CommitPipeline::FixPresent(const api::View& view) {
  api::AsOf present;
  present.time_us = NowUs();
  if (auto status = WaitUntilPast(view, present); !status.ok()) return status;
  return Present{*present.time_us, Peek(view->name)};
}

}  // namespace purser
