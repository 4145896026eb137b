#include "ledger/debts.h"

#include <algorithm>

#include "ledger/check.h"

namespace purser {

void DebtBook::Incur(const stored::Debt& debt) {
  const DebtKey key(debt.resource(), debt.order());
  PURSER_CHECK(debts_.emplace(key, debt).second, "a debt is incurred once");
  by_family_[debt.operator_family()].insert(key);
}

void DebtBook::Repay(uint32_t resource, uint64_t order, Amount amount) {
  const auto it = debts_.find(DebtKey(resource, order));
  PURSER_CHECK(it != debts_.end(), "a debt that is repaid is open");
  const Amount left = Amount::FromMicros(it->second.amount()) - amount;
  PURSER_CHECK(!left.is_negative(), "no more is repaid than was owed");
  if (left.is_positive()) {
    it->second.set_amount(left.micros());
    return;
  }
  const auto family = by_family_.find(it->second.operator_family());
  family->second.erase(it->first);
  if (family->second.empty()) by_family_.erase(family);
  debts_.erase(it);
}

int DebtBook::CountOf(std::string_view family) const {
  const auto it = by_family_.find(family);
  return it == by_family_.end() ? 0 : static_cast<int>(it->second.size());
}

const std::set<DebtKey>* DebtBook::OfFamily(std::string_view family) const {
  const auto it = by_family_.find(family);
  return it == by_family_.end() ? nullptr : &it->second;
}

void DebtDraft::Incur(const stored::Debt& debt) {
  incurred_[DebtKey(debt.resource(), debt.order())] = debt;
  ++count_change_[debt.operator_family()];
}

Amount DebtDraft::RemainingOf(const DebtKey& key, const stored::Debt& debt) const {
  const auto it = remaining_.find(key);
  return it != remaining_.end() ? it->second : Amount::FromMicros(debt.amount());
}

std::vector<stored::DebtRepaid> DebtDraft::Repay(uint32_t resource, std::string_view family,
                                                 Amount amount) {
  std::vector<stored::DebtRepaid> repaid;
  const auto repay_one = [&](const DebtKey& key, const stored::Debt& debt) {
    const Amount remaining = RemainingOf(key, debt);
    const Amount part = std::min(remaining, amount);
    if (!part.is_positive()) return;
    remaining_[key] = remaining - part;
    amount -= part;
    if (part == remaining) --count_change_[debt.operator_family()];
    stored::DebtRepaid& fact = repaid.emplace_back();
    fact.set_resource(resource);
    fact.set_order(key.second);
    fact.set_amount(part.micros());
    fact.set_charge(debt.charge());
    fact.set_operator_family(debt.operator_family());
  };
  if (family.empty()) {
    const auto& all = book_->all();
    for (auto it = all.lower_bound(DebtKey(resource, 0));
         it != all.end() && it->first.first == resource && amount.is_positive(); ++it) {
      repay_one(it->first, it->second);
    }
  } else if (const std::set<DebtKey>* keys = book_->OfFamily(family)) {
    for (auto key = keys->lower_bound(DebtKey(resource, 0));
         key != keys->end() && key->first == resource && amount.is_positive(); ++key) {
      repay_one(*key, book_->all().at(*key));
    }
  }
  // What this very command incurred is younger than all of those.
  for (const auto& [key, debt] : incurred_) {
    if (!amount.is_positive()) break;
    if (key.first != resource || (!family.empty() && debt.operator_family() != family)) continue;
    repay_one(key, debt);
  }
  return repaid;
}

bool DebtDraft::Owes(std::string_view family) const {
  const auto it = count_change_.find(family);
  return book_->CountOf(family) + (it == count_change_.end() ? 0 : it->second) > 0;
}

}  // namespace purser
