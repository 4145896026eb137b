#include "lifecycle/proposal_book.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {

namespace {

ProposalRecord Copy(const ProposalRecord& before, const ProposalContext& context) {
  ProposalRecord proposal = before;
  if (before.change_sequence() != context.sequence) {
    proposal.set_generation(before.generation() + 1);
  }
  proposal.set_change_sequence(context.sequence);
  return proposal;
}

void SetState(stored::ProposalState state, const ProposalContext& context,
              ProposalRecord* proposal) {
  proposal->set_state(state);
  proposal->set_state_time_us(context.time_us);
  if (!IsPending(*proposal)) {
    proposal->set_end_sequence(context.sequence);
    proposal->clear_bound();
  }
}

void Take(const stored::ProposalMoved& fact, const ProposalContext& context,
          ProposalRecord* proposal) {
  PURSER_CHECK(IsPending(*proposal), "a proposal that ended stays as it is");
  SetState(fact.to(), context, proposal);
  if (fact.to() == stored::PROPOSAL_APPROVED) {
    *proposal->mutable_bound() = fact.bound();
    proposal->set_approver(fact.principal());
    proposal->set_by_policy(fact.by_policy());
    return;
  }
  proposal->set_end_principal(fact.principal());
  proposal->set_end_reason(fact.reason());
}

void Take(const stored::ProposalExecuted& fact, const ProposalContext& context,
          ProposalRecord* proposal) {
  PURSER_CHECK(proposal->state() == stored::PROPOSAL_APPROVED, "what is executed was approved");
  SetState(stored::PROPOSAL_EXECUTED, context, proposal);
  proposal->set_end_principal(fact.principal());
  proposal->set_promised(fact.promised());
  proposal->set_saving_due_us(fact.saving_due_us());
  *proposal->mutable_watched() = fact.watched();
}

template <typename Set, typename Key>
void PutInto(Key key, int sign, Set* set) {
  const bool changed = sign > 0 ? set->insert(std::move(key)).second : set->erase(key) > 0;
  PURSER_CHECK(changed, "what is counted is counted once");
}

}  // namespace

std::string_view ProposalStateName(stored::ProposalState state) {
  constexpr std::string_view kPrefix = "PROPOSAL_";
  const std::string& name = stored::ProposalState_Name(state);
  return std::string_view(name).substr(std::min(kPrefix.size(), name.size()));
}

stored::ProposalSettings SaidFirst(const ProposalRecord& proposal) {
  stored::ProposalSettings said = proposal.settings();
  said.set_result_model(proposal.said_result_model());
  if (proposal.expires_by_default()) said.clear_expire_time_us();
  return said;
}

std::vector<std::string> ModelsOf(const stored::ProposalSettings& settings) {
  std::vector<std::string> models(settings.models().begin(), settings.models().end());
  if (!settings.result_model().empty()) models.push_back(settings.result_model());
  return models;
}

ProposalRecord Fold(const stored::ProposalMade& fact, const ProposalContext& context) {
  ProposalRecord proposal;
  *proposal.mutable_settings() = fact.settings();
  proposal.set_proposer(fact.proposer());
  proposal.set_said_result_model(fact.settings().result_model());
  proposal.set_expires_by_default(fact.expires_by_default());
  proposal.set_generation(1);
  proposal.set_create_time_us(context.time_us);
  proposal.set_create_sequence(context.sequence);
  proposal.set_change_sequence(context.sequence);
  SetState(stored::PROPOSAL_OPEN, context, &proposal);
  return proposal;
}

