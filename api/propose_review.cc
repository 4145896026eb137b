#include "api/propose_review.h"

#include <chrono>
#include <mutex>

namespace purser::api {

namespace {

// A review of all that a population may have takes some seconds.
constexpr std::chrono::seconds kOtherReview(10);

std::timed_mutex& TheReview() {
  static std::timed_mutex the_review;
  return the_review;
}

// Whether the daemon would take no other either.
bool IsForAll(const absl::Status& status) {
  const Reason reason = RefusalOf(status).reason();
  return reason == stored::READ_ONLY || reason == stored::OVERLOADED ||
         reason == stored::COMMIT_UNKNOWN || reason == stored::LIMIT_OF_THE_DAEMON;
}

// Nothing that it names is looked up: it is decided as soon as the state is looked at.
CommandResult Send(Controller* controller, Command command) {
  CommandResult result;
  for (int tries = 0; tries < kStaleTriesMax; ++tries) {
    const View view = controller->Peek(command.population);
    command.lookup.sequence = view == nullptr ? 0 : view->sequence;
    result = controller->Submit(command);
    if (!result.stale) return result;
  }
  result.status = Refuse(stored::OVERLOADED, "the population changes all the time");
  return result;
}

}  // namespace

absl::StatusOr<Reviewed> ReviewAndPropose(Controller* controller, const View& view,
                                          const std::string& reservation,
                                          const std::string& request_id, bool dry_run) {
  const std::unique_lock<std::timed_mutex> lock(TheReview(), kOtherReview);
  if (!lock.owns_lock()) return Refuse(stored::OVERLOADED, "another review takes long");
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
    command.body = Propose{suggestion.proposal};
    const CommandResult result = Send(controller, std::move(command));
    if (result.status.ok() && !result.shown.empty() && result.shown[0].proposal != nullptr) {
      reviewed.proposed.push_back(result.shown[0].proposal);
      continue;
    }
    if (result.status.ok() || !IsForAll(result.status)) continue;
    refused = result.status;
    break;
  }
  reviewed.left_out = reviewed.review.suggestions.size() - reviewed.proposed.size();
  if (reviewed.proposed.empty() && !refused.ok()) return refused;
  const View newest = controller->Peek(view->name);
  reviewed.sequence = newest == nullptr ? view->sequence : newest->sequence;
  return reviewed;
}

}  // namespace purser::api
