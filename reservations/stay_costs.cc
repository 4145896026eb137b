#include "reservations/stay_costs.h"

namespace purser {

std::array<Stay, 2> StaysOf(Stay as, InstantUs granted_us, InstantUs started_us,
                            InstantUs ended_us) {
  const InstantUs idle_until_us = started_us == 0 ? ended_us : started_us;
  as.origin = CostOrigin::kHeld;
  as.span = {granted_us, idle_until_us};
  Stay occupied = as;
  occupied.origin = CostOrigin::kOccupied;
  occupied.span = {idle_until_us, ended_us};
  return {as, occupied};
}

StayCosts::StayCosts(const std::map<uint32_t, CapacityPast>& pasts, const RateBook& rates,
                     Span period, const MonthAt& month_at)
    : period_(period) {
  for (const auto& [number, past] : pasts) {
    capacities_[number] = {past, Tariff(past, rates, period, month_at)};
  }
}

const StayCosts::Capacity* StayCosts::Find(uint32_t resource) const {
  const auto found = capacities_.find(resource);
  return found == capacities_.end() ? nullptr : &found->second;
}

uint32_t StayCosts::FindAt(std::string_view name, InstantUs at_us) const {
  for (const auto& [number, capacity] : capacities_) {
    const CapacityPast& past = capacity.past;
    const bool is_there = past.create_us <= at_us && at_us < past.delete_us;
    if (is_there && past.name == name) return number;
  }
  return 0;
}

void StayCosts::SetUnits(CostReport* report) const {
  for (const auto& [number, capacity] : capacities_) {
    report->SetUnit(capacity.past.name, capacity.tariff.unit());
  }
}

bool StayCosts::Add(const CostLabels& labels, const Stay& stay, CostReport* report) const {
  return ForEachLine(stay, [&](const CostKind& kind, const CostShare& share) {
    return report->Add(labels, kind, share);
  });
}

}  // namespace purser
