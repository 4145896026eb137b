#ifndef PURSER_RESERVATIONS_STAY_COSTS_H_
#define PURSER_RESERVATIONS_STAY_COSTS_H_

// What stays cost: an amount of one capacity that was occupied, held and not used, or kept in its
// reserve, and from when until when (ledger.md 5, daemon/decisions/0012). Each stay has a line for
// each rate that was in force meanwhile. A value; thread-compatible.
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "reservations/cost_report.h"
#include "reservations/tariff.h"

namespace purser {

struct Stay {
  uint32_t resource = 0;
  CostCategory category = stored::COST_CATEGORY_UNSPECIFIED;
  CostOrigin origin = CostOrigin::kOccupied;
  Amount amount;
  Span span;  // may go on behind what is reported on
};

// What one that was granted had of a capacity: it was held from the grant on, occupied from the
// start on; 0: it never was started. `as` has what they have in common.
std::array<Stay, 2> StaysOf(Stay as, InstantUs granted_us, InstantUs started_us,
                            InstantUs ended_us);

class StayCosts {
 public:
  struct Capacity {
    CapacityPast past;
    Tariff tariff;
  };
  // Of capacities by their numbers.
  StayCosts(const std::map<uint32_t, CapacityPast>& pasts, const RateBook& rates, Span period,
            const MonthAt& month_at);

  const Span& period() const { return period_; }
  // nullptr: it is none.
  const Capacity* Find(uint32_t resource) const;
  // What had the name at an instant; 0: nothing.
  uint32_t FindAt(std::string_view name, InstantUs at_us) const;
  // In what each is told; of a name that several had, as of the last.
  void SetUnits(CostReport* report) const;

  // visit(kind, share) for each line within the period; false from it ends it, and is returned.
  // Nothing of what is no capacity.
  template <typename Visit>
  bool ForEachLine(const Stay& stay, Visit visit) const {
    const Capacity* const capacity = Find(stay.resource);
    if (capacity == nullptr || stay.amount.is_zero()) return true;
    const CostKind kind{stay.category, stay.origin, capacity->past.name};
    bool goes_on = true;
    capacity->tariff.ForEachStep(stay.span, [&](const Tariff::Step& step, int64_t length_us) {
      CostShare share{Area(stay.amount.micros()) * length_us, std::nullopt};
      if (step.rate.has_value()) {
        share.cost_micros = CostOf(share.quantity, *step.rate, step.per_us);
      }
      goes_on = goes_on && visit(kind, share);
    });
    return goes_on;
  }
  // False: there would be too many groups.
  bool Add(const CostLabels& labels, const Stay& stay, CostReport* report) const;

 private:
  Span period_;
  std::map<uint32_t, Capacity> capacities_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_STAY_COSTS_H_
