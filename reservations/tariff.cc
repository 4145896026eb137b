#include "reservations/tariff.h"

#include <algorithm>

namespace purser {

Span Intersect(Span a, Span b) {
  return {std::max(a.from_us, b.from_us), std::min(a.until_us, b.until_us)};
}

bool CapacityPast::IsPriced(InstantUs at_us) const {
  bool is = true;
  for (const auto& [since_us, priced] : is_priced) {
    if (since_us <= at_us) is = priced;
  }
  return is && unit != kMoneyUnit;
}

// What is in force as `left` begins, until it may be another.
Tariff::Step Tariff::StepAt(const CapacityPast& past, const RateBook& rates, Span left,
                            const MonthAt& month_at) const {
  const InstantUs at_us = left.from_us;
  Step step{left, std::nullopt, kUsOfHour};
  const auto end_by = [&step](InstantUs until_us) {
    step.span.until_us = std::min(step.span.until_us, until_us);
  };
  for (const auto& [since_us, priced] : past.is_priced) {
    if (since_us > at_us) end_by(since_us);
  }
  if (const InstantUs next_us = rates.NextBegin(past.name, at_us); next_us != 0) end_by(next_us);
  const auto found = rates.FindRate(past.name, at_us);
  if (!found.has_value()) return step;
  if (found->until_us != 0) end_by(found->until_us);
  // The name may have been that of a consumable when the card was made.
  if (found->per == stored::RateCard::UNIT || !past.IsPriced(at_us)) return step;
  step.rate = found->rate;
  if (found->per != stored::RateCard::UNIT_MONTH) return step;
  const Span month = month_at(at_us);
  step.per_us = month.until_us - month.from_us;
  end_by(month.until_us);
  return step;
}

Tariff::Tariff(const CapacityPast& past, const RateBook& rates, Span period,
               const MonthAt& month_at) {
  bool is_of_months = false;
  for (Span left = period; !left.empty(); left.from_us = steps_.back().span.until_us) {
    Step step = StepAt(past, rates, left, month_at);
    if (step.rate.has_value()) {
      is_of_months = step.per_us != kUsOfHour;
      unit_.per_us = step.per_us;
    }
    // What is not priced is one stretch, whatever it is that does not price it.
    const bool goes_on =
        !steps_.empty() && !steps_.back().rate.has_value() && !step.rate.has_value();
    if (goes_on) {
      steps_.back().span.until_us = step.span.until_us;
    } else {
      steps_.push_back(step);
    }
  }
  const char* of = is_of_months ? "\u00b7month" : "\u00b7h";
  if (!past.IsPriced(period.until_us - 1)) {
    unit_.per_us = kUsOfDay;
    of = "\u00b7day";
  }
  unit_.name = past.unit + of;
}

}  // namespace purser
