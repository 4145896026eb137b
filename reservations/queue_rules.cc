#include "reservations/queue_rules.h"

#include <algorithm>
#include <utility>

#include "reservations/label_split.h"
#include "reservations/reservations_draft.h"

namespace purser {

Amount LeastOfLine(const ReservationPicture& queued, const HoldLine& line,
                   const Resource& resource) {
  return queued.booked() ? line.granted : LeastOf(resource, line.asked, line.minimum);
}

QueueRules::QueueRules(const BooksDraft* books, const ReservationPolicy* policy,
                       const UsageDraft* usage, const CalendarDraft* calendar)
    : books_(books), policy_(policy), usage_(usage), calendar_(calendar) {
  for (const auto& [name, number] : books_->books().numbers_by_name()) {
    const Resource* resource = books_->Find(number);
    is_past_limit_ = is_past_limit_ || (resource != nullptr && resource->is_past_debt_limit());
  }
  const FreezeBook& freezes = books_->freezes();
  has_freezes_ = freezes.size() > 0;
  is_frozen_ = has_freezes_ && freezes.FindOfPopulation() != nullptr;
}

bool QueueRules::IsLimited(const ReservationPicture& queued) const {
  return HasLimits(queued) ||
         (IsJudgedByBudgets(queued) && BudgetCheck::Binds(books_->budgets(), *queued.labels));
}

bool QueueRules::IsJudgedByBudgets(const ReservationPicture& queued) const {
  return usage_ != nullptr && !books_->budgets().empty() && !queued.booked() &&
         !PassesBudgets(queued.purpose);
}

bool QueueRules::HasLimits(const ReservationPicture& queued) const {
  return usage_ != nullptr && usage_->Binds(*queued.principal, *queued.labels) &&
         !PassesLimits(queued.purpose);
}

std::optional<LimitCheck> QueueRules::CheckLimits(const ReservationPicture& queued) const {
  if (!HasLimits(queued)) return std::nullopt;
  LimitedRequest request{*queued.principal,
                         queued.labels.get(),
                         queued.purpose,
                         queued.tier,
                         queued.priority,
                         books_->now_us(),
                         {}};
  request.starts = queued.booked();
  request.lines.reserve(queued.lines.size());
  for (const HoldLine& line : queued.lines) {
    const Resource* const resource = books_->Find(line.resource);
    const bool is_held = queued.booked() && line.consumable;
    request.lines.push_back(
        {resource, LeastOfLine(queued, line, *resource),
         is_held ? LimitedRequest::Beside::kItself : LimitedRequest::Beside::kUsage});
  }
  return LimitCheck(books_->limits(), *usage_, request);
}

bool QueueRules::MayBeLimited(const ReservationPicture& queued) const {
  if (!queued.booked()) return IsLimited(queued);
  if (!HasLimits(queued)) return false;
  const LimitBook& limits = books_->limits();
  const auto has_share = [&](const stored::Limit* limit) {
    return limit != nullptr &&
           std::any_of(queued.lines.begin(), queued.lines.end(), [&](const HoldLine& line) {
             return !line.consumable && FindPart(limit->share_percent(),
                                                 books_->Find(line.resource)->name()) != nullptr;
           });
  };
  bool has_any =
      has_share(limits.FindOwn(*queued.principal)) || has_share(limits.FindEach(*queued.principal));
  ForEachLabelValue(
      *queued.labels, [&](const std::string& key) { return limits.ids_by_label().contains(key); },
      [&](const std::string& key, const std::string& value) {
        has_any = has_any || has_share(limits.FindOfLabel(key, value));
      });
  return has_any;
}

bool QueueRules::IsBlocked(const ReservationPicture& queued, BudgetMemo* memo) const {
  RequestedCosts costs = JudgedCostsOf(queued);
  return IsKnownOverBudget(queued, costs, memo) || IsBlockedBesideBudgets(queued) ||
         IsOverBudget(queued, std::move(costs), memo);
}

bool QueueRules::IsOverLimits(const ReservationPicture& queued, BudgetMemo* memo) const {
  const auto limits = CheckLimits(queued);
  if (limits.has_value() && limits->blocks()) return true;
  RequestedCosts costs = JudgedCostsOf(queued);
  return IsKnownOverBudget(queued, costs, memo) || IsOverBudget(queued, std::move(costs), memo);
}

RequestedCosts QueueRules::JudgedCostsOf(const ReservationPicture& queued) const {
  return IsJudgedByBudgets(queued) ? CostsOf(*books_, queued) : RequestedCosts();
}

bool QueueRules::IsKnownOverBudget(const ReservationPicture& queued, const RequestedCosts& costs,
                                   const BudgetMemo* memo) const {
  return !costs.empty() && memo != nullptr && memo->Blocks(queued, costs, *books_, *usage_);
}

bool QueueRules::IsOverBudget(const ReservationPicture& queued, RequestedCosts costs,
                              BudgetMemo* memo) const {
  if (costs.empty()) return false;
  auto found =
      BudgetCheck::FindFirst(*books_, *usage_, *queued.labels, costs, queued.approver != nullptr);
  if (!found.has_value()) return false;
  if (memo != nullptr) memo->Note(queued, std::move(costs), *std::move(found));
  return true;
}

bool QueueRules::IsBlockedBesideBudgets(const ReservationPicture& queued) const {
  const std::string_view family = queued.family();
  if (!PassesDebts(queued.purpose) && (is_past_limit_ || books_->Owes(family))) return true;
  const auto limits = CheckLimits(queued);
  if (limits.has_value() && limits->blocks()) return true;
  if (!has_freezes_ || PassesFreezes(queued.purpose)) return false;
  const FreezeBook& freezes = books_->freezes();
  if (is_frozen_ || freezes.FindOfFamily(family) != nullptr) return true;
  if (!FindExperimentFreezes(freezes, queued.purpose, *queued.labels).empty()) return true;
  return std::any_of(queued.lines.begin(), queued.lines.end(), [&](const HoldLine& line) {
    return freezes.FindOfResource(line.resource) != nullptr;
  });
}

std::optional<QueueRules::Grant> QueueRules::FindGrant(const ReservationPicture& queued,
                                                       const QueueClaims& claims) const {
  const bool is_bound = !MayDraw(queued);
  const auto limits = CheckLimits(queued);
  Grant granted;
  for (size_t i = 0; i < queued.lines.size(); ++i) {
    const HoldLine& line = queued.lines[i];
    if (queued.booked() && line.consumable) {
      granted.push_back(line.granted);
      continue;
    }
    if (is_bound && claims.contains(line.resource)) return std::nullopt;
    const Resource& resource = *books_->Find(line.resource);
    const Amount has = HasFor(queued, i, limits, 0);
    if (LeastOfLine(queued, line, resource) > has) return std::nullopt;
    granted.push_back(queued.booked() ? line.granted
                                      : GrantOf(resource, line.asked, line.minimum, has));
  }
  return granted;
}

QueueRules::Lacking QueueRules::FindLacking(const ReservationPicture& queued,
                                            int64_t later_us) const {
  const auto limits = CheckLimits(queued);
  Lacking lacking;
  for (size_t i = 0; i < queued.lines.size(); ++i) {
    const HoldLine& line = queued.lines[i];
    if (queued.booked() && line.consumable) continue;
    const Amount least = LeastOfLine(queued, line, *books_->Find(line.resource));
    if (least > HasFor(queued, i, limits, later_us)) lacking.push_back(line.resource);
  }
  return lacking;
}

Amount QueueRules::HasFor(const ReservationPicture& queued, size_t line,
                          const std::optional<LimitCheck>& limits, int64_t later_us) const {
  const Amount room = limits.has_value() ? limits->RoomOf(line) : Amount::Max();
  return std::min(room, std::max(Amount(), DrawableOf(queued, queued.lines[line], later_us)));
}

Amount QueueRules::DrawableOf(const ReservationPicture& queued, const HoldLine& line,
                              int64_t later_us) const {
  const Resource& resource = *books_->Find(line.resource);
  const Amount drawable = policy_->DrawableFrom(resource, queued.purpose);
  const bool is_bound = !line.consumable && !MayDraw(queued);
  if (calendar_ == nullptr || !is_bound) return drawable;
  return std::min(
      drawable,
      calendar_->RoomUntil(resource, books_->now_us() + later_us + queued.lease_us).amount);
}

void Claim(const ReservationPicture& queued, QueueClaims* claims) {
  for (const HoldLine& line : queued.lines) {
    if (!queued.booked() || !line.consumable) claims->insert(line.resource);
  }
}

}  // namespace purser
