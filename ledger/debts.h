#ifndef PURSER_LEDGER_DEBTS_H_
#define PURSER_LEDGER_DEBTS_H_

// What is owed: usage that happened and that nothing could fund, by resource, family and charge,
// oldest first. DebtBook is the state; DebtDraft is what one undecided command would make of it.
// Values; thread-compatible.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/amount.h"
#include "ledger/ledger.pb.h"

namespace purser {

// (resource, order): the debts of one resource, oldest first.
using DebtKey = std::pair<uint32_t, uint64_t>;

class DebtBook {
 public:
  void Incur(const stored::Debt& debt);
  // Ends the process if there is no such debt or it is smaller.
  void Repay(uint32_t resource, uint64_t order, Amount amount);

  const std::map<DebtKey, stored::Debt>& all() const { return debts_; }
  // How many debts the family has open, of any resource.
  int CountOf(std::string_view family) const;
  // The family's debts, by resource, oldest first; nullptr: none. Valid until the book changes.
  const std::set<DebtKey>* OfFamily(std::string_view family) const;

 private:
  std::map<DebtKey, stored::Debt> debts_;
  std::map<std::string, std::set<DebtKey>, std::less<>> by_family_;
};

class DebtDraft {
 public:
  explicit DebtDraft(const DebtBook* book) : book_(book) {}

  void Incur(const stored::Debt& debt);
  // Repays up to `amount` of the resource's debts, oldest first, those of `family` only unless it
  // is empty. Returns what was repaid, by debt.
  std::vector<stored::DebtRepaid> Repay(uint32_t resource, std::string_view family, Amount amount);
  bool Owes(std::string_view family) const;

 private:
  Amount RemainingOf(const DebtKey& key, const stored::Debt& debt) const;

  const DebtBook* book_;
  std::map<DebtKey, Amount> remaining_;  // of debts of the book that were repaid in part or whole
  std::map<DebtKey, stored::Debt> incurred_;  // by this command
  std::map<std::string, int, std::less<>> count_change_;
};

}  // namespace purser

#endif  // PURSER_LEDGER_DEBTS_H_
