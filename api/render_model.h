#ifndef PURSER_API_RENDER_MODEL_H_
#define PURSER_API_RENDER_MODEL_H_

// Models, approvals and the population as clients see them. Thread-safe: pure functions.
#include "api/controller.h"
#include "api/v1/model.pb.h"

namespace purser::api {

// The view is of the model's population, of whenever: its names and directory count.
v1::Model RenderModel(const ModelRecord& model, const PopulationView& view);
v1::Approval RenderApproval(const stored::Approval& approval);
// Of a request, and of the budgets that ask for it.
v1::Approval RenderApproval(const ReservationPicture& request,
                            const std::vector<std::string>& budgets);
v1::PopulationState RenderPopulationState(const ModelsSummary& summary, const PopulationView& view,
                                          InstantUs now_us);

}  // namespace purser::api

#endif  // PURSER_API_RENDER_MODEL_H_
