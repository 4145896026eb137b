#include "daemon/group_costs.h"

#include "ledger/rate.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {

bool IsIn(const Span& span, InstantUs at_us) {
  return span.from_us <= at_us && at_us < span.until_us;
}

std::optional<CostShare> ShareIn(const Span& period, const stored::CostsOfGroup::Line& line) {
  const bool has_hold = line.within_hold() != 0 && IsIn(period, line.hold_time_us());
  const bool is_all_held = line.within_hold() != 0 && line.within_hold() == line.amount();
  const bool has_rest = !is_all_held && IsIn(period, line.time_us());
  if (!has_hold && !has_rest) return std::nullopt;
  CostShare share{line.amount(), std::nullopt};
  if (line.has_cost()) share.cost_micros = line.cost();
  const bool has_both = line.within_hold() != 0 && !is_all_held;
  if (!has_both || has_hold == has_rest) return share;
  const Amount within = Amount::FromMicros(line.within_hold());
  const Amount rest = Amount::FromMicros(line.amount()) - within;
  share.quantity = (has_hold ? within : rest).micros();
  if (!line.has_cost()) return share;
  const auto parts = Split(absl::int128(line.cost()), {{"hold", within}, {"rest", rest}});
  share.cost_micros = parts[has_hold ? 0 : 1];
  return share;
}

CostShare LeftBefore(const stored::CostsOfGroup::Line& line) {
  CostShare before{line.left_amount(), std::nullopt};
  if (line.has_cost()) before.cost_micros = line.left_cost();
  return before;
}

absl::Status CheckCostLine(const stored::CostsOfGroup::Line& line) {
  const bool is_whole =
      line.within_hold() == 0 || (line.within_hold() > 0 && line.within_hold() <= line.amount());
  if (is_whole) return absl::OkStatus();
  return absl::DataLossError("a row of costs has more in a hold than there is");
}

CostLabels ReadCostLabels(const stored::CostsOfGroup::LabelSet& set) {
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

absl::Status TooManyCostGroups(size_t most) {
  return Refuse(stored::LIMIT_OF_THE_DAEMON,
                Concat("a report has at most ", most,
                       " groups: use fewer keys, or the month's statement line by line, …/lines"));
}

absl::Status GroupCosts::Add(uint32_t labels, const CostKind& kind, const CostShare& share,
                             const CostShare& before) {
  if (labels >= static_cast<uint32_t>(row_.label_sets_size())) {
    return absl::DataLossError("a row of costs names labels that it has not");
  }
  const auto [found, is_new] =
      groups_.try_emplace(Key{labels, kind.category, kind.origin, kind.resource}, nullptr);
  if (is_new) {
    const CostLabels its = ReadCostLabels(row_.label_sets(static_cast<int>(labels)));
    if (report_.IsSplit(its)) {
      groups_.erase(found);
      return report_.Add(its, kind, share, before) ? absl::OkStatus()
                                                   : TooManyCostGroups(report_.most_groups());
    }
    found->second = report_.FindGroup(its, kind);
  }
  if (found->second == nullptr) return TooManyCostGroups(report_.most_groups());
  CostReport::AddTo(kind, share, found->second);
  return absl::OkStatus();
}

}  // namespace purser
