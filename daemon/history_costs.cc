// What charges cost, from the rows that each group left.
#include <algorithm>

#include "daemon/history.h"
#include "daemon/schema.h"
#include "ledger/rate.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {
namespace {

CostLabels LabelsOf(const stored::CostsOfGroup::LabelSet& set) {
  CostLabels labels;
  for (const auto& label : set.labels()) labels.labels.emplace_back(label.key(), label.value());
  for (const auto& split : set.splits()) {
    auto& parts = labels.splits.emplace_back(CostLabels::Split{split.key(), {}}).parts;
    for (const auto& part : split.parts()) {
      parts.push_back({part.value(), Amount::FromMicros(part.weight())});
    }
  }
  return labels;
}

// The period of what is reported on.
struct Interval {
  InstantUs from_us = 0;
  InstantUs until_us = 0;

  bool Has(InstantUs at_us) const { return from_us <= at_us && at_us < until_us; }
};

// What of a line belongs to the interval: of a charge within a hold by the hold's time, of the rest
// by its own (ledger.md 2). A cost of both is split by the two amounts.
struct Share {
  Amount amount;
  std::optional<Amount> cost;
};
std::optional<Share> ShareIn(const Interval& interval, const stored::CostsOfGroup::Line& line) {
  const Amount amount = Amount::FromMicros(line.amount());
  const Amount within = Amount::FromMicros(line.within_hold());
  std::optional<Amount> cost;
  if (line.has_cost()) cost = Amount::FromMicros(line.cost());
  const bool has_hold = !within.is_zero() && interval.Has(line.hold_time_us());
  const bool has_rest = interval.Has(line.time_us());
  if (within.is_zero()) return has_rest ? std::optional(Share{amount, cost}) : std::nullopt;
  if (within == amount) return has_hold ? std::optional(Share{amount, cost}) : std::nullopt;
  if (has_hold && has_rest) return Share{amount, cost};
  if (!has_hold && !has_rest) return std::nullopt;
  Share share{has_hold ? within : amount - within, std::nullopt};
  if (!cost.has_value()) return share;
  const std::vector<Amount> parts = Split(*cost, {{"hold", within}, {"rest", amount - within}});
  share.cost = parts[has_hold ? 0 : 1];
  return share;
}

absl::Status TooMany() {
  return Refuse(stored::LIMIT_OF_THE_DAEMON,
                Concat("a report has at most ", kCostGroupsMax, " groups; use fewer keys"));
}

absl::Status AddOutcomes(const stored::CostsOfGroup& row,
                         const stored::CostsOfGroup::Outcomes& reported, OutcomeReport* report) {
  if (reported.labels() >= static_cast<uint32_t>(row.label_sets_size())) {
    return absl::DataLossError("a row of costs names labels that it has not");
  }
  const CostLabels labels = LabelsOf(row.label_sets(static_cast<int>(reported.labels())));
  const bool fits =
      report->Add(labels.labels, {reported.accepted(), reported.rejected(), reported.escalated()});
  return fits ? absl::OkStatus() : TooMany();
}

// Adds the lines of one group to a report.
class GroupCosts {
 public:
  GroupCosts(const stored::CostsOfGroup& row, const ResourceDirectory& directory,
             CostReport* report)
      : row_(row), directory_(directory), report_(*report) {}

  absl::Status Add(const stored::CostsOfGroup::Line& line, const Share& share) {
    if (line.labels() >= static_cast<uint32_t>(row_.label_sets_size())) {
      return absl::DataLossError("a row of costs names labels that it has not");
    }
    const bool is_measured = line.resource() != 0;
    const std::string_view resource = is_measured ? directory_.Find(line.resource()).name : "";
    const auto [found, is_new] =
        groups_.try_emplace(Key{line.labels(), line.category(), line.resource()}, nullptr);
    if (is_new) {
      const CostLabels labels = LabelsOf(row_.label_sets(static_cast<int>(line.labels())));
      if (report_.IsSplit(labels)) {
        const bool fits = report_.Add(labels, line.category(), resource, share.amount, share.cost);
        groups_.erase(found);
        return fits ? absl::OkStatus() : TooMany();
      }
      found->second = report_.FindGroup(labels, line.category(), resource);
    }
    if (found->second == nullptr) return TooMany();
    CostReport::AddTo(resource, share.amount, share.cost, found->second);
    return absl::OkStatus();
  }

