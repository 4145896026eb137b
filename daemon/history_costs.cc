// What charges and stays cost, from the rows that each group left, and from what is open.
#include <algorithm>
#include <map>

#include "daemon/group_costs.h"
#include "daemon/history.h"
#include "daemon/schema.h"
#include "ledger/rate.h"
#include "reservations/course.h"

namespace purser {
namespace {

absl::Status AddOutcomes(const stored::CostsOfGroup& row,
                         const stored::CostsOfGroup::Outcomes& reported, OutcomeReport* report) {
  if (reported.labels() >= static_cast<uint32_t>(row.label_sets_size())) {
    return absl::DataLossError("a row of costs names labels that it has not");
  }
  const CostLabels labels = ReadCostLabels(row.label_sets(static_cast<int>(reported.labels())));
  const bool fits =
      report->Add(labels.labels, {reported.accepted(), reported.rejected(), reported.escalated()});
  return fits ? absl::OkStatus() : TooManyCostGroups(kCostGroupsMax);
}

CostKind KindOf(const stored::CostsOfGroup::Line& line, bool is_cold_start,
                const ResourceDirectory& directory) {
  if (line.resource() != 0) {
    return {line.category(), CostOrigin::kCharge, directory.Find(line.resource()).name};
  }
  return {line.category(), is_cold_start ? CostOrigin::kColdStart : CostOrigin::kCostEntry, ""};
}

}  // namespace

// Walks the rows of a report.
class History::CostsReader {
 public:
  CostsReader(const CostsScope& scope, const StayCosts& costs, const ResourceDirectory& directory,
              CostReport* report, OutcomeReport* outcomes)
      : scope_(scope),
        costs_(costs),
        directory_(directory),
        report_(*report),
        outcomes_(outcomes) {}

