#include "reservations/queue_rules.h"

#include <algorithm>

#include "reservations/reservations_draft.h"

namespace purser {

QueueRules::QueueRules(const BooksDraft* books, const ReservationPolicy* policy)
    : books_(books), policy_(policy) {
  for (const auto& [name, number] : books_->books().numbers_by_name()) {
    const Resource* resource = books_->Find(number);
    is_past_limit_ = is_past_limit_ || (resource != nullptr && resource->is_past_debt_limit());
  }
  const FreezeBook& freezes = books_->freezes();
  has_freezes_ = freezes.size() > 0;
  is_frozen_ = has_freezes_ && freezes.FindOfPopulation() != nullptr;
}

bool QueueRules::IsBlocked(const ReservationPicture& queued) const {
  const std::string_view family = queued.family();
  if (!PassesDebts(queued.purpose) && (is_past_limit_ || books_->Owes(family))) return true;
  if (!has_freezes_ || PassesFreezes(queued.purpose)) return false;
  const FreezeBook& freezes = books_->freezes();
  if (is_frozen_ || freezes.FindOfFamily(family) != nullptr) return true;
  return std::any_of(queued.lines.begin(), queued.lines.end(), [&](const HoldLine& line) {
    return freezes.FindOfResource(line.resource) != nullptr;
  });
}

std::optional<QueueRules::Grant> QueueRules::FindGrant(const ReservationPicture& queued,
                                                       const QueueClaims& claims) const {
  const bool is_bound = !MayDraw(queued);
  Grant granted;
  for (const HoldLine& line : queued.lines) {
    if (is_bound && claims.contains(line.resource)) return std::nullopt;
    const Resource& resource = *books_->Find(line.resource);
    const Amount drawable = policy_->DrawableFrom(resource, queued.purpose);
    if (LeastOf(resource, line.asked, line.minimum) > drawable) return std::nullopt;
    granted.push_back(GrantOf(resource, line.asked, line.minimum, drawable));
  }
  return granted;
}

void Claim(const ReservationPicture& queued, QueueClaims* claims) {
  for (const HoldLine& line : queued.lines) claims->insert(line.resource);
}

}  // namespace purser
