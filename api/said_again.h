#ifndef PURSER_API_SAID_AGAIN_H_
#define PURSER_API_SAID_AGAIN_H_

// What differs where the id of a model or a proposal is used already. The writer compares these, as
// all of them are in its memory; here is found what to tell of it. Thread-safe.
#include "api/controller.h"

namespace purser::api {

// Adds to a refusal ID_CONFLICT of such a command the fields that differ; leaves everything else as
// it is.
void NameConflict(const Command& command, Controller* controller, absl::Status* status);

}  // namespace purser::api

#endif  // PURSER_API_SAID_AGAIN_H_
