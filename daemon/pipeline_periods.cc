// Months and weeks, and the costs of a month line by line.
#include "daemon/periods.h"
#include "daemon/pipeline_history.h"
#include "daemon/summary.h"

namespace purser {
namespace {

template <typename Result>
absl::StatusOr<Result> OrReopened(absl::StatusOr<Result> result) {
  if (!absl::IsCancelled(result.status())) return result;
  return Refuse(stored::READ_ONLY, "the store is being reopened; try again");
}

}  // namespace

// It may take long, and the store cannot be reopened before the last reader is gone.
std::function<bool()> CommitPipeline::Abandons() {
  return [this] {
    MutexLock lock(&mutex_);
    return reads_closed_;
  };
}

absl::StatusOr<api::PeriodRead> CommitPipeline::FindPeriod(const api::View& view,
                                                           const std::string& period) {
  const auto present = FixPresent(view);
  if (!present.ok()) return present.status();
  return OrReopened(
      WithHistory<api::PeriodRead>(view->name, [&](History& history, const api::View& now) {
        return ReadPeriod(&history, *now, period, {present->at_us, Abandons()});
      }));
}

absl::StatusOr<api::PeriodsRead> CommitPipeline::ListPeriods(const api::View& view,
                                                             const api::PageRequest& page) {
  const auto present = FixPresent(view);
  if (!present.ok()) return present.status();
  return OrReopened(
      WithHistory<api::PeriodsRead>(view->name, [&](History& history, const api::View& now) {
        return purser::ListPeriods(&history, *now, page, {present->at_us, Abandons()});
      }));
}

absl::StatusOr<api::CostLinesRead> CommitPipeline::ReadCostLines(const api::View& view,
                                                                 const api::CostLinesQuery& query) {
  return WithHistory<api::CostLinesRead>(
      view->name, [&](History& history, const api::View&) { return history.ReadCostLines(query); });
}

absl::StatusOr<api::DigestRead> CommitPipeline::ReadDigest(const api::View& view,
                                                           const std::optional<std::string>& week) {
  // While nothing can be written it is as of the newest entry.
  const auto present = FixPresent(view);
  const InstantUs at_us = present.ok() ? present->at_us : Peek(view->name)->time_us;
  return OrReopened(
      WithHistory<api::DigestRead>(view->name, [&](History& history, const api::View& now) {
        return purser::ReadDigest(&history, *now, week, {at_us, Abandons()});
      }));
}

absl::StatusOr<api::SummaryRead> CommitPipeline::ReadSummary(
    const api::View& view, const std::optional<std::string>& family) {
  const auto present = FixPresent(view);
  if (!present.ok()) return present.status();
  return OrReopened(
      WithHistory<api::SummaryRead>(view->name, [&](History& history, const api::View& now) {
        return purser::ReadSummary(&history, *now, family, {present->at_us, Abandons()});
      }));
}

}  // namespace purser
