#ifndef PURSER_API_COMMAND_IDS_H_
#define PURSER_API_COMMAND_IDS_H_

// The ids that a command names, as its own texts. Pure; valid as long as the command.
#include <string>

#include "api/controller.h"
#include "lifecycle/command.h"

namespace purser::api {

// The reservation that an operation acts on; nullptr: it makes one, or is about none.
const std::string* ReservationIdOf(const BatchOperation& operation);

// The id that an operation uses up, and of which kind; nullptr: none.
struct UsedId {
  const std::string* id = nullptr;
  bool of_charge = false;
};
UsedId UsedIdOf(const BatchOperation& operation);

// Everything that has to be looked up before the command is sent, each id once.
LookUpIds IdsOf(const Command& command);

}  // namespace purser::api

#endif  // PURSER_API_COMMAND_IDS_H_
