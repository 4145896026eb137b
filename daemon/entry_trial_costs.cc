// The trial of cost entries, outcomes and closed months, which move no resource.
#include "daemon/entry_trial.h"
#include "ledger/cost_category.h"
#include "ledger/rate.h"
#include "ledger/rate_book.h"
#include "reservations/charge_costs.h"
#include "reservations/commands.h"
#include "reservations/holds_since.h"
#include "reservations/label_split.h"

namespace purser {

bool EntryTrial::CheckQuote(const Reservation& made) {
  if (made.quote == nullptr) return true;
  const InstantUs at_us = made.quote->at_us();
  if (at_us > entry_.time_us() || at_us <= entry_.time_us() - kQuoteValidUs) {
    return Fail("reservation ", made.id, " has a quote that was not good");
  }
  for (const HoldLine& line : made.lines) {
    const Resource* const resource = Touch(line.resource);
    if (resource == nullptr || !resource->consumable()) continue;
    const auto quoted = RateOfCharge(population_.books.rates(), *resource, &made, entry_.time_us());
    const auto then = FindUnitRate(population_.books.rates(), *resource, at_us);
    if (quoted != then || resource->settings->priced_time_us() > at_us) {
      return Fail("reservation ", made.id, " has another rate of ", resource->name(),
                  " than its quote");
    }
  }
  return true;
}

// As when it was decided, but for its name, which a replay cannot compare with a time zone.
bool EntryTrial::Try(const stored::PeriodClosed& fact) {
  const std::string& period = fact.period();
  const bool is_alone = entry_.command() == stored::CLOSE_MONTH && entry_.ledger_facts_size() == 1;
  const bool is_its = fact.sequence() == entry_.sequence() &&
                      fact.create_time_us() == entry_.time_us() &&
                      fact.principal() == entry_.principal();
  if (!is_alone || !is_its || period.empty()) return Fail("it closes ", period, " otherwise");
  const bool is_over = fact.from_us() < fact.until_us() && fact.until_us() <= entry_.time_us();
  if (!is_over) return Fail("it closes ", period, ", which is not over");
  for (const auto& [other, closed] : population_.books.closed_periods()) {
    if (other == period ||
        (fact.from_us() < closed.until_us() && closed.from_us() < fact.until_us())) {
      return Fail("it closes ", period, ", of which ", other, " is closed already");
    }
  }
  const HoldsSince held = FindHoldsSince(population_.reservations, fact.until_us(), 1);
  if (held.count == 0) return true;
  return Fail("it closes ", period, " while ", held.first.front(), " still holds");
}

// What was used is on the disk, and compared with it by who verifies that (record_check.h).
bool EntryTrial::CheckAllocation(const stored::CostEntered& fact) {
  const stored::CostEntered::Allocation& of = fact.allocation();
  const bool was_before = of.sequence() > 0 && of.sequence() < entry_.sequence();
  if (!was_before || of.from_us() >= of.until_us() || of.resource().empty()) {
    return Fail("cost entry ", fact.id(), " has weights of no time before it");
  }
  for (const stored::Label& label : fact.labels()) {
    if (label.key() == of.label() && ParseLabelSplit(label.value()).has_value()) return true;
  }
  return Fail("cost entry ", fact.id(), " has no weights of ", of.label());
}

bool EntryTrial::Try(const stored::CostEntered& fact) {
  const std::string& id = fact.id();
  if (id.empty() || FindCharge(id) != nullptr) {
    return Fail("invariant 7: it posts cost entry \"", id, "\" a second time");
  }
  if (fact.amount() == 0 || fact.amount() == INT64_MIN ||
      CostCategoryName(fact.category()).empty()) {
    return Fail("cost entry ", id, " has no amount, or no category");
  }
  if (fact.has_rate_picos()) {
    const auto cost = CostOf(Amount::FromMicros(fact.count()), Rate::FromPicos(fact.rate_picos()));
    if (!cost.has_value() || cost->micros() != fact.amount()) {
      return Fail("cost entry ", id, " is not its count times its rate");
    }
  }
  if (!fact.corrects().empty()) {
    const stored::ChargeRecord* const corrected = FindCharge(fact.corrects());
    if (corrected == nullptr || !(IsCharge(*corrected) || corrected->has_cost_entered())) {
      return Fail("cost entry ", id, " corrects nothing: \"", fact.corrects(), "\"");
    }
  }
  if (fact.has_allocation() && !CheckAllocation(fact)) return false;
  *charges_[id].mutable_cost_entered() = fact;
  return true;
}

bool EntryTrial::Try(const stored::OutcomesReported& fact) {
  const std::string& id = fact.id();
  if (id.empty() || FindCharge(id) != nullptr) {
    return Fail("invariant 7: it reports outcomes \"", id, "\" a second time");
  }
  for (const int64_t count : {fact.accepted(), fact.rejected(), fact.escalated()}) {
    if (count < 0 || count > kOutcomesMax)
      return Fail("outcomes ", id, " are below 0, or too many");
  }
  *charges_[id].mutable_outcomes_reported() = fact;
  return true;
}

}  // namespace purser
