#include "ledger/resource.h"

#include <algorithm>

#include "ledger/default_resources.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/text.h"

namespace purser {
namespace {

// Shorter periods would make catching up after a long stop unbounded work.
constexpr int64_t kPeriodMinUs = 60 * kSecondUs;
constexpr int64_t kPeriodMaxUs = 3660 * kDayUs;
constexpr size_t kUnitLengthMax = 32;
constexpr int64_t kOvercommitTermMax = 1'000'000;

constexpr Account kShownAccounts[] = {stored::AVAILABLE, stored::RESERVE, stored::HELD,
                                      stored::IN_USE,    stored::SPENT,   stored::OVERDRAFT};
constexpr const char* kAccountNames[] = {"granted", "available", "reserve",  "held",
                                         "in_use",  "spent",     "overdraft"};

void CheckPeriod(const stored::ResourceSettings& settings, const std::string& path,
                 Faults* faults) {
  const bool periodic = settings.monthly() || settings.period_us() != 0;
  if (periodic && settings.kind() == stored::CAPACITY) {
    faults->Add(stored::INVALID_ARGUMENT, path + "period", "a capacity has no period: NONE");
  } else if (settings.period_us() != 0 &&
             (settings.period_us() < kPeriodMinUs || settings.period_us() > kPeriodMaxUs)) {
    faults->Add(stored::INVALID_ARGUMENT, path + "period", "a duration from 60s to 3660 days");
  }
  const bool carries = settings.carry_available().kind() != stored::CarryOver::NONE ||
                       settings.carry_reserve().kind() != stored::CarryOver::NONE;
  if (carries && !periodic) {
    faults->Add(stored::INVALID_ARGUMENT, path + "carry_over",
                "only what has periods carries something over");
  }
}

bool IsReserve(const stored::ResourceSettings& settings) {
  return settings.reserve_percent() >= 0 &&
         settings.reserve_percent() <= 100 * Amount::kMicrosPerUnit &&
         settings.reserve_amount() >= 0;
}

void CheckReserve(const stored::ResourceSettings& settings, const std::string& path,
                  Faults* faults) {
  if (settings.has_reserve_percent() && settings.has_reserve_amount()) {
    faults->Add(stored::INVALID_ARGUMENT, path + "reserve_amount",
                "either a percent or an amount, not both");
  }
  if (settings.reserve_percent() < 0 || settings.reserve_percent() > 100 * Amount::kMicrosPerUnit) {
    faults->Add(stored::INVALID_ARGUMENT, path + "reserve_percent", "must be from 0 to 100");
  }
  if (settings.reserve_amount() < 0) {
    faults->Add(stored::INVALID_ARGUMENT, path + "reserve_amount", "must not be negative");
  }
}

void CheckUnitLimits(const stored::ResourceSettings& settings, const std::string& path,
                     Faults* faults) {
  if (settings.has_min_amount() && settings.min_amount() <= 0) {
    faults->Add(stored::INVALID_ARGUMENT, path + "min_amount", "must be above 0");
  }
  if (settings.has_max_amount() &&
      settings.max_amount() < std::max<int64_t>(settings.min_amount(), 1)) {
    faults->Add(stored::INVALID_ARGUMENT, path + "max_amount",
                "must be above 0 and not below min_amount");
  }
  if (settings.has_step() && settings.step() <= 0) {
    faults->Add(stored::INVALID_ARGUMENT, path + "step", "must be above 0");
  }
}

// Absent (0/0) or a ratio that may be.
bool IsOvercommit(const stored::ResourceSettings& settings) {
  const int64_t numerator = settings.overcommit_numerator();
  const int64_t denominator = settings.overcommit_denominator();
  if (numerator == 0 && denominator == 0) return true;
  return denominator >= 1 && numerator >= denominator && numerator <= kOvercommitTermMax;
}

void CheckOvercommit(const stored::ResourceSettings& settings, const std::string& path,
                     Faults* faults) {
  const int64_t numerator = settings.overcommit_numerator();
  const int64_t denominator = settings.overcommit_denominator();
  if (!IsOvercommit(settings)) return;
  if (settings.kind() != stored::CAPACITY && numerator != denominator) {
    faults->Add(stored::INVALID_ARGUMENT, path + "overcommit", "only a capacity is overcommitted");
  } else if (settings.amount() >= 0 && IsReserve(settings) &&
             !PostedFor(settings, Amount::FromMicros(settings.amount()))) {
    faults->Add(stored::INVALID_ARGUMENT, path + "overcommit",
                "makes more than the largest amount");
  }
}

}  // namespace

Amount ReserveTarget(const stored::ResourceSettings& settings, Amount base) {
  if (settings.has_reserve_amount()) return Amount::FromMicros(settings.reserve_amount());
  return PercentRoundedUp(Amount::FromMicros(settings.reserve_percent()), base);
}

std::optional<Amount> PostedFor(const stored::ResourceSettings& settings, Amount base) {
  if (settings.overcommit_numerator() == settings.overcommit_denominator()) return base;
  const Amount target = ReserveTarget(settings, base);
  if (base <= target) return base;
  const auto enlarged = ScaleRoundedDown(base - target, settings.overcommit_numerator(),
                                         settings.overcommit_denominator());
  if (!enlarged.has_value()) return std::nullopt;
  return Add(target, *enlarged);
}

Amount Resource::target() const { return ReserveTarget(*settings, base); }

Amount Resource::reserve_deficit() const {
  return std::max(Amount(), target() - balances[stored::RESERVE]);
}

Amount Resource::reserve_above_target() const {
  return std::max(Amount(), balances[stored::RESERVE] - target());
}

Amount Resource::reserve_backed() const {
  return std::max(Amount(), balances[stored::RESERVE] - owed());
}

bool Resource::carries_all() const {
  return settings->carry_available().kind() == stored::CarryOver::ALL;
}

bool Resource::is_past_debt_limit() const {
  return settings->has_debt_limit() && owed().micros() > settings->debt_limit();
}

Amount Resource::step() const {
  return Amount::FromMicros(settings->has_step() ? settings->step() : 1);
}

std::string IdentityLine(const Balances& balances) {
  std::string line = "granted ";
  (-balances[stored::GRANTED]).AppendTo(&line);
  line += " =";
  bool first = true;
  for (Account account : kShownAccounts) {
    if (balances[account].is_zero()) continue;
    line += first ? " " : " + ";
    line += kAccountNames[account];
    line += ' ';
    balances[account].AppendTo(&line);
    first = false;
  }
  if (first) line += " available 0";
  return line;
}

void CheckValues(const stored::ResourceSettings& settings, const std::string& path,
                 Faults* faults) {
  if (settings.amount() < 0) {
    faults->Add(stored::INVALID_ARGUMENT, path + "amount", "must not be negative");
  }
  if (settings.debt_limit() < 0) {
    faults->Add(stored::INVALID_ARGUMENT, path + "debt_limit", "must not be negative");
  }
  if (settings.carry_available().amount() < 0 || settings.carry_reserve().amount() < 0) {
    faults->Add(stored::INVALID_ARGUMENT, path + "carry_over", "must not be negative");
  }
  if (!IsOvercommit(settings)) {
    faults->Add(stored::INVALID_ARGUMENT, path + "overcommit",
                "an integer fraction of at least 1, such as \"3/2\"");
  }
  CheckReserve(settings, path, faults);
  CheckUnitLimits(settings, path, faults);
}

void CheckSettings(const stored::ResourceSettings& settings, const std::string& path,
                   Faults* faults) {
  if (!IsResourceName(settings.name())) {
    faults->Add(stored::INVALID_ARGUMENT, path + "name", kResourceNameRule);
  }
  if (settings.unit().empty() || !IsText(settings.unit(), kUnitLengthMax)) {
    faults->Add(stored::INVALID_ARGUMENT, path + "unit", "1 to 32 characters without controls");
  }
  if (settings.kind() == stored::RESOURCE_KIND_UNSPECIFIED) {
    faults->Add(stored::INVALID_ARGUMENT, path + "kind", "CONSUMABLE or CAPACITY is required");
  }
  if (settings.name() == kSlotsResource && settings.kind() == stored::CONSUMABLE) {
    faults->Add(stored::INVALID_ARGUMENT, path + "kind",
                "of active_models CAPACITY: each ACTIVE model occupies one");
  }
  CheckPeriod(settings, path, faults);
  CheckValues(settings, path, faults);
  CheckOvercommit(settings, path, faults);
}

}  // namespace purser
