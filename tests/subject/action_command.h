#ifndef PURSER_TESTS_SUBJECT_ACTION_COMMAND_H_
#define PURSER_TESTS_SUBJECT_ACTION_COMMAND_H_

// From the actions of the scenario tables to commands, by the way of the public messages and their
// decoding, as a route does it: what needs no state is judged here. Pure functions, thread-safe.
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "lifecycle/command.h"
#include "tests/model/action.h"

namespace purser {

struct Translated {
  std::string refusal;  // "" or the code for which it is refused before anything is looked up
  int member = -1;      // of an atomic batch: which operation is refused
  Command command;      // without population, key and request id
  // The body, in its normal form.
  std::shared_ptr<google::protobuf::Message> request;
};

// What the command was made from.
template <typename Message>
void Keep(const Message& message, Translated* out) {
  out->request = std::make_shared<Message>(message);
}

// `daemon_id` is the id of what kUnfreeze, kApprove or kReject mean, which the daemon chose; ""
// when there is none.
Translated Translate(const model::Action& action, const std::string& daemon_id);

// Whether it is a POST, which takes an Idempotency-Key.
bool TakesKey(model::Verb verb);

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_ACTION_COMMAND_H_
