#ifndef PURSER_LIFECYCLE_COMMAND_COST_H_
#define PURSER_LIFECYCLE_COMMAND_COST_H_

// What a command counts for where requests a second are limited. Pure functions, thread-safe.
#include "lifecycle/command.h"
#include "reservations/request_rates.h"

namespace purser {

// One token an operation on reservations and charges, none of what passes limits; of labels what
// brings them along.
RequestCost CostOf(const Command& command);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_COMMAND_COST_H_
