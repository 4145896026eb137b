#include "reservations/usage_draft.h"

#include "reservations/label_split.h"

namespace purser {

const Usage* UsageDraft::FindPrincipal(std::string_view name) const {
  const auto it = principals_.find(name);
  if (it != principals_.end()) return &it->second;
  if (book_ != nullptr) return book_->FindPrincipal(name);
  return view_ == nullptr ? nullptr : view_->FindPrincipal(name);
}

const Usage* UsageDraft::FindLabel(const std::string& key, const std::string& value) const {
  const auto it = labels_.find({key, value});
  if (it != labels_.end()) return &it->second;
  if (book_ != nullptr) return book_->FindLabel(key, value);
  return view_ == nullptr ? nullptr : view_->FindLabel({key, value});
}

bool UsageDraft::Binds(std::string_view principal, const Labels& labels) const {
  const LimitBook& limits = books_->limits();
  if (limits.size() == 0) return false;
  if (limits.Binds(principal)) return true;
  if (limits.ids_by_label().empty()) return false;
  bool binds = false;
  ForEachLabelValue(
      labels, [&](const std::string& key) { return limits.ids_by_label().contains(key); },
      [&](const std::string& key, const std::string& value) {
        binds = binds || limits.FindOfLabel(key, value) != nullptr;
      });
  return binds;
}

template <typename Change>
void UsageDraft::ForEachBound(std::string_view principal, const Labels& labels, Change change) {
  const LimitBook& limits = books_->limits();
  if (limits.size() == 0) return;
  if (limits.Binds(principal)) {
    const Usage* const before = FindPrincipal(principal);
    const auto it =
        principals_.try_emplace(std::string(principal), before == nullptr ? Usage() : *before);
    change(&it.first->second);
  }
  if (limits.ids_by_label().empty()) return;
  ForEachLabelValue(
      labels, [&](const std::string& key) { return limits.ids_by_label().contains(key); },
      [&](const std::string& key, const std::string& value) {
        if (limits.FindOfLabel(key, value) == nullptr) return;
        const Usage* const before = FindLabel(key, value);
        if (before == nullptr) return;
        change(&labels_.try_emplace({key, value}, *before).first->second);
      });
}

void UsageDraft::CountOpen(const Reservation& reservation, int sign) {
  ForEachHeldPart(books_->budgets(), reservation, [&](const std::string& id, Amount part) {
    if (!part.is_zero()) TouchTotals(id).held += absl::int128(part.micros()) * sign;
  });
  ForEachBound(*reservation.principal, *reservation.labels,
               [&](Usage* usage) { usage->CountOpen(reservation, sign); });
}

void UsageDraft::NoteGranted(const Reservation& granted, const EntryContext& entry) {
  ForEachBound(*granted.principal, *granted.labels,
               [&](Usage* usage) { usage->NoteGranted(granted, entry); });
}

void UsageDraft::NoteCharged(std::string_view principal, const Labels& labels,
                             const stored::Charged& charged, const EntryContext& entry) {
  ForEachBound(principal, labels, [&](Usage* usage) { usage->NoteCharged(charged, entry); });
  ForEachChargedPart(books_->budgets(), charged, labels, [this](const auto& id, Amount part) {
    if (!part.is_zero()) TouchTotals(id).Spend(part);
  });
}

void UsageDraft::NoteRefunded(std::string_view principal, const Labels& labels,
                              const stored::Refunded& refunded, const stored::ChargeRecord& charge,
                              const EntryContext& entry) {
  ForEachBound(principal, labels,
               [&](Usage* usage) { usage->NoteRefunded(refunded, charge, entry); });
  ForEachRefundedPart(books_->budgets(), refunded, charge, labels,
                      [this](const auto& id, Amount part) {
                        if (!part.is_zero()) TouchTotals(id).Spend(part);
                      });
}

void UsageDraft::NoteCost(const Labels& labels, Amount cost) {
  ForEachCostPart(books_->budgets(), labels, cost, [this](const auto& id, Amount part) {
    if (!part.is_zero()) TouchTotals(id).Spend(part);
  });
}

const BudgetTotals& UsageDraft::TotalsOf(const std::string& id, const BudgetState& state) const {
  const auto it = budgets_.find(id);
  return it == budgets_.end() ? state.totals : it->second;
}

BudgetTotals& UsageDraft::TouchTotals(const std::string& id) {
  return budgets_.try_emplace(id, books_->budgets().Find(id)->totals).first->second;
}

std::vector<stored::BudgetCrossed> UsageDraft::FindCrossings() const {
  std::vector<stored::BudgetCrossed> crossings;
  if (budgets_.empty() && !books_->changes_budgets()) return crossings;
  for (const auto& [id, state] : books_->budgets().all()) {
    const BudgetTotals& totals = TotalsOf(id, state);
    const stored::BudgetLevel level = LevelOf(*state.settings, totals);
    if (level <= totals.told) continue;
    stored::BudgetCrossed& crossed = crossings.emplace_back();
    crossed.set_id(id);
    crossed.set_level(level);
    crossed.set_spent(totals.spent_amount().micros());
    crossed.set_held(totals.held_amount().micros());
  }
  return crossings;
}

}  // namespace purser
