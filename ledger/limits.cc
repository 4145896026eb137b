#include "ledger/limits.h"

namespace purser {
namespace {

bool CountsDays(const stored::Limit& limit) {
  return !limit.day_amounts().empty() || !limit.month_amounts().empty();
}

}  // namespace

void LimitBook::Put(const stored::Limit& limit) {
  Erase(limit.id());
  by_id_[limit.id()] = limit;
  if (limit.each_principal()) each_ = limit.id();
  if (limit.has_principal()) by_principal_[limit.principal()] = limit.id();
  if (limit.has_label()) by_label_[limit.label().key()][limit.label().value()] = limit.id();
  if (limit.has_requests_per_second()) ++rates_;
  if (CountsDays(limit)) ++days_;
  ++version_;
}

bool LimitBook::Erase(std::string_view id) {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return false;
  const stored::Limit& limit = it->second;
  if (limit.each_principal()) each_.clear();
  if (limit.has_principal()) by_principal_.erase(limit.principal());
  if (limit.has_label()) {
    const auto values = by_label_.find(limit.label().key());
    values->second.erase(limit.label().value());
    if (values->second.empty()) by_label_.erase(values);
  }
  if (limit.has_requests_per_second()) --rates_;
  if (CountsDays(limit)) --days_;
  by_id_.erase(it);
  ++version_;
  return true;
}

const stored::Limit* LimitBook::Find(std::string_view id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &it->second;
}

const stored::Limit* LimitBook::FindSameSubject(const stored::Limit& limit) const {
  if (limit.has_principal()) return FindOwn(limit.principal());
  if (limit.has_label()) return FindOfLabel(limit.label().key(), limit.label().value());
  return each_.empty() ? nullptr : Find(each_);
}

const stored::Limit* LimitBook::FindOwn(std::string_view principal) const {
  if (by_principal_.empty()) return nullptr;
  const auto it = by_principal_.find(principal);
  return it == by_principal_.end() ? nullptr : Find(it->second);
}

const stored::Limit* LimitBook::FindEach(std::string_view principal) const {
  return each_.empty() || principal == kPrincipalWithoutToken ? nullptr : Find(each_);
}

const stored::Limit* LimitBook::FindOfLabel(std::string_view key, std::string_view value) const {
  const auto values = by_label_.find(key);
  if (values == by_label_.end()) return nullptr;
  const auto it = values->second.find(value);
  return it == values->second.end() ? nullptr : Find(it->second);
}

const stored::Limit::Part* FindPart(const LimitParts& parts, std::string_view resource) {
  for (const stored::Limit::Part& part : parts) {
    if (part.resource() == resource) return &part;
  }
  return nullptr;
}

}  // namespace purser
