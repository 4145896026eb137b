#include "api/propose_review.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/cleanup/cleanup.h"
#include "api/send_own.h"

namespace purser::api {

namespace {

// A review of all that a population may have takes some seconds.
constexpr std::chrono::seconds kOtherReview(10);
constexpr int kWaitingMax = 8;

// One review at a time. Thread-safe.
class Turn {
 public:
  // False: others take long, or many wait already.
  bool Take() {
    std::unique_lock lock(mutex_);
    if (waiting_ >= kWaitingMax) return false;
    ++waiting_;
    const bool mine = ends_.wait_for(lock, kOtherReview, [this] { return !taken_; });
    --waiting_;
    if (mine) taken_ = true;
    return mine;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    taken_ = false;
    ends_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ends_;
  bool taken_ = false;
  int waiting_ = 0;
};

Turn& TheTurn() {
  static Turn the_turn;
  return the_turn;
}

// Whether the daemon would take no other either.
bool IsForAll(const absl::Status& status) {
  const Reason reason = RefusalOf(status).reason();
  return reason == stored::READ_ONLY || reason == stored::OVERLOADED ||
         reason == stored::COMMIT_UNKNOWN || reason == stored::LIMIT_OF_THE_DAEMON;
}

absl::StatusOr<Reviewed> ReviewInTurn(Controller* controller, const View& view,
                                      const std::string& reservation, const std::string& request_id,
                                      bool dry_run) {
  auto read = controller->ReviewModels(view, reservation);
  if (!read.ok()) return read.status();
  Reviewed reviewed;
  reviewed.review = std::move(read->review);
  absl::Status refused;
  for (const Review::Suggestion& suggestion : reviewed.review.suggestions) {
    Command command;
    command.population = view->name;
    command.caller.principal = kReviewer;
    command.request_id = request_id;
    command.dry_run = dry_run;
    command.body = Propose{suggestion.proposal, read->prices};
    const CommandResult result = SendOwn(controller, std::move(command));
    if (result.status.ok() && !result.shown.empty() && result.shown[0].proposal != nullptr) {
      reviewed.proposed.push_back(result.shown[0].proposal);
      continue;
    }
    if (result.status.ok() || !IsForAll(result.status)) continue;
    refused = result.status;
    break;
  }
  reviewed.left_out =
      reviewed.review.left_out + reviewed.review.suggestions.size() - reviewed.proposed.size();
  // Of what is not known to be recorded nothing is said.
  const bool is_unknown = !refused.ok() && RefusalOf(refused).reason() == stored::COMMIT_UNKNOWN;
  if (is_unknown || (reviewed.proposed.empty() && !refused.ok())) return refused;
  const View newest = controller->Peek(view->name);
  reviewed.sequence = newest == nullptr ? view->sequence : newest->sequence;
  return reviewed;
}

}  // namespace

absl::StatusOr<Reviewed> ReviewAndPropose(Controller* controller, const View& view,
                                          const std::string& reservation,
                                          const std::string& request_id, bool dry_run) {
  if (!TheTurn().Take()) return Refuse(stored::OVERLOADED, "other reviews take long");
  const absl::Cleanup end = [] { TheTurn().End(); };
  return ReviewInTurn(controller, view, reservation, request_id, dry_run);
}

}  // namespace purser::api
