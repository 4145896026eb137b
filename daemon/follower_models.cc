// What the follower tells of models and of proposals about them.
#include <algorithm>

#include "daemon/follower.h"
#include "ledger/refusal.h"
#include "lifecycle/proposal_remedy.h"

namespace purser {

absl::StatusOr<api::ModelsRead> Follower::ReadModels(const std::string& population, int minimum) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
  api::ModelsRead read;
  read.view = (*followed)->view;
  read.sequence = read.view->sequence;
  read.summary = Summarise((*followed)->models, books, minimum);
  return read;
}

absl::StatusOr<api::ProposalRead> Follower::ReadProposal(const std::string& population,
                                                         const std::string& id, InstantUs now_us) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  const ModelBook& models = (*followed)->models;
  api::ProposalRead read;
  read.view = (*followed)->view;
  read.proposal = models.proposals().Share(id);
  if (read.proposal == nullptr || !IsPending(*read.proposal)) return read;
  const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
  read.findings = Examine(read.proposal->settings(), models, ModelResources::Of(books));
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  read.findings->unblocks =
      FindUnblocked(StateOf(**followed, &books, "", now_us), *read.proposal, &steps);
  return read;
}

absl::StatusOr<api::Page<ProposalPicture>> Follower::ListProposals(
    const std::string& population, const api::ProposalFilter& filter,
    const api::PageRequest& page) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  const auto& all = (*followed)->models.proposals().all();
  api::Page<ProposalPicture> found;
  found.sequence = (*followed)->view->sequence;
  const auto is_wanted = [&filter](const ProposalRecord& proposal) {
    if (filter.state.has_value() && proposal.state() != *filter.state) return false;
    if (!filter.proposer.empty() && proposal.proposer() != filter.proposer) return false;
    const std::vector<std::string> models = ModelsOf(proposal.settings());
    return filter.model.empty() ||
           std::find(models.begin(), models.end(), filter.model) != models.end();
  };
  // All are in memory, and a population has so many at most.
  for (auto it = all.lower_bound(page.token); it != all.end(); ++it) {
    if (!is_wanted(*it->second)) continue;
    if (found.items.size() >= page.size) {
      found.next_token = it->first;
      break;
    }
    found.items.push_back(it->second);
  }
  return found;
}

absl::StatusOr<api::ProposersRead> Follower::ReadProposers(const std::string& population) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return followed.status();
  return api::ProposersRead{(*followed)->models.proposals().proposers(),
                            (*followed)->view->sequence};
}

}  // namespace purser
