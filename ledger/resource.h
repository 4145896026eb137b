#ifndef PURSER_LEDGER_RESOURCE_H_
#define PURSER_LEDGER_RESOURCE_H_

// One resource of a population: its settings, its books, its running period. A value;
// thread-compatible.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "ledger/amount.h"
#include "ledger/ledger.pb.h"
#include "ledger/posting.h"

namespace purser {

// Microseconds of UTC since 1970. Instants are `_us`, never mixed with amounts.
using InstantUs = int64_t;
inline constexpr int64_t kSecondUs = 1'000'000;
inline constexpr int64_t kDayUs = 86'400 * kSecondUs;

struct Resource {
  uint32_t number = 0;  // in its population; never used again, also when the name is
  std::shared_ptr<const stored::ResourceSettings> settings;  // shared and immutable, never null
  Balances balances;
  Amount base;          // amount + grants - withdrawals of the period + carried over
  Amount shortfall;     // withdrawn but still in use: what comes in goes back first
  uint64_t period = 1;  // the running period's number
  InstantUs period_start_us = 0;
  InstantUs next_boundary_us = 0;  // 0: no further period

  const std::string& name() const { return settings->name(); }
  bool consumable() const { return settings->kind() == stored::CONSUMABLE; }
  bool has_periods() const { return settings->monthly() || settings->period_us() > 0; }
  Amount operator[](Account account) const { return balances[account]; }
  // What was granted and not taken back; below 0 only while a debt outlasts its period.
  Amount granted() const { return -balances[stored::GRANTED]; }
  // What is owed, >= 0.
  Amount owed() const { return -balances[stored::OVERDRAFT]; }
  Amount target() const;           // ⌈percent × base⌉ or the absolute amount
  Amount reserve_deficit() const;  // what the reserve lacks to its target
  Amount reserve_above_target() const;
  Amount reserve_backed() const;  // max(0, reserve - debts)
  Amount step() const;            // of requests; a millionth when there is none
  // Whether all that is available stays at the end of a period, and what comes back later does.
  bool carries_all() const;
  bool is_past_debt_limit() const;
};

// The target of a base under settings. base >= 0.
Amount ReserveTarget(const stored::ResourceSettings& settings, Amount base);
// What is posted for a base: under overcommit target + ⌊(base - target) × ratio⌋. nullopt: does not
// fit.
std::optional<Amount> PostedFor(const stored::ResourceSettings& settings, Amount base);

// "granted 400 = available 262 + reserve 100 + held 38"; terms of zero are left out.
std::string IdentityLine(const Balances& balances);

class Faults;
// What is wrong with values whatever the rest of the settings says, under `path` ("" or
// "resources[3]."): signs, percents, limits that contradict each other. For a change of some.
void CheckValues(const stored::ResourceSettings& settings, const std::string& path, Faults* faults);
// All faults of whole settings that need no state: the same, and names, kinds, periods.
void CheckSettings(const stored::ResourceSettings& settings, const std::string& path,
                   Faults* faults);

}  // namespace purser

#endif  // PURSER_LEDGER_RESOURCE_H_
