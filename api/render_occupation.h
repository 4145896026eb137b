#ifndef PURSER_API_RENDER_OCCUPATION_H_
#define PURSER_API_RENDER_OCCUPATION_H_

// How much of capacities was occupied, held or kept, and for how long, as reports show it: here
// sums are rounded, once. Pure functions, thread-safe.
#include <string>

#include "api/v1/cost.pb.h"
#include "reservations/cost_report.h"

namespace purser::api {

v1::Occupation RenderOccupation(const CostReport& report, const std::string& resource,
                                const CostReport::Occupation& occupation);
void SetOccupied(const CostReport& report, const CostReport::Sums& sums,
                 google::protobuf::Map<std::string, v1::Occupation>* out);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_OCCUPATION_H_
