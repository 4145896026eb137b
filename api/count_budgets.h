#ifndef PURSER_API_COUNT_BUDGETS_H_
#define PURSER_API_COUNT_BUDGETS_H_

// What was spent in the month before a budget was made, and is held since before, is counted by
// entries of their own, right behind (daemon/decisions/0015): it is read where nobody waits for it,
// which is not the writer.
// Thread-safe. A status that is not OK: not now.
#include <functional>
#include <string>
#include <string_view>

#include "api/controller.h"

namespace purser::api {

// Of one of the view's budgets, if it lacks it: takes as long as a report of the month, and an
// entry for each kCountedHoldsMax that hold something of it. The entries have the request's id.
// Until `stop` says so, or it cannot be counted now.
absl::Status CountBudget(Controller* controller, const View& view, std::string_view id,
                         const std::string& request_id, const std::function<bool()>& stop);

// Of all of them, likewise.
absl::Status CountBudgets(Controller* controller, const View& view,
                          const std::function<bool()>& stop);

}  // namespace purser::api

#endif  // PURSER_API_COUNT_BUDGETS_H_
