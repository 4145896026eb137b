// Which models a population would best consist of.
#include <algorithm>

#include "api/render.h"
#include "api/render_proposal.h"
#include "api/service.h"
#include "api/v1/selection.pb.h"
#include "ledger/default_resources.h"
#include "ledger/names.h"

namespace purser::api {
namespace {

const char* NameOf(Selection::Verdict verdict) {
  constexpr const char* kNames[] = {"FOUND", "NONE", "UNKNOWN"};
  return kNames[static_cast<size_t>(verdict)];
}

const char* NameOf(SelectionCandidate::Verdict verdict) {
  constexpr const char* kNames[] = {"ADMITTED",  "BARRED",       "WORTH_NOTHING",
                                    "FORBIDDEN", "DOES_NOT_FIT", "NOT_FOUND"};
  return kNames[static_cast<size_t>(verdict)];
}

v1::SelectionCandidate RenderCandidate(const SelectionRead& read,
                                       const SelectionCandidate& candidate) {
  v1::SelectionCandidate out;
  out.set_model(candidate.id);
  out.set_verdict(NameOf(candidate.verdict));
  *out.mutable_net_value() = RenderNetValue(read.values.at(candidate.id));
  const SelectionMarginal& marginal = candidate.marginal;
  if (marginal.value.has_value()) {
    out.set_marginal_value(SumText(*marginal.value));
    out.set_marginal_least(SumText(marginal.least));
    out.set_marginal_most(SumText(marginal.most));
  }
  if (candidate.gate.has_value()) {
    out.set_constraint_kind(candidate.gate->kind);
    out.set_constraint(candidate.gate->name);
  }
  for (const SelectionShortage& shortage : candidate.shortages) {
    (*out.mutable_short_by())[read.question.resources[shortage.resource]].set_micros(
        shortage.short_by.micros());
  }
  if (candidate.lacks_slot) {
    (*out.mutable_short_by())[std::string(kSlotsResource)].set_micros(Amount::kMicrosPerUnit);
  }
  out.mutable_displaces()->Add(candidate.displaces.begin(), candidate.displaces.end());
  return out;
}

v1::SelectionReport Render(const SelectionRead& read) {
  const Selection& found = read.selection;
  v1::SelectionReport out;
  out.set_verdict(NameOf(found.verdict));
  out.mutable_admit()->Add(found.admitted.begin(), found.admitted.end());
  out.mutable_drop()->Add(found.dropped.begin(), found.dropped.end());
  for (const std::string& id : found.chosen) {
    const bool is_new =
        std::find(found.admitted.begin(), found.admitted.end(), id) != found.admitted.end();
    if (!is_new) out.add_keep(id);
  }
  if (found.verdict == Selection::Verdict::kFound) {
    out.set_value(SumText(found.value));
    out.set_bound(SumText(found.bound));
    out.set_gap(SumText(found.bound - found.value));
    out.set_slots_left(static_cast<uint32_t>(std::min<int64_t>(found.slots_left, UINT32_MAX)));
  }
  out.set_optimal(found.is_optimal);
  out.set_rank_exact(found.is_rank_exact);
  for (const SelectionCandidate& candidate : found.candidates) {
    *out.add_candidates() = RenderCandidate(read, candidate);
  }
  for (size_t i = 0; i < found.slack.size(); ++i) {
    (*out.mutable_slack())[read.question.resources[i]].set_micros(found.slack[i].micros());
  }
  out.set_ledger_sequence(read.sequence);
  return out;
}

}  // namespace

HttpResponse Service::SelectModels(const HttpRequest& request, const RequestContext& context,
                                   const View& view) {
  v1::SelectionRequest body;
  Faults faults;
  if (auto status = ParseBody(request, &body, &faults); !status.ok()) {
    return Problem(context, status);
  }
  const std::vector<std::string> candidates(body.candidates().begin(), body.candidates().end());
  const auto read = controller_->SelectModels(view, candidates);
  if (!read.ok()) return Problem(context, read.status());
  HttpResponse response = JsonResponse(200, Render(*read));
  SetSequence(read->sequence, &response);
  return response;
}

}  // namespace purser::api
