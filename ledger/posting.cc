#include "ledger/posting.h"

#include <initializer_list>

#include "absl/numeric/int128.h"
#include "ledger/check.h"

namespace purser {
namespace {

using stored::AVAILABLE;
using stored::GRANTED;
using stored::HELD;
using stored::IN_USE;
using stored::OVERDRAFT;
using stored::RESERVE;
using stored::SPENT;

struct Edges {
  std::array<std::array<std::array<bool, kAccountCount>, kAccountCount>,
             stored::Operation_ARRAYSIZE>
      exists{};
  constexpr void Add(Operation operation, Account from, std::initializer_list<Account> to) {
    for (Account account : to) exists[operation][from][account] = true;
  }
};

// The table of ledger.md, section 2. "Inflow" is granted (the shortfall), overdraft, reserve,
// available.
constexpr Edges MakeEdges() {
  Edges edges;
  edges.Add(stored::GRANT, GRANTED, {OVERDRAFT, RESERVE, AVAILABLE});
  edges.Add(stored::WITHDRAW, AVAILABLE, {GRANTED});
  edges.Add(stored::WITHDRAW, RESERVE, {GRANTED, OVERDRAFT, AVAILABLE});
  edges.Add(stored::HOLD, AVAILABLE, {HELD});
  edges.Add(stored::HOLD_FROM_RESERVE, AVAILABLE, {HELD});
  edges.Add(stored::HOLD_FROM_RESERVE, RESERVE, {HELD});
  edges.Add(stored::START, HELD, {IN_USE});
  edges.Add(stored::CHARGE, HELD, {SPENT});
  edges.Add(stored::OVERRUN, AVAILABLE, {SPENT});
  edges.Add(stored::OVERRUN, OVERDRAFT, {SPENT});
  edges.Add(stored::GIVE_BACK, HELD, {GRANTED, OVERDRAFT, RESERVE, AVAILABLE});
  edges.Add(stored::GIVE_BACK, IN_USE, {GRANTED, OVERDRAFT, RESERVE, AVAILABLE});
  edges.Add(stored::LAPSE, HELD, {GRANTED});
  edges.Add(stored::LAPSE, SPENT, {OVERDRAFT, GRANTED});
  edges.Add(stored::REFUND, SPENT, {GRANTED, OVERDRAFT, RESERVE, AVAILABLE});
  edges.Add(stored::REFUND_OF_CLOSED_PERIOD, GRANTED, {OVERDRAFT, RESERVE, AVAILABLE});
  edges.Add(stored::RAISE_TARGET, AVAILABLE, {RESERVE});
  edges.Add(stored::LOWER_TARGET, RESERVE, {GRANTED, OVERDRAFT, AVAILABLE});
  edges.Add(stored::CLOSE_PERIOD, SPENT, {GRANTED});
  edges.Add(stored::CLOSE_PERIOD, AVAILABLE, {GRANTED});
  edges.Add(stored::CLOSE_PERIOD, RESERVE, {GRANTED});
  edges.Add(stored::DELETE, AVAILABLE, {GRANTED});
  edges.Add(stored::DELETE, RESERVE, {GRANTED});
  edges.Add(stored::DELETE, SPENT, {GRANTED});
  return edges;
}
constexpr Edges kEdges = MakeEdges();

bool MayBeNegative(Account account) { return account == GRANTED || account == OVERDRAFT; }

}  // namespace

bool EdgeExists(Operation operation, Account from, Account to) {
  return kEdges.exists[operation][from][to];
}

void Balances::Post(Operation operation, Account from, Account to, Amount amount) {
  PURSER_CHECK(EdgeExists(operation, from, to), "a posting outside the table");
  PURSER_CHECK(amount.is_positive(), "a posting moves an amount above zero");
  accounts_[from] -= amount;
  accounts_[to] += amount;
  PURSER_CHECK(MayBeNegative(from) || !accounts_[from].is_negative(),
               "invariant 2: account below 0");
  PURSER_CHECK(!accounts_[stored::OVERDRAFT].is_positive(), "no more is repaid than is owed");
}

bool Balances::Balanced() const {
  absl::int128 sum = 0;
  for (int i = 0; i < kAccountCount; ++i) {
    sum += accounts_[i].micros();
    if (accounts_[i].is_negative() && !MayBeNegative(static_cast<Account>(i))) return false;
  }
  return sum == 0 && !accounts_[stored::OVERDRAFT].is_positive();
}

}  // namespace purser
