#include "daemon/entry_check.h"

#include <utility>

#include "daemon/command_rules.h"
#include "daemon/entry_trial.h"
#include "ledger/names.h"

namespace purser {
namespace {

// Of a card that has begun only an end to come is changed.
bool KeepsWhatWas(const stored::RateCard& before, const stored::RateCard& after, InstantUs now_us) {
  stored::RateCard same = before;
  same.set_valid_until_us(after.valid_until_us());
  same.set_generation(after.generation());
  const auto is_to_come = [now_us](InstantUs until_us) {
    return until_us == 0 || until_us > now_us;
  };
  return same.SerializeAsString() == after.SerializeAsString() &&
         is_to_come(before.valid_until_us()) && is_to_come(after.valid_until_us());
}

// Whether targets and posted amounts can be computed from the settings at all.
bool AreUsable(const stored::ResourceSettings& settings) {
  const int64_t numerator = settings.overcommit_numerator();
  const int64_t denominator = settings.overcommit_denominator();
  return !settings.name().empty() && settings.amount() >= 0 && settings.reserve_percent() >= 0 &&
         settings.reserve_percent() <= 100 * Amount::kMicrosPerUnit &&
         settings.reserve_amount() >= 0 &&
         (numerator == denominator || (denominator >= 1 && numerator > denominator));
}

}  // namespace

std::string FindEntryFault(const Population& population, const stored::Entry& entry) {
  EntryTrial trial(population, entry);
  for (auto step : {&EntryTrial::CheckHeader, &EntryTrial::CheckDue, &EntryTrial::TryFacts,
                    &EntryTrial::TryPostings, &EntryTrial::TryBalances, &EntryTrial::TryDeletions,
                    &EntryTrial::TryReservations, &EntryTrial::CheckNotices,
                    &EntryTrial::CheckTrips, &EntryTrial::TryModels, &EntryTrial::CheckBudgets,
                    &EntryTrial::CheckSums, &EntryTrial::CheckReserve}) {
    if (!(trial.*step)()) return trial.fault();
  }
  return "";
}

bool EntryTrial::CheckHeader() {
  if (entry_.sequence() != population_.last_sequence + 1) {
    return Fail("invariant 8: it has the number ", entry_.sequence());
  }
  if (entry_.time_us() < population_.last_time_us || entry_.time_us() > kInstantMaxUs) {
    return Fail("invariant 8: its time ", entry_.time_us(), " is before that of the last, ",
                population_.last_time_us);
  }
  if (!stored::CommandKind_IsValid(entry_.command()) ||
      entry_.command() == stored::COMMAND_UNSPECIFIED) {
    return Fail("its command is none that this version knows");
  }
  const bool creates = entry_.command() == stored::CREATE_POPULATION;
  if (creates == population_.books.exists()) return Fail("only the first makes the population");
  if (creates && (entry_.ledger_facts().empty() || !entry_.ledger_facts(0).has_population_set())) {
    return Fail("the first says nothing of the population's settings");
  }
  const auto& facts = entry_.reservation_facts();
  if (!HasReservationFacts(entry_.command()) &&
      !std::all_of(facts.begin(), facts.end(), [](const auto& fact) {
        return fact.has_granted() || fact.has_endangered() || fact.has_noticed() ||
               fact.has_notice_withdrawn();
      })) {
    return Fail("its command has nothing to do with reservations");
  }
  const auto& models = entry_.model_facts();
  if (!HasModelFacts(entry_.command()) &&
      !std::all_of(models.begin(), models.end(), [](const auto& fact) {
        return fact.has_loan_repaid() || fact.has_budget_month();
      })) {
    return Fail("its command has nothing to do with models");
  }
  return true;
}

bool EntryTrial::CheckDue() {
  if (!population_.books.exists()) return true;
  const auto due = NextDue(population_);
  const bool was_due = due.has_value() && due->at_us <= entry_.time_us();
  if (!IsDueCommand(entry_.command())) {
    // What an entry left to be granted comes before the next of its instant, and what a batch has
    // left to do before a notice that is due at once.
    const bool may_precede =
        was_due && due->at_us == entry_.time_us() &&
        (entry_.command() == stored::GRANT_QUEUED || due->kind == stored::PREEMPT);
    return !was_due || may_precede || Fail("what was due at ", due->at_us, " has to come first");
  }
  if (!was_due || due->at_us != entry_.time_us() || !Does(entry_, *due)) {
    return Fail("it is not what was due");
  }
  return true;
}

Resource* EntryTrial::Touch(uint32_t number) {
  const auto it = resources_.find(number);
  if (it != resources_.end()) return &it->second;
  const Resource* resource = population_.books.Find(number);
  if (resource == nullptr) return nullptr;
  return &resources_.emplace(number, *resource).first->second;
}

bool EntryTrial::TryFacts() {
  for (const auto& fact : entry_.ledger_facts()) {
    if (!TryFact(fact)) return false;
  }
  return true;
}

bool EntryTrial::TryFact(const stored::LedgerFact& fact) {
  if (HasReservationFacts(entry_.command()) && !FollowsReservations(fact)) {
    return Fail("its command changes nothing but reservations and what follows from them");
  }
  switch (fact.fact_case()) {
    case stored::LedgerFact::kPopulationSet:
      return fact.population_set().settings().name() == population_.name ||
             Fail("it sets the population \"", fact.population_set().settings().name(), "\"");
    case stored::LedgerFact::kResourceCreated:
      return Try(fact.resource_created());
    case stored::LedgerFact::kResourceUpdated:
      return Try(fact.resource_updated());
    case stored::LedgerFact::kResourceDeleted:
      return true;  // in TryDeletions, after its postings
    case stored::LedgerFact::kAmountGranted:
      return TryBaseChange(fact.amount_granted().resource(), fact.amount_granted().amount(), 1);
    case stored::LedgerFact::kAmountWithdrawn:
      return TryBaseChange(fact.amount_withdrawn().resource(), fact.amount_withdrawn().amount(),
                           -1);
    case stored::LedgerFact::kRolledOver:
      return Try(fact.rolled_over());
    case stored::LedgerFact::kFrozen:
      return Try(fact.frozen());
    case stored::LedgerFact::kThawed:
      return Try(fact.thawed());
    case stored::LedgerFact::kDebtIncurred:
      return Try(fact.debt_incurred());
    case stored::LedgerFact::kDebtRepaid:
      return Try(fact.debt_repaid());
    case stored::LedgerFact::kResumed:
      return Try(fact.resumed());
    case stored::LedgerFact::kLimitSet:
      return Try(fact.limit_set());
    case stored::LedgerFact::kLimitDeleted:
      if (TouchLimits().Erase(fact.limit_deleted().id())) return true;
      return Fail("it deletes the limit ", fact.limit_deleted().id(), ", which does not stand");
    case stored::LedgerFact::kRateCardSet:
      return Try(fact.rate_card_set());
    case stored::LedgerFact::kRateCardDeleted:
      return Try(fact.rate_card_deleted());
    case stored::LedgerFact::kGuardrailSet:
      return Try(fact.guardrail_set());
    case stored::LedgerFact::kGuardrailDeleted:
      return Try(fact.guardrail_deleted());
    case stored::LedgerFact::kHourBegan:
      return Try(fact.hour_began());
    case stored::LedgerFact::kBudgetSet:
      return Try(fact.budget_set());
    case stored::LedgerFact::kBudgetCounted:
      return Try(fact.budget_counted());
    case stored::LedgerFact::kBudgetDeleted:
      return Try(fact.budget_deleted());
    case stored::LedgerFact::kCostMonthBegan:
      return Try(fact.cost_month_began());
    case stored::LedgerFact::kBudgetCrossed:
      return true;  // in CheckBudgets, once all is known
    case stored::LedgerFact::kPeriodClosed:
      return Try(fact.period_closed());
    case stored::LedgerFact::FACT_NOT_SET:
      break;
  }
  return Fail("it has a fact that this version does not know");
}

RateBook& EntryTrial::TouchRates() {
  if (!rates_.has_value()) rates_ = population_.books.rates();
  return *rates_;
}

// What a card says of the time before the entry was said before.
bool EntryTrial::Try(const stored::RateCard& fact) {
  RateBook& rates = TouchRates();
  const RateCard before = rates.Find(fact.id());
  const InstantUs now_us = entry_.time_us();
  const std::string fault = FindCardFault(fact);
  if (!fault.empty()) return Fail("the rate card ", fact.id(), ": ", fault);
  if (rates.FindOverlap(fact, now_us).has_value()) {
    return Fail("the rate card ", fact.id(), " overlaps another");
  }
  const bool has_begun = before != nullptr && before->valid_from_us() <= now_us;
  if (!has_begun && fact.valid_from_us() < now_us) {
    return Fail("the rate card ", fact.id(), " begins before it was made");
  }
  const bool is_made = before == nullptr && fact.generation() == 1 &&
                       fact.create_time_us() == now_us && fact.sequence() == entry_.sequence();
  const bool is_changed = before != nullptr && fact.generation() == before->generation() + 1 &&
                          fact.create_time_us() == before->create_time_us() &&
                          fact.sequence() == before->sequence();
  if (!is_made && !is_changed) return Fail("the rate card ", fact.id(), " was made otherwise");
  if (has_begun && !KeepsWhatWas(*before, fact, now_us)) {
    return Fail("the rate card ", fact.id(), " is changed where it was in force");
  }
  rates.Put(fact);
  if (rates.size() <= kRateCardsMax && rates.CountRates() <= kRatesMax) return true;
  return Fail("there are more rates than there may be");
}

bool EntryTrial::Try(const stored::RateCardDeleted& fact) {
  const RateCard before = TouchRates().Find(fact.id());
  if (before != nullptr && before->valid_from_us() > entry_.time_us()) {
    return TouchRates().Erase(fact.id());
  }
  return Fail("it deletes the rate card ", fact.id(), ", which does not stand or was in force");
}

LimitBook& EntryTrial::TouchLimits() {
  if (!limits_.has_value()) limits_ = population_.books.limits();
  return *limits_;
}

bool EntryTrial::Try(const stored::Limit& fact) {
  LimitBook& limits = TouchLimits();
  const bool has_subject = fact.subject_case() != stored::Limit::SUBJECT_NOT_SET &&
                           (!fact.has_each_principal() || fact.each_principal());
  if (fact.id().empty() || !has_subject || (fact.has_label() && fact.label().key().empty())) {
    return Fail("it limits nobody");
  }
  for (const LimitParts* parts : {&fact.share_percent(), &fact.request_amounts(),
                                  &fact.day_amounts(), &fact.month_amounts()}) {
    for (const auto& part : *parts) {
      if (part.amount() <= 0) return Fail("the limit ", fact.id(), " has a part of nothing");
    }
  }
  const bool too_much =
      std::any_of(fact.share_percent().begin(), fact.share_percent().end(),
                  [](const auto& part) { return part.amount() > 100 * Amount::kMicrosPerUnit; });
  if (too_much || (fact.has_requests_per_second() && fact.requests_per_second() <= 0)) {
    return Fail("the limit ", fact.id(), " has a part that it cannot have");
  }
  const stored::Limit* const same = limits.FindSameSubject(fact);
  const stored::Limit* const before = limits.Find(fact.id());
  if ((same != nullptr && same->id() != fact.id()) || (before != nullptr && same != before)) {
    return Fail("the limit ", fact.id(), " has the subject of another");
  }
  if (fact.sequence() != (before == nullptr ? entry_.sequence() : before->sequence())) {
    return Fail("the limit ", fact.id(), " was made by another entry");
  }
  limits.Put(fact);
  return true;
}

bool EntryTrial::Try(const stored::ResourceCreated& fact) {
  if (fact.resource() != next_resource_number_ || fact.resource() > kResourceNumbersMax) {
    return Fail("it makes resource ", fact.resource(), ", the next is ", next_resource_number_);
  }
  if (!AreUsable(fact.settings())) return Fail("it makes a resource with unusable settings");
  ++next_resource_number_;
  const std::string& name = fact.settings().name();
  bool taken = population_.books.FindByName(name) != nullptr;
  for (const auto& [number, other] : resources_) taken = taken || other.name() == name;
  if (taken) return Fail("it makes a second resource ", name);
  Resource& resource = resources_[fact.resource()];
  resource.number = fact.resource();
  resource.settings = std::make_shared<const stored::ResourceSettings>(fact.settings());
  resource.next_boundary_us = fact.next_boundary_us();
  said_[fact.resource()].created = true;
  return true;
}

bool EntryTrial::Try(const stored::ResourceUpdated& fact) {
  Resource* resource = Touch(fact.resource());
  if (resource == nullptr) return Fail("it changes resource ", fact.resource(), ", there is none");
  if (!AreUsable(fact.settings()) || fact.settings().name() != resource->name() ||
      fact.settings().kind() != resource->settings->kind()) {
    return Fail("it gives ", resource->name(), " settings that it cannot have");
  }
  said_[fact.resource()].base += resource->has_periods() ? 0
                                                         : absl::int128(fact.settings().amount()) -
                                                               resource->settings->amount();
  resource->settings = std::make_shared<const stored::ResourceSettings>(fact.settings());
  return true;
}

bool EntryTrial::Try(const stored::RolledOver& fact) {
  Resource* resource = Touch(fact.resource());
  if (resource == nullptr) return Fail("it ends a period of resource ", fact.resource());
  if (fact.period() != resource->period + 1 || fact.boundary_us() != resource->next_boundary_us ||
      fact.boundary_us() != entry_.time_us() || fact.next_boundary_us() <= fact.boundary_us() ||
      fact.carried_available() < 0 || fact.carried_reserve() < 0) {
    return Fail("it ends another period of ", resource->name(), " than the running one");
  }
  resource->period = fact.period();
  resource->next_boundary_us = fact.next_boundary_us();
  Said& said = said_[fact.resource()];
  said.rolled_over = true;
  said.carried = absl::int128(fact.carried_available()) + fact.carried_reserve();
  return true;
}

bool EntryTrial::Try(const stored::Thawed& fact) {
  const auto it = freezes_.find(fact.id());
  const bool frozen =
      it != freezes_.end() ? it->second : population_.books.freezes().Find(fact.id()) != nullptr;
  if (!frozen) return Fail("it lifts the freeze ", fact.id(), ", which does not stand");
  freezes_[fact.id()] = false;
  return true;
}

bool EntryTrial::Try(const stored::Debt& fact) {
  const DebtKey key(fact.resource(), fact.order());
  if (Touch(fact.resource()) == nullptr) return Fail("it has a debt of no resource");
  if (fact.amount() <= 0) return Fail("it has a debt of nothing");
  if (population_.books.debts().all().contains(key) || !debts_.emplace(key, fact.amount()).second) {
    return Fail("it has a debt that stands already");
  }
  said_[fact.resource()].owed += fact.amount();
  return true;
}

bool EntryTrial::Try(const stored::DebtRepaid& fact) {
  const DebtKey key(fact.resource(), fact.order());
  const auto& all = population_.books.debts().all();
  const auto stands = all.find(key);
  if (stands != all.end()) debts_.try_emplace(key, stands->second.amount());
  const auto left = debts_.find(key);
  if (left == debts_.end() || fact.amount() <= 0 || fact.amount() > left->second) {
    return Fail("it repays more than is owed to charge ", fact.charge());
  }
  left->second -= fact.amount();
  said_[fact.resource()].owed -= fact.amount();
  return true;
}

bool EntryTrial::Try(const stored::Resumed& fact) {
  if (std::exchange(has_resumed_, true) || fact.shift_us() <= 0 ||
      fact.shift_us() > kInstantMaxUs ||
      population_.books.lease_shift_us() > kInstantMaxUs - fact.shift_us()) {
    return Fail("it gives back a downtime of ", fact.shift_us());
  }
  return true;
}

bool EntryTrial::TryBaseChange(uint32_t number, int64_t amount, int sign) {
  if (Touch(number) == nullptr) return Fail("it grants or withdraws of no resource");
  if (amount <= 0) return Fail("it grants or withdraws nothing");
  said_[number].base += absl::int128(amount) * sign;
  return true;
}

bool EntryTrial::TryPostings() {
  for (const auto& posting : entry_.postings()) {
    if (!TryPosting(posting)) return false;
  }
  return true;
}

bool EntryTrial::TryPosting(const stored::Posting& posting) {
  Resource* resource = Touch(posting.resource());
  if (resource == nullptr) return Fail("it posts to resource ", posting.resource());
  if (!stored::Operation_IsValid(posting.operation()) || !stored::Account_IsValid(posting.from()) ||
      !stored::Account_IsValid(posting.to()) ||
      !EdgeExists(posting.operation(), posting.from(), posting.to()) ||
      (OperationsOf(entry_.command()) >> posting.operation() & 1) == 0) {
    return Fail("it has a posting of ", resource->name(), " that no such command makes");
  }
  const Amount amount = Amount::FromMicros(posting.amount());
  const auto from = Subtract((*resource)[posting.from()], amount);
  const auto to = Add((*resource)[posting.to()], amount);
  if (!amount.is_positive() || !from || !to) return Fail("it posts an impossible amount");
  resource->balances.Set(posting.from(), *from);
  resource->balances.Set(posting.to(), *to);
  if (posting.to() == stored::SPENT) {
    said_[posting.resource()].posted_to_spent += posting.amount();
  }
  if (resource->balances.Balanced()) return true;
  return Fail("invariants 1 and 2: ", resource->name(), ": ", IdentityLine(resource->balances));
}

bool EntryTrial::TryBalances() {
  for (const auto& after : entry_.balances()) {
    Resource* resource = Touch(after.resource());
    if (resource == nullptr) return Fail("it has balances of resource ", after.resource());
    bool same = after.accounts_size() == kAccountCount;
    for (int i = 0; same && i < kAccountCount; ++i) {
      same = (*resource)[static_cast<Account>(i)].micros() == after.accounts(i);
    }
    if (!same || after.base() < 0 || after.shortfall() < 0) {
      return Fail("invariant 8: its balances of ", resource->name(),
                  " are not the fold of its postings, which is ", IdentityLine(resource->balances));
    }
    resource->base = Amount::FromMicros(after.base());
    resource->shortfall = Amount::FromMicros(after.shortfall());
    said_[after.resource()].stated = true;
  }
  for (const auto& posting : entry_.postings()) said_[posting.resource()];
  for (const auto& [number, said] : said_) {
    if (!said.stated) return Fail("it lacks balances of resource ", number);
  }
  return true;
}

bool EntryTrial::TryDeletions() {
  for (const auto& fact : entry_.ledger_facts()) {
    if (!fact.has_resource_deleted()) continue;
    const uint32_t number = fact.resource_deleted().resource();
    const Resource* resource = Touch(number);
    if (resource == nullptr || said_[number].deleted) {
      return Fail("it deletes resource ", number, ", there is none");
    }
    if (resource->balances != Balances() || population_.reservations.CountNaming(number) > 0 ||
        population_.models.CountNaming(number) > 0) {
      return Fail("it deletes ", resource->name(),
                  ", which is in use: ", IdentityLine(resource->balances));
    }
    said_[number].deleted = true;
  }
  return true;
}

bool EntryTrial::CheckSums() {
  for (const auto& [number, said] : said_) {
    const Resource* after = Touch(number);
    if (after == nullptr) return Fail("its reservations hold of resource ", number);
    if (!CheckSumsOf(*after)) return false;
  }
  return true;
}

bool EntryTrial::CheckSumsOf(const Resource& after) {
  const Resource* found = population_.books.Find(after.number);
  const Resource before = found == nullptr ? Resource() : *found;
  const Said& said = said_[after.number];
  const auto change = [&](Account account) {
    return absl::int128(after[account].micros()) - before[account].micros();
  };
  if (change(stored::HELD) != said.held || change(stored::IN_USE) != said.in_use) {
    return Fail("invariant 3: ", after.name(), ": ", IdentityLine(after.balances),
                ", which is not what its reservations hold and occupy");
  }
  if (-change(stored::OVERDRAFT) != said.owed) {
    return Fail(after.name(), ": ", IdentityLine(after.balances),
                ", which is not what its families owe");
  }
  if (said.spent != said.posted_to_spent) {
    return Fail(after.name(), ": its postings spend another amount than its charges");
  }
  return CheckBase(before, after, said);
}

bool EntryTrial::CheckBase(const Resource& before, const Resource& after, const Said& said) {
  const auto wrong = [&] {
    return Fail(after.name(), ": a base of ", after.base.ToString(), " with a shortfall of ",
                after.shortfall.ToString(), " does not follow from what was before");
  };
  const absl::int128 base = after.base.micros();
  if (said.deleted) return base == 0 || wrong();
  // A rollover's grant saturates at the largest amount.
  if (said.rolled_over) return base <= said.carried + after.settings->amount() || wrong();
  const absl::int128 start = said.created ? after.settings->amount() : before.base.micros();
  if (base != start + said.base) return wrong();
  if (after.has_periods()) return true;
  // What never closes its books holds exactly what was posted for its base, and the shortfall.
  const auto posted = PostedFor(*after.settings, after.base);
  const bool same =
      posted.has_value() &&
      absl::int128(posted->micros()) + after.shortfall.micros() == after.granted().micros();
  return same || wrong();
}

bool EntryTrial::CheckReserve() {
  const uint32_t may_lower =
      Mask(stored::WITHDRAW, stored::LOWER_TARGET, stored::DELETE, stored::CLOSE_PERIOD);
  if ((OperationsOf(entry_.command()) & may_lower) != 0 &&
      entry_.command() != stored::GRANT_AMOUNT) {
    return true;
  }
  for (const auto& [number, after] : resources_) {
    const Resource* before = population_.books.Find(number);
    if (before == nullptr) continue;
    const absl::int128 lowered =
        absl::int128((*before)[stored::RESERVE].micros()) - after[stored::RESERVE].micros();
    if (lowered > 0 && lowered > said_[number].held_for_reserve_purposes) {
      return Fail("invariant 4: it lowers the reserve of ", after.name(), " to ",
                  after[stored::RESERVE].ToString());
    }
  }
  return true;
}

}  // namespace purser
