// The trial of facts about proposals.
#include <algorithm>
#include <utility>

#include "daemon/entry_trial.h"
#include "lifecycle/shadow_prices.h"

namespace purser {

namespace {

// The books keep what stands here by its name.
bool AreDistinct(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

bool AreDistinct(const stored::ProposalExecuted& fact) {
  std::vector<std::string> names;
  names.reserve(fact.watched_size());
  for (const stored::WatchedModel& watched : fact.watched()) names.push_back(watched.model());
  return AreDistinct(std::move(names));
}

// Of resources that there were by then: one may have been deleted since its price was seen.
template <typename Fact>
bool HasWholePrices(const Fact& fact, const Books& books) {
  return !fact.has_judged_by() || AreShadowPrices(fact.judged_by(), [&books](uint32_t number) {
    return number < books.next_resource_number();
  });
}

}  // namespace

const ProposalRecord* EntryTrial::FindProposal(const std::string& id) const {
  const auto touched = proposals_.find(id);
  return touched == proposals_.end() ? population_.models.proposals().Find(id) : &touched->second;
}

bool EntryTrial::Try(const stored::ProposalMade& fact) {
  const stored::ProposalSettings& settings = fact.settings();
  if (settings.id().empty() || FindProposal(settings.id()) != nullptr) {
    return Fail("invariant 7: it makes the proposal ", settings.id(), " again");
  }
  if (settings.models().empty() || settings.expire_time_us() <= entry_.time_us()) {
    return Fail("it makes the proposal ", settings.id(), ", which proposes nothing any more");
  }
  if (!HasWholePrices(fact, population_.books)) {
    return Fail("it judges the proposal ", settings.id(), " by prices that are none");
  }
  const std::vector<std::string> named = ModelsOf(settings);
  if (!AreDistinct(named)) return Fail("the proposal ", settings.id(), " names a model twice");
  for (const std::string& id : named) {
    if (FindModel(id) == nullptr) {
      return Fail("it makes a proposal of the model ", id, ", there is none");
    }
  }
  proposals_[settings.id()] = Fold(fact, ProposalContext{entry_.sequence(), entry_.time_us()});
  return true;
}

// Whether the fact may follow on the proposal's state.
bool EntryTrial::MayFollow(const stored::ProposalFact& fact, const ProposalRecord& before) const {
  switch (fact.fact_case()) {
    case stored::ProposalFact::kChanged: {
      stored::ProposalSettings settings = before.settings();
      settings.set_result_model(fact.changed().result_model());
      return before.state() == stored::PROPOSAL_OPEN && AreDistinct(ModelsOf(settings)) &&
             FindModel(fact.changed().result_model()) != nullptr &&
             HasWholePrices(fact.changed(), population_.books);
    }
    case stored::ProposalFact::kMoved:
      return IsPending(before) && fact.moved().to() != stored::PROPOSAL_OPEN &&
             fact.moved().to() != stored::PROPOSAL_EXECUTED &&
             (fact.moved().to() != stored::PROPOSAL_APPROVED ||
              fact.moved().principal() != before.proposer());
    case stored::ProposalFact::kExecuted:
      return before.state() == stored::PROPOSAL_APPROVED && AreDistinct(fact.executed()) &&
             (fact.executed().saving_due_us() == 0 ||
              fact.executed().saving_due_us() > entry_.time_us());
    case stored::ProposalFact::kSavingBooked:
      // Watched as the entry leaves it: nobody moves in the entry that books.
      return before.saving_due_us() != 0 && before.saving_due_us() <= entry_.time_us() &&
             RealisedUntil(before, entry_.time_us()).micros() == fact.saving_booked().realised();
    case stored::ProposalFact::kMade:
    case stored::ProposalFact::FACT_NOT_SET:
      break;
  }
  return false;
}

bool EntryTrial::Try(const stored::ProposalFact& fact) {
  if (fact.has_made()) return Try(fact.made());
  if (fact.fact_case() == stored::ProposalFact::FACT_NOT_SET) {
    return Fail("it has a fact of proposals that this version does not know");
  }
  const std::string& id = ProposalOf(fact);
  const ProposalRecord* const before = FindProposal(id);
  if (before == nullptr || !MayFollow(fact, *before)) {
    return Fail("it does to the proposal ", id, " what cannot be done to it");
  }
  proposals_[id] = Fold(fact, ProposalContext{entry_.sequence(), entry_.time_us()}, *before);
  return true;
}

}  // namespace purser
