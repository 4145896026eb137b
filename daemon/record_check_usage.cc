// Whether the weights of a cost entry are what was used, and what a budget counts of the time
// before it was made what was spent, as the rows of costs say it.
#include <algorithm>

#include "daemon/history.h"
#include "daemon/record_check.h"
#include "ledger/text.h"
#include "reservations/allocation.h"

namespace purser {
namespace {

// Another's, for a History. Not to outlive that.
class BorrowedSnapshot : public StoreSnapshot {
 public:
  explicit BorrowedSnapshot(StoreSnapshot* snapshot) : snapshot_(snapshot) {}
  absl::Status Get(Table table, std::string_view key, std::optional<std::string>* value) override {
    return snapshot_->Get(table, key, value);
  }
  std::unique_ptr<Cursor> NewCursor(Table table) override { return snapshot_->NewCursor(table); }

 private:
  StoreSnapshot* const snapshot_;
};

Allocation ReadAllocation(const stored::CostEntered::Allocation& of) {
  Allocation allocation{of.label(), of.resource()};
  for (const auto& label : of.labels()) allocation.labels.emplace_back(label.key(), label.value());
  return allocation;
}

}  // namespace

// Of earlier rows, which were compared with the journal before: the entry was sent when they were
// durable.
RecordCheck::Result RecordCheck::CheckAllocation(const stored::CostEntered& entered,
                                                 uint64_t sequence) {
  const stored::CostEntered::Allocation& of = entered.allocation();
  const auto label = std::find_if(entered.labels().begin(), entered.labels().end(),
                                  [&of](const auto& each) { return each.key() == of.label(); });
  const Allocation allocation = ReadAllocation(of);
  History history(std::make_unique<BorrowedSnapshot>(snapshot_), number_,
                  std::make_shared<const ResourceDirectory>(population_.directory));
  const auto used = history.ReadUsage(allocation, {of.from_us(), of.until_us()}, of.sequence(),
                                      [] { return false; });
  if (!used.ok()) return Fault{sequence, std::string(ToStd(used.status().message()))};
  const auto split = SplitByUse(allocation, *used, "");
  const bool is_it = split.ok() && label != entered.labels().end() && label->value() == *split;
  if (is_it) return std::nullopt;
  return Fault{sequence, Concat("cost entry ", entered.id(), " has other weights of ", of.label(),
                                " than what was used of ", of.resource())};
}

// Of earlier rows, likewise.
RecordCheck::Result RecordCheck::CheckCounted(const stored::BudgetCounted& counted,
                                              uint64_t sequence) {
  const BudgetBook& budgets = population_.books.budgets();
  const BudgetState* const state = budgets.Find(counted.id());
  if (state == nullptr) return Fault{sequence, "it counts for a budget that does not stand"};
  if (counted.counted_after() != 0) return std::nullopt;  // the last of several says what was spent
  History history(std::make_unique<BorrowedSnapshot>(snapshot_), number_,
                  std::make_shared<const ResourceDirectory>(population_.directory));
  const auto spent =
      history.ReadSpentBefore(*state->settings, *budgets.month(), [] { return false; });
  if (!spent.ok()) return Fault{sequence, std::string(ToStd(spent.status().message()))};
  if (*spent == FromWide(counted.spent())) return std::nullopt;
  BudgetTotals said;
  BudgetTotals was;
  said.spent = FromWide(counted.spent());
  was.spent = *spent;
  return Fault{sequence,
               Concat("the budget ", counted.id(), " counts ", said.spent_amount().ToString(),
                      " before it was made, and ", was.spent_amount().ToString(), " was spent")};
}

}  // namespace purser
