#include "tests/model/book.h"

#include <algorithm>

#include "tests/model/decimal.h"

namespace purser::model {
namespace {

int64_t Kept(const std::optional<CarryOver>& carry, int64_t balance) {
  if (!carry || carry->kind == CarryOver::Kind::kNone) return 0;
  return carry->kind == CarryOver::Kind::kAll ? balance : std::min(balance, carry->amount);
}

}  // namespace

int64_t Book::Base() const { return amount_in_force + adjusted + carried; }

int64_t Book::Target() const {
  if (settings.reserve_amount) return *settings.reserve_amount;
  const Wide hundred = 100 * static_cast<Wide>(kOne);
  return static_cast<int64_t>(
      (*settings.reserve_percent * static_cast<Wide>(Base()) + hundred - 1) / hundred);
}

int64_t Book::Posted() const {
  const int64_t base = Base();
  const int64_t target = Target();
  if (!settings.overcommit_numerator || base <= target) return base;
  return target +
         static_cast<int64_t>(static_cast<Wide>(base - target) * *settings.overcommit_numerator /
                              *settings.overcommit_denominator);
}

int64_t Book::TotalDebt() const {
  int64_t total = 0;
  for (const Debt& debt : debts) total += debt.amount;
  return total;
}

bool Book::CarriesAllAvailable() const {
  return settings.carry_available && settings.carry_available->kind == CarryOver::Kind::kAll;
}

int64_t Book::RepayOwn(const std::string& family, int64_t amount) {
  for (Debt& debt : debts) {
    if (debt.family != family) continue;
    const int64_t part = std::min(debt.amount, amount);
    debt.amount -= part;
    overdraft += part;
    amount -= part;
  }
  std::erase_if(debts, [](const Debt& debt) { return debt.amount == 0; });
  return amount;
}

void Book::Inflow(int64_t amount) {
  const int64_t to_shortfall = std::min(amount, shortfall);
  shortfall -= to_shortfall;
  granted -= to_shortfall;
  amount -= to_shortfall;
  while (amount > 0 && !debts.empty()) {
    const int64_t part = std::min(amount, debts.front().amount);
    debts.front().amount -= part;
    overdraft += part;
    amount -= part;
    if (debts.front().amount == 0) debts.erase(debts.begin());
  }
  const int64_t to_reserve = std::min(amount, std::max<int64_t>(0, Target() - reserve));
  reserve += to_reserve;
  available += amount - to_reserve;
}

void Book::Grant(int64_t amount) {
  const int64_t cancelled = std::min(amount, shortfall);
  shortfall -= cancelled;
  granted += amount - cancelled;
  Inflow(amount - cancelled);
}

void Book::TakeBack(int64_t amount) {
  const int64_t from_available = std::min(amount, available);
  available -= from_available;
  const int64_t from_reserve =
      std::min(amount - from_available, std::max<int64_t>(0, reserve - Target()));
  reserve -= from_reserve;
  granted -= from_available + from_reserve;
  shortfall += amount - from_available - from_reserve;
}

void Book::Repost(int64_t posted_before, int64_t target_before) {
  const int64_t change = Posted() - posted_before;
  if (change > 0) Grant(change);
  if (change < 0) TakeBack(-change);
  if (reserve > Target()) {
    const int64_t excess = reserve - Target();
    reserve -= excess;
    Inflow(excess);
  }
  if (Target() > target_before && reserve < Target()) {
    const int64_t part = std::min(available, Target() - reserve);
    available -= part;
    reserve += part;
  }
}

void Book::Rollover() {
  granted -= spent;
  spent = 0;
  const int64_t kept_available = Kept(settings.carry_available, available);
  const int64_t kept_reserve = Kept(settings.carry_reserve, reserve);
  granted -= available - kept_available + reserve - kept_reserve;
  available = kept_available;
  reserve = kept_reserve;
  shortfall = 0;
  adjusted = 0;
  carried = kept_available + kept_reserve;
  amount_in_force = *settings.amount;
  ++period;
  if (reserve > Target()) {
    const int64_t excess = reserve - Target();
    reserve -= excess;
    Inflow(excess);
  }
  Grant(amount_in_force);
}

void Book::Hold(int64_t amount) {
  const int64_t from_available = std::min(amount, available);
  available -= from_available;
  reserve -= amount - from_available;
  held += amount;
}

void Book::GiveBackHeld(int64_t amount, bool lapses) {
  held -= amount;
  if (lapses) {
    granted -= amount;
  } else {
    Inflow(amount);
  }
}

void Book::GiveBackInUse(int64_t amount) {
  in_use -= amount;
  Inflow(amount);
}

int64_t Book::SpendBeyondHold(int64_t amount) {
  const int64_t from_available = std::min(amount, available);
  available -= from_available;
  spent += amount;
  overdraft -= amount - from_available;
  return amount - from_available;
}

}  // namespace purser::model
