#ifndef PURSER_LEDGER_BOOKS_H_
#define PURSER_LEDGER_BOOKS_H_

// The books of one population: its settings, resources, debts, freezes, limits, rates, guardrails,
// budgets and closed months. The state that facts and postings are applied to; deciding is done on
// a BooksDraft. Thread-compatible: the writer's alone.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "google/protobuf/repeated_ptr_field.h"
#include "ledger/budgets.h"
#include "ledger/debts.h"
#include "ledger/freezes.h"
#include "ledger/guardrails.h"
#include "ledger/limits.h"
#include "ledger/rate_book.h"
#include "ledger/resource.h"

namespace purser {

// By their names, "2026-11": at most one for each month that a population lives.
using ClosedPeriods = std::map<std::string, stored::PeriodClosed, std::less<>>;

class Books {
 public:
  // Takes in what one entry says. Cannot fail: ends the process where the entry contradicts the
  // books.
  void Apply(const google::protobuf::RepeatedPtrField<stored::LedgerFact>& facts,
             const google::protobuf::RepeatedPtrField<stored::Posting>& postings,
             const google::protobuf::RepeatedPtrField<stored::Balances>& balances);

  // For start-up, which reads records instead of history.
  void RestoreSettings(std::shared_ptr<const stored::PopulationSettings> settings,
                       int64_t lease_shift_us, uint32_t next_resource_number);
  void RestoreResource(Resource resource);
  void RestoreDebt(const stored::Debt& debt) { debts_.Incur(debt); }
  void RestoreFreeze(const stored::Freeze& freeze) { freezes_.Put(freeze); }
  void RestoreLimit(const stored::Limit& limit) { limits_.Put(limit); }
  void RestoreLimits(const LimitBook& limits) { limits_ = limits; }
  void RestoreRates(std::shared_ptr<const RateBook> rates) { rates_ = std::move(rates); }
  void RestoreGuardrail(const stored::GuardrailRecord& record) { guardrails_.Restore(record); }
  // What was charged in an entry, after the entry's own facts.
  void CountForGuardrail(std::string_view id, Amount cost) { guardrails_.Count(id, cost); }
  void RestoreBudget(const stored::BudgetRecord& record) { budgets_.Restore(record); }
  void RestoreBudgets(const BudgetBook& budgets) { budgets_ = budgets; }
  // What an entry spends and holds, after the entry's own facts.
  void SpendOfBudget(std::string_view id, Amount cost) { budgets_.Spend(id, cost); }
  void HoldOfBudget(std::string_view id, absl::int128 change) { budgets_.Hold(id, change); }
  void RestorePeriods(std::shared_ptr<const ClosedPeriods> periods) {
    periods_ = std::move(periods);
  }

  const stored::PopulationSettings& settings() const { return *settings_; }
  std::shared_ptr<const stored::PopulationSettings> shared_settings() const { return settings_; }
  bool exists() const { return settings_ != nullptr; }
  int64_t lease_shift_us() const { return lease_shift_us_; }
  uint32_t next_resource_number() const { return next_resource_number_; }

  // By number; nullptr when there is none (any more).
  const Resource* Find(uint32_t number) const;
  const Resource* FindByName(std::string_view name) const;
  const std::map<std::string, uint32_t, std::less<>>& numbers_by_name() const { return by_name_; }
  const DebtBook& debts() const { return debts_; }
  const FreezeBook& freezes() const { return freezes_; }
  const LimitBook& limits() const { return limits_; }
  const RateBook& rates() const { return *rates_; }
  const GuardrailBook& guardrails() const { return guardrails_; }
  const BudgetBook& budgets() const { return budgets_; }
  std::shared_ptr<const RateBook> shared_rates() const { return rates_; }
  const ClosedPeriods& closed_periods() const { return *periods_; }
  std::shared_ptr<const ClosedPeriods> shared_closed_periods() const { return periods_; }

  // The period that ends first, among equals the first by the resource's name; nullopt: none ends.
  struct Boundary {
    InstantUs at_us = 0;
    uint32_t resource = 0;
  };
  std::optional<Boundary> NextBoundary() const;

  // Invariants 1, 2 and that debts add up to `overdraft`. An empty string, or what is wrong.
  std::string FindFault() const;

 private:
  void ApplyFact(const stored::LedgerFact& fact);
  void ApplyRule(const stored::LedgerFact& fact);
  void ApplyRates(const stored::LedgerFact& fact);
  void ApplyGuardrails(const stored::LedgerFact& fact);
  void ApplyBudgets(const stored::LedgerFact& fact);
  void ClosePeriod(const stored::PeriodClosed& closed);
  Resource& At(uint32_t number);
  void SetBoundary(Resource* resource, InstantUs next_boundary_us);

  std::shared_ptr<const stored::PopulationSettings> settings_;
  int64_t lease_shift_us_ = 0;  // downtime given back to leases so far
  uint32_t next_resource_number_ = 1;
  std::map<uint32_t, Resource> resources_;
  std::map<std::string, uint32_t, std::less<>> by_name_;
  DebtBook debts_;
  FreezeBook freezes_;
  LimitBook limits_;
  GuardrailBook guardrails_;
  BudgetBook budgets_;
  std::shared_ptr<const RateBook> rates_ = std::make_shared<const RateBook>();
  std::shared_ptr<const ClosedPeriods> periods_ = std::make_shared<const ClosedPeriods>();
  // The ends of periods with the names and numbers of their resources.
  std::set<std::tuple<InstantUs, std::string, uint32_t>> boundaries_;
};

}  // namespace purser

#endif  // PURSER_LEDGER_BOOKS_H_
