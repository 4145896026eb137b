// GET routes of proposals.
#include "api/proposal_pricer.h"
#include "api/propose_review.h"
#include "api/render_proposal.h"
#include "api/service.h"
#include "ledger/text.h"

namespace purser::api {

HttpResponse Service::ReadProposal(const RequestContext& context, const View& view) {
  auto read = controller_->FindProposal(view, context.id());
  if (!read.ok()) return Problem(context, read.status());
  if (read->proposal == nullptr) return Problem(context, NotFound("proposal", context.id()));
  if (auto status = ProposalPricer(controller_).Price(&*read); !status.ok()) {
    return Problem(context, status);
  }
  v1::Proposal message = RenderProposal(*read->proposal);
  if (read->findings.has_value()) AddFindings(*read->findings, *read->view->directory, &message);
  HttpResponse response = JsonResponse(200, message);
  SetTag(read->proposal->generation(), &response);
  SetSequence(read->view->sequence, &response);
  return response;
}

HttpResponse Service::ListProposals(const RequestContext& context, const View& view) {
  auto page = ReadNamePage(context);
  if (!page.ok()) return Problem(context, page.status());
  ProposalFilter filter;
  filter.model = Query(context, "model");
  filter.proposer = Query(context, "proposer");
  if (const std::string state = Query(context, "state"); !state.empty()) {
    stored::ProposalState value = stored::PROPOSAL_STATE_UNSPECIFIED;
    if (!stored::ProposalState_Parse(Concat("PROPOSAL_", state), &value) ||
        value == stored::PROPOSAL_STATE_UNSPECIFIED) {
      return Problem(context, RefuseField(stored::INVALID_ARGUMENT, "state",
                                          "a proposal's state, such as OPEN"));
    }
    filter.state = value;
  }
  auto found = controller_->ListProposals(view, filter, *page);
  if (!found.ok()) return Problem(context, found.status());
  v1::ProposalList list;
  for (const ProposalPicture& proposal : found->items) {
    *list.add_proposals() = RenderProposal(*proposal);
  }
  list.set_next_page_token(CloseToken(found->next_token));
  HttpResponse response = JsonResponse(200, list);
  SetSequence(found->sequence, &response);
  return response;
}

HttpResponse Service::ReviewModels(const HttpRequest& request, const RequestContext& context,
                                   const View& view) {
  v1::ReviewRequest body;
  Faults faults;
  if (auto status = ParseBody(request, &body, &faults); !status.ok()) {
    return Problem(context, status);
  }
  auto reviewed =
      ReviewAndPropose(controller_, view, body.reservation(), context.request_id, context.dry_run);
  if (!reviewed.ok()) return Problem(context, reviewed.status());
  const Review& review = reviewed->review;
  v1::ReviewAnswer answer;
  for (const ProposalPicture& proposal : reviewed->proposed) {
    *answer.add_proposals() = RenderProposal(*proposal);
  }
  if (reviewed->left_out > 0) answer.set_left_out(static_cast<uint32_t>(reviewed->left_out));
  answer.set_dominated(static_cast<uint32_t>(review.dominated));
  answer.set_redundant_groups(static_cast<uint32_t>(review.redundant));
  answer.set_idle(static_cast<uint32_t>(review.idle));
  if (review.set.has_value()) {
    const BestSet& set = *review.set;
    const bool found = set.verdict == BestSet::Verdict::kFound;
    answer.set_set(found ? "FOUND" : set.verdict == BestSet::Verdict::kNone ? "NONE" : "UNKNOWN");
    if (found) {
      answer.mutable_gap()->set_micros(static_cast<int64_t>(set.bound - set.value.Sum()));
    }
  }
  if (!review.complete) answer.set_complete(false);
  if (context.dry_run) answer.set_dry_run(true);
  HttpResponse response = JsonResponse(200, answer);
  SetSequence(reviewed->sequence, &response);
  return response;
}

HttpResponse Service::ListProposers(const RequestContext& context, const View& view) {
  auto read = controller_->ReadProposers(view);
  if (!read.ok()) return Problem(context, read.status());
  v1::ProposerList list;
  for (const auto& [principal, proposer] : read->proposers) {
    *list.add_proposers() = RenderProposer(principal, proposer);
  }
  HttpResponse response = JsonResponse(200, list);
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
