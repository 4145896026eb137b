#ifndef PURSER_API_SEND_OWN_H_
#define PURSER_API_SEND_OWN_H_

// How the daemon sends a command of its own. Thread-safe.
#include "api/controller.h"

namespace purser::api {

// Nothing that it names is looked up: it is decided as soon as the state is looked at. OVERLOADED:
// the population changes all the time.
CommandResult SendOwn(Controller* controller, Command command);

}  // namespace purser::api

#endif  // PURSER_API_SEND_OWN_H_
