#include "api/render_occupation.h"

#include "api/render.h"
#include "ledger/rate.h"

namespace purser::api {

v1::Occupation RenderOccupation(const CostReport& report, const std::string& resource,
                                const CostReport::Occupation& occupation) {
  const AreaUnit& unit = report.units().at(resource);
  v1::Occupation out;
  out.set_amount(SumText(DivideHalfAway(occupation.area, unit.per_us)));
  out.set_unit(unit.name);
  out.set_unpriced(SumText(DivideHalfAway(occupation.unpriced, unit.per_us)));
  return out;
}

void SetOccupied(const CostReport& report, const CostReport::Sums& sums,
                 google::protobuf::Map<std::string, v1::Occupation>* out) {
  for (const auto& [resource, occupation] : sums.occupied) {
    (*out)[resource] = RenderOccupation(report, resource, occupation);
  }
}

}  // namespace purser::api
