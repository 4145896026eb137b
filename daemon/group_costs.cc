#include "daemon/group_costs.h"

#include <array>

#include "ledger/rate.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {

bool IsIn(const Span& span, InstantUs at_us) {
  return span.from_us <= at_us && at_us < span.until_us;
}

namespace {

bool IsAllHeld(const stored::CostsOfGroup::Line& line) {
  return line.within_hold() != 0 && line.within_hold() == line.amount();
}
bool IsPartlyHeld(const stored::CostsOfGroup::Line& line) {
  return line.within_hold() != 0 && line.within_hold() != line.amount();
}

// Of one that is partly within a hold: what is, and the rest.
std::array<CostShare, 2> HoldAndRest(const stored::CostsOfGroup::Line& line) {
  const Amount within = Amount::FromMicros(line.within_hold());
  const Amount rest = Amount::FromMicros(line.amount()) - within;
  std::array<CostShare, 2> shares{CostShare{within.micros()}, CostShare{rest.micros()}};
  if (!line.has_cost()) return shares;
  const auto parts = Split(absl::int128(line.cost()), {{"hold", within}, {"rest", rest}});
  for (size_t i = 0; i < shares.size(); ++i) shares[i].cost_micros = parts[i];
  return shares;
}

}  // namespace

std::optional<CostShare> ShareIn(const Span& period, const stored::CostsOfGroup::Line& line) {
  const bool has_hold = line.within_hold() != 0 && IsIn(period, line.hold_time_us());
  const bool has_rest = !IsAllHeld(line) && IsIn(period, line.time_us());
  if (!has_hold && !has_rest) return std::nullopt;
  if (IsPartlyHeld(line) && has_hold != has_rest) return HoldAndRest(line)[has_hold ? 0 : 1];
  CostShare share{line.amount(), std::nullopt};
  if (line.has_cost()) share.cost_micros = line.cost();
  return share;
}

CostShare ShareBefore(const Span& period, const stored::CostsOfGroup::Line& line) {
  if (IsPartlyHeld(line) && !IsIn(period, line.hold_time_us())) return HoldAndRest(line)[0];
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
  const std::string_view line_by_line = "the month's statement line by line, …/lines";
  const std::string detail =
      most == kStatementLinesMax
          ? Concat("a statement has at most ", most, " lines: read ", line_by_line)
          : Concat("a report has at most ", most, " groups: use fewer keys, or ", line_by_line);
  return Refuse(stored::LIMIT_OF_THE_DAEMON, detail);
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
