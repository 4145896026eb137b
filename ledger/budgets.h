#ifndef PURSER_LEDGER_BUDGETS_H_
#define PURSER_LEDGER_BUDGETS_H_

// The budgets of one population, and what of each is spent and held in the running month
// (ledger.md 5, daemon/decisions/0015). USD. Whose costs count is not known here: who knows tells
// each budget its part. Bounded by kBudgetsMax where they are made. A value whose copies share the
// settings; thread-compatible.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/numeric/int128.h"
#include "ledger/amount.h"
#include "ledger/ledger.pb.h"
#include "ledger/resource.h"

namespace purser {

inline constexpr size_t kBudgetsMax = 100;  // each is looked at with each hold and charge
inline constexpr int64_t kOverrideMaxUs = 31 * kDayUs;
// Of a budget's amount: above this it warns, a request needs an approval, a request is refused.
inline constexpr int kWarnPercent = 75;
inline constexpr int kReviewPercent = 90;
inline constexpr int kBlockPercent = 110;

// The percentage of the amount, rounded down: what is more than this is above the threshold.
absl::int128 BudgetThreshold(const stored::Budget& budget, int percent);
// Whether somebody overrides it then.
bool IsOverridden(const stored::Budget& budget, InstantUs at_us);
// Whether requests are judged by it then: neither SHOWBACK nor overridden.
bool Enforces(const stored::Budget& budget, InstantUs at_us);

// What a budget counts.
struct BudgetTotals {
  // Of any number of costs and holds: may be more than an amount holds.
  absl::int128 spent = 0;
  absl::int128 held = 0;
  stored::BudgetLevel told = stored::BELOW;
  // What entries up to this one spent and hold is not counted yet; 0: all of the month is.
  uint64_t counted_after = 0;

  absl::int128 committed() const { return held + spent; }
  // The largest amount where it is more.
  Amount spent_amount() const;
  Amount held_amount() const;
  void Spend(Amount cost) { spent += cost.micros(); }
};
// The highest threshold that what is spent and held is above.
stored::BudgetLevel LevelOf(const stored::Budget& budget, const BudgetTotals& totals);

struct BudgetState {
  std::shared_ptr<const stored::Budget> settings;
  BudgetTotals totals;
};
// Since when it counts: its month began, or it was made.
InstantUs CountedSince(const BudgetState& state, const stored::CostMonth& month);
// Whether something may be spent or held in the month that it has not counted.
bool LacksEarlier(const BudgetState& state);

// A budget as it is shown: as of an instant of the month.
struct BudgetPicture : BudgetState {
  stored::CostMonth month;
  InstantUs at_us = 0;
};
BudgetPicture PictureOf(const stored::BudgetSet& fact, InstantUs at_us);

stored::WideAmount ToWide(absl::int128 micros);
// Whether costs may come to it: what is forged may not be added up.
bool IsSum(const stored::WideAmount& wide);
absl::int128 FromWide(const stored::WideAmount& wide);

class BudgetBook {
 public:
  using ById = std::map<std::string, BudgetState, std::less<>>;

  // A new one counts what comes behind its entry; of one that stands the counts stay.
  void Put(const stored::Budget& budget);
  // False when there is none.
  bool Erase(std::string_view id);
  // Without what is held.
  void Restore(const stored::BudgetRecord& record);
  // Nothing is spent or held in it yet.
  void BeginMonth(const stored::CostMonth& month);
  // There is one of the id, as in the next three.
  void Spend(std::string_view id, Amount cost);
  void Hold(std::string_view id, absl::int128 change);
  void NoteTold(std::string_view id, stored::BudgetLevel level);
  // What was spent and held in the month before it was made.
  void CountEarlier(const stored::BudgetCounted& counted);

  const ById& all() const { return by_id_; }
  size_t size() const { return by_id_.size(); }
  bool empty() const { return by_id_.empty(); }
  const BudgetState* Find(std::string_view id) const;  // nullptr: none
  // Of all of them; nullptr: there are none.
  const stored::CostMonth* month() const { return empty() ? nullptr : &month_; }
  stored::BudgetRecord ToRecord(const BudgetState& state) const;
  stored::BudgetSet ToFact(const BudgetState& state) const;
  // Counts the changes: equal, nothing changed between.
  uint64_t version() const { return version_; }

 private:
  BudgetState& At(std::string_view id);

  ById by_id_;
  stored::CostMonth month_;
  uint64_t version_ = 0;
};

}  // namespace purser

#endif  // PURSER_LEDGER_BUDGETS_H_
