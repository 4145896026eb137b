#include "ledger/books.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/text.h"

namespace purser {

Resource& Books::At(uint32_t number) {
  const auto it = resources_.find(number);
  PURSER_CHECK(it != resources_.end(), "an entry names a resource that exists");
  return it->second;
}

const Resource* Books::Find(uint32_t number) const {
  const auto it = resources_.find(number);
  return it == resources_.end() ? nullptr : &it->second;
}

const Resource* Books::FindByName(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : Find(it->second);
}

void Books::RestoreSettings(std::shared_ptr<const stored::PopulationSettings> settings,
                            int64_t lease_shift_us, uint32_t next_resource_number) {
  settings_ = std::move(settings);
  lease_shift_us_ = lease_shift_us;
  next_resource_number_ = next_resource_number;
}

void Books::RestoreResource(Resource resource) {
  by_name_[resource.name()] = resource.number;
  const uint32_t number = resource.number;
  const InstantUs next_boundary_us = std::exchange(resource.next_boundary_us, 0);
  resources_[number] = std::move(resource);
  SetBoundary(&resources_[number], next_boundary_us);
}

void Books::SetBoundary(Resource* resource, InstantUs next_boundary_us) {
  boundaries_.erase({resource->next_boundary_us, resource->name(), resource->number});
  resource->next_boundary_us = next_boundary_us;
  if (next_boundary_us == 0) return;
  boundaries_.emplace(next_boundary_us, resource->name(), resource->number);
}

void Books::Apply(const google::protobuf::RepeatedPtrField<stored::LedgerFact>& facts,
                  const google::protobuf::RepeatedPtrField<stored::Posting>& postings,
                  const google::protobuf::RepeatedPtrField<stored::Balances>& balances) {
  // A deletion is the last thing that happens to its resource: its postings come first.
  for (const auto& fact : facts) {
    if (!fact.has_resource_deleted()) ApplyFact(fact);
  }
  for (const auto& posting : postings) {
    At(posting.resource())
        .balances.Post(posting.operation(), posting.from(), posting.to(),
                       Amount::FromMicros(posting.amount()));
  }
  for (const auto& after : balances) {
    Resource& resource = At(after.resource());
    resource.base = Amount::FromMicros(after.base());
    resource.shortfall = Amount::FromMicros(after.shortfall());
    PURSER_CHECK(after.accounts_size() == kAccountCount, "an entry has every account's balance");
    for (int i = 0; i < kAccountCount; ++i) {
      PURSER_CHECK(resource[static_cast<Account>(i)].micros() == after.accounts(i),
                   "invariant 8: the fold of the postings equals the balances");
    }
  }
  for (const auto& fact : facts) {
    if (fact.has_resource_deleted()) ApplyFact(fact);
  }
}

void Books::ApplyFact(const stored::LedgerFact& fact) {
  switch (fact.fact_case()) {
    case stored::LedgerFact::kPopulationSet:
      settings_ =
          std::make_shared<const stored::PopulationSettings>(fact.population_set().settings());
      break;
    case stored::LedgerFact::kResourceCreated: {
      const auto& created = fact.resource_created();
      Resource resource;
      resource.number = created.resource();
      resource.settings = std::make_shared<const stored::ResourceSettings>(created.settings());
      resource.period_start_us = created.settings().create_time_us();
      resource.next_boundary_us = created.next_boundary_us();
      next_resource_number_ = std::max(next_resource_number_, created.resource() + 1);
      RestoreResource(std::move(resource));
      break;
    }
    case stored::LedgerFact::kResourceUpdated:
      At(fact.resource_updated().resource()).settings =
          std::make_shared<const stored::ResourceSettings>(fact.resource_updated().settings());
      break;
    case stored::LedgerFact::kResourceDeleted: {
      const auto it = resources_.find(fact.resource_deleted().resource());
      PURSER_CHECK(it != resources_.end() && it->second.balances == Balances(),
                   "a resource is deleted with empty accounts");
      SetBoundary(&it->second, 0);
      by_name_.erase(it->second.name());
      resources_.erase(it);
      break;
    }
    case stored::LedgerFact::kRolledOver: {
      Resource& resource = At(fact.rolled_over().resource());
      resource.period = fact.rolled_over().period();
      resource.period_start_us = fact.rolled_over().boundary_us();
      SetBoundary(&resource, fact.rolled_over().next_boundary_us());
      break;
    }
    case stored::LedgerFact::kDebtIncurred:
      debts_.Incur(fact.debt_incurred());
      break;
    case stored::LedgerFact::kDebtRepaid:
      debts_.Repay(fact.debt_repaid().resource(), fact.debt_repaid().order(),
                   Amount::FromMicros(fact.debt_repaid().amount()));
      break;
    case stored::LedgerFact::kResumed:
      lease_shift_us_ += fact.resumed().shift_us();
      break;
    case stored::LedgerFact::kAmountGranted:
    case stored::LedgerFact::kAmountWithdrawn:
      break;  // said by the postings and the base
    default:
      ApplyRule(fact);
  }
}

// What operators rule, and what follows from it.
void Books::ApplyRule(const stored::LedgerFact& fact) {
  switch (fact.fact_case()) {
    case stored::LedgerFact::kFrozen:
      freezes_.Put(fact.frozen());
      if (!fact.frozen().guardrail().empty()) guardrails_.NoteTrip(fact.frozen().guardrail());
      break;
    case stored::LedgerFact::kThawed:
      PURSER_CHECK(freezes_.Erase(fact.thawed().id()), "what thaws was frozen");
      break;
    case stored::LedgerFact::kLimitSet:
      limits_.Put(fact.limit_set());
      break;
    case stored::LedgerFact::kLimitDeleted:
      PURSER_CHECK(limits_.Erase(fact.limit_deleted().id()), "a limit that is deleted stands");
      break;
    case stored::LedgerFact::kRateCardSet:
    case stored::LedgerFact::kRateCardDeleted:
    case stored::LedgerFact::kPeriodClosed:
      ApplyRates(fact);
      break;
    case stored::LedgerFact::kGuardrailSet:
    case stored::LedgerFact::kGuardrailDeleted:
    case stored::LedgerFact::kHourBegan:
      ApplyGuardrails(fact);
      break;
    case stored::LedgerFact::kBudgetSet:
    case stored::LedgerFact::kBudgetDeleted:
    case stored::LedgerFact::kCostMonthBegan:
    case stored::LedgerFact::kBudgetCrossed:
    case stored::LedgerFact::kBudgetCounted:
      ApplyBudgets(fact);
      break;
    default:
      PURSER_CHECK(false, "an entry's fact is known to this version");
  }
}

// Others may hold the rates and the closed months as they were.
void Books::ApplyRates(const stored::LedgerFact& fact) {
  if (fact.has_period_closed()) return ClosePeriod(fact.period_closed());
  auto rates = std::make_shared<RateBook>(*rates_);
  if (fact.has_rate_card_set()) {
    rates->Put(fact.rate_card_set());
  } else {
    PURSER_CHECK(rates->Erase(fact.rate_card_deleted().id()), "a card that is deleted stands");
  }
  rates_ = std::move(rates);
}

void Books::ApplyGuardrails(const stored::LedgerFact& fact) {
  if (fact.has_guardrail_set()) guardrails_.Put(fact.guardrail_set());
  if (fact.has_hour_began()) guardrails_.BeginHour(fact.hour_began());
  if (!fact.has_guardrail_deleted()) return;
  PURSER_CHECK(guardrails_.Erase(fact.guardrail_deleted().id()), "a guardrail that ends stands");
}

void Books::ApplyBudgets(const stored::LedgerFact& fact) {
  if (fact.has_budget_set()) budgets_.Put(fact.budget_set().budget());
  if (fact.has_cost_month_began()) budgets_.BeginMonth(fact.cost_month_began());
  if (fact.has_budget_crossed()) {
    budgets_.NoteTold(fact.budget_crossed().id(), fact.budget_crossed().level());
  }
  if (fact.has_budget_counted()) budgets_.CountEarlier(fact.budget_counted());
  if (!fact.has_budget_deleted()) return;
  PURSER_CHECK(budgets_.Erase(fact.budget_deleted().id()), "a budget that ends stands");
}

void Books::ClosePeriod(const stored::PeriodClosed& closed) {
  auto periods = std::make_shared<ClosedPeriods>(*periods_);
  const bool is_new = periods->emplace(closed.period(), closed).second;
  PURSER_CHECK(is_new, "a month is closed once");
  periods_ = std::move(periods);
}

std::optional<Books::Boundary> Books::NextBoundary() const {
  if (boundaries_.empty()) return std::nullopt;
  const auto& [at_us, name, number] = *boundaries_.begin();
  return Boundary{at_us, number};
}

std::string Books::FindFault() const {
  std::map<uint32_t, Amount> owed;
  for (const auto& [key, debt] : debts_.all()) owed[key.first] += Amount::FromMicros(debt.amount());
  for (const auto& [number, resource] : resources_) {
    if (!resource.balances.Balanced()) {
      return Concat("invariants 1 and 2: ", resource.name(), ": ", IdentityLine(resource.balances));
    }
    if (owed[number] != resource.owed()) {
      return Concat("debts of ", resource.name(), " add up to ", owed[number].ToString(),
                    ", overdraft is ", resource.owed().ToString());
    }
  }
  return "";
}

}  // namespace purser
