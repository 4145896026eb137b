#ifndef PURSER_LIFECYCLE_COST_MONTH_H_
#define PURSER_LIFECYCLE_COST_MONTH_H_

// The months of budgets, and what entries spend and hold of them (daemon/decisions/0015).
#include <string>

#include "lifecycle/population.h"
#include "lifecycle/state_machine.h"
#include "reservations/budget_parts.h"

namespace purser {

// The calendar month of the time zone that the instant is in.
stored::CostMonth CostMonthAt(const MonthStartAfter& month_start_after,
                              const std::string& time_zone, InstantUs at_us);

// What the entry, which the population has taken in, spends of each budget that is there now.
void ForEachSpending(const stored::Entry& entry, const Population& population, BudgetVisit visit);

// Takes what one reservation holds out of what the budgets count, before an entry changes it, or
// counts it again.
void CountHeld(const std::string& id, int sign, Population* population);

}  // namespace purser

#endif  // PURSER_LIFECYCLE_COST_MONTH_H_
