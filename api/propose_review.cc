#include "api/propose_review.h"

namespace purser::api {

std::vector<ProposalPicture> ProposeReview(Controller* controller, const std::string& population,
                                           const Review& review, const std::string& request_id,
                                           bool dry_run) {
  std::vector<ProposalPicture> proposed;
  for (const Review::Suggestion& suggestion : review.suggestions) {
    Command command;
    command.population = population;
    command.caller.principal = kReviewer;
    command.request_id = request_id;
    command.dry_run = dry_run;
    command.body = Propose{suggestion.proposal};
    // Nothing that it names is looked up: it is decided as soon as the state is looked at.
    for (int tries = 0; tries < 3; ++tries) {
      const View view = controller->Peek(population);
      if (view == nullptr) return proposed;
      command.lookup.sequence = view->sequence;
      const CommandResult result = controller->Submit(command);
      if (result.stale) continue;
      if (result.status.ok() && !result.shown.empty() && result.shown[0].proposal != nullptr) {
        proposed.push_back(result.shown[0].proposal);
      }
      break;
    }
  }
  return proposed;
}

}  // namespace purser::api
