#include "lifecycle/proposal_remedy.h"

#include <algorithm>
#include <map>
#include <set>

#include "lifecycle/court.h"
#include "lifecycle/grant_trial.h"
#include "lifecycle/models_draft.h"
#include "lifecycle/proposal_findings.h"
#include "lifecycle/queue_plan.h"

namespace purser {

using stored::Explanation;

namespace {

using Freed = std::map<uint32_t, Amount>;

// Whether it can be executed now, but for its approval.
bool CanBeExecuted(const JudgedState& state, const stored::ProposalSettings& proposal) {
  if (!state.models->proposals().FindWatchedByMany(proposal).empty()) return false;
  Court court(state);
  ModelsDraft models(&court.books, &court.draft, {state.models, state.model_policy, std::nullopt});
  return models.Execute(proposal).ok();
}

// What executing it would free; nullopt where it lacks a result, or occupies more of something.
std::optional<Freed> FindFreed(const JudgedState& state, const stored::ProposalSettings& proposal) {
  const bool lacks_result =
      proposal.kind() == stored::ProposalSettings::MERGE && proposal.result_model().empty();
  if (lacks_result) return std::nullopt;
  Freed freed;
  const ModelResources resources = ModelResources::Of(*state.books);
  for (const auto& [number, amount] : EffectOf(proposal, *state.models, resources)) {
    if (amount.is_positive()) return std::nullopt;
    freed[number] = -amount;
  }
  return freed;
}

// Only what is looked at: of the rest nobody is asked.
Freed Among(const Freed& freed, const std::set<uint32_t>& resources) {
  Freed among;
  for (const auto& [number, amount] : freed) {
    if (resources.contains(number)) among[number] = amount;
  }
  return among;
}

bool GiveBack(const Freed& freed, BooksDraft* draft) {
  for (const auto& [number, amount] : freed) {
    draft->GiveBack(number, stored::IN_USE, amount, draft->Find(number)->period);
  }
  return true;
}

}  // namespace

void AddProposals(const JudgedState& state, const RequestReservation& request,
                  const ReservationPicture* waits, ReturnSchedule::Steps* steps,
                  Explanation* explanation) {
  if (state.models == nullptr || state.models->proposals().CountPending() == 0) return;
  const std::set<uint32_t> named = NamedResources(*state.books, request);
  const GrantTrial trial(state, request, waits);
  size_t looked_at = 0;
  size_t tried = 0;
  for (const std::string& id : state.models->proposals().ListPending()) {
    if (tried >= kProposalsTriedMax || steps->left <= 0) return;
    const ProposalRecord& proposal = *state.models->proposals().Find(id);
    const auto freed = FindFreed(state, proposal.settings());
    if (!freed.has_value()) continue;
    const Freed helps = Among(*freed, named);
    if (helps.empty()) continue;
    if (++looked_at > kProposalsLookedAtMax) return;
    if (!CanBeExecuted(state, proposal.settings())) continue;
    ++tried;
    const std::vector<GrantTrial::Act> acts = {
        [&helps](BooksDraft* draft) { return GiveBack(helps, draft); }};
    if (!trial.IsGrantedAfter(acts, steps)) continue;
    Explanation::Remedy& remedy = *explanation->add_remedies();
    remedy.set_kind(Explanation::Remedy::APPROVE_PROPOSAL);
    remedy.set_proposal(id);
    for (const auto& [number, amount] : *freed) {
      Explanation::NamedAmount& each = *remedy.add_amounts();
      each.set_resource(state.books->Find(number)->name());
      each.set_amount(amount.micros());
    }
  }
}

std::vector<std::string> FindUnblocked(const JudgedState& state, const ProposalRecord& proposal,
                                       ReturnSchedule::Steps* steps) {
  std::vector<std::string> ids;
  if (state.queue == nullptr || state.queue->size() == 0) return ids;
  const auto freed = FindFreed(state, proposal.settings());
  if (!freed.has_value()) return ids;
  std::set<uint32_t> awaited;
  size_t looked = 0;
  for (const auto& [key, waiting] : state.queue->by_key()) {
    if (++looked > kQueueLookedAtMax) break;
    for (const HoldLine& line : waiting->lines) awaited.insert(line.resource);
  }
  const Freed helps = Among(*freed, awaited);
  if (helps.empty() || !CanBeExecuted(state, proposal.settings())) return ids;
  const std::vector<std::function<void(BooksDraft*)>> acts = {
      [&helps](BooksDraft* draft) { GiveBack(helps, draft); }};
  PlanQuestion question;
  question.acts = &acts;
  const QueuePlan plan = MakePlan(state, question, steps);
  if (!plan.is_exact || !plan.complete) return ids;
  for (const QueuePlan::Start& start : plan.starts) {
    if (start.at_us.has_value() && *start.at_us <= state.now_us) ids.push_back(start.id);
  }
  return ids;
}

}  // namespace purser
