#include "reservations/charge_costs.h"

#include "ledger/default_resources.h"
#include "ledger/rate_book.h"

namespace purser {

CostCategory CategoryOfUse(const Resource& resource, stored::Purpose purpose) {
  return CategoryOfUse({resource.name(), resource.consumable()}, purpose);
}

CostCategory CategoryOfUse(ResourceIdentity resource, stored::Purpose purpose) {
  const std::string_view name = resource.name;
  if (name == kStorageResource) return stored::STORAGE_COST;
  if (name == kEvaluationResource) return stored::EVALUATION_COST;
  const bool is_inference = name == kInferenceResource;
  if (!resource.consumable && !is_inference) return stored::RESIDENCY_COST;
  switch (purpose) {
    case stored::EVALUATION:
      return stored::EVALUATION_COST;
    case stored::TRAINING:
    case stored::FINE_TUNING:
    case stored::BREEDING:
      return is_inference ? stored::INFERENCE_COST : stored::TRAINING_COST;
    case stored::ROLLBACK:
    case stored::DISASTER_RECOVERY:
      return stored::ROLLBACK_RESERVE_COST;
    default:
      return stored::INFERENCE_COST;
  }
}

std::optional<Rate> RateOfCharge(const RateBook& rates, const Resource& resource,
                                 const ReservationPicture* of, InstantUs now_us) {
  if (of == nullptr || of->quote == nullptr) {
    return FindUnitRate(rates, resource, now_us);
  }
  for (const stored::Quote::Rate& rate : of->quote->rates()) {
    if (rate.resource() == resource.number) return Rate::FromPicos(rate.picos());
  }
  return std::nullopt;
}

void SetPrice(std::optional<Rate> rate, const Resource& resource, stored::Purpose purpose,
              CostCategory said, stored::Charged::Line* line) {
  if (rate.has_value()) line->set_rate_picos(rate->picos());
  const bool is_said = said != stored::COST_CATEGORY_UNSPECIFIED;
  line->set_cost_category(is_said ? said : CategoryOfUse(resource, purpose));
}

bool FitsCost(std::optional<Rate> rate, Amount amount) {
  return !rate.has_value() || CostOf(amount, *rate).has_value();
}

std::optional<Amount> CostOf(const stored::Charged::Line& line) { return CostLeft(line, Amount()); }

Amount RefundedOf(const stored::ChargeRecord& charge, uint32_t resource) {
  Amount sum;
  for (const auto& refund : charge.refunds()) {
    for (const auto& line : refund.lines()) {
      if (line.resource() == resource) sum += Amount::FromMicros(line.amount());
    }
  }
  return sum;
}

std::optional<Amount> CostLeft(const stored::Charged::Line& line, Amount refunded) {
  if (!line.has_rate_picos()) return std::nullopt;
  return CostOf(Amount::FromMicros(line.amount()) - refunded, Rate::FromPicos(line.rate_picos()));
}

}  // namespace purser
