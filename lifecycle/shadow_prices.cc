#include "lifecycle/shadow_prices.h"

#include <algorithm>

namespace purser {

namespace {

// What is in force; `waiting` is 0 still.
std::optional<ShadowPrice> FindPrice(const Resource& resource, const RateBook& rates,
                                     InstantUs at_us) {
  ShadowPrice price;
  if (resource.consumable()) {
    const auto rate = FindUnitRate(rates, resource, at_us);
    if (!rate.has_value()) return std::nullopt;
    price.rate = *rate;
    return price;
  }
  if (!resource.settings->priced()) return std::nullopt;
  const auto found = rates.FindRate(resource.name(), at_us);
  // The name may have been that of a consumable when the card was made.
  if (!found.has_value() || found->per == stored::RateCard::UNIT) return std::nullopt;
  price.rate = found->rate;
  price.per = found->per;
  return price;
}

// value × numerator ÷ denominator, half away from zero, bit by bit: the product need not fit, the
// result does. value, numerator >= 0; 0 < denominator < 2^125.
absl::int128 MultiplyDivide(absl::int128 value, absl::int128 numerator, absl::int128 denominator) {
  const absl::int128 whole = value / denominator;
  const absl::int128 rest = value % denominator;
  absl::int128 quotient = 0;
  absl::int128 remainder = 0;
  const auto carry = [&] {
    if (remainder < denominator) return;
    remainder -= denominator;
    ++quotient;
  };
  for (int bit = 126; bit >= 0; --bit) {
    quotient *= 2;
    remainder *= 2;
    carry();
    if (((numerator >> bit) & 1) == 0) continue;
    quotient += whole;
    remainder += rest;
    carry();
  }
  return remainder >= denominator - remainder ? quotient + 1 : quotient;
}

}  // namespace

Rate ShadowPrice::Rounded() const {
  return Rate::FromPicos(
      static_cast<int64_t>(DivideHalfAway(absl::int128(rate.picos()) * waiting, base)));
}

std::optional<ShadowPrice> ShadowPriceOf(const Resource& resource, const RateBook& rates,
                                         InstantUs at_us, absl::int128 unserved) {
  auto price = FindPrice(resource, rates, at_us);
  if (!price.has_value()) return price;
  // Of a base of nothing whoever waits waits for all of it.
  price->base = resource.base.is_positive() ? resource.base.micros() : 1;
  price->waiting = static_cast<int64_t>(std::min<absl::int128>(unserved, price->base));
  return price;
}

absl::int128 OpportunityCost(const Occupied& effect, const ShadowPrices& prices) {
  absl::int128 cost = 0;
  for (const auto& [resource, amount] : effect) {
    const auto found = prices.find(resource);
    if (found == prices.end()) continue;
    const ShadowPrice& price = found->second;
    const int64_t hours = price.per == stored::RateCard::UNIT_HOUR ? kHoursOfMonth : 1;
    const absl::int128 micros = amount.micros();
    const absl::int128 of_all = (micros < 0 ? -micros : micros) * price.rate.picos();
    const absl::int128 part = MultiplyDivide(of_all, absl::int128(price.waiting) * hours,
                                             absl::int128(price.base) * Rate::kPicosPerUsd);
    cost += micros < 0 ? part : -part;
  }
  return cost;
}

stored::ShadowPrices ToStored(const ShadowPrices& prices) {
  stored::ShadowPrices stored;
  for (const auto& [resource, price] : prices) {
    auto& each = *stored.add_prices();
    each.set_resource(resource);
    each.set_rate_picos(price.rate.picos());
    each.set_per(price.per);
    each.set_waiting(price.waiting);
    each.set_base(price.base);
  }
  return stored;
}

}  // namespace purser
