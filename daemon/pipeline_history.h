#ifndef PURSER_DAEMON_PIPELINE_HISTORY_H_
#define PURSER_DAEMON_PIPELINE_HISTORY_H_

// CommitPipeline::WithHistory, for the files that read the past.
#include "daemon/commit_pipeline.h"
#include "ledger/refusal.h"

namespace purser {

template <typename Result>
absl::StatusOr<Result> CommitPipeline::WithHistory(
    std::string_view population,
    const std::function<absl::StatusOr<Result>(History&, const api::View&)>& read) {
  if (auto status = EnterRead(); !status.ok()) return status;
  absl::StatusOr<Result> result = [&]() -> absl::StatusOr<Result> {
    api::View view = Peek(population);
    if (view == nullptr) return Refuse(stored::NOT_FOUND, "there is no such population");
    History history(store_->TakeSnapshot(), view->number, view->directory);
    auto meta = history.ReadMeta();
    if (!meta.ok()) return meta.status();
    view = WaitForView(population, meta->last_sequence());
    history.set_directory(view->directory);
    return read(history, view);
  }();
  LeaveRead();
  return result;
}

}  // namespace purser

#endif  // PURSER_DAEMON_PIPELINE_HISTORY_H_
