#ifndef PURSER_DAEMON_GROUP_COSTS_H_
#define PURSER_DAEMON_GROUP_COSTS_H_

// Adds what one row of costs says to a report, once each line is checked. Thread-compatible.
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "absl/status/status.h"
#include "daemon/records.pb.h"
#include "reservations/cost_report.h"

namespace purser {

bool IsIn(const Span& span, InstantUs at_us);
// What of a line belongs to the period: of a charge within a hold by the hold's time, of the rest
// by its own (ledger.md 2). A cost of both is split by the two amounts. nullopt: nothing.
std::optional<CostShare> ShareIn(const Span& period, const stored::CostsOfGroup::Line& line);
// What is beside it, so that each value has its part of both together (CostReport::Add): of a
// refund what was left of its charge, of what a charge had beyond a hold of another period that.
CostShare ShareBefore(const Span& period, const stored::CostsOfGroup::Line& line);
// DataLoss: more of it is in a hold than there is.
absl::Status CheckCostLine(const stored::CostsOfGroup::Line& line);
CostLabels ReadCostLabels(const stored::CostsOfGroup::LabelSet& set);
// LIMIT_OF_THE_DAEMON: a report would have too many groups.
absl::Status TooManyCostGroups(size_t most);

class GroupCosts {
 public:
  // Both outlive this.
  GroupCosts(const stored::CostsOfGroup& row, CostReport* report) : row_(row), report_(*report) {}

  // With the labels of one of the row's sets. DataLoss: it has not so many.
  absl::Status Add(uint32_t labels, const CostKind& kind, const CostShare& share,
                   const CostShare& before = {});

 private:
  using Key = std::tuple<uint32_t, CostCategory, CostOrigin, std::string_view>;

  const stored::CostsOfGroup& row_;
  CostReport& report_;
  std::map<Key, CostReport::Sums*> groups_;  // of what is not split
};

}  // namespace purser

#endif  // PURSER_DAEMON_GROUP_COSTS_H_
