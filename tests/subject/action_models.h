#ifndef PURSER_TESTS_SUBJECT_ACTION_MODELS_H_
#define PURSER_TESTS_SUBJECT_ACTION_MODELS_H_

// Actions on ML models as commands, and back as views. Pure functions, thread-safe.
#include <string>

#include "lifecycle/models_summary.h"
#include "lifecycle/population.h"
#include "tests/model/subject.h"
#include "tests/subject/action_command.h"

namespace purser {

inline bool IsAboutModels(model::Verb verb) {
  return verb >= model::Verb::kRegister && verb <= model::Verb::kRequire;
}

// `approval_id` is that of the oldest approval that waits for the model, "" when there is none.
void TranslateModels(const model::Action& action, const std::string& approval_id, Faults* faults,
                     Translated* out);
// Scopes that what is said needs, and who asks has not.
bool LacksModelScope(const model::Action& action);

model::ArtifactView ViewOfModel(const ModelRecord& model, const Population& population);
model::PopulationView ViewOfModels(const Population& population);

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_ACTION_MODELS_H_
