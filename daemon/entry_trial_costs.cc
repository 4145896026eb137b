// The trial of cost entries and outcomes, which move no resource.
#include "daemon/entry_trial.h"
#include "ledger/cost_category.h"
#include "ledger/rate.h"
#include "ledger/rate_book.h"
#include "reservations/charge_costs.h"
#include "reservations/commands.h"

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
    const auto quoted = RateOfCharge(population_.books, *resource, &made, entry_.time_us());
    const auto then = FindUnitRate(population_.books.rates(), *resource, at_us);
    if (quoted != then || resource->settings->priced_time_us() > at_us) {
      return Fail("reservation ", made.id, " has another rate of ", resource->name(),
                  " than its quote");
    }
  }
  return true;
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
