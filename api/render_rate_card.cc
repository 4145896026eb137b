#include "api/render_rate_card.h"

#include "api/render.h"

namespace purser::api {

v1::RateCard RenderRateCard(const stored::RateCard& card) {
  v1::RateCard out;
  out.set_id(card.id());
  SetTime(card.valid_from_us(), out.mutable_valid_from());
  if (card.valid_until_us() != 0) SetTime(card.valid_until_us(), out.mutable_valid_until());
  for (const auto& rate : card.rates()) {
    v1::UnitRate& unit = (*out.mutable_rates())[rate.resource()];
    unit.mutable_rate()->set_picos(rate.picos());
    if (rate.per() != stored::RateCard::UNIT) unit.set_per(static_cast<v1::RatePer>(rate.per()));
  }
  out.set_generation(card.generation());
  SetTime(card.create_time_us(), out.mutable_create_time());
  return out;
}

}  // namespace purser::api
