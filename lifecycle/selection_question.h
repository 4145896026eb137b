#ifndef PURSER_LIFECYCLE_SELECTION_QUESTION_H_
#define PURSER_LIFECYCLE_SELECTION_QUESTION_H_

// The models of a population as a question of selection (daemon/decisions/0013): who is ACTIVE, who
// might be, what each is worth by its own figures and what it would occupy. Pure functions,
// thread-safe.
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/books.h"
#include "lifecycle/model_book.h"
#include "lifecycle/net_value.h"
#include "lifecycle/selection.h"

namespace purser {

// `candidates`: ids, each once; none: all that are CANDIDATE or SHADOW. UNKNOWN_MODEL of one that
// is not there; INVALID_ARGUMENT of one that is ACTIVE or gone, or named twice; LIMIT_OF_THE_DAEMON
// where there are more models than are compared. Faults are of the path "candidates[i]".
absl::StatusOr<SelectionQuestion> MakeSelectionQuestion(const ModelBook& models, const Books& books,
                                                        const std::vector<std::string>& candidates);

// What a model is worth a month while it is ACTIVE: its own figures, whoever else provides.
NetValue OwnValue(const stored::ModelSettings& model);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SELECTION_QUESTION_H_
