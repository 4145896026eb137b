#ifndef PURSER_TESTS_SUBJECT_ACTION_PROPOSALS_H_
#define PURSER_TESTS_SUBJECT_ACTION_PROPOSALS_H_

// Actions on proposals as commands, and back as views. Pure functions, thread-safe.
#include "lifecycle/population.h"
#include "lifecycle/proposal_book.h"
#include "tests/model/subject.h"
#include "tests/subject/action_command.h"

namespace purser {

inline bool IsAboutProposals(model::Verb verb) {
  return verb >= model::Verb::kPropose && verb <= model::Verb::kExecute;
}

void TranslateProposals(const model::Action& action, Faults* faults, Translated* out);
// Scopes that the command needs, and who asks has not.
bool LacksProposalScope(const model::Action& action);

model::ProposalView ViewOfProposal(const ProposalRecord& proposal, const Population& population);
model::ProposerView ViewOfProposer(const ProposalBook::Proposer& proposer);

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_ACTION_PROPOSALS_H_
