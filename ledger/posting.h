#ifndef PURSER_LEDGER_POSTING_H_
#define PURSER_LEDGER_POSTING_H_

// The seven accounts of a resource and the only postings there are: which operation may move an
// amount from which account to which. Code that makes another edge ends the process. Thread-safe:
// pure functions.
#include <array>

#include "ledger/amount.h"
#include "ledger/ledger.pb.h"

namespace purser {

using stored::Account;
using stored::Operation;

inline constexpr int kAccountCount = 7;

// The balances of one resource, in order of Account.
class Balances {
 public:
  Amount operator[](Account account) const { return accounts_[account]; }
  // Moves `amount` > 0. Ends the process if the edge is none of the operation's, or if it leaves an
  // account that may not be negative below 0, or overflows (invariants 1 and 2).
  void Post(Operation operation, Account from, Account to, Amount amount);
  // For records that are read back: no edge is checked, CheckIdentity is to follow.
  void Set(Account account, Amount amount) { accounts_[account] = amount; }
  // Invariants 1 and 2: the sum is zero, all but `granted` and `overdraft` are >= 0, and overdraft
  // <= 0.
  // (`granted` is above 0 only while a debt outlasts the period that made it.)
  bool Balanced() const;

  friend bool operator==(const Balances&, const Balances&) = default;

 private:
  std::array<Amount, kAccountCount> accounts_{};
};

// Whether the table of postings has this edge.
bool EdgeExists(Operation operation, Account from, Account to);

}  // namespace purser

#endif  // PURSER_LEDGER_POSTING_H_
