// The costs of a month line by line, in the order in which they were posted.
#include <algorithm>
#include <map>

#include "daemon/group_costs.h"
#include "daemon/history.h"
#include "reservations/label_split.h"

namespace purser {
namespace {

using Origin = api::PostedCost::Origin;

// As clients say them: a split as its text.
std::shared_ptr<const Labels> PlainLabelsOf(const stored::CostsOfGroup::LabelSet& set) {
  CostLabels of = ReadCostLabels(set);
  Labels labels = std::move(of.labels);
  for (CostLabels::Split& split : of.splits) {
    labels.emplace_back(split.key, FormatLabelSplit(std::move(split.parts)));
  }
  std::sort(labels.begin(), labels.end());
  return std::make_shared<const Labels>(std::move(labels));
}

Origin OriginOf(const stored::CostsOfGroup& row, int place) {
  const stored::CostsOfGroup::Line& line = row.lines(place);
  if (line.resource() != 0) return line.amount() < 0 ? Origin::kRefund : Origin::kCharge;
  const auto& cold_starts = row.cold_starts();
  const bool is_cold_start =
      std::binary_search(cold_starts.begin(), cold_starts.end(), static_cast<uint32_t>(place));
  return is_cold_start ? Origin::kColdStart : Origin::kCostEntry;
}

Amount FromMicros(absl::int128 micros) { return Amount::FromMicros(static_cast<int64_t>(micros)); }

}  // namespace

absl::StatusOr<api::CostLinesRead> History::ReadCostLines(const api::CostLinesQuery& query) {
  api::CostLinesRead read;
  uint64_t from_sequence = query.place.first_sequence;
  if (from_sequence == 0) {
    auto before = SequenceAt(query.from_us - 1);
    if (!before.ok()) return before.status();
    from_sequence = *before + 1;
  }
  const Span period{query.from_us, query.until_us};
  size_t looked_at = 0;
  const auto add = [&](uint64_t first_sequence,
                       const stored::CostsOfGroup& row) -> absl::StatusOr<bool> {
    std::map<uint32_t, std::shared_ptr<const Labels>> labels;
    const bool goes_on = first_sequence == query.place.first_sequence;
    for (int i = goes_on ? query.place.line : 0; i < row.lines_size(); ++i) {
      const auto& line = row.lines(i);
      if (first_sequence + line.entry() > query.as_of) return false;
      if (read.lines.size() == api::kCostLinesMax || looked_at == api::kCostLinesLookedAtMax) {
        read.next = api::CostPlace{first_sequence, i};
        return false;
      }
      ++looked_at;
      const auto share = ShareIn(period, line);
      if (!share.has_value()) continue;
      if (line.labels() >= static_cast<uint32_t>(row.label_sets_size())) {
        return absl::DataLossError("a row of costs names labels that it has not");
      }
      api::PostedCost& posted = read.lines.emplace_back();
      posted.sequence = first_sequence + line.entry();
      posted.time_us = line.time_us();
      posted.origin = OriginOf(row, i);
      posted.category = line.category();
      if (line.resource() != 0) posted.resource = directory_->Find(line.resource()).name;
      posted.amount = FromMicros(share->quantity);
      if (share->cost_micros.has_value()) posted.cost = FromMicros(*share->cost_micros);
      std::shared_ptr<const Labels>& its = labels[line.labels()];
      if (its == nullptr) {
        its = PlainLabelsOf(row.label_sets(static_cast<int>(line.labels())));
      }
      posted.labels = its;
    }
    return first_sequence <= query.as_of;
  };
  if (auto status = ForEachCostsRow(from_sequence, add); !status.ok()) return status;
  return read;
}

}  // namespace purser