ProposalRecord Fold(const stored::ProposalFact& fact, const ProposalContext& context,
                    const ProposalRecord& before) {
  ProposalRecord proposal = Copy(before, context);
  switch (fact.fact_case()) {
    case stored::ProposalFact::kChanged:
      PURSER_CHECK(before.state() == stored::PROPOSAL_OPEN, "only what is OPEN is changed");
      proposal.mutable_settings()->set_result_model(fact.changed().result_model());
      proposal.set_result_principal(fact.changed().principal());
      return proposal;
    case stored::ProposalFact::kMoved:
      Take(fact.moved(), context, &proposal);
      return proposal;
    case stored::ProposalFact::kExecuted:
      Take(fact.executed(), context, &proposal);
      return proposal;
    case stored::ProposalFact::kSavingBooked:
      PURSER_CHECK(before.saving_due_us() != 0, "a saving is booked once");
      proposal.set_realised(fact.saving_booked().realised());
      proposal.clear_saving_due_us();
      proposal.clear_watched();
      return proposal;
    case stored::ProposalFact::kMade:
    case stored::ProposalFact::FACT_NOT_SET:
      break;
  }
  PURSER_CHECK(false, "every fact is known");
  return proposal;
}

const std::string& ProposalOf(const stored::ProposalFact& fact) {
  switch (fact.fact_case()) {
    case stored::ProposalFact::kMade:
      return fact.made().settings().id();
    case stored::ProposalFact::kChanged:
      return fact.changed().id();
    case stored::ProposalFact::kMoved:
      return fact.moved().id();
    case stored::ProposalFact::kExecuted:
      return fact.executed().id();
    default:
      return fact.saving_booked().id();
  }
}

bool Watch(const std::string& model, bool is_active, InstantUs now_us, ProposalRecord* proposal) {
  bool changed = false;
  for (stored::WatchedModel& watched : *proposal->mutable_watched()) {
    if (watched.model() != model) continue;
    const bool counts = watched.is_result() == is_active;
    if (counts == (watched.counts_since_us() != 0)) continue;
    if (!counts) {
      watched.set_counted_us(watched.counted_us() + now_us - watched.counts_since_us());
    }
    watched.set_counts_since_us(counts ? now_us : 0);
    changed = true;
  }
  return changed;
}

Amount RealisedUntil(const ProposalRecord& proposal, InstantUs now_us) {
  absl::int128 sum = 0;
  for (const stored::WatchedModel& watched : proposal.watched()) {
    int64_t counted_us = watched.counted_us();
    if (watched.counts_since_us() != 0) counted_us += now_us - watched.counts_since_us();
    const absl::int128 part =
        absl::int128(watched.monthly_cost()) * counted_us / absl::int128(kSavingMonthUs);
    sum += watched.is_result() ? -part : part;
  }
  // Of 17 costs of at most 14 × 10^9 USD each.
  return Amount::FromMicros(static_cast<int64_t>(sum));
}

const ProposalRecord* ProposalBook::Find(std::string_view id) const {
  const auto it = proposals_.find(id);
  return it == proposals_.end() ? nullptr : it->second.get();
}

ProposalPicture ProposalBook::Share(std::string_view id) const {
  const auto it = proposals_.find(id);
  return it == proposals_.end() ? nullptr : it->second;
}

std::vector<std::string> ProposalBook::ListPendingOf(std::string_view model) const {
  std::vector<std::string> ids;
  const std::tuple<std::string, uint64_t, std::string> first(model, 0, "");
  for (auto it = pending_of_.lower_bound(first);
       it != pending_of_.end() && std::get<0>(*it) == model; ++it) {
    ids.push_back(std::get<2>(*it));
  }
  return ids;
}

std::vector<std::string> ProposalBook::ListPending() const {
  std::map<uint64_t, std::string> by_sequence;  // an entry makes one at most
  for (const auto& [at_us, sequence, id] : expiring_) by_sequence[sequence] = id;
  std::vector<std::string> ids;
  ids.reserve(by_sequence.size());
  for (auto& [sequence, id] : by_sequence) ids.push_back(std::move(id));
  return ids;
}

size_t ProposalBook::CountWatchers(const std::string& model) const {
  size_t count = 0;
  for (auto it = watched_.lower_bound({model, ""}); it != watched_.end() && it->first == model;
       ++it) {
    ++count;
  }
  return count;
}

