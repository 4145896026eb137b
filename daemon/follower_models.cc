// What the follower tells of models and of proposals about them.
#include <algorithm>
#include <utility>

#include "daemon/follower.h"
#include "ledger/default_resources.h"
#include "ledger/refusal.h"
#include "ledger/text.h"
#include "lifecycle/proposal_remedy.h"
#include "lifecycle/schedule_foresight.h"
#include "reservations/reservations_draft.h"

namespace purser {
namespace {

// A few seconds of a thread.
constexpr int64_t kSelectionStepsMax = 10'000;

}  // namespace

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

std::optional<stored::ProposalSettings::Kind> Follower::FindKind(const std::string& population,
                                                                 const std::string& proposal) {
  MutexLock lock(&state_mutex_);
  const auto followed = FindNewest(population);
  if (!followed.ok()) return std::nullopt;
  const ProposalRecord* const found = (*followed)->models.proposals().Find(proposal);
  if (found == nullptr) return std::nullopt;
  return found->settings().kind();
}

namespace {

// Whether models occupy any of it.
bool IsOccupied(const FollowedPopulation& followed, uint32_t resource,
                const ModelResources& resources) {
  const auto& active = followed.models.active();
  return std::any_of(active.begin(), active.end(), [&](const std::string& id) {
    const ModelRecord& model = *followed.models.Find(id);
    return OccupiedIn(stored::MODEL_ACTIVE, model.settings(), resources).contains(resource);
  });
}

}  // namespace

ReviewQuestion Follower::QuestionOf(const FollowedPopulation& followed, const Books& books,
                                    const Reservation& waiting, InstantUs now_us) const {
  ReviewQuestion question;
  question.now_us = now_us;
  question.for_whom = waiting.id;
  const JudgedState state = StateOf(followed, &books, "", now_us);
  ReturnSchedule::Steps steps{kOutlookStepsMax};
  const auto explained = purser::Explain(state, RequestOf(waiting, books), &steps);
  if (!explained.ok()) return question;
  const ModelResources resources = ModelResources::Of(books);
  for (const auto& shortage : explained->refusal.shortages()) {
    const Resource* const resource = books.FindByName(shortage.resource());
    if (resource == nullptr || !IsOccupied(followed, resource->number, resources)) continue;
    question.lacking[resource->number] = Amount::FromMicros(shortage.short_by());
  }
  return question;
}

absl::StatusOr<api::ReviewRead> Follower::ReviewModels(const std::string& population,
                                                       const std::string& reservation,
                                                       const ReviewPolicy& policy,
                                                       const ShadowPrices& prices,
                                                       InstantUs now_us) {
  // What is looked at is copied, so that the search holds up nobody.
  std::optional<Books> books;
  ModelBook models;
  ReviewQuestion question;
  api::ReviewRead read;
  {
    MutexLock lock(&state_mutex_);
    const auto followed = FindNewest(population);
    if (!followed.ok()) return followed.status();
    books = MakeBooks(*(*followed)->view, (*followed)->debts);
    read.view = (*followed)->view;
    models = (*followed)->models;
    question.now_us = std::max(now_us, read.view->time_us);
    const auto& waiting = (*followed)->waiting;
    const auto found =
        std::find_if(waiting.begin(), waiting.end(), [&reservation](const auto& each) {
          return reservation.empty() || each.second->id == reservation;
        });
    if (found == waiting.end() && !reservation.empty()) {
      return Refuse(stored::NOT_FOUND,
                    Concat("there is no reservation \"", reservation, "\" that waits"));
    }
    if (found != waiting.end()) {
      question = QuestionOf(**followed, *books, *found->second, question.now_us);
    }
  }
  question.prices = prices;
  read.prices = prices;
  read.review = purser::ReviewModels(models, *books, policy, question);
  return read;
}

// Enough for each resource beside as many bookings as there may be.
constexpr int kBookedStepsMax = 100 * kOutlookStepsMax;

absl::StatusOr<api::SelectionRead> Follower::SelectModels(
    const std::string& population, const std::vector<std::string>& candidates,
    const SelectionPremises& premises) {
  api::SelectionRead read;
  {
    MutexLock lock(&state_mutex_);
    const auto followed = FindNewest(population);
    if (!followed.ok()) return followed.status();
    const Books books = MakeBooks(*(*followed)->view, (*followed)->debts);
    const ModelBook& models = (*followed)->models;
    const JudgedState state = StateOf(**followed, &books, "", premises.now_us);
    const BooksDraft draft(state.books, state.sequence + 1, state.now_us);
    ReturnSchedule::Steps steps{kBookedStepsMax};
    const ScheduleForesight foresight(&state, &steps);
    const CalendarDraft calendar(&draft, &foresight);
    SelectionPremises present = premises;
    present.calendar = &calendar;
    auto question = MakeSelectionQuestion(models, books, candidates, present);
    if (!question.ok()) return question.status();
    if (!foresight.complete()) {
      return Refuse(stored::LIMIT_OF_THE_DAEMON,
                    "more is booked than is looked at to tell what models may have beside it");
    }
    read.question = *std::move(question);
    read.sequence = (*followed)->view->sequence;
    const ModelResources resources = ModelResources::Of(books);
    for (const SelectionOption& option : read.question.options) {
      if (option.is_active) continue;
      read.values[option.id] = OwnValue(*models.Find(option.id), resources, premises.prices);
    }
  }
  SelectionLimits limits = DefaultLimits(read.question);
  limits.steps_max = std::min(limits.steps_max, kSelectionStepsMax);
  limits.rank_steps_max = std::min(limits.rank_steps_max, kSelectionStepsMax / 2);
  auto selection = EvaluateSelection(read.question, limits);
  if (!selection.ok()) return Refuse(stored::INTERNAL, ToStd(selection.status().message()));
  read.selection = *std::move(selection);
  return read;
}

void Follower::NotePressure(const FollowedPopulation& followed, const Refusal& refusal) {
  if (followed.models.active().empty()) return;
  const api::PopulationView& view = *followed.view;
  const auto number = [&view](const std::string& name) {
    const auto it = view.resources.find(name);
    return it == view.resources.end() ? 0 : it->second->number;
  };
  const ModelResources resources = {number(std::string(kStorageResource)),
                                    number(std::string(kSlotsResource))};
  for (const auto& shortage : refusal.shortages()) {
    if (!IsOccupied(followed, number(shortage.resource()), resources)) continue;
    pressed_.insert(view.name);
    return;
  }
}

std::set<std::string> Follower::TakePressed() {
  MutexLock lock(&state_mutex_);
  TakeIn();
  for (const auto& [name, followed] : populations_) {
    const auto slots = followed.view->resources.find(std::string(kSlotsResource));
    const bool is_lower =
        slots != followed.view->resources.end() && slots->second->shortfall.is_positive();
    if (is_lower) pressed_.insert(name);
  }
  return std::exchange(pressed_, {});
}

}  // namespace purser
