#ifndef PURSER_TESTS_SUBJECT_COST_TEXT_H_
#define PURSER_TESTS_SUBJECT_COST_TEXT_H_

// The product's reports of costs, as the reference model says them. Thread-compatible, as what they
// read from.
#include <memory>
#include <string>
#include <vector>

#include "daemon/history.h"
#include "reservations/outcome_report.h"

namespace purser {

// What was charged up to an entry, and accrued up to an instant, in all time; months are UTC's.
History::CostsScope AllCosts(uint64_t sequence, InstantUs accrue_until_us,
                             std::shared_ptr<const RateBook> rates);

// model::Model::Costs, and one group of it.
std::string CostText(const CostReport::Sums& sums);
std::string CostText(const CostReport& report);
// model::Model::AcceptedCosts by the keys; of what cannot be read, why.
std::string AcceptedCostsText(const History::CostsScope& scope,
                              const std::vector<std::string>& keys, History* history);

}  // namespace purser

#endif  // PURSER_TESTS_SUBJECT_COST_TEXT_H_