 private:
  using Key = std::tuple<uint32_t, CostCategory, uint32_t>;

  const stored::CostsOfGroup& row_;
  const ResourceDirectory& directory_;
  CostReport& report_;
  std::map<Key, CostReport::Sums*> groups_;
};

}  // namespace

absl::Status History::ReadCosts(InstantUs from_us, InstantUs until_us, uint64_t as_of,
                                const std::function<bool()>& abandon, CostReport* report,
                                OutcomeReport* outcomes) {
  const Interval interval{from_us, until_us};
  // What is charged within a hold of the interval comes after it has begun, but may come behind its
  // end.
  auto before = SequenceAt(from_us - 1);
  if (!before.ok()) return before.status();
  const std::string prefix = schema::PopulationPrefix(population_);
  auto cursor = snapshot_->NewCursor(Table::kCosts);
  const std::string first = schema::JournalKey(population_, *before + 1);
  cursor->SeekLastAtOrBefore(first);
  const bool is_of_it = cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix;
  if (!is_of_it) cursor->SeekFirstAtOrAfter(first);
  for (; cursor->valid(); cursor->Next()) {
    if (cursor->key().substr(0, prefix.size()) != prefix) break;
    const uint64_t first_sequence = schema::SequenceOfJournalKey(cursor->key());
    if (first_sequence > as_of) break;
    if (abandon()) return absl::CancelledError("abandoned");
    stored::CostsOfGroup row;
    const std::string_view value = cursor->value();
    if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("a row of costs cannot be read");
    }
    GroupCosts group(row, *directory_, report);
    for (const auto& line : row.lines()) {
      if (first_sequence + line.entry() > as_of) break;
      const bool is_whole = line.within_hold() == 0 ||
                            (line.within_hold() > 0 && line.within_hold() <= line.amount());
      if (!is_whole) return absl::DataLossError("a row of costs has more in a hold than there is");
      const auto share = ShareIn(interval, line);
      if (!share.has_value()) continue;
      if (auto status = group.Add(line, *share); !status.ok()) return status;
    }
    if (outcomes == nullptr) continue;
    for (const auto& reported : row.outcomes()) {
      if (first_sequence + reported.entry() > as_of) break;
      if (!interval.Has(reported.time_us())) continue;
      if (auto status = AddOutcomes(row, reported, outcomes); !status.ok()) return status;
    }
  }
  return cursor->status();
}

absl::StatusOr<std::vector<std::string>> History::FindHoldsSince(
    InstantUs before_us, size_t most, const std::function<bool()>& abandon) {
  std::vector<std::string> held_by;
  const std::string prefix = schema::PopulationPrefix(population_);
  auto cursor = snapshot_->NewCursor(Table::kOpen);
  for (cursor->SeekFirstAtOrAfter(prefix);
       cursor->valid() && cursor->key().substr(0, prefix.size()) == prefix; cursor->Next()) {
    if (held_by.size() == most) break;
    if (abandon()) return absl::CancelledError("abandoned");
    stored::ReservationRecord record;
    const std::string_view value = cursor->value();
    if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("table open: a row cannot be read");
    }
    const bool holds = std::any_of(record.lines().begin(), record.lines().end(),
                                   [](const auto& line) { return line.held() > 0; });
    // Of a booking since it was made.
    const InstantUs since_us =
        record.start_at_us() != 0 ? record.create_time_us() : record.grant_time_us();
    if (holds && since_us != 0 && since_us < before_us) held_by.push_back(record.id());
  }
  if (!cursor->status().ok()) return cursor->status();
  return held_by;
}

}  // namespace purser