std::string ProposalBook::FindWatchedByMany(const stored::ProposalSettings& settings) const {
  if (settings.kind() == stored::ProposalSettings::ARCHIVE) return "";
  for (std::string& id : ModelsOf(settings)) {
    if (CountWatchers(id) >= kWatchersMax) return std::move(id);
  }
  return "";
}

std::optional<ProposalBook::Next> ProposalBook::NextExpiry() const {
  if (expiring_.empty()) return std::nullopt;
  return Next{std::get<0>(*expiring_.begin()), std::get<2>(*expiring_.begin())};
}

std::optional<ProposalBook::Next> ProposalBook::NextSaving() const {
  if (savings_.empty()) return std::nullopt;
  return Next{std::get<0>(*savings_.begin()), std::get<2>(*savings_.begin())};
}

void ProposalBook::Count(const ProposalRecord& proposal, int sign) {
  const std::string& id = proposal.settings().id();
  if (IsPending(proposal)) {
    PutInto(Key(proposal.settings().expire_time_us(), proposal.create_sequence(), id), sign,
            &expiring_);
    for (const std::string& model : ModelsOf(proposal.settings())) {
      PutInto(std::tuple(model, proposal.create_sequence(), id), sign, &pending_of_);
    }
  }
  if (proposal.saving_due_us() != 0) {
    PutInto(Key(proposal.saving_due_us(), proposal.end_sequence(), id), sign, &savings_);
    for (const auto& watched : proposal.watched()) {
      PutInto(std::pair(watched.model(), id), sign, &watched_);
    }
  }
  const uint64_t one = sign > 0 ? 1 : UINT64_MAX;  // or −1
  Proposer& proposer = proposers_[proposal.proposer()];
  proposer.proposals += one;
  if (proposal.state() == stored::PROPOSAL_EXECUTED) {
    proposer.executed += one;
    proposer.promised_micros += absl::int128(proposal.promised()) * sign;
    if (proposal.saving_due_us() == 0) proposer.booked += one;
    proposer.realised_micros += absl::int128(proposal.realised()) * sign;
  }
}

void ProposalBook::Put(ProposalPicture proposal, Changes* changes) {
  ProposalPicture& place = proposals_[proposal->settings().id()];
  if (place != nullptr) Count(*place, -1);
  place = std::move(proposal);
  Count(*place, 1);
  if (changes != nullptr) changes->push_back(place);
}

void ProposalBook::Apply(const stored::ProposalFact& fact, const ProposalContext& context,
                         Changes* changes) {
  const ProposalRecord* const before = Find(ProposalOf(fact));
  PURSER_CHECK((before == nullptr) == fact.has_made(), "invariant 7: an id is used once");
  Put(std::make_shared<const ProposalRecord>(fact.has_made() ? Fold(fact.made(), context)
                                                             : Fold(fact, context, *before)),
      changes);
}

void ProposalBook::NoteActivity(const std::string& model, bool is_active,
                                const ProposalContext& context, Changes* changes) {
  std::vector<std::string> ids;
  for (auto it = watched_.lower_bound({model, ""}); it != watched_.end() && it->first == model;
       ++it) {
    ids.push_back(it->second);
  }
  for (const std::string& id : ids) {
    auto proposal = std::make_shared<ProposalRecord>(*Find(id));
    if (!Watch(model, is_active, context.time_us, proposal.get())) continue;
    proposal->set_change_sequence(context.sequence);
    Put(std::move(proposal), changes);
  }
}

bool ProposalBook::Restore(ProposalPicture proposal) {
  if (Find(proposal->settings().id()) != nullptr) return false;
  Put(std::move(proposal), nullptr);
  return true;
}

std::string ProposalBook::FindFault() const {
  ProposalBook again;
  for (const auto& [id, proposal] : proposals_) again.Restore(proposal);
  const bool same = again.pending_of_ == pending_of_ && again.watched_ == watched_ &&
                    again.expiring_ == expiring_ && again.savings_ == savings_ &&
                    again.proposers_ == proposers_;
  return same ? "" : "what is counted of the proposals is not what they are";
}

}  // namespace purser
