#ifndef PURSER_LIFECYCLE_SELECTION_QUESTION_H_
#define PURSER_LIFECYCLE_SELECTION_QUESTION_H_

// The models of a population as a question of selection (daemon/decisions/0013): who is ACTIVE, who
// might be, what each is worth by its own figures, what it would occupy and what of budgets of
// money it costs. Pure functions, thread-safe.
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/books.h"
#include "lifecycle/model_book.h"
#include "lifecycle/net_value.h"
#include "lifecycle/selection.h"
#include "lifecycle/shadow_prices.h"
#include "reservations/calendar.h"

namespace purser {

// Before the id of a budget, among the names of resources; its amounts are USD a month.
inline constexpr char kBudgetPrefix[] = "budget:";

// What is taken to be as it is now, at an instant.
struct SelectionPremises {
  ShadowPrices prices;   // what others wait for
  InstantUs now_us = 0;  // at which budgets bind
  // What is booked is nobody's here; nullptr: nothing is. Outlives the call, and is not kept.
  const CalendarDraft* calendar = nullptr;
};

// `candidates`: ids, each once; none: all that are CANDIDATE or SHADOW. UNKNOWN_MODEL of one that
// is not there; INVALID_ARGUMENT of one that is ACTIVE or gone, or named twice; LIMIT_OF_THE_DAEMON
// where there are more models than are compared. Faults are of the path "candidates[i]".
absl::StatusOr<SelectionQuestion> MakeSelectionQuestion(const ModelBook& models, const Books& books,
                                                        const std::vector<std::string>& candidates,
                                                        const SelectionPremises& premises);

// What a model is worth a month while it is ACTIVE: its own figures, whoever else provides, less
// what those who wait would give for what it occupies then, beyond its present state or, of one
// that is ACTIVE, that in which it would leave.
NetValue OwnValue(const ModelRecord& model, const ModelResources& resources,
                  const ShadowPrices& prices);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_SELECTION_QUESTION_H_
