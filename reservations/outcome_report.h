#ifndef PURSER_RESERVATIONS_OUTCOME_REPORT_H_
#define PURSER_RESERVATIONS_OUTCOME_REPORT_H_

// What became of results, by labels, and what one that was accepted cost (ledger.md 5). A value;
// thread-compatible.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "reservations/cost_report.h"

namespace purser {

struct OutcomeCounts {
  absl::int128 accepted = 0;
  absl::int128 rejected = 0;
  absl::int128 escalated = 0;
};

class OutcomeReport {
 public:
  using Values = CostReport::Values;

  // Keys of labels, each once.
  explicit OutcomeReport(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  // False: there would be more than kCostGroupsMax groups.
  bool Add(const Labels& labels, const OutcomeCounts& counts);

  const std::vector<std::string>& keys() const { return keys_; }
  const std::map<Values, OutcomeCounts>& groups() const { return groups_; }

 private:
  std::vector<std::string> keys_;
  std::map<Values, OutcomeCounts> groups_;
};

// One group of costs and outcomes together.
struct AcceptedResultCost {
  CostReport::Values values;  // of the outcomes' keys
  CostReport::Sums spent;
  std::map<std::string, absl::int128> parts;  // USD, by role
  OutcomeCounts counts;
  // USD, half away from zero; nullopt where nothing was accepted: it is not defined.
  std::optional<absl::int128> per_accepted_micros;
};
// `costs` is by the outcomes' keys and then by kByRole. The dearest first, those for which it is
// not defined at the end; of equal ones by their values.
std::vector<AcceptedResultCost> CompareAcceptedCosts(const CostReport& costs,
                                                     const OutcomeReport& outcomes);

}  // namespace purser

#endif  // PURSER_RESERVATIONS_OUTCOME_REPORT_H_