  absl::Status Add(const stored::CostsOfGroup& row, uint64_t first_sequence) {
    GroupCosts group(row, &report_);
    if (auto status = AddLines(row, first_sequence, &group); !status.ok()) return status;
    for (const auto& stay : row.stays()) {
      if (auto status = AddStay(stay, &group); !status.ok()) return status;
    }
    for (const auto& reserve : row.reserves()) {
      if (reserve.time_us() < scope_.period.from_us) continue;
      SetReserve(reserve.resource(), reserve.time_us(), Amount::FromMicros(reserve.amount()));
    }
    if (outcomes_ == nullptr) return absl::OkStatus();
    for (const auto& reported : row.outcomes()) {
      if (first_sequence + reported.entry() > scope_.as_of) break;
      if (!IsIn(scope_.period, reported.time_us())) continue;
      if (auto status = AddOutcomes(row, reported, outcomes_); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  void SetReserve(uint32_t resource, InstantUs since_us, Amount amount) {
    reserves_[resource].Set(since_us, amount);
  }
  absl::Status AddReserves() {
    for (const auto& [resource, course] : reserves_) {
      Stay stay{resource, stored::ROLLBACK_RESERVE_COST, CostOrigin::kReserve, Amount(), Span()};
      const bool fits = course.ForEach([&](Amount amount, Span span) {
        stay.amount = amount;
        stay.span = span;
        return costs_.Add(CostLabels(), stay, &report_);
      });
      if (!fits) return TooManyCostGroups(report_.most_groups());
    }
    return absl::OkStatus();
  }

 private:
  absl::Status AddLines(const stored::CostsOfGroup& row, uint64_t first_sequence,
                        GroupCosts* group) {
    auto cold_start = row.cold_starts().begin();
    for (int i = 0; i < row.lines_size(); ++i) {
      const stored::CostsOfGroup::Line& line = row.lines(i);
      if (first_sequence + line.entry() > scope_.as_of) break;
      const bool is_cold_start =
          cold_start != row.cold_starts().end() && static_cast<int>(*cold_start) == i;
      if (is_cold_start) ++cold_start;
      if (auto status = CheckCostLine(line); !status.ok()) return status;
      const auto share = ShareIn(scope_.period, line);
      if (!share.has_value()) continue;
      const CostKind kind = KindOf(line, is_cold_start, directory_);
      auto status = group->Add(line.labels(), kind, *share, ShareBefore(scope_.period, line));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Of one that ended at any time since the period began: what comes behind what is reported on is
  // left out.
  absl::Status AddStay(const stored::CostsOfGroup::Stay& of, GroupCosts* group) {
    absl::Status status;
    const auto add = [&](const CostKind& kind, const CostShare& share) {
      status = group->Add(of.labels(), kind, share);
      return status.ok();
    };
    for (const auto& line : of.lines()) {
      const Amount amount = Amount::FromMicros(line.amount());
      for (const Stay& stay :
           StaysOf({line.resource(), line.category(), CostOrigin::kHeld, amount, Span()},
                   of.granted_us(), of.started_us(), of.ended_us())) {
        if (!costs_.ForEachLine(stay, add)) return status;
      }
    }
    return status;
  }

  const CostsScope& scope_;
  const StayCosts& costs_;
  const ResourceDirectory& directory_;
  CostReport& report_;
  OutcomeReport* const outcomes_;
  std::map<uint32_t, Course<Amount>> reserves_;
};

absl::Status History::ForEachCostsRow(
    uint64_t from_sequence,
    const std::function<absl::StatusOr<bool>(uint64_t, const stored::CostsOfGroup&)>& visit) {
  const std::string prefix = schema::PopulationPrefix(population_);
  auto cursor = snapshot_->NewCursor(Table::kCosts);
  const std::string first = schema::JournalKey(population_, from_sequence);
  cursor->SeekLastAtOrBefore(first);
  const bool is_of_it = cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix;
  if (!is_of_it) cursor->SeekFirstAtOrAfter(first);
  for (; cursor->valid(); cursor->Next()) {
    if (cursor->key().substr(0, prefix.size()) != prefix) break;
    stored::CostsOfGroup row;
    const std::string_view value = cursor->value();
    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("a row of costs cannot be read");
    }
    const auto goes_on = visit(schema::SequenceOfJournalKey(cursor->key()), row);
    if (!goes_on.ok()) return goes_on.status();
    if (!*goes_on) break;
  }
  return cursor->status();
}

absl::Status History::ReadCosts(const CostsScope& scope, const std::function<bool()>& abandon,
                                CostReport* report, OutcomeReport* outcomes) {
  auto before = SequenceAt(scope.period.from_us - 1);
  if (!before.ok()) return before.status();
  auto capacities = ReadCapacities();
  if (!capacities.ok()) return capacities.status();
  const Span accrues = Intersect(scope.period, {scope.period.from_us, scope.accrue_until_us});
  const StayCosts costs(*capacities, *scope.rates, accrues, scope.month_at);
  costs.SetUnits(report);
  CostsReader reader(scope, costs, *directory_, report, outcomes);
  for (const auto& [number, past] : *capacities) {
    if (*before == 0 || accrues.empty()) break;
    auto resource = ResourceAsOf(number, *before);
    if (!resource.ok()) return resource.status();
    if (!resource->has_value()) continue;
    reader.SetReserve(number, accrues.from_us, (**resource)[stored::RESERVE]);
  }
  // What is charged within a hold of the period comes after it has begun, but may come behind its
  // end; what a reservation occupied is written when it ends.
  const auto add = [&](uint64_t first_sequence,
                       const stored::CostsOfGroup& row) -> absl::StatusOr<bool> {
    if (abandon()) return absl::CancelledError("abandoned");
    if (auto status = reader.Add(row, first_sequence); !status.ok()) return status;
    return true;
  };
  if (auto status = ForEachCostsRow(*before + 1, add); !status.ok()) return status;
  if (auto status = reader.AddReserves(); !status.ok()) return status;
  if (auto status = AddOpenStays(costs, abandon, report); !status.ok()) return status;
  return AddModelStays(costs, *before, abandon, report);
}

absl::Status History::ForEachOpen(
    const std::function<bool()>& abandon,
    const std::function<void(const stored::ReservationRecord&)>& visit) {
  const std::string prefix = schema::PopulationPrefix(population_);
  auto cursor = snapshot_->NewCursor(Table::kOpen);
  for (cursor->SeekFirstAtOrAfter(prefix);
       cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    if (abandon()) return absl::CancelledError("abandoned");
    stored::ReservationRecord record;
    const std::string_view value = cursor->value();
    if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("table open: a row cannot be read");
    }
    visit(record);
  }
  return cursor->status();
}

absl::StatusOr<HoldsSince> History::FindHoldsSince(InstantUs before_us, size_t most,
                                                   const std::function<bool()>& abandon) {
  HoldsSince found;
  const auto add = [&](const stored::ReservationRecord& record) {
    const bool holds =
        std::any_of(record.lines().begin(), record.lines().end(), [this](const auto& line) {
          return line.held() > 0 && directory_->Find(line.resource()).consumable;
        });
    // Of a booking since it was made.
    const InstantUs since_us =
        record.start_at_us() != 0 ? record.create_time_us() : record.grant_time_us();
    if (holds && since_us != 0 && since_us < before_us) found.Add(record.id(), since_us, most);
  };
  if (auto status = ForEachOpen(abandon, add); !status.ok()) return status;
  return found;
}

}  // namespace purser
