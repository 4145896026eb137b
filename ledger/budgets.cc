#include "ledger/budgets.h"

#include <algorithm>

#include "ledger/check.h"

namespace purser {

absl::int128 BudgetThreshold(const stored::Budget& budget, int percent) {
  return absl::int128(budget.amount()) * percent / 100;
}

bool IsOverridden(const stored::Budget& budget, InstantUs at_us) {
  return budget.has_override() && at_us < budget.override().until_us();
}

bool Enforces(const stored::Budget& budget, InstantUs at_us) {
  return budget.enforcement() == stored::Budget::CHARGEBACK && !IsOverridden(budget, at_us);
}

namespace {

Amount Clamped(absl::int128 micros) {
  const absl::int128 most = Amount::Max().micros();
  return Amount::FromMicros(static_cast<int64_t>(std::clamp(micros, -most, most)));
}

}  // namespace

Amount BudgetTotals::spent_amount() const { return Clamped(spent); }
Amount BudgetTotals::held_amount() const { return Clamped(held); }

stored::BudgetLevel LevelOf(const stored::Budget& budget, const BudgetTotals& totals) {
  const auto is_above = [&](int percent) {
    return totals.committed() > BudgetThreshold(budget, percent);
  };
  if (is_above(kBlockPercent)) return stored::BLOCK;
  if (is_above(kReviewPercent)) return stored::REVIEW;
  return is_above(kWarnPercent) ? stored::WARN : stored::BELOW;
}

bool LacksEarlier(const BudgetState& state) { return state.totals.counted_after != 0; }

InstantUs CountedSince(const BudgetState& state, const stored::CostMonth& month) {
  return LacksEarlier(state) ? state.settings->create_time_us() : month.from_us();
}

void BudgetBook::Put(const stored::Budget& budget) {
  const auto [it, is_new] = by_id_.try_emplace(budget.id());
  it->second.settings = std::make_shared<const stored::Budget>(budget);
  if (is_new) it->second.totals.counted_after = budget.sequence();
  ++version_;
}

bool BudgetBook::Erase(std::string_view id) {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return false;
  by_id_.erase(it);
  ++version_;
  return true;
}

void BudgetBook::Restore(const stored::BudgetRecord& record) {
  BudgetState& state = by_id_[record.budget().id()];
  state.settings = std::make_shared<const stored::Budget>(record.budget());
  state.totals = {FromWide(record.spent()), 0, record.told(), record.counted_after()};
  month_ = record.month();
  ++version_;
}

void BudgetBook::BeginMonth(const stored::CostMonth& month) {
  month_ = month;
  for (auto& [id, state] : by_id_) state.totals = BudgetTotals();
  ++version_;
}

void BudgetBook::Spend(std::string_view id, Amount cost) {
  At(id).totals.Spend(cost);
  ++version_;
}

void BudgetBook::Hold(std::string_view id, absl::int128 change) {
  At(id).totals.held += change;
  ++version_;
}

void BudgetBook::NoteTold(std::string_view id, stored::BudgetLevel level) {
  At(id).totals.told = level;
  ++version_;
}

void BudgetBook::CountEarlier(const stored::BudgetCounted& counted) {
  BudgetTotals& totals = At(counted.id()).totals;
  totals.spent += FromWide(counted.spent());
  totals.held += FromWide(counted.held());
  totals.counted_after = counted.counted_after();
  ++version_;
}

const BudgetState* BudgetBook::Find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &it->second;
}

stored::BudgetRecord BudgetBook::ToRecord(const BudgetState& state) const {
  stored::BudgetRecord record;
  *record.mutable_budget() = *state.settings;
  *record.mutable_month() = month_;
  *record.mutable_spent() = ToWide(state.totals.spent);
  record.set_told(state.totals.told);
  record.set_counted_after(state.totals.counted_after);
  return record;
}

stored::BudgetSet BudgetBook::ToFact(const BudgetState& state) const {
  stored::BudgetSet fact;
  *fact.mutable_budget() = *state.settings;
  *fact.mutable_month() = month_;
  *fact.mutable_spent() = ToWide(state.totals.spent);
  *fact.mutable_held() = ToWide(state.totals.held);
  fact.set_told(state.totals.told);
  fact.set_counted_after(state.totals.counted_after);
  return fact;
}

BudgetPicture PictureOf(const stored::BudgetSet& fact, InstantUs at_us) {
  BudgetPicture picture;
  picture.settings = std::make_shared<const stored::Budget>(fact.budget());
  picture.totals = {FromWide(fact.spent()), FromWide(fact.held()), fact.told(),
                    fact.counted_after()};
  picture.month = fact.month();
  picture.at_us = at_us;
  return picture;
}

stored::WideAmount ToWide(absl::int128 micros) {
  stored::WideAmount wide;
  wide.set_high(absl::Int128High64(micros));
  wide.set_low(absl::Int128Low64(micros));
  return wide;
}

bool IsSum(const stored::WideAmount& wide) {
  constexpr int kHighBits = 40;  // 2^24 of the largest amounts, and more
  return wide.high() < (int64_t{1} << kHighBits) && wide.high() >= -(int64_t{1} << kHighBits);
}

absl::int128 FromWide(const stored::WideAmount& wide) {
  return absl::MakeInt128(wide.high(), wide.low());
}

BudgetState& BudgetBook::At(std::string_view id) {
  const auto it = by_id_.find(id);
  PURSER_CHECK(it != by_id_.end(), "a budget that counts stands");
  return it->second;
}

}  // namespace purser
