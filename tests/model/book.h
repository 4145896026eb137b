#ifndef PURSER_TESTS_MODEL_BOOK_H_
#define PURSER_TESTS_MODEL_BOOK_H_

// The accounts of one resource in the reference model, and the only postings there are (ledger.md
// 2).
//
// Naive on purpose: every movement is a subtraction beside an addition, every figure is computed
// anew from the definition. Amounts in millionths. Thread-compatible.
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/action.h"

namespace purser::model {

struct Debt {
  std::string family;
  std::string charge;
  int64_t amount = 0;
  int64_t order = 0;  // Over all resources: the smaller the older.
};

struct Book {
  Settings settings;
  int64_t incarnation = 0;  // Tells a resource from an earlier one of the same name.
  int64_t priced_us = 0;    // Since when it is priced, or is not.

  // The period: what the base consists of.
  int64_t amount_in_force = 0;
  int64_t adjusted = 0;  // Grants - withdrawals.
  int64_t carried = 0;
  int64_t period = 0;            // Counts rollovers.
  int64_t next_boundary_us = 0;  // 0: never.

  // The accounts; `granted` is shown positive.
  int64_t granted = 0;
  int64_t available = 0;
  int64_t reserve = 0;
  int64_t held = 0;
  int64_t in_use = 0;
  int64_t spent = 0;
  int64_t overdraft = 0;

  int64_t shortfall = 0;
  std::vector<Debt> debts;  // Oldest first; their sum is -overdraft.

  int64_t Base() const;
  int64_t Target() const;
  int64_t Posted() const;  // What the base comes to under overcommit.
  int64_t TotalDebt() const;
  bool HasPeriods() const { return settings.monthly || settings.period_us != 0; }
  bool CarriesAllAvailable() const;

  // `amount` has left another account: shortfall, debts, reserve, available.
  void Inflow(int64_t amount);
  // The debts of one family, oldest first; what is left of `amount`.
  int64_t RepayOwn(const std::string& family, int64_t amount);

  void Grant(int64_t amount);
  void TakeBack(int64_t amount);
  // Base, target or ratio have changed: posts the difference, then brings the reserve to its
  // target.
  void Repost(int64_t posted_before, int64_t target_before);
  void Rollover();

  // Draws available, then (for those who may) the reserve.
  void Hold(int64_t amount);
  // What a hold gives back; `lapses` when it is of an older period.
  void GiveBackHeld(int64_t amount, bool lapses);
  void GiveBackInUse(int64_t amount);
  // Usage beyond any hold; the part that nothing could fund is returned, and is not yet a debt.
  int64_t SpendBeyondHold(int64_t amount);
};

}  // namespace purser::model

#endif  // PURSER_TESTS_MODEL_BOOK_H_
