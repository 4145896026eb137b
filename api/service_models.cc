// GET routes of models.
#include "api/render_model.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {

HttpResponse Service::ReadModel(const RequestContext& context, const View& view) {
  auto as_of = ReadAsOf(context);
  if (!as_of.ok()) return Problem(context, as_of.status());
  auto read = controller_->FindModel(view, context.id(), *as_of);
  if (!read.ok()) return Problem(context, read.status());
  if (!read->model.has_value()) return Problem(context, NotFound("model", context.id()));
  HttpResponse response = JsonResponse(200, RenderModel(*read->model, *read->view));
  SetTag(read->model->generation(), &response);
  SetSequence(read->sequence, &response);
  return response;
}

HttpResponse Service::ListModels(const RequestContext& context, const View& view) {
  auto page = ReadNamePage(context);
  if (!page.ok()) return Problem(context, page.status());
  ModelFilter filter;
  filter.operator_family = Query(context, "operator_family");
  if (const std::string state = Query(context, "state"); !state.empty()) {
    stored::ModelState value = stored::MODEL_STATE_UNSPECIFIED;
    if (!stored::ModelState_Parse(Concat("MODEL_", state), &value) ||
        value == stored::MODEL_STATE_UNSPECIFIED) {
      return Problem(context, RefuseField(stored::INVALID_ARGUMENT, "state",
                                          "a model's state, such as ACTIVE"));
    }
    filter.state = value;
  }
  auto found = controller_->ListModels(view, filter, *page);
  if (!found.ok()) return Problem(context, found.status());
  // The page may be a moment newer than the view, and name a resource that the view does not know.
  const View newest = controller_->Peek(view->name);
  v1::ModelList list;
  for (const ModelRecord& model : found->items) {
    *list.add_models() = RenderModel(model, *newest);
  }
  list.set_next_page_token(CloseToken(found->next_token));
  HttpResponse response = JsonResponse(200, list);
  SetSequence(found->sequence, &response);
  return response;
}

HttpResponse Service::ReadModelsState(const RequestContext& context, const View& view) {
  auto as_of = ReadAsOf(context);
  if (!as_of.ok()) return Problem(context, as_of.status());
  auto read = controller_->ReadModels(view, *as_of);
  if (!read.ok()) return Problem(context, read.status());
  v1::PopulationState state;
  if (as_of->given()) {
    for (const std::string& id : read->summary.active) state.add_active_models(id);
    state.set_active(static_cast<uint32_t>(read->summary.active.size()));
  } else {
    state = RenderPopulationState(read->summary, *read->view, controller_->NowUs());
  }
  HttpResponse response = JsonResponse(200, state);
  SetSequence(read->sequence, &response);
  return response;
}

HttpResponse Service::ListApprovals(const RequestContext& context, const View& view) {
  auto read = controller_->ReadApprovals(view, kRequestApprovalsMax);
  if (!read.ok()) return Problem(context, read.status());
  v1::ApprovalList list;
  for (const stored::Approval& approval : read->approvals) {
    *list.add_approvals() = RenderApproval(approval);
  }
  for (const RequestApproval& request : read->requests) {
    *list.add_approvals() = RenderApproval(*request.reservation, request.budgets);
  }
  HttpResponse response = JsonResponse(200, list);
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
