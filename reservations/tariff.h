#ifndef PURSER_RESERVATIONS_TARIFF_H_
#define PURSER_RESERVATIONS_TARIFF_H_

// What a unit of one capacity costs in the course of a period, and in what its use is told
// (ledger.md 5, daemon/decisions/0012). A value; thread-compatible.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/rate.h"
#include "ledger/rate_book.h"
#include "ledger/resource.h"

namespace purser {

// From an instant to before another.
struct Span {
  InstantUs from_us = 0;
  InstantUs until_us = 0;

  bool empty() const { return until_us <= from_us; }
};
Span Intersect(Span a, Span b);

// The calendar month of a population's time zone that an instant is in. Given by the shell, which
// knows the time zones.
using MonthAt = std::function<Span(InstantUs)>;

// What a resource was in the course of time.
struct CapacityPast {
  std::string name;
  std::string unit;
  InstantUs create_us = 0;
  InstantUs delete_us = INT64_MAX;                    // it was there until before that
  std::vector<std::pair<InstantUs, bool>> is_priced;  // since when, in order of time

  bool IsPriced(InstantUs at_us) const;
};

// In what so much for so long is told: "GB·h".
struct AreaUnit {
  std::string name;
  int64_t per_us = kUsOfHour;
};

class Tariff {
 public:
  // While one card is in force, or none; of a rate a month also within one month.
  struct Step {
    Span span;
    std::optional<Rate> rate;  // nullopt: it is not priced
    int64_t per_us = kUsOfHour;
  };

  Tariff() = default;
  // Of the period, as far as the report goes.
  Tariff(const CapacityPast& past, const RateBook& rates, Span period, const MonthAt& month_at);

  // In order of time; together the period.
  const std::vector<Step>& steps() const { return steps_; }
  const AreaUnit& unit() const { return unit_; }

  // visit(step, length_us) for each step that `span` has a part of.
  template <typename Visit>
  void ForEachStep(Span span, Visit visit) const {
    for (const Step& step : steps_) {
      const Span part = Intersect(span, step.span);
      if (!part.empty()) visit(step, part.until_us - part.from_us);
    }
  }

 private:
  Step StepAt(const CapacityPast& past, const RateBook& rates, Span left,
              const MonthAt& month_at) const;

  std::vector<Step> steps_;
  AreaUnit unit_;
};

}  // namespace purser

#endif  // PURSER_RESERVATIONS_TARIFF_H_
