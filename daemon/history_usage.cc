// What the values of a label used of a resource, and what was spent on some labels, from the rows
// that each group left.
#include <algorithm>
#include <vector>

#include "daemon/group_costs.h"
#include "daemon/history.h"

namespace purser {
namespace {

// The labels of a row's lines: each set is read once.
class LabelsOfRow {
 public:
  // The row outlives this.
  explicit LabelsOfRow(const stored::CostsOfGroup& row)
      : row_(row), read_(static_cast<size_t>(row.label_sets_size())) {}

  // DataLoss: the line has labels that the row has not, or more in a hold than there is.
  absl::StatusOr<const CostLabels*> Of(const stored::CostsOfGroup::Line& line) {
    if (auto status = CheckCostLine(line); !status.ok()) return status;
    if (line.labels() >= read_.size()) {
      return absl::DataLossError("a row of costs names labels that it has not");
    }
    auto& its = read_[line.labels()];
    if (!its.has_value()) its = ReadCostLabels(row_.label_sets(static_cast<int>(line.labels())));
    return &*its;
  }

 private:
  const stored::CostsOfGroup& row_;
  std::vector<std::optional<CostLabels>> read_;
};

// Adds what the rows have of one allocation.
class UsageReader {
 public:
  // All outlive this.
  UsageReader(const Allocation& allocation, const Span& period, const ResourceDirectory& directory)
      : allocation_(allocation),
        period_(period),
        directory_(directory),
        report_({allocation.label}) {}

  // What comes behind the entry `as_of` does not count.
  absl::Status Add(const stored::CostsOfGroup& row, uint64_t first_sequence, uint64_t as_of) {
    LabelsOfRow labels(row);
    for (const auto& line : row.lines()) {
      if (first_sequence + line.entry() > as_of) break;
      const auto its = labels.Of(line);
      if (!its.ok()) return its.status();
      if (line.resource() == 0) continue;
      if (directory_.Find(line.resource()).name != allocation_.resource) continue;
      const auto share = ShareIn(period_, line);
      if (!share.has_value()) continue;
      const absl::int128 left = ShareBefore(period_, line).quantity;
      const auto before = SelectedPart(allocation_.labels, **its, left);
      const auto now = SelectedPart(allocation_.labels, **its, left + share->quantity);
      if (!before.has_value() || !now.has_value()) continue;
      // As what is not priced is reported, whether it is or not: in its own unit.
      const CostKind kind{line.category(), CostOrigin::kCharge, allocation_.resource};
      if (!report_.Add(**its, kind, {*now - *before, std::nullopt}, {*before, std::nullopt})) {
        return TooManyCostGroups(report_.most_groups());
      }
    }
    return absl::OkStatus();
  }

  UsedByValue Used() const {
    UsedByValue used;
    for (const auto& [values, sums] : report_.groups()) {
      for (const auto& [resource, amount] : sums.unpriced) used[values.front()] += amount;
    }
    return used;
  }

 private:
  const Allocation& allocation_;
  const Span period_;
  const ResourceDirectory& directory_;
  CostReport report_;
};

}  // namespace

absl::StatusOr<UsedByValue> History::ReadUsage(const Allocation& allocation, const Span& period,
                                               uint64_t as_of,
                                               const std::function<bool()>& abandon) {
  // What is charged within a hold of the time comes after it has begun (ReadCosts).
  // Of a forged one it may be any.
  auto before = SequenceAt(std::max(period.from_us, INT64_MIN + 1) - 1, as_of);
  if (!before.ok()) return before.status();
  UsageReader reader(allocation, period, *directory_);
  const auto add = [&](uint64_t first_sequence,
                       const stored::CostsOfGroup& row) -> absl::StatusOr<bool> {
    if (abandon()) return absl::CancelledError("abandoned");
    if (first_sequence > as_of) return false;
    if (auto status = reader.Add(row, first_sequence, as_of); !status.ok()) return status;
    return true;
  };
  if (auto status = ForEachCostsRow(*before + 1, add); !status.ok()) return status;
  return reader.Used();
}

namespace {

// What of the row's costs in the time is of the labels, up to an entry.
absl::StatusOr<absl::int128> SpentInRow(const stored::CostsOfGroup& row, uint64_t first_sequence,
                                        uint64_t as_of, const Span& month, const Labels& selector) {
  LabelsOfRow labels(row);
  absl::int128 sum = 0;
  for (const auto& line : row.lines()) {
    if (first_sequence + line.entry() > as_of) break;
    const auto its = labels.Of(line);
    if (!its.ok()) return its.status();
    const auto share = ShareIn(month, line);
    if (!share.has_value() || !share->cost_micros.has_value()) continue;
    const absl::int128 left = ShareBefore(month, line).cost_micros.value_or(0);
    sum += SelectedPart(selector, **its, left + *share->cost_micros).value_or(0);
    sum -= SelectedPart(selector, **its, left).value_or(0);
  }
  return sum;
}

}  // namespace

absl::StatusOr<absl::int128> History::ReadSpentBefore(const stored::Budget& budget,
                                                      const stored::CostMonth& month,
                                                      const std::function<bool()>& abandon) {
  auto before = SequenceAt(month.from_us() - 1, budget.sequence());
  if (!before.ok()) return before.status();
  Labels selector;
  for (const auto& label : budget.labels()) selector.emplace_back(label.key(), label.value());
  const Span span{month.from_us(), month.until_us()};
  absl::int128 sum = 0;
  const auto add = [&](uint64_t first_sequence,
                       const stored::CostsOfGroup& row) -> absl::StatusOr<bool> {
    if (abandon()) return absl::CancelledError("abandoned");
    if (first_sequence > budget.sequence()) return false;
    const auto spent = SpentInRow(row, first_sequence, budget.sequence(), span, selector);
    if (!spent.ok()) return spent.status();
    sum += *spent;
    return true;
  };
  if (auto status = ForEachCostsRow(*before + 1, add); !status.ok()) return status;
  return sum;
}

absl::StatusOr<EarlierCosts> History::ReadEarlierCosts(const stored::Budget& budget,
                                                       const stored::CostMonth& month,
                                                       const std::function<bool()>& abandon) {
  EarlierCosts earlier;
  const auto spent = ReadSpentBefore(budget, month, abandon);
  if (!spent.ok()) return spent.status();
  earlier.spent = *spent;
  const auto add = [&](const stored::ReservationRecord& record) {
    const Reservation reservation = FromRecord(record, directory_->function());
    const uint64_t since = reservation.held_since_sequence();
    if (since > budget.sequence() || !HeldPartOf(budget, month, reservation).has_value()) return;
    earlier.held.push_back({since, reservation.id});
  };
  if (auto status = ForEachOpen(abandon, add); !status.ok()) return status;
  std::sort(earlier.held.begin(), earlier.held.end());
  return earlier;
}

}  // namespace purser
