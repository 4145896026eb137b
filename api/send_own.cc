#include "api/send_own.h"

#include <utility>

namespace purser::api {

CommandResult SendOwn(Controller* controller, Command command) {
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

}  // namespace purser::api
