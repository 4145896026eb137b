#include "api/open_proposals.h"

#include "api/proposal_pricer.h"
#include "api/render_proposal.h"

namespace purser::api {
namespace {

absl::StatusOr<bool> Concerns(Controller* controller, const View& view,
                              const v1::Proposal& proposal, const std::string& family) {
  for (const std::string& id : proposal.models()) {
    const auto read = controller->FindModel(view, id, {});
    if (!read.ok()) return read.status();
    if (read->model.has_value() && read->model->settings().operator_family() == family) return true;
  }
  return false;
}

}  // namespace

absl::Status AddOpenProposals(Controller* controller, const View& view,
                              const std::optional<std::string>& family,
                              google::protobuf::RepeatedPtrField<v1::DigestProposal>* out) {
  ProposalFilter filter;
  filter.state = stored::PROPOSAL_OPEN;
  PageRequest page;
  page.size = kOpenProposalsMax;
  const auto open = controller->ListProposals(view, filter, page);
  if (!open.ok()) return open.status();
  ProposalPricer pricer(controller);
  for (const ProposalPicture& proposal : open->items) {
    v1::Proposal found = RenderProposal(*proposal);
    if (family.has_value()) {
      const auto concerns = Concerns(controller, view, found, *family);
      if (!concerns.ok()) return concerns.status();
      if (!*concerns) continue;
    }
    auto read = controller->FindProposal(view, found.id());
    if (!read.ok()) return read.status();
    if (auto status = pricer.Price(&*read); !status.ok()) return status;
    if (read->findings.has_value()) AddFindings(*read->findings, *read->view->directory, &found);
    v1::DigestProposal& shown = *out->Add();
    shown.set_id(found.id());
    shown.set_kind(found.kind());
    *shown.mutable_frees() = found.frees();
    if (found.has_net_value()) *shown.mutable_expected_saving() = found.net_value().sum();
  }
  return absl::OkStatus();
}

}  // namespace purser::api
