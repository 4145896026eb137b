#ifndef PURSER_RESERVATIONS_COST_REPORT_H_
#define PURSER_RESERVATIONS_COST_REPORT_H_

// What lines of charges, and of what is occupied, cost together, by labels, categories, resources
// or origins (ledger.md 5). Rounded lines are added, and nothing is rounded again: the groups sum
// to the total, whatever it is grouped by. A value; thread-compatible.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "ledger/amount.h"
#include "ledger/cost_category.h"
#include "ledger/rate.h"
#include "reservations/reservation.h"
#include "reservations/tariff.h"

namespace purser {

// What is no label, though it is grouped by it like one.
inline constexpr std::string_view kByCategory = "category";
inline constexpr std::string_view kByResource = "resource";
inline constexpr std::string_view kByOrigin = "origin";
// What a cost was for: its label `role`, if that is one of these, else kOtherRole. No label has the
// name.
inline constexpr std::string_view kByRole = "@role";
inline constexpr char kRoleLabel[] = "role";
inline constexpr std::string_view kRoles[] = {"invocation", "retry",      "judge",
                                              "fallback",   "correction", "failed_route"};
inline constexpr std::string_view kOtherRole = "other";
inline constexpr size_t kCostKeysMax = 8;
inline constexpr size_t kCostGroupsMax = 10'000;
inline constexpr size_t kStatementLinesMax = 100'000;  // of a statement, so that it is read at once

// Of one line: labels, and those that are split by weights, of other keys.
struct CostLabels {
  struct Split {
    std::string key;
    std::vector<Weight> parts;
  };
  Labels labels = {};
  std::vector<Split> splits = {};

  const Split* FindSplit(std::string_view key) const;
};

// What a line comes from; the last three are stays, of a capacity for some time.
enum class CostOrigin { kCharge, kCostEntry, kColdStart, kOccupied, kHeld, kReserve };
// "COLD_START", as in reports.
std::string_view CostOriginName(CostOrigin origin);

// What a line is, but for its labels and how much it is.
struct CostKind {
  CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;
  CostOrigin origin = CostOrigin::kCharge;
  std::string_view resource = {};  // empty where none measures it

  bool is_stay() const { return origin >= CostOrigin::kOccupied; }
};

// What of a line lies within what is reported on.
struct CostShare {
  absl::int128 quantity = 0;                               // of the resource; of a stay an area
  std::optional<absl::int128> cost_micros = std::nullopt;  // USD; nullopt: it is not priced
};

class CostReport {
 public:
  struct Occupation {
    Area area = 0;
    Area unpriced = 0;  // of that
  };
  // More than an amount may hold, as each line may.
  struct Sums {
    absl::int128 cost_micros = 0;  // USD
    std::map<std::string, absl::int128> unpriced =
        {};                                           // what has no rate, by resource, in its unit
    std::map<std::string, Occupation> occupied = {};  // of stays, by resource
  };
  // The value of each key, in the order of the keys; empty where the label was missing, and by
  // kByResource where no resource measures it.
  using Values = std::vector<std::string>;

  // Labels, kByCategory, kByResource or kByOrigin, each once; none: all is one group.
  // `most_groups`: it has no more.
  explicit CostReport(std::vector<std::string> keys, size_t most_groups = kCostGroupsMax);

  // Whether lines with these labels belong to several groups.
  bool IsSplit(const CostLabels& labels) const;
  // The group of lines that are not split; nullptr: there would be too many. Valid while the
  // report is.
  Sums* FindGroup(const CostLabels& labels, const CostKind& kind);
  static void AddTo(const CostKind& kind, const CostShare& share, Sums* group);
  // The same, split by the label whose name is the first of those that are keys, each part by that
  // of the second, and so on, kByRole last: what a group has does not depend on the order of the
  // keys. What is added to something that was there before, or taken away from it, as a refund is
  // from what was left of its charge, is split so that each value has its part of all of it: that
  // of both together, less that of `before`. False: there would be too many groups.
  bool Add(const CostLabels& labels, const CostKind& kind, const CostShare& share,
           const CostShare& before = {});
  static void AddSums(const Sums& more, Sums* sums);

  // In what the areas of a resource are told.
  void SetUnit(const std::string& resource, AreaUnit unit) { units_[resource] = std::move(unit); }
  const std::map<std::string, AreaUnit>& units() const { return units_; }

  const std::vector<std::string>& keys() const { return keys_; }
  size_t most_groups() const { return most_groups_; }
  const std::map<Values, Sums>& groups() const { return groups_; }
  Sums Total() const;
  // Of the groups that lack a label.
  Sums Unattributed() const;

 private:
  struct Line;
  struct Shares;
  std::string ValueOf(const std::string& key, const CostLabels& labels, const CostKind& kind) const;
  Sums* Touch(const Values& values);
  // With the values of the first `done` keys, by name.
  bool AddSplit(const Line& line, const Shares& shares, size_t done, Values* values);

  std::vector<std::string> keys_;
  size_t most_groups_;
  std::vector<size_t> by_name_;  // the places of the keys, in order of names
  std::map<Values, Sums> groups_;
  std::map<std::string, AreaUnit> units_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_COST_REPORT_H_
