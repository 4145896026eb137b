#ifndef PURSER_TESTS_MODEL_PROPOSAL_TEXT_H_
#define PURSER_TESTS_MODEL_PROPOSAL_TEXT_H_

// The words of a scenario line about proposals, read and written (action_text.h has the others).
//
// Plain functions, safe from any thread.
#include <string>
#include <vector>

#include "tests/model/action.h"

namespace purser::model {

bool IsOfProposals(Verb verb);

// A word of the form key=value of such a command.
bool SetProposalKey(const std::string& key, const std::string& value, int64_t now_us,
                    Action* action);

// The words without a "=", which are told by their place.
bool SetProposalWords(const std::vector<std::string>& words, Action* action);

// What these read but the id, each word after a space; "" for other commands.
std::string ProposalWords(const Action& action);

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_PROPOSAL_TEXT_H_
