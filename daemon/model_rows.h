#ifndef PURSER_DAEMON_MODEL_ROWS_H_
#define PURSER_DAEMON_MODEL_ROWS_H_

// Who is ACTIVE, as rows: what each group changed, and now and then everybody, so that who was
// ACTIVE at any time is one row, and at most so many changes after it. Pure functions, thread-safe.
#include <map>
#include <optional>
#include <string>

#include "daemon/records.pb.h"
#include "lifecycle/model_book.h"

namespace purser {

// Changes from one row that has everybody to the next.
inline constexpr uint64_t kActivityAWholeRow = 256;

// The row of a group that leaves the models like this; `changed` has who became ACTIVE (1), left
// (-1), or did both (0). nullopt: nobody.
std::optional<stored::ActiveModels> MakeActiveModels(const ModelBook& after,
                                                     const std::map<std::string, int>& changed,
                                                     uint64_t activity_before);

}  // namespace purser

#endif  // PURSER_DAEMON_MODEL_ROWS_H_
