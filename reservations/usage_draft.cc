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
}

void UsageDraft::NoteRefunded(std::string_view principal, const Labels& labels,
                              const stored::Refunded& refunded, const stored::ChargeRecord& charge,
                              const EntryContext& entry) {
  ForEachBound(principal, labels,
               [&](Usage* usage) { usage->NoteRefunded(refunded, charge, entry); });
}

}  // namespace purser
